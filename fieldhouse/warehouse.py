"""The warehouse: Arrow tables to keyed rows, by COPY and MERGE, touching only rows that differ."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
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

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

BOOKKEEPING = ("_dataset_id", "_revision", "_loaded_at")


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
class TargetTable:
    """A table as the database has it: the truth that rows must fit."""

    schema: str
    name: str
    columns: Mapping[str, str]
    required: frozenset[str]
    key: tuple[str, ...]
    observed: bool

    @property
    def identifier(self) -> sql.Identifier:
        """The qualified name, quoted."""
        return sql.Identifier(self.schema, self.name)


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


class Warehouse:
    """The warehouse over one connection. Not to be shared between threads."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
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
        :raises DatabaseError: rows do not fit their table, or the warehouse fails; nothing was changed then.
        """
        targets = [self.target(source, name) for name in sorted({name for d in batch for name in d.tables})]
        with (
            translated(self._dsn, "warehouse"),
            self._connection.transaction(),
            self._connection.cursor() as cursor,
        ):
            # one hash join of a batch must not spill, and a rough look at it is enough to choose that join
            cursor.execute("set local work_mem = '128MB'; set local default_statistics_target = 10")
            staged = [_stage(cursor, target, batch) for target in targets]
            _refuse_bad_rows(cursor, targets, staged, checks or {})
            for target in targets:  # MERGE is not safe against a concurrent insert of the same key
                cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{source}.{target.name}",))
            turn = _take_turn(cursor, source, batch)
            counts = {
                target.name: _apply(cursor, target, rows, turn) for target, rows in zip(targets, staged, strict=True)
            }
            _keep_books(cursor, source, plan_id, [d for d in batch if d.dataset_id in turn.ours], counts)
        return counts

    def delete_datasets(
        self, source: str, tables: Sequence[str], plan_id: int, datasets: Sequence[int]
    ) -> dict[str, Counts]:
        """Remove the rows of datasets, in one transaction, and mark the source dirty if there was anything of them.

        :returns: what happened to each table.
        :raises DatabaseError: the warehouse fails; nothing was changed then.
        """
        targets = [self.target(source, name) for name in sorted(tables)]
        with (
            translated(self._dsn, "warehouse"),
            self._connection.transaction(),
            self._connection.cursor() as cursor,
        ):
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


def _staging(target: TargetTable) -> sql.Identifier:
    return sql.Identifier("pg_temp", f"incoming_{target.name}")


def _stage(cursor: Any, target: TargetTable, batch: Iterable[DatasetRows]) -> dict[int, int]:
    """COPY the batch's rows of one table into a temporary one. Returns {dataset: rows}."""
    cursor.execute(
        sql.SQL(
            "create temporary table {} (like {} including defaults including constraints, _activation bigint) "
            "on commit drop"
        ).format(_staging(target), target.identifier)
    )
    return {d.dataset_id: _copy(cursor, target, d, d.tables[target.name]()) for d in batch if target.name in d.tables}


def _refuse_bad_rows(
    cursor: Any, targets: Sequence[TargetTable], staged: Sequence[Mapping[int, int]], checks: Checks
) -> None:
    reasons: dict[int, list[str]] = {}
    for target, rows in zip(targets, staged, strict=True):
        found = find_bad_rows(cursor, _staging(target), target.key, list(rows), checks.get(target.name, ()))
        for dataset_id, sentences in found.items():
            reasons.setdefault(dataset_id, []).append(describe(f"{target.schema}.{target.name}", sentences))
    if reasons:
        raise RowsRejected({dataset_id: "; ".join(texts) for dataset_id, texts in reasons.items()})


def _copy(cursor: Any, target: TargetTable, dataset: DatasetRows, rows: pa.Table) -> int:
    refuse_misfits(target, dataset.identifier, rows)
    if lacking := lacking_columns(target, rows):
        reason = f"rows for table {target.schema}.{target.name} lack {', '.join(lacking)}, which must not be empty"
        raise RowsRejected({dataset.dataset_id: reason})
    if not rows.num_rows:
        return 0
    rows = _with_constants(
        rows, _dataset_id=dataset.dataset_id, _revision=dataset.revision, _activation=dataset.activation
    )
    columns = sql.SQL(", ").join(map(sql.Identifier, rows.column_names))
    statement = sql.SQL("copy {} ({}) from stdin (format csv)").format(_staging(target), columns)
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
    """Make the table hold what was staged of the datasets whose turn it is."""
    owners = sorted(turn.ours & staged.keys())
    total = sum(staged[owner] for owner in owners)
    with _named(target, target.schema):
        if turn.all_first and _insert_all(cursor, target, owners) == total:
            return Counts(inserted=total)
        cursor.execute(sql.SQL("analyze {}").format(_staging(target)))
        if len(owners) < len(staged):
            cursor.execute(
                sql.SQL("delete from {} where not _dataset_id = any(%s)").format(_staging(target)), (owners,)
            )
        deleted = 0 if target.observed else cursor.execute(_delete_vanished(target), (owners,)).rowcount
        inserted, updated, doubled = _merge(cursor, target, owners)
    return Counts(inserted, updated, deleted, total - doubled - inserted - updated)


def _insert_all(cursor: Any, target: TargetTable, owners: Sequence[int]) -> int:
    """Insert everything at once if none of it is there yet: what is new has nothing to be compared with."""
    try:
        with cursor.connection.transaction():
            inserted: int = cursor.execute(_insert_statement(target), (owners,)).rowcount
            return inserted
    except psycopg.errors.UniqueViolation:
        return -1


def _merge(cursor: Any, target: TargetTable, owners: Sequence[int]) -> tuple[int, int, int]:
    """MERGE, and return the rows inserted, updated, and dropped before because a newer dataset has their key too.

    Two datasets of a batch may name one key, which MERGE refuses; that is rare, so it is looked for only then.
    """
    doubled = 0
    before = _tally(cursor, target)
    try:
        with cursor.connection.transaction():
            cursor.execute(_merge_statement(target), (owners,))
    except (psycopg.errors.CardinalityViolation, psycopg.errors.UniqueViolation):
        doubled = cursor.execute(_drop_older(target)).rowcount
        before = _tally(cursor, target)
        cursor.execute(_merge_statement(target), (owners,))
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


def lacking_columns(target: TargetTable, rows: pa.Table) -> list[str]:
    """Return the columns that the table requires and that some of the rows have no value for."""
    wanted = sorted(target.required | set(target.key))
    return [name for name in wanted if rows.num_rows and (name not in rows.column_names or rows[name].null_count)]


def refuse_misfits(target: TargetTable, dataset: str, rows: pa.Table) -> None:
    """Raise :class:`DatabaseError` if columns are unknown to the table or of a kind that COPY cannot carry."""
    table = f"{target.schema}.{target.name}"
    unknown = [name for name in rows.column_names if name not in target.columns or name in BOOKKEEPING]
    if unknown:
        raise DatabaseError(
            f"{target.schema}/{dataset}: table {table} has no column {', '.join(unknown)} to fill: "
            "run `fieldhouse migrate`"
        )
    for column in rows.schema:
        if not _is_plain(column.type):
            raise DatabaseError(
                f"{target.schema}/{dataset}: column {column.name} for table {table} is of the Arrow type "
                f"{column.type}, which COPY cannot carry; the parser has to write it as text or a number"
            )


def _is_plain(arrow_type: pa.DataType) -> bool:
    """Whether the CSV of such a column means the same to Postgres."""
    from pyarrow import types  # noqa: PLC0415 - heavy

    if types.is_dictionary(arrow_type):
        return _is_plain(arrow_type.value_type)
    known = (types.is_string, types.is_large_string, types.is_integer, types.is_floating, types.is_boolean)
    dates = (types.is_date, types.is_time, types.is_timestamp, types.is_decimal, types.is_null)
    return any(is_kind(arrow_type) for is_kind in known + dates)


def to_csv(rows: pa.Table) -> memoryview:
    """Return rows as CSV for COPY: NULL is an empty cell, the empty string a quoted one."""
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import csv  # noqa: PLC0415

    plain = pa.table(
        {
            name: column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
            for name, column in zip(rows.column_names, rows.columns, strict=True)
        }
    )
    buffer = io.BytesIO()
    csv.write_csv(plain, buffer, csv.WriteOptions(include_header=False, quoting_style="needed"))
    return buffer.getbuffer()


def _matches(target: TargetTable) -> sql.Composed:
    return sql.SQL(" and ").join(sql.SQL("t.{0} = s.{0}").format(sql.Identifier(column)) for column in target.key)


def _names(names: Iterable[str], alias: str | None = None) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(*filter(None, (alias, name))) for name in names)


def _written(target: TargetTable) -> list[str]:
    """Return the columns that a load writes: all but the moment, which has a default."""
    return [name for name in target.columns if name != "_loaded_at"]


def _insert_statement(target: TargetTable) -> sql.Composed:
    return sql.SQL(
        "insert into {table} ({names}) select {names} from {staging} "
        "where not exists (select 1 from {table} as t where t._dataset_id = any(%s))"
    ).format(table=target.identifier, names=_names(_written(target)), staging=_staging(target))


def _delete_vanished(target: TargetTable) -> sql.Composed:
    return sql.SQL(
        "delete from {table} as t where t._dataset_id = any(%s) "
        "and not exists (select 1 from {staging} as s where {matches})"
    ).format(table=target.identifier, staging=_staging(target), matches=_matches(target))


def _drop_older(target: TargetTable) -> sql.Composed:
    return sql.SQL(
        "delete from {staging} as t using {staging} as s where {matches} and t._activation < s._activation"
    ).format(staging=_staging(target), matches=_matches(target))


def _merge_statement(target: TargetTable) -> sql.Composed:
    """A row stays with the dataset that has it, if that one is newer and, as far as we see, still names it.

    The last condition builds a hash of the whole batch, but only when it is reached, which is rarely.
    """
    written = _written(target)
    compared = [name for name in written if name not in {*target.key, "_revision"}]
    return sql.SQL(
        """
        merge into {table} as t using {staging} as s on {matches}
        when matched
            and t._dataset_id <> s._dataset_id
            and exists (
                select 1 from fieldhouse.loaded as l
                where l.dataset_id = t._dataset_id and l.activation > s._activation
            )
            and (not t._dataset_id = any(%s) or ({owned}) in (select {own} from {staging}))
            then do nothing
        when matched and ({ours}) is distinct from ({theirs})
            then update set {assignments}, _loaded_at = now()
        when not matched then insert ({names}) values ({values})
        """
    ).format(
        table=target.identifier,
        staging=_staging(target),
        matches=_matches(target),
        owned=_names([*target.key, "_dataset_id"], "t"),
        own=_names([*target.key, "_dataset_id"]),
        ours=_names(compared, "t"),
        theirs=_names(compared, "s"),
        assignments=sql.SQL(", ").join(
            sql.SQL("{0} = s.{0}").format(sql.Identifier(name)) for name in [*compared, "_revision"]
        ),
        names=_names(written),
        values=_names(written, "s"),
    )
