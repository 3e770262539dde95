"""The warehouse: Arrow tables to keyed rows, by COPY and MERGE, touching only rows that differ."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from fieldhouse.checks import Checks, describe, find_bad_rows
from fieldhouse.errors import DatabaseError, RowsRejected
from fieldhouse.postgres import connect, place, translated
from fieldhouse.statements import query
from fieldhouse.target import (
    BOOKKEEPING,
    TargetTable,
    delete_vanished,
    drop_older,
    lacking_columns,
    merge_statement,
    other_owners,
    refuse_misfits,
    staging,
    to_csv,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa


@dataclass(frozen=True)
class Counts:
    """What a load did to a table, in rows."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0

    @property
    def changed(self) -> int:
        """Rows that are not what they were."""
        return self.inserted + self.updated + self.deleted

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.inserted + other.inserted,
            self.updated + other.updated,
            self.deleted + other.deleted,
            self.unchanged + other.unchanged,
        )


@dataclass(frozen=True)
class DatasetRows:
    """The rows of one activation of one dataset.

    :param tables: {table name: function that returns its Arrow table}.
    """

    dataset_id: int
    identifier: str
    revision: int
    activation: int
    tables: Mapping[str, Callable[[], pa.Table]] = field(repr=False)


# How a batch comes into its tables: returns the datasets that came, and what happened to each table
_Bring = Callable[
    [Any, str, Sequence["TargetTable"], Sequence[DatasetRows], "Checks"],
    "tuple[Collection[int], dict[str, Counts]]",
]


class Warehouse:
    """The warehouse over one connection. Not to be shared between threads.

    :param catalog_id: returns the identity of the catalog that it is loaded from; asked when something is written.
        None: whoever loads has no catalog.
    """

    def __init__(self, dsn: str, catalog_id: Callable[[], str] | None = None) -> None:
        self._dsn = dsn
        self._catalog_id = catalog_id
        self._connection = connect(dsn, "warehouse")
        self._targets: dict[tuple[str, str], TargetTable] = {}

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @property
    def place(self) -> str:
        """``host:port/database``, for messages."""
        return place(self._dsn)

    def rows(self, statement: str, parameters: Mapping[str, Any] | Sequence[Any] = ()) -> list[Any]:
        """Return the rows of a query as named tuples."""
        with translated(self._dsn, "warehouse"):
            return self._connection.execute(statement, parameters).fetchall()

    def target(self, schema: str, table: str) -> TargetTable:
        """Return what the database says of a table.

        :raises DatabaseError: it is not there, or has no primary key.
        """
        if (schema, table) not in self._targets:
            self._targets[schema, table] = self._describe(schema, table)
        return self._targets[schema, table]

    def _describe(self, schema: str, table: str) -> TargetTable:
        columns = self.rows(query("describe_table", "warehouse"), {"schema": schema, "table": table})
        if not columns:
            raise DatabaseError(f"warehouse {self.place} has no table {schema}.{table}: run `fieldhouse migrate`")
        key = sorted((c for c in columns if c.key_place is not None), key=lambda c: c.key_place)
        if not key:
            raise DatabaseError(f"table {schema}.{table} of warehouse {self.place} has no primary key: rows need one")
        return TargetTable(
            schema=schema,
            name=table,
            columns={c.name: c.type for c in columns},
            required=frozenset(c.name for c in columns if c.required) - set(BOOKKEEPING),
            key=tuple(c.name for c in key),
            observed="observed_at" in {c.name for c in key},
        )

    def refuse_other_catalog(self) -> None:
        """Raise :class:`DatabaseError` if this warehouse is loaded from another catalog than ours."""
        if self._catalog_id:
            with translated(self._dsn, "warehouse"):
                self._refuse_other(self._connection, self._catalog_id())

    def _note_catalog(self, cursor: Any) -> None:
        """Note whose numbers these are, in the transaction that writes the first of them."""
        if self._catalog_id:
            ours = self._catalog_id()
            cursor.execute(
                "insert into fieldhouse.loaded_from (catalog_id) values (%s) on conflict do nothing", (ours,)
            )
            self._refuse_other(cursor, ours)

    def _refuse_other(self, cursor: Any, ours: str) -> None:
        found = cursor.execute("select catalog_id::text from fieldhouse.loaded_from").fetchone()
        if found and found.catalog_id != ours:
            raise DatabaseError(
                f"warehouse {self.place} is loaded from another catalog (its lake.identity is {found.catalog_id}) than "
                f"the one connected ({ours}), whose numbers mean other datasets: let the connections `catalog` and "
                "`warehouse` name two that belong together; or, if that catalog is gone for good, let `warehouse` name "
                "an empty database, and run `fieldhouse migrate` and `fieldhouse verify --repair`"
            )

    def held(self, datasets: Sequence[int]) -> dict[int, int]:
        """Return {dataset: newest activation} of those of the datasets that are here."""
        rows = self.rows(
            "select dataset_id, activation from fieldhouse.loaded where dataset_id = any(%s)", (list(datasets),)
        )
        return {row.dataset_id: row.activation for row in rows}

    def newest_activation(self) -> int:
        """Return the highest number of an activation that is here, 0 for none."""
        return int(self.rows("select coalesce(max(activation), 0) as newest from fieldhouse.loaded")[0].newest)

    def newest_plan(self) -> int:
        """Return the highest number of a plan that changed anything here, 0 for none."""
        return int(self.rows("select coalesce(max(plan_id), 0) as newest from fieldhouse.table_change")[0].newest)

    def load(
        self, source: str, plan_id: int, batch: Sequence[DatasetRows], checks: Checks | None = None
    ) -> dict[str, Counts]:
        """Bring the rows of ``batch`` in, in one transaction, and mark the source dirty if any row changed.

        A dataset of which the warehouse holds a newer activation is passed over; the same one again changes
        nothing, or mends what somebody else did to its rows.

        :param checks: {table: what its rows must not be}.
        :returns: what happened to each table.
        :raises RowsRejected: rows of some datasets break a check or lack what their table requires; nothing was
            changed then, and the others can be loaded without them.
        :raises DatabaseError: rows do not fit their table, the warehouse fails, or it is another catalog's; nothing was
            changed then.
        """
        try:
            return self._load(source, plan_id, batch, checks or {}, _copy_new)
        except _NotNewError:
            return self._load(source, plan_id, batch, checks or {}, _merge_into)

    def _load(
        self, source: str, plan_id: int, batch: Sequence[DatasetRows], checks: Checks, bring: _Bring
    ) -> dict[str, Counts]:
        targets = [self.target(source, name) for name in sorted({name for d in batch for name in d.tables})]
        with (
            translated(self._dsn, "warehouse"),
            self._connection.transaction(),
            self._connection.cursor() as cursor,
        ):
            self._note_catalog(cursor)
            # one hash join of a batch must not spill, and a rough look at it is enough to choose that join
            cursor.execute("set local work_mem = '128MB'; set local default_statistics_target = 10")
            ours, counts = bring(cursor, source, targets, batch, checks)
            _keep_books(cursor, source, plan_id, [d for d in batch if d.dataset_id in ours], counts)
        return counts

    def delete_datasets(
        self, source: str, tables: Sequence[str], plan_id: int, datasets: Sequence[int]
    ) -> dict[str, Counts]:
        """Remove the rows of datasets, in one transaction, and mark the source dirty if there was anything of them.

        :returns: what happened to each table.
        :raises DatabaseError: the warehouse fails, or it is another catalog's; nothing was changed then.
        """
        targets = [self.target(source, name) for name in sorted(tables)]
        with (
            translated(self._dsn, "warehouse"),
            self._connection.transaction(),
            self._connection.cursor() as cursor,
        ):
            self._note_catalog(cursor)
            for target in targets:
                cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{source}.{target.name}",))
            forgotten = cursor.execute(
                "delete from fieldhouse.loaded where dataset_id = any(%s)", (list(datasets),)
            ).rowcount
            counts = {target.name: _delete_rows(cursor, target, datasets) for target in targets}
            _keep_books(cursor, source, plan_id, [], counts)
            if forgotten:
                cursor.execute(query("mark_dirty", "warehouse"), {"source": source})
        return counts

    def forget_changes(self, plan_id: int) -> None:
        """Forget what a plan's loads did: the run begins anew, and tells only what it changes now."""
        self.rows("delete from fieldhouse.table_change where plan_id = %s returning 1", (plan_id,))

    def changes(self, plan_id: int) -> dict[str, Counts]:
        """Return what a plan's loads did to each table."""
        rows = self.rows(query("changes", "warehouse"), {"plan_id": plan_id})
        return {row.table_name: Counts(row.inserted, row.updated, row.deleted, row.unchanged) for row in rows}

    def changed_revisions(self, plan_id: int) -> dict[str, dict[str, int]]:
        """Return {table: {dataset identifier: revision}} of a plan's loads."""
        revisions: dict[str, dict[str, int]] = {}
        for row in self.rows(query("changed_revisions", "warehouse"), {"plan_id": plan_id}):
            revisions.setdefault(row.table_name, {}).update(row.revisions)
        return revisions

    def is_dirty(self, source: str) -> bool:
        """Return whether the source's tables are newer than its marts."""
        return bool(self.rows("select 1 from fieldhouse.dirty where source = %s", (source,)))

    def count_rows(self, schema: str, tables: Sequence[str]) -> dict[str, int]:
        """Return the exact number of rows of each table."""
        with translated(self._dsn, "warehouse"):
            return {
                table: self._connection.execute(
                    sql.SQL("select count(*) as rows from {}").format(sql.Identifier(schema, table))
                )
                .fetchone()
                .rows  # type: ignore[union-attr]
                for table in tables
            }


@dataclass(frozen=True)
class _Turn:
    """Of which datasets of a batch nothing newer is here, and whether none of them was ever here."""

    ours: frozenset[int]
    all_first: bool


class _NotNewError(Exception):
    """Something of a batch, or a key of it, is in the warehouse."""


def _copy_new(
    cursor: Any, source: str, targets: Sequence[TargetTable], batch: Sequence[DatasetRows], checks: Checks
) -> tuple[Collection[int], dict[str, Counts]]:
    """COPY datasets that were never here straight into their tables: what is new has nothing to be compared with.

    :returns: the datasets, and what happened to each table.
    :raises _NotNewError: something of them is here.
    """
    for target in targets:
        # one that was never here may be copied beside others, and not beside a MERGE
        _lock(cursor, "pg_advisory_xact_lock_shared", source, target)
    # the batch's few among the rows of all: a table that was never analyzed is read as a whole for them otherwise
    cursor.execute("set local enable_seqscan = off")
    ids = [dataset.dataset_id for dataset in batch]
    turn = _take_turn(cursor, source, batch)
    if not turn.all_first or any(_has_rows(cursor, target, ids) for target in targets):
        raise _NotNewError
    try:
        copied = [_copy_all(cursor, target, batch, target.identifier) for target in targets]
    except psycopg.errors.DeadlockDetected as error:  # another load has the same keys, in another order
        raise _NotNewError from error
    except DatabaseError as error:
        if isinstance(error.__cause__, psycopg.errors.UniqueViolation):
            raise _NotNewError from error
        raise
    _refuse_bad_rows(cursor, targets, [target.identifier for target in targets], copied, checks)
    counts = {t.name: Counts(inserted=sum(rows.values())) for t, rows in zip(targets, copied, strict=True)}
    return turn.ours, counts


def _merge_into(
    cursor: Any, source: str, targets: Sequence[TargetTable], batch: Sequence[DatasetRows], checks: Checks
) -> tuple[Collection[int], dict[str, Counts]]:
    """COPY into temporary tables, and MERGE what differs."""
    staged = [_stage(cursor, target, batch) for target in targets]
    _refuse_bad_rows(cursor, targets, [staging(target) for target in targets], staged, checks)
    for target in targets:  # MERGE is not safe against a concurrent insert of the same key
        _lock(cursor, "pg_advisory_xact_lock", source, target)
    turn = _take_turn(cursor, source, batch)
    counts = {target.name: _apply(cursor, target, rows, turn) for target, rows in zip(targets, staged, strict=True)}
    return turn.ours, counts


def _lock(cursor: Any, function: str, source: str, target: TargetTable) -> None:
    statement = sql.SQL("select {}(hashtextextended(%s, 0))").format(sql.Identifier(function))
    cursor.execute(statement, (f"{source}.{target.name}",))


def _has_rows(cursor: Any, target: TargetTable, datasets: Sequence[int]) -> bool:
    statement = sql.SQL("select exists(select 1 from {} where _dataset_id = any(%s)) as found")
    found: bool = cursor.execute(statement.format(target.identifier), (list(datasets),)).fetchone().found
    return found


def _delete_rows(cursor: Any, target: TargetTable, datasets: Sequence[int]) -> Counts:
    statement = sql.SQL("delete from {} where _dataset_id = any(%s)").format(target.identifier)
    return Counts(deleted=cursor.execute(statement, (list(datasets),)).rowcount)


def _take_turn(cursor: Any, source: str, batch: Sequence[DatasetRows]) -> _Turn:
    """Note the batch's activations."""
    cursor.execute(
        query("take_turn", "warehouse"),
        {
            "source": source,
            "dataset_ids": [dataset.dataset_id for dataset in batch],
            "activations": [dataset.activation for dataset in batch],
        },
    )
    noted = cursor.fetchall()
    return _Turn(
        ours=frozenset(row.dataset_id for row in noted),
        all_first=len(noted) == len(batch) and all(row.is_first for row in noted),
    )


def _stage(cursor: Any, target: TargetTable, batch: Iterable[DatasetRows]) -> dict[int, int]:
    """COPY the batch's rows of one table into a temporary one. Returns {dataset: rows}."""
    cursor.execute(
        sql.SQL(
            "create temporary table {} (like {} including defaults including constraints, _activation bigint) "
            "on commit drop"
        ).format(staging(target), target.identifier)
    )
    return _copy_all(cursor, target, batch, staging(target), with_activation=True)


def _copy_all(
    cursor: Any,
    target: TargetTable,
    batch: Iterable[DatasetRows],
    into: sql.Identifier,
    *,
    with_activation: bool = False,
) -> dict[int, int]:
    """COPY the batch's rows of one table. Returns {dataset: rows}."""
    return {
        d.dataset_id: _copy(cursor, target, d, into, with_activation=with_activation)
        for d in batch
        if target.name in d.tables
    }


def _refuse_bad_rows(
    cursor: Any,
    targets: Sequence[TargetTable],
    places: Sequence[sql.Identifier],
    copied: Sequence[Mapping[int, int]],
    checks: Checks,
) -> None:
    reasons: dict[int, list[str]] = {}
    for target, place_, rows in zip(targets, places, copied, strict=True):
        found = find_bad_rows(cursor, place_, target.key, list(rows), checks.get(target.name, ()))
        for dataset_id, sentences in found.items():
            reasons.setdefault(dataset_id, []).append(describe(f"{target.schema}.{target.name}", sentences))
    if reasons:
        raise RowsRejected({dataset_id: "; ".join(texts) for dataset_id, texts in reasons.items()})


def _copy(
    cursor: Any, target: TargetTable, dataset: DatasetRows, into: sql.Identifier, *, with_activation: bool
) -> int:
    rows = dataset.tables[target.name]()
    refuse_misfits(target, dataset.identifier, rows)
    if lacking := lacking_columns(target, rows):
        reason = f"rows for table {target.schema}.{target.name} lack {', '.join(lacking)}, which must not be empty"
        raise RowsRejected({dataset.dataset_id: reason})
    if not rows.num_rows:
        return 0
    activation = {"_activation": dataset.activation} if with_activation else {}
    rows = _with_constants(rows, _dataset_id=dataset.dataset_id, _revision=dataset.revision, **activation)
    columns = sql.SQL(", ").join(map(sql.Identifier, rows.column_names))
    statement = sql.SQL("copy {} ({}) from stdin (format csv)").format(into, columns)
    with _named(target, f"{target.schema}/{dataset.identifier}"), cursor.copy(statement) as copy:
        copy.write(to_csv(rows))
    return int(rows.num_rows)


def _with_constants(rows: pa.Table, **values: int) -> pa.Table:
    import pyarrow as pa  # noqa: PLC0415 - heavy

    for name, value in values.items():
        rows = rows.append_column(name, pa.repeat(pa.scalar(value, pa.int64()), rows.num_rows))
    return rows


@contextmanager
def _named(target: TargetTable, whose: str) -> Iterator[None]:
    """Say whose rows they are that Postgres refuses, and for which table."""
    try:
        yield
    except (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.CardinalityViolation) as error:
        reason = " ".join(str(error).split())
        raise DatabaseError(
            f"{whose}: rows for table {target.schema}.{target.name} do not fit it: {reason}; the table's types and "
            f"constraints are those of include/sql/{target.schema}, and the parser has to keep to them"
        ) from error


def _apply(cursor: Any, target: TargetTable, staged: Mapping[int, int], turn: _Turn) -> Counts:
    """Make the table hold what was staged of the datasets whose turn it is.

    If that changes anything they are noted as changed, and so is whoever had a row that one of them has now.
    """
    owners = sorted(turn.ours & staged.keys())
    total = sum(staged[owner] for owner in owners)
    with _named(target, target.schema):
        cursor.execute(sql.SQL("analyze {}").format(staging(target)))
        if len(owners) < len(staged):
            cursor.execute(sql.SQL("delete from {} where not _dataset_id = any(%s)").format(staging(target)), (owners,))
        # asked before MERGE writes another owner over them
        others = [row[0] for row in cursor.execute(other_owners(target), (owners,)).fetchall()]
        deleted = 0 if target.observed else cursor.execute(delete_vanished(target), (owners,)).rowcount
        inserted, updated, doubled = _merge(cursor, target, owners)
    counts = Counts(inserted, updated, deleted, total - doubled - inserted - updated)
    if counts.changed:
        cursor.execute(query("note_changed", "warehouse"), {"dataset_ids": [*owners, *others]})
    return counts


def _merge(cursor: Any, target: TargetTable, owners: Sequence[int]) -> tuple[int, int, int]:
    """MERGE, and return the rows inserted, updated, and dropped before because a newer dataset has their key too.

    Two datasets of a batch may name one key, which MERGE refuses; that is rare, so it is looked for only then.
    """
    doubled = 0
    before = _tally(cursor, target)
    try:
        with cursor.connection.transaction():
            cursor.execute(merge_statement(target), (owners,))
    except (psycopg.errors.CardinalityViolation, psycopg.errors.UniqueViolation):
        doubled = cursor.execute(drop_older(target)).rowcount
        before = _tally(cursor, target)
        cursor.execute(merge_statement(target), (owners,))
    after = _tally(cursor, target)
    return after.inserted - before.inserted, after.updated - before.updated, doubled


def _tally(cursor: Any, target: TargetTable) -> Any:
    tally = cursor.execute(query("tally", "warehouse"), {"schema": target.schema, "table": target.name}).fetchone()
    if not tally.is_counted:
        raise DatabaseError(
            "the warehouse has track_counts switched off, so that it cannot say which rows changed: switch it on "
            "(it is by default, and autovacuum needs it too)"
        )
    return tally


def _keep_books(
    cursor: Any, source: str, plan_id: int, loaded: Sequence[DatasetRows], counts: Mapping[str, Counts]
) -> None:
    """Write the changes and the dirty mark in the load's own transaction: a kill after it loses no dbt run."""
    changed = {table: count for table, count in counts.items() if count.changed}
    revisions = Jsonb({dataset.identifier: dataset.revision for dataset in loaded})
    for table, count in changed.items():
        cursor.execute(
            query("note_change", "warehouse"),
            {"plan_id": plan_id, "source": source, "table_name": table, "revisions": revisions, **asdict(count)},
        )
    if changed:
        cursor.execute(query("mark_dirty", "warehouse"), {"source": source})
