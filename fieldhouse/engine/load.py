"""Load: bring archived rows into the warehouse, in batches of one transaction each."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import psycopg

from fieldhouse.catalog import ToLoad
from fieldhouse.checks import Checks
from fieldhouse.engine.lane import ELSEWHERE
from fieldhouse.errors import DatabaseError, RowsRejected
from fieldhouse.warehouse import Counts, DatasetRows

if TYPE_CHECKING:
    from fieldhouse.engine.context import Context

BATCH_DATASETS = 50
BATCH_ROWS = 1_000_000
# What the database says of values and keys: the fault of a dataset, not of the database
ROWS_REFUSED = (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.CardinalityViolation)

Progress = Callable[[int], None]

log = logging.getLogger(__name__)


def load(context: Context, plan_id: int, lane: int, progress: Progress | None = None) -> dict[str, Counts]:
    """Load what the lane archived, and what an earlier run archived and did not load.

    A dataset whose claim ran out, and which another run took meanwhile, is left to that one.

    :returns: what happened to each table.
    :raises LakeError, DatabaseError: our own side fails. Batches already loaded stay, and are not loaded again.
    """
    ours = context.catalog.claim_lane(plan_id, lane)
    totals: dict[str, Counts] = {}
    tried: set[int] = set()
    # once more, because what is current again after a rejection may never have been loaded
    while left := [load for load in _to_load(context, plan_id, lane, ours) if load.activation not in tried]:
        tried |= {load.activation for load in left}
        for batch in batches(left):
            for table, count in _load_batch(context, plan_id, batch):
                totals[table] = totals.get(table, Counts()) + count
            if progress:
                progress(len(batch))
    return totals


def _to_load(context: Context, plan_id: int, lane: int, ours: Collection[int]) -> list[ToLoad]:
    """Return what is to be loaded of what is ours, numbered above what the warehouse holds of it."""
    loads = context.catalog.to_load(plan_id, lane, _observed(context))
    if others := [load.dataset_id for load in loads if load.dataset_id not in ours]:
        context.catalog.leave_to_others(plan_id, others, ELSEWHERE)
    loads = [load for load in loads if load.dataset_id in ours]
    held = context.warehouse.held([load.dataset_id for load in loads])
    newer = {load.dataset_id: held[load.dataset_id] for load in loads if held.get(load.dataset_id, 0) > load.activation}
    strangers = context.catalog.strangers(newer) if newer else set()
    if not strangers:
        return loads
    # the warehouse would take them for older than what it has, and pass over them
    spent = [load.activation for load in loads if load.dataset_id in strangers]
    newest = context.warehouse.newest_activation()
    log.warning(
        "%s: the warehouse has seen a newer state of this catalog, up to activation %s (the catalog was restored, it "
        "seems): %s activations are numbered above it and loaded; `fieldhouse verify` finds what else differs",
        context.source.name,
        newest,
        len(spent),
    )
    context.catalog.number_anew(spent, newest)
    return _to_load(context, plan_id, lane, ours)


def _observed(context: Context) -> list[str]:
    return [t.name for t in context.source.dataset_types if t.observed]


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
    context.catalog.reject(plan_id, dataset, f"{context.source.name}/{dataset.name}: {reason}", _observed(context))


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
