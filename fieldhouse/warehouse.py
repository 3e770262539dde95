"""The warehouse: Arrow tables to keyed rows, by COPY and MERGE, touching only rows that differ."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from fieldhouse.errors import DatabaseError
from fieldhouse.postgres import connect, place, translated

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

    @cached_property
    def _targets(self) -> dict[tuple[str, str], TargetTable]:
        return {}

    def target(self, schema: str, table: str) -> TargetTable:
        """Return what the database says of a table.

        :raises DatabaseError: it is not there.
        """
        if (schema, table) not in self._targets:
            self._targets[schema, table] = self._describe(schema, table)
        return self._targets[schema, table]

    def _describe(self, schema: str, table: str) -> TargetTable:
        columns = self.rows(
            """
            select a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
                a.attnotnull and not a.atthasdef as required,
                array_position(i.indkey::smallint [], a.attnum) as key_place
            from pg_attribute as a
            left join pg_index as i on i.indrelid = a.attrelid and i.indisprimary
            where a.attrelid = to_regclass(format('%%I.%%I', %s::text, %s::text))
            and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
            order by a.attnum
            """,
            (schema, table),
        )
        if not columns:
            raise DatabaseError(f"warehouse {self.place} has no table {schema}.{table}: run `fieldhouse migrate`")
        key = sorted((c for c in columns if c.key_place is not None), key=lambda c: c.key_place)
        return TargetTable(
            schema=schema,
            name=table,
            columns={c.name: c.type for c in columns},
            required=frozenset(c.name for c in columns if c.required) - set(BOOKKEEPING),
            key=tuple(c.name for c in key),
            observed="observed_at" in {c.name for c in key},
        )

    def load(self, source: str, plan_id: int, batch: Sequence[DatasetRows]) -> dict[str, Counts]:
        """Bring the rows of ``batch`` in, in one transaction, and mark the source dirty if any row changed.

        A dataset of which the warehouse holds a newer activation is passed over; the same one again changes
        nothing, or mends what somebody else did to its rows.

        :returns: what happened to each table.
        :raises DatabaseError: rows do not fit their table, or the warehouse fails; nothing was changed then.
        """
        tables = sorted({name for dataset in batch for name in dataset.tables})
        with (
            translated(self._dsn, "warehouse"),
            self._connection.transaction(),
            self._connection.cursor() as cursor,
        ):
            # one hash join of a batch must not spill; nothing else runs in this session
            cursor.execute("set local work_mem = '128MB'")
            staged = {name: self._copy(cursor, source, name, batch) for name in tables}
            for name in tables:  # MERGE is not safe against a concurrent insert of the same key
                cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{source}.{name}",))
            ours = self._take_turn(cursor, source, batch)
            fresh = [dataset for dataset in batch if dataset.dataset_id in ours]
            counts = {name: self._apply(cursor, staged[name], source, name, batch, ours) for name in tables}
            self._keep_books(cursor, source, plan_id, fresh, counts)
        return counts

    @staticmethod
    def _take_turn(cursor: Any, source: str, batch: Sequence[DatasetRows]) -> set[int]:
        """Return the datasets of which the warehouse holds no newer activation."""
        ordered = sorted(batch, key=lambda dataset: dataset.dataset_id)
        cursor.execute(
            """
            insert into fieldhouse.loaded as l (dataset_id, source, activation)
            select unnest(%s::bigint []), %s, unnest(%s::bigint [])
            on conflict (dataset_id) do update set activation = excluded.activation, loaded_at = now()
            where l.activation <= excluded.activation
            returning dataset_id
            """,
            ([d.dataset_id for d in ordered], source, [d.activation for d in ordered]),
        )
        return {row.dataset_id for row in cursor.fetchall()}

    def _copy(self, cursor: Any, source: str, table: str, batch: Iterable[DatasetRows]) -> sql.Identifier:
        """COPY the batch's rows of one table into a temporary one."""
        target = self.target(source, table)
        staging = sql.Identifier(f"incoming_{table}")
        cursor.execute(
            sql.SQL("create temporary table {} (like {} including defaults) on commit drop").format(
                staging, target.identifier
            )
        )
        cursor.execute(sql.SQL("alter table {} add column _activation bigint").format(staging))
        for dataset in batch:
            if table in dataset.tables:
                self._copy_dataset(cursor, target, staging, dataset, dataset.tables[table]())
        cursor.execute(sql.SQL("analyze {}").format(staging))
        return staging

    def _copy_dataset(
        self, cursor: Any, target: TargetTable, staging: sql.Identifier, dataset: DatasetRows, rows: pa.Table
    ) -> None:
        import pyarrow as pa  # noqa: PLC0415 - heavy

        if not rows.num_rows:
            return
        refuse_misfits(target, dataset.identifier, rows)
        constants = {
            "_dataset_id": dataset.dataset_id,
            "_revision": dataset.revision,
            "_activation": dataset.activation,
        }
        for name, value in constants.items():
            rows = rows.append_column(name, pa.repeat(pa.scalar(value, pa.int64()), rows.num_rows))
        statement = sql.SQL("copy {} ({}) from stdin (format csv)").format(
            staging, sql.SQL(", ").join(map(sql.Identifier, rows.column_names))
        )
        with self._named(target, dataset), cursor.copy(statement) as copy:
            copy.write(to_csv(rows))

    @contextmanager
    def _named(self, target: TargetTable, dataset: DatasetRows) -> Iterator[None]:
        """Say which dataset it was whose rows Postgres refuses."""
        try:
            yield
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            reason = " ".join(str(error).split())
            raise DatabaseError(
                f"{target.schema}/{dataset.identifier}: rows for table {target.schema}.{target.name} do not fit it: "
                f"{reason}; the table's types are those of include/sql/{target.schema}"
            ) from error

    def _apply(
        self,
        cursor: Any,
        staging: sql.Identifier,
        source: str,
        table: str,
        batch: Sequence[DatasetRows],
        ours: set[int],
    ) -> Counts:
        target = self.target(source, table)
        owners = [d.dataset_id for d in batch if d.dataset_id in ours and table in d.tables]
        if len(ours) < len(batch):
            cursor.execute(sql.SQL("delete from {} where not _dataset_id = any(%s)").format(staging), (sorted(ours),))
        deleted = 0
        if not target.observed and owners:
            deleted = cursor.execute(_delete_vanished(target, staging), (owners,)).rowcount
        inserted, updated = self._merge(cursor, target, staging)
        total = cursor.execute(sql.SQL("select count(*) as rows from {}").format(staging)).fetchone().rows
        return Counts(inserted, updated, deleted, total - inserted - updated)

    def _merge(self, cursor: Any, target: TargetTable, staging: sql.Identifier) -> tuple[int, int]:
        """MERGE, and return the rows inserted and updated.

        Two datasets of a batch may name one key, which MERGE refuses; that is rare, so it is looked for only then.
        """
        statement = _merge_statement(target, staging)
        before = self._tally(cursor, target)
        try:
            with self._connection.transaction():
                cursor.execute(statement)
        except (psycopg.errors.CardinalityViolation, psycopg.errors.UniqueViolation):
            cursor.execute(_drop_older(target, staging))
            before = self._tally(cursor, target)
            cursor.execute(statement)
        after = self._tally(cursor, target)
        return after[0] - before[0], after[1] - before[1]

    @staticmethod
    def _tally(cursor: Any, target: TargetTable) -> tuple[int, int]:
        """Return the rows that this transaction inserted and updated in a table so far.

        MERGE itself tells them apart only from PostgreSQL 17 on; these counters are exact and cost nothing.
        """
        row = cursor.execute(
            """
            select pg_stat_get_xact_tuples_inserted(c.oid) as i, pg_stat_get_xact_tuples_updated(c.oid) as u
            from pg_class as c where c.oid = to_regclass(format('%%I.%%I', %s::text, %s::text))
            """,
            (target.schema, target.name),
        ).fetchone()
        return row.i, row.u

    @staticmethod
    def _keep_books(
        cursor: Any, source: str, plan_id: int, fresh: Sequence[DatasetRows], counts: Mapping[str, Counts]
    ) -> None:
        """Write the changes and the dirty mark in the load's own transaction: a kill after it loses no dbt run."""
        revisions = {dataset.identifier: dataset.revision for dataset in fresh}
        for table, count in counts.items():
            if count.changed:
                cursor.execute(
                    """
                    insert into fieldhouse.table_change (
                        plan_id, source, table_name, inserted, updated, deleted, unchanged, revisions
                    ) values (%s, %s, %s, %s, %s, %s, %s, %s)
                    """,
                    (
                        plan_id,
                        source,
                        table,
                        count.inserted,
                        count.updated,
                        count.deleted,
                        count.unchanged,
                        Jsonb(revisions),
                    ),
                )
        if any(count.changed for count in counts.values()):
            cursor.execute(
                """
                insert into fieldhouse.dirty (source, since, changed_at) values (%s, now(), now())
                on conflict (source) do update set changed_at = excluded.changed_at
                """,
                (source,),
            )

    def changes(self, plan_id: int) -> dict[str, Counts]:
        """Return what a plan's loads did to each table."""
        rows = self.rows(
            """
            select table_name, sum(inserted)::bigint as i, sum(updated)::bigint as u, sum(deleted)::bigint as d,
                sum(unchanged)::bigint as n
            from fieldhouse.table_change where plan_id = %s group by table_name order by table_name
            """,
            (plan_id,),
        )
        return {row.table_name: Counts(row.i, row.u, row.d, row.n) for row in rows}

    def changed_revisions(self, plan_id: int) -> dict[str, dict[str, int]]:
        """Return {table: {dataset identifier: revision}} of a plan's loads."""
        rows = self.rows(
            "select table_name, revisions from fieldhouse.table_change where plan_id = %s order by loaded_at",
            (plan_id,),
        )
        revisions: dict[str, dict[str, int]] = {}
        for row in rows:
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


def refuse_misfits(target: TargetTable, dataset: str, rows: pa.Table) -> None:
    """Raise :class:`DatabaseError` if columns are unknown to the table or lack values that it requires."""
    unknown = [name for name in rows.column_names if name not in target.columns]
    if unknown:
        raise DatabaseError(
            f"{target.schema}/{dataset}: table {target.schema}.{target.name} has no column "
            f"{', '.join(unknown)}: run `fieldhouse migrate`"
        )
    for name in sorted(target.required | set(target.key)):
        if name not in rows.column_names or rows[name].null_count:
            raise DatabaseError(
                f"{target.schema}/{dataset}: rows without {name} came for table {target.schema}.{target.name}, "
                "where it must not be empty; the parser has to fill it or refuse the file"
            )


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


def _data_columns(target: TargetTable) -> list[str]:
    return [name for name in target.columns if name not in BOOKKEEPING]


def _delete_vanished(target: TargetTable, staging: sql.Identifier) -> sql.Composed:
    return sql.SQL(
        "delete from {table} as t where t._dataset_id = any(%s) "
        "and not exists (select 1 from {staging} as s where {matches})"
    ).format(table=target.identifier, staging=staging, matches=_matches(target))


def _drop_older(target: TargetTable, staging: sql.Identifier) -> sql.Composed:
    return sql.SQL(
        "delete from {staging} as t using {staging} as s where {matches} and t._activation < s._activation"
    ).format(staging=staging, matches=_matches(target))


def _merge_statement(target: TargetTable, staging: sql.Identifier) -> sql.Composed:
    data = _data_columns(target)
    compared = [*(name for name in data if name not in target.key), "_dataset_id"]
    written = [*data, "_dataset_id", "_revision"]

    def columns(names: Iterable[str], alias: str | None = None) -> sql.Composed:
        return sql.SQL(", ").join(sql.Identifier(*filter(None, (alias, name))) for name in names)

    return sql.SQL(
        """
        merge into {table} as t using {staging} as s on {matches}
        when matched and ({ours}) is distinct from ({theirs})
            then update set {assignments}, _loaded_at = now()
        when not matched then insert ({names}) values ({values})
        """
    ).format(
        table=target.identifier,
        staging=staging,
        matches=_matches(target),
        ours=columns(compared, "t"),
        theirs=columns(compared, "s"),
        assignments=sql.SQL(", ").join(
            sql.SQL("{0} = s.{0}").format(sql.Identifier(name)) for name in [*compared, "_revision"]
        ),
        names=columns(written),
        values=columns(written, "s"),
    )
