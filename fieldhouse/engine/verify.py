"""Verify: a full audit of the lake against the catalog, and of the catalog against the warehouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any

from psycopg import sql

from fieldhouse import clock
from fieldhouse.engine.status import Selection
from fieldhouse.source import Source

if TYPE_CHECKING:
    from fieldhouse.engine.context import Context

READERS = 8
KEYS_AT_ONCE = 20_000
STRAYS_NAMED = 100
EVER = datetime.max.replace(tzinfo=UTC)
# A run waits in a queue, or for up to twelve hours for a host, and nothing of it lives then
DEAD_AFTER = timedelta(days=1)
ELSEWHERE = "another run works on it; verify again after that one"

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be.

    :param kind: ``lost_file``, ``damaged_file``, ``lost_table``, ``damaged_table``, ``inconsistent``, ``withdrawn``,
        ``not_loaded``, ``rows_differ``, ``orphan``, ``other_catalog``, ``dead_plan`` or ``stray``.
    :param dataset: ``<dataset type>/<identifier>``; empty where it is about none.
    :param what: the file, the table or the plan.
    :param repair: what ``--repair`` does about it; of a note: why nothing is to be done.
    :param row: what the catalog says of it.
    """

    kind: str
    source: str
    dataset: str
    what: str
    found: str
    repair: str
    row: Any = field(default=None, repr=False, compare=False)
    activations: Sequence[int] = field(default=(), repr=False, compare=False)

    @property
    def dataset_id(self) -> int | None:
        """The catalog's number of the dataset."""
        return getattr(self.row, "dataset_id", None)

    def as_json(self) -> dict[str, str]:
        """Return it as plain values."""
        return {name: getattr(self, name) for name in ("kind", "source", "dataset", "what", "found", "repair")}


@dataclass(frozen=True)
class Audited:
    """What an audit came to.

    :param objects: how many objects the catalog names; ``read``: how many of them were read.
    :param findings: what is wrong.
    :param notes: what is as it is and needs nothing, or nothing now.
    """

    source: str
    objects: int
    read: int
    findings: Sequence[Finding]
    notes: Sequence[Finding]


def verify(
    context: Context, selection: Selection | None = None, *, quick: bool = False, progress: Progress | None = None
) -> Audited:
    """Audit a source. Nothing is written.

    :param quick: look at existence and size of objects alone, and read those that are not as they should be.
    :param progress: called with (objects read, objects to read).
    :raises LakeError, DatabaseError: lake, catalog or warehouse cannot be asked.
    """
    selection = selection or Selection()
    catalog = context.catalog
    catalog.begin_audit()
    # first what is named, then what is there: a run that goes on meanwhile writes before it names
    objects = catalog.expect(context.source.name, selection.dataset_type, selection.keys)
    catalog.note_stored(_listed(context, selection))
    read = _read_objects(context, objects, quick=quick, progress=progress)
    loaded_from = _loaded_from(context)
    if loaded_from in {None, catalog.identity}:
        _note_warehouse(context)
    busy = catalog.claimed(context.source.name)
    findings: list[Finding] = []
    notes: list[Finding] = []
    for finding, is_note in _found(context, selection, busy, loaded_from):
        (notes if is_note else findings).append(finding)
    return Audited(context.source.name, objects, read, findings, notes)


def _listed(context: Context, selection: Selection) -> Iterator[Any]:
    name = context.source.name
    raw = f"raw/{name}/{selection.dataset_type}" if selection.dataset_type else f"raw/{name}"
    return chain(context.lake.entries(raw), context.lake.entries(f"tables/{name}"))


def _read_objects(context: Context, objects: int, *, quick: bool, progress: Progress | None) -> int:
    """Read objects, several at a time, and note what is wrong with them. Returns how many were read."""
    read = 0
    lake = context.lake
    with ThreadPoolExecutor(READERS, thread_name_prefix="read") as pool:
        for batch in context.catalog.objects_to_read(whole=not quick):
            problems = []
            for row, problem in zip(batch, pool.map(lambda o: lake.problem(o.path, o.sha256), batch), strict=True):
                read += 1
                if problem:
                    problems.append((row.number, problem))
                if progress:
                    progress(read, max(read, 0 if quick else objects))
            context.catalog.note_problems(problems)
    return read


def _loaded_from(context: Context) -> str | None:
    """Return the identity of the catalog whose numbers the warehouse holds; None: nobody has said yet."""
    rows = context.warehouse.rows("select catalog_id::text as catalog_id from fieldhouse.loaded_from")
    return str(rows[0].catalog_id) if rows else None


def _note_warehouse(context: Context) -> None:
    source, warehouse = context.source, context.warehouse
    loaded = "select dataset_id, activation from fieldhouse.loaded where source = %s"
    context.catalog.note_loaded(warehouse.rows(loaded, (source.name,)))
    for table in sorted({table.name for t in source.dataset_types for table in t.tables}):
        target = warehouse.target(source.name, table)
        counted = sql.SQL("select _dataset_id, _revision, count(*) from {} group by 1, 2").format(target.identifier)
        context.catalog.note_held(table, warehouse.rows(counted.as_string(None)))


def observed_types(source: Source) -> list[str]:
    """Return the dataset types of which every observation is loaded."""
    return [t.name for t in source.dataset_types if t.observed]


def _found(
    context: Context, selection: Selection, busy: set[int], loaded_from: str | None
) -> Iterator[tuple[Finding, bool]]:
    """Yield what is wrong, and whether it is a mere note."""
    name = context.source.name
    for row in context.catalog.audited("files"):
        yield _file(name, row), row.lost_at is not None and not row.is_current
    for row in context.catalog.audited("tables"):
        yield _table(name, row), row.lost_at is not None and not row.is_current
    for finding in chain(_current(context), _in_warehouse(context, selection, loaded_from)):
        yield finding, finding.dataset_id in busy
    if selection != Selection():
        return
    for plan in context.catalog.dead_plans(name, clock.real_now() - DEAD_AFTER):
        yield _plan(name, plan), False
    for row in context.catalog.audited("strays", before=EVER, most=STRAYS_NAMED):
        yield _stray(name, row), True


def name_of(row: Any) -> str:
    """Return ``<dataset type>/<identifier>``."""
    return f"{row.dataset_type}/{row.identifier}".rstrip("/")


def _kind(row: Any, what: str) -> str:
    return f"lost_{what}" if "not there" in row.problem else f"damaged_{what}"


def _file(source: str, row: Any) -> Finding:
    if row.is_current:
        repair = "fetch it again: the next run with this dataset in its scope asks for it without conditions"
    elif row.lost_at:
        repair = "none is possible: nobody has the bytes of an old revision; its rows are not needed"
    else:
        repair = "note that it is lost: nobody has the bytes of an old revision"
    found = f"revision {row.revision}, {row.path}: {row.problem}"
    return Finding(_kind(row, "file"), source, name_of(row), row.name, found, repair, row)


def _table(source: str, row: Any) -> Finding:
    if row.lost_at and not row.is_current:
        repair = "none is possible: the bytes that it was made from are lost; its rows are not needed"
    else:
        repair = "make it anew from the provider's bytes"
    found = f"activation {row.activation}, {row.path}: {row.problem}"
    return Finding(_kind(row, "table"), source, name_of(row), row.table_name, found, repair, row)


def _current(context: Context) -> Iterator[Finding]:
    for row in context.catalog.audited("current"):
        current = f"revision {row.current_revision}, activation {row.current_activation}"
        if row.is_withdrawn:
            found = "it has no current revision, because what that one was made of is lost"
            repair = "fetch it again: the next run with this dataset in its scope asks for it"
            yield Finding("withdrawn", context.source.name, name_of(row), "current revision", found, repair, row)
        else:
            found = f"the current one is {current}, which do not go together or are not there"
            repair = "make the newest good activation the current one"
            yield Finding("inconsistent", context.source.name, name_of(row), "current revision", found, repair, row)


def _in_warehouse(context: Context, selection: Selection, loaded_from: str | None) -> Iterator[Finding]:
    ours = context.catalog.identity
    if loaded_from not in {None, ours}:
        found = f"it is loaded from another catalog ({loaded_from}) than this ({ours}): nothing in it can be compared"
        repair = "none: let the connections `catalog` and `warehouse` name two that belong together"
        yield Finding("other_catalog", context.source.name, "", context.warehouse.place, found, repair)
        return
    yield from _loads(context)
    yield from _rows(context)
    # whose numbers nobody has said may be anybody's
    if loaded_from and selection == Selection():
        yield from _orphans(context)


def _loads(context: Context) -> Iterator[Finding]:
    for row in context.catalog.audited("loads", observed=observed_types(context.source)):
        held = "none of it" if row.held is None else f"activation {row.held}"
        found = f"activation {row.activation} should be in the warehouse, which holds {held}"
        if row.held == row.activation:
            found = f"activation {row.activation} is in the warehouse, and the catalog does not know"
        what, activations = f"activation {row.activation}", (row.activation,)
        yield Finding("not_loaded", context.source.name, name_of(row), what, found, "load it", row, activations)


def _rows(context: Context) -> Iterator[Finding]:
    tables = {table.name: table for t in context.source.dataset_types for table in t.tables}
    observed = [name for name, table in tables.items() if table.kind == "observed"]
    for row in context.catalog.audited("rows", observed=observed):
        found, activations = f"{row.held:,} rows are held where {row.expected:,} were brought", _lacking(context, row)
        if activations:
            yield Finding(
                "rows_differ",
                context.source.name,
                name_of(row),
                row.table_name,
                found,
                "load it again",
                row,
                activations,
            )


def _lacking(context: Context, row: Any) -> list[int]:
    """Return the activations of which the warehouse lacks rows, or has rows too many.

    A row that another dataset saw later is that one's, and lacks nothing.
    """
    parameters = {"dataset_id": row.dataset_id, "table_name": row.table_name, "observed": row.is_observed}
    parquet = context.catalog.audited("parquet", **parameters)
    if row.held > row.expected:
        return [each.activation for each in parquet]
    # where the Parquet cannot be read, nobody knows
    return [each.activation for each in parquet if each.problem or _lacks(context, row.table_name, each)]


def _lacks(context: Context, table: str, parquet: Any) -> bool:
    target = context.warehouse.target(context.source.name, table)
    keys = context.lake.read_table(parquet.path, parquet.sha256).select(list(target.key))
    arrays = sql.SQL(", ").join(sql.SQL("%s::{}[]").format(sql.SQL(target.columns[name])) for name in target.key)
    statement = sql.SQL(
        "select 1 from unnest({arrays}) as k ({names}) where not exists "
        "(select 1 from {table} as t where {matches}) limit 1"
    ).format(
        arrays=arrays,
        names=sql.SQL(", ").join(map(sql.Identifier, target.key)),
        table=target.identifier,
        matches=sql.SQL(" and ").join(sql.SQL("t.{0} = k.{0}").format(sql.Identifier(name)) for name in target.key),
    )
    text = statement.as_string(None)
    for start in range(0, keys.num_rows, KEYS_AT_ONCE):
        columns = [column.to_pylist() for column in keys.slice(start, KEYS_AT_ONCE).columns]
        if context.warehouse.rows(text, columns):
            return True
    return False


def _orphans(context: Context) -> Iterator[Finding]:
    """Rows that an older state of this catalog, or a hand, left: no load touches them, and marts count them."""
    name = context.source.name
    for row in context.catalog.audited("orphans", source=name):
        found = f"{row.rows:,} rows of {len(row.dataset_ids):,} datasets that the catalog does not know"
        yield Finding("orphan", name, "", row.table_name, found, "delete them", row)


def _plan(source: str, plan: Any) -> Finding:
    found = f"nobody worked on it for a day or more; it holds {plan.claims} claims and {plan.staged} scraped files"
    return Finding("dead_plan", source, "", plan.run, found, "release what it holds", plan)


def _stray(source: str, row: Any) -> Finding:
    found = f"nothing names it ({row.bytes:,} bytes); {row.objects:,} such objects in all"
    return Finding("stray", source, "", row.path, found, "none: `fieldhouse gc` removes it when it is old enough", row)
