"""Archive: make scraped bytes a visible revision, all files or none, with typed rows beside them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fieldhouse import clock
from fieldhouse.catalog import ActivationTable, Item, StagedFile
from fieldhouse.errors import NotPublished, Outcome, PageChanged
from fieldhouse.lake import table_path
from fieldhouse.source import DatasetType, Table

if TYPE_CHECKING:
    import pyarrow as pa

    from fieldhouse.engine.context import Context

UNKNOWN_COLUMNS = b"fieldhouse.unknown_columns"
# A running dataset only grows; one that lost more of its rows than this was cut off on its way to us
MOST_LOST = 0.1

Progress = Callable[[Item, Outcome], None]


@dataclass
class Archived:
    """What a lane's archive came to, in datasets by outcome."""

    outcomes: dict[Outcome, int] = field(default_factory=dict)

    def count(self, outcome: Outcome) -> None:
        """Count one more dataset."""
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1


def archive(context: Context, plan_id: int, lane: int, progress: Progress | None = None) -> Archived:
    """Commit each scraped dataset of the lane as soon as it is read; quarantine what cannot be read.

    :raises LakeError, DatabaseError: our own side fails.
    """
    context.catalog.claim_lane(plan_id, lane)
    staged = context.catalog.staged(plan_id, lane)
    result = Archived()
    for item in context.catalog.lane_items(plan_id, lane, ["scraped"]):
        outcome = _archive_dataset(context, plan_id, item, staged.get(item.dataset_id, []))
        result.count(outcome)
        if progress:
            progress(item, outcome)
    return result


def _archive_dataset(context: Context, plan_id: int, item: Item, files: Sequence[StagedFile]) -> Outcome:
    now = clock.now()
    if _same_bytes(item, files):
        context.catalog.set_unchanged(plan_id, item, files, now, reload=item.reason == "forced")
        return Outcome.UNCHANGED
    try:
        _refuse_problems(files)
        rows = read_rows(context, item, files)
        if item.reason != "forced":
            _refuse_lost_rows(context, item, rows)
    except PageChanged as error:
        reason = f"{context.source.name}/{item.name}: {error}"
        context.catalog.quarantine(plan_id, item, files, reason, now)
        return Outcome.PAGE_CHANGED
    except NotPublished as error:
        context.catalog.set_missing(plan_id, item.dataset_id, f"{context.source.name}/{item.name}: {error}", now)
        return Outcome.NOT_PUBLISHED
    _commit(context, plan_id, item, files, rows)
    return Outcome.FETCHED


def _commit(context: Context, plan_id: int, item: Item, files: Sequence[StagedFile], rows: dict[str, pa.Table]) -> None:
    activation = context.catalog.next_activation()
    tables = []
    for name, table in rows.items():
        path = table_path(context.source.name, name, item.keys, activation)
        stored = context.lake.write_table(path, table)
        tables.append(ActivationTable(name, path, stored.sha256, table.num_rows, stored.stored_bytes))
    context.catalog.commit_revision(
        plan_id,
        item,
        files,
        activation=activation,
        parser_version=context.source.dataset_type(item.dataset_type).parser_version,
        tables=tables,
        now=clock.now(),
        message=_new_columns(rows),
    )


def _same_bytes(item: Item, files: Sequence[StagedFile]) -> bool:
    current = {name: file.sha256 for name, file in item.current_files.items()}
    return bool(current) and current == {file.name: file.sha256 for file in files}


def _refuse_problems(files: Sequence[StagedFile]) -> None:
    for file in files:
        if file.problem:
            raise PageChanged(f"{file.name}: {file.problem}")


def read_rows(context: Context, item: Item, files: Sequence[StagedFile]) -> dict[str, pa.Table]:
    """Parse a dataset's files from the lake and hold the rows against what its type declares.

    :raises PageChanged: the bytes are not what they should be.
    """
    dataset_type = context.source.dataset_type(item.dataset_type)
    contents = {file.name: context.lake.read_raw(file.path, file.sha256) for file in files}
    rows = dict(context.source.parse(dataset_type.name, item.keys, contents))
    observed_at = max(file.fetched_at for file in files)
    return {table.name: _conform(dataset_type, table, rows, observed_at) for table in dataset_type.tables}


def _conform(dataset_type: DatasetType, table: Table, rows: dict[str, pa.Table], observed_at: object) -> pa.Table:
    """Stamp an observed table, and refuse rows whose key is empty or doubled."""
    import pyarrow as pa  # noqa: PLC0415 - heavy

    if table.name not in rows:
        raise PageChanged(f"the parser of {dataset_type.name} gave no table {table.name}")
    found = rows[table.name]
    if table.kind == "observed":
        stamp = pa.repeat(pa.scalar(observed_at, pa.timestamp("us", "UTC")), found.num_rows)
        found = found.append_column("observed_at", stamp)
    for column in table.key:
        if found[column].null_count:
            raise PageChanged(f"{found[column].null_count} rows of table {table.name} have no {column}")
    keys = found.select(list(table.key))
    distinct = keys.group_by(list(table.key)).aggregate([]).num_rows
    if distinct != found.num_rows:
        raise PageChanged(f"{found.num_rows - distinct} rows of table {table.name} repeat the key {table.key}")
    return found


def _refuse_lost_rows(context: Context, item: Item, rows: dict[str, pa.Table]) -> None:
    """Half a file can be well-formed: what gives it away is that rows are gone that we had."""
    dataset_type = context.source.dataset_type(item.dataset_type)
    before = context.catalog.current_rows(item.current_activation)
    for table in dataset_type.tables:
        had, has = before.get(table.name, 0), rows[table.name].num_rows
        if table.kind == "current" and has < had * (1 - MOST_LOST):
            raise PageChanged(
                f"{has:,} rows for table {table.name} where the current revision has {had:,}: the file looks cut off. "
                "If the provider really removed them, run it again with force"
            )


def _new_columns(rows: dict[str, pa.Table]) -> str | None:
    """Say which columns of the provider's have no column of ours; their values are in ``extra``."""
    metadata = [table.schema.metadata or {} for table in rows.values()]
    unknown = {name for each in metadata for name in json.loads(each.get(UNKNOWN_COLUMNS, b"[]"))}
    return f"new columns, kept in extra: {', '.join(sorted(unknown))}" if unknown else None
