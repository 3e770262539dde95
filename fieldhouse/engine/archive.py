"""Archive: make scraped bytes a visible revision, all files or none, with typed rows beside them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from fieldhouse import clock
from fieldhouse.catalog import Activation, ActivationTable, CurrentFile, Item, StagedFile
from fieldhouse.engine.diff import same_rows
from fieldhouse.engine.lane import items_at
from fieldhouse.errors import (
    FieldhouseError,
    LakeError,
    NothingScheduled,
    NotPublished,
    Outcome,
    PageChanged,
    SourceError,
)
from fieldhouse.lake import table_path
from fieldhouse.objects import ObjectDamaged
from fieldhouse.source import DatasetType, Files, Identifier, Rows, Source, Table

if TYPE_CHECKING:
    import pyarrow as pa

    from fieldhouse.engine.context import Context
    from fieldhouse.lake import LakeStore

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
    items = items_at(context, plan_id, lane, "scraped")
    staged = context.catalog.staged(plan_id, lane)
    result = Archived()
    for item in items:
        outcome = _archive_dataset(context, plan_id, item, staged.get(item.dataset_id, []))
        result.count(outcome)
        if progress:
            progress(item, outcome)
    return result


def _archive_dataset(context: Context, plan_id: int, item: Item, files: Sequence[StagedFile]) -> Outcome:
    if item.revision is not None:
        return _archive_again(context, plan_id, item)
    now, forced, same = clock.now(), item.reason == "forced", _same_bytes(item.current_files, files)
    if same and not forced:
        return context.catalog.set_unchanged(plan_id, item, files, now, lacking=_still_lacking(context, item, files))
    if _same_bytes(item.abandoned_files, files):
        context.catalog.set_abandoned(plan_id, item, files, _abandoned(item), now)
        return Outcome.UNCHANGED
    try:
        return _commit(context, plan_id, item, files, same=same)
    except PageChanged as error:
        context.catalog.quarantine(
            plan_id, item, _as_quarantined(context, item, files), _named(context, item, error), now
        )
        return Outcome.PAGE_CHANGED
    except (NotPublished, NothingScheduled) as error:
        message = _named(context, item, error)
        context.catalog.set_absent(plan_id, item.dataset_id, error.outcome, message, now)
        return error.outcome


def _commit(context: Context, plan_id: int, item: Item, files: Sequence[StagedFile], *, same: bool) -> Outcome:
    """Read a dataset's files and make what could be read the current revision.

    :param same: the bytes are those of the current revision, which is to be read anew.
    """
    found = _read(context, item, _own_files(context, item) if same else files)
    if item.reason != "forced":
        _refuse_lost_rows(context, item, found)
    lacking = _lacking(context, item, found.rows)
    if found.unread and _same_bytes(item.current_files, found.files):
        return context.catalog.set_unchanged(
            plan_id, item, found.files, clock.now(), unread=found.unread, reason=found.reason, lacking=lacking
        )
    if found.unread and _same_bytes(item.abandoned_files, found.files):
        return context.catalog.set_abandoned(
            plan_id, item, found.files, _abandoned(item), clock.now(), unread=found.unread, reason=found.reason
        )
    activation = write_tables(context, item, found.rows)
    new = new_columns(found.rows)
    if same:
        return context.catalog.commit_reparse(plan_id, item, files, activation, clock.now(), new, lacking=lacking)
    return context.catalog.commit_revision(
        plan_id,
        item,
        found.files,
        activation,
        clock.now(),
        new,
        unread=found.unread,
        reason=found.reason,
        lacking=lacking,
    )


@dataclass(frozen=True)
class _Read:
    """The rows of a dataset, and the files that they are from.

    :param unread: optional files that cannot be read, for ``reason``.
    :param lacks: whether rows that were here may be missing for it.
    """

    rows: dict[str, pa.Table]
    files: Sequence[StagedFile]
    unread: Sequence[StagedFile] = ()
    reason: str = ""
    lacks: bool = False


def _read(context: Context, item: Item, files: Sequence[StagedFile]) -> _Read:
    """Read a dataset's files. In place of an optional one that cannot be read stands the one that we have, or none.

    :raises PageChanged: the bytes are not what they should be.
    """
    try:
        _refuse_problems(files)
        return _Read(read_rows(context, item, files), files)
    except PageChanged as error:
        unread = [file for file in files if file.name in item.optional and not file.not_modified]
        rest = [file for file in files if file not in unread]
        names = {file.name for file in unread}
        ours = [file for file in _own_files(context, item) if file.name in names] if item.current_revision else []
        for kept in [ours, []] if ours else [[]] if unread else []:
            try:
                _refuse_problems(rest)
                rows = read_rows(context, item, [*rest, *kept])
            except PageChanged:
                continue
            how = "the one from before stays" if kept else "the rest is loaded without it"
            reason = f"{_named(context, item, error)}; {', '.join(sorted(names))} is kept in quarantine, and {how}"
            return _Read(rows, [*rest, *kept], unread, reason, lacks=not kept)
        raise


def _own_files(context: Context, item: Item) -> Sequence[StagedFile]:
    """Return the files of the current revision: an observation that is looked at again keeps its time."""
    assert item.current_revision is not None  # noqa: S101 - the scraped bytes are its bytes
    return context.catalog.revision_files(item.dataset_id, item.current_revision)


def _archive_again(context: Context, plan_id: int, item: Item) -> Outcome:
    """Make a revision that is in the lake the current one again, with rows read by today's parser.

    Somebody wants that very revision: rows that it has fewer of are no sign of a file that was cut off.
    """
    if _is_settled(context, item):
        context.catalog.stay(plan_id, item)
        return Outcome.UNCHANGED
    failed: dict[int, str] = {}
    lost: str | None = None
    changed = False
    for revision in _revisions_again(context, item):
        try:
            changed |= _activate_again(context, plan_id, item, revision)
        except (SourceError, ObjectDamaged) as error:
            reason = f"{context.source.name}/{item.name}: revision {revision} cannot be read: {error}"
            if isinstance(error, ObjectDamaged):  # which says nothing of what it held
                lost = reason
            else:
                failed[revision] = reason
    for revision, reason in failed.items():
        context.catalog.stay_in_quarantine(plan_id, item, revision, reason)
    if lost:
        context.catalog.stay_unread(plan_id, item, lost)
        return Outcome.FAILED
    if failed:
        return Outcome.PAGE_CHANGED
    if not changed:
        context.catalog.stay(plan_id, item)
    return Outcome.FETCHED if changed else Outcome.UNCHANGED


def _is_settled(context: Context, item: Item) -> bool:
    """Whether a rollback is where it should be, or another run has made a newer revision current since."""
    assert item.revision is not None  # noqa: S101 - that is why it is planned
    if item.reason == "rollback":
        return item.revision == item.current_revision
    observed = context.source.dataset_type(item.dataset_type).observed
    return not observed and item.revision < (item.current_revision or 0)


def _revisions_again(context: Context, item: Item) -> list[int]:
    """Return the revisions to read: every observation that is in quarantine stands for a time of its own."""
    assert item.revision is not None  # noqa: S101
    observed = context.source.dataset_type(item.dataset_type).observed
    return (context.catalog.quarantined_revisions(item.dataset_id) if observed else []) or [item.revision]


def _activate_again(context: Context, plan_id: int, item: Item, revision: int) -> bool:
    """Activate a revision, unless it is the current one and its rows are what they were. Returns whether it did."""
    rows = read_rows(context, item, context.catalog.revision_files(item.dataset_id, revision))
    if revision == item.current_revision and _reads_the_same(context, item, rows):
        return False
    activation = write_tables(context, item, rows)
    context.catalog.activate_again(plan_id, item, revision, activation, clock.now(), new_columns(rows))
    return True


def _reads_the_same(context: Context, item: Item, rows: dict[str, pa.Table]) -> bool:
    dataset_type = context.source.dataset_type(item.dataset_type)
    activation = context.catalog.activation(item.current_activation)
    if activation is None or activation.parser_version != dataset_type.parser_version:
        return False
    stored = {table.table: table for table in activation.tables}
    if stored.keys() != rows.keys():
        return False
    try:
        return all(
            same_rows(table.key, context.lake.read_table(known.path, known.sha256), rows[table.name])
            for table, known in ((table, stored[table.name]) for table in dataset_type.tables)
        )
    except LakeError:  # what is gone or damaged there is written anew
        return False


def _named(context: Context, item: Item, error: Exception) -> str:
    return f"{context.source.name}/{item.name}: {error}"


def write_tables(context: Context, item: Item, rows: dict[str, pa.Table]) -> Activation:
    """Write typed rows beside the bytes. Until an activation names them they are leftovers."""
    number = context.catalog.next_activation()
    tables = []
    for name, table in rows.items():
        path = table_path(context.source.name, name, item.keys, number)
        stored = context.lake.write_table(path, table)
        tables.append(ActivationTable(name, path, stored.sha256, table.num_rows, stored.stored_bytes))
    return Activation(number, context.source.dataset_type(item.dataset_type).parser_version, tuple(tables))


def _same_bytes(known: Mapping[str, CurrentFile], files: Sequence[StagedFile]) -> bool:
    contents = {name: file.sha256 for name, file in known.items()}
    return bool(contents) and contents == {file.name: file.sha256 for file in files}


def _as_quarantined(context: Context, item: Item, files: Sequence[StagedFile]) -> Sequence[StagedFile]:
    """Return the files of the newest quarantined revision where what counts of these is the same: it is kept once."""
    for revision in context.catalog.quarantined_revisions(item.dataset_id)[-1:] if context.source.essence else ():
        known = {file.name: file for file in context.catalog.revision_files(item.dataset_id, revision)}
        if known.keys() == {file.name for file in files} and all(
            _counts_the_same(context, item.dataset_type, known[file.name], file) for file in files
        ):
            return list(known.values())
    return files


def _counts_the_same(context: Context, dataset_type: str, one: StagedFile, other: StagedFile) -> bool:
    """Return whether two files of the lake differ in nothing that counts."""
    if one.sha256 == other.sha256:
        return True
    try:
        first, second = (context.lake.read_raw(file.path, file.sha256) for file in (one, other))
    except LakeError:  # what is lost is no measure
        return False
    return context.source.same(dataset_type, other.name, first, second)


def _still_lacking(context: Context, item: Item, files: Sequence[StagedFile]) -> str:
    """Return the same as :func:`_lacking` of files that are those of the current revision."""
    if not any(file.expects for file in item.files):
        return ""
    activation = context.catalog.activation(item.current_activation)
    stored = {t.table: t for t in activation.tables} if activation else {}
    table, _ = context.source.dataset_type(item.dataset_type).expected_in or ("", "")
    try:
        rows = {t: context.lake.read_table(stored[t].path, stored[t].sha256) for t in [table] if t in stored}
    except LakeError:  # what is gone or damaged there is read from the bytes
        rows = read_rows(context, item, files)
    return _lacking(context, item, rows)


def _lacking(context: Context, item: Item, rows: Mapping[str, pa.Table]) -> str:
    """Say what should be in a dataset by now and is not; the rows that are there are good."""
    expected_in = context.source.dataset_type(item.dataset_type).expected_in
    expected = [value for file in item.files for value in file.expects]
    if expected_in is None or not expected:
        return ""
    table, column = expected_in
    found = set(rows[table][column].unique().to_pylist()) if table in rows else set()
    lacking = [value for value in expected if value not in found]
    if not lacking:
        return ""
    return f"{context.source.name}/{item.name}: nothing yet of {', '.join(lacking)}; the rest is here"


def _abandoned(item: Item) -> str:
    return (
        f"rolled back to revision {item.current_revision}, and the provider still has {item.abandoned_revision}; "
        f"`fieldhouse rollback` with --to {item.abandoned_revision} takes that one again"
    )


def _refuse_problems(files: Sequence[StagedFile]) -> None:
    for file in files:
        if file.problem:
            raise PageChanged(f"{file.name}: {file.problem}")


def read_rows(context: Context, item: Item, files: Sequence[StagedFile]) -> dict[str, pa.Table]:
    """Parse a dataset's files from the lake and hold the rows against what its type declares.

    :raises PageChanged: the bytes are not what they should be.
    """
    return read_files(context, context.source.dataset_type(item.dataset_type), item.keys, files)


def read_files(
    context: Context, dataset_type: DatasetType, identifier: Identifier, files: Sequence[StagedFile]
) -> dict[str, pa.Table]:
    """Do the same without a plan."""
    contents = _StoredFiles(context.lake, files)
    observed_at = max(file.fetched_at for file in files)
    return read_tables(context.source, dataset_type, identifier, contents, observed_at)


class _StoredFiles(Mapping[str, bytes]):
    """Files of the lake, each read when it is looked at: what a parser leaves alone may be larger than memory."""

    def __init__(self, lake: LakeStore, files: Sequence[StagedFile]) -> None:
        self._lake = lake
        self._files = {file.name: file for file in files}

    def __getitem__(self, name: str) -> bytes:
        file = self._files[name]
        return self._lake.read_raw(file.path, file.sha256)

    def __contains__(self, name: object) -> bool:
        return name in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def read_tables(
    source: Source, dataset_type: DatasetType, identifier: Identifier, contents: Files, observed_at: datetime
) -> dict[str, pa.Table]:
    """Return exactly the declared tables of a dataset, each with whole keys.

    :raises SourceError: the bytes are not what they should be.
    """
    if not dataset_type.tables:
        return {}
    rows = parse_files(source, dataset_type, identifier, contents)
    return {table.name: _conform(dataset_type, table, rows, observed_at) for table in dataset_type.tables}


def parse_files(source: Source, dataset_type: DatasetType, identifier: Identifier, contents: Files) -> Rows:
    """Return what the source's parser makes of a dataset's files.

    :raises SourceError: the bytes are not what they should be, or the parser stumbles over them.
    """
    try:
        return source.parse(dataset_type.name, identifier, contents)
    except FieldhouseError:
        raise
    except Exception as error:  # one file that a parser stumbles over keeps no other from being archived
        raise PageChanged(
            f"the parser stumbled ({type(error).__name__}: {error}); the file is not as it was, or the parser is wrong"
        ) from error


def _conform(dataset_type: DatasetType, table: Table, rows: Rows, observed_at: datetime) -> pa.Table:
    """Stamp an observed table, and refuse rows whose key is empty or doubled."""
    import pyarrow as pa  # noqa: PLC0415 - heavy

    if table.name not in rows:
        raise PageChanged(f"the parser of {dataset_type.name} gave no table {table.name}")
    found = rows[table.name]
    if table.kind == "observed":
        stamp = pa.repeat(pa.scalar(observed_at, pa.timestamp("us", "UTC")), found.num_rows)
        found = found.append_column("observed_at", stamp)
    if missing := [column for column in table.key if column not in found.column_names]:
        raise PageChanged(f"the parser gave table {table.name} without {', '.join(missing)}, which its key needs")
    for column in table.key:
        if found[column].null_count:
            raise PageChanged(f"{found[column].null_count} rows of table {table.name} have no {column}")
    keys = found.select(list(table.key))
    # a thread for a few rows costs more than the rows
    distinct = keys.group_by(list(table.key), use_threads=False).aggregate([]).num_rows
    if distinct != found.num_rows:
        raise PageChanged(f"{found.num_rows - distinct} rows of table {table.name} repeat the key {table.key}")
    return found


def _refuse_lost_rows(context: Context, item: Item, found: _Read) -> None:
    """Half a file can be well-formed: what gives it away is that rows are gone that we had."""
    if found.lacks:
        return
    dataset_type = context.source.dataset_type(item.dataset_type)
    before = context.catalog.current_rows(item.current_activation)
    for table in dataset_type.tables:
        had, has = before.get(table.name, 0), found.rows[table.name].num_rows
        # a single row may go from a short table as well
        if table.kind == "current" and not table.may_shrink and had - has > max(1, had * MOST_LOST):
            raise PageChanged(
                f"{has:,} rows for table {table.name} where the current revision has {had:,}: the file looks cut off. "
                "If the provider really removed them, run it again with force"
            )


def new_columns(rows: dict[str, pa.Table]) -> str | None:
    """Say which columns of the provider's have no column of ours; their values are in ``extra``."""
    metadata = [table.schema.metadata or {} for table in rows.values()]
    unknown = {name for each in metadata for name in json.loads(each.get(UNKNOWN_COLUMNS, b"[]"))}
    return f"new columns, kept in extra: {', '.join(sorted(unknown))}" if unknown else None
