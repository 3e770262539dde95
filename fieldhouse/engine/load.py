"""Load: bring archived rows into the warehouse, in batches of one transaction each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from fieldhouse.catalog import ToLoad
from fieldhouse.warehouse import Counts, DatasetRows

if TYPE_CHECKING:
    from fieldhouse.engine.context import Context

BATCH_DATASETS = 50
BATCH_ROWS = 1_000_000

Progress = Callable[[int], None]


def load(context: Context, plan_id: int, lane: int, progress: Progress | None = None) -> dict[str, Counts]:
    """Load what the lane archived, and what an earlier run archived and did not load.

    :returns: what happened to each table.
    :raises LakeError, DatabaseError: our own side fails. Batches already loaded stay, and are not loaded again.
    """
    context.catalog.claim_lane(plan_id, lane)
    totals: dict[str, Counts] = {}
    for batch in batches(context.catalog.to_load(plan_id, lane)):
        counts = context.warehouse.load(context.source.name, plan_id, [_rows(context, dataset) for dataset in batch])
        context.catalog.set_loaded(plan_id, batch)
        for table, count in counts.items():
            totals[table] = totals.get(table, Counts()) + count
        if progress:
            progress(len(batch))
    return totals


def batches(datasets: Iterable[ToLoad]) -> Iterator[list[ToLoad]]:
    """Divide datasets into batches of bounded size in datasets and rows."""
    batch: list[ToLoad] = []
    rows = 0
    for dataset in datasets:
        size = sum(table.rows for table in dataset.tables)
        if batch and (len(batch) == BATCH_DATASETS or rows + size > BATCH_ROWS):
            yield batch
            batch, rows = [], 0
        batch.append(dataset)
        rows += size
    if batch:
        yield batch


def _rows(context: Context, dataset: ToLoad) -> DatasetRows:
    return DatasetRows(
        dataset.dataset_id,
        f"{dataset.dataset_type}/{dataset.identifier}".rstrip("/"),
        dataset.revision,
        dataset.activation,
        {table.table: partial(context.lake.read_table, table.path, table.sha256) for table in dataset.tables},
    )
