"""Load: bring archived rows into the warehouse, in batches of one transaction each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import psycopg

from fieldhouse.catalog import ToLoad
from fieldhouse.checks import Checks
from fieldhouse.errors import DatabaseError, RowsRejected
from fieldhouse.warehouse import Counts, DatasetRows

if TYPE_CHECKING:
    from fieldhouse.engine.context import Context

BATCH_DATASETS = 50
BATCH_ROWS = 1_000_000
# What the database says of values and keys: the fault of a dataset, not of the database
ROWS_REFUSED = (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.CardinalityViolation)

Progress = Callable[[int], None]


def load(context: Context, plan_id: int, lane: int, progress: Progress | None = None) -> dict[str, Counts]:
    """Load what the lane archived, and what an earlier run archived and did not load.

    :returns: what happened to each table.
    :raises LakeError, DatabaseError: our own side fails. Batches already loaded stay, and are not loaded again.
    """
    context.catalog.claim_lane(plan_id, lane)
    observed = [t.name for t in context.source.dataset_types if t.observed]
    totals: dict[str, Counts] = {}
    for batch in batches(context.catalog.to_load(plan_id, lane, observed)):
        for table, count in _load_batch(context, plan_id, batch):
            totals[table] = totals.get(table, Counts()) + count
        if progress:
            progress(len(batch))
    return totals


def _load_batch(context: Context, plan_id: int, batch: list[ToLoad]) -> Iterator[tuple[str, Counts]]:
    """Load a batch; where its checks or the database refuse rows, quarantine their datasets and load the others."""
    rows = [_rows(context, dataset) for dataset in batch]
    try:
        counts = context.warehouse.load(context.source.name, plan_id, rows, _checks(context))
    except RowsRejected as error:
        for dataset in batch:
            if reason := error.reasons.get(dataset.dataset_id):
                _reject(context, plan_id, dataset, reason)
        if good := [dataset for dataset in batch if dataset.dataset_id not in error.reasons]:
            yield from _load_batch(context, plan_id, good)
        return
    except DatabaseError as error:
        if not isinstance(error.__cause__, ROWS_REFUSED):
            raise
        if len(batch) == 1:
            _reject(context, plan_id, batch[0], str(error))
            return
        middle = len(batch) // 2
        yield from _load_batch(context, plan_id, batch[:middle])
        yield from _load_batch(context, plan_id, batch[middle:])
        return
    context.catalog.set_loaded(plan_id, batch)
    yield from counts.items()


def _reject(context: Context, plan_id: int, dataset: ToLoad, reason: str) -> None:
    context.catalog.reject(plan_id, dataset, f"{context.source.name}/{dataset.name}: {reason}")


def _checks(context: Context) -> Checks:
    tables = {table.name: table for t in context.source.dataset_types for table in t.tables}
    return {name: table.checks for name, table in tables.items()}


def batches(datasets: Iterable[ToLoad]) -> Iterator[list[ToLoad]]:
    """Divide datasets into batches of bounded size in datasets and rows, each dataset at most once in each."""
    batch: list[ToLoad] = []
    rows = 0
    for dataset in datasets:
        size = sum(table.rows for table in dataset.tables)
        again = dataset.dataset_id in {other.dataset_id for other in batch}
        if batch and (again or len(batch) == BATCH_DATASETS or rows + size > BATCH_ROWS):
            yield batch
            batch, rows = [], 0
        batch.append(dataset)
        rows += size
    if batch:
        yield batch


def _rows(context: Context, dataset: ToLoad) -> DatasetRows:
    return DatasetRows(
        dataset.dataset_id,
        dataset.name,
        dataset.revision,
        dataset.activation,
        {table.table: partial(context.lake.read_table, table.path, table.sha256) for table in dataset.tables},
    )
