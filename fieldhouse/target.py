"""A table of the warehouse as a load sees it: which rows fit it, and the statements that bring them in."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

from fieldhouse.errors import DatabaseError

if TYPE_CHECKING:
    import pyarrow as pa

BOOKKEEPING = ("_dataset_id", "_revision", "_loaded_at")


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


def staging(target: TargetTable) -> sql.Identifier:
    """Return the name of the temporary table that a load fills first."""
    return sql.Identifier("pg_temp", f"incoming_{target.name}")


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


def delete_vanished(target: TargetTable) -> sql.Composed:
    """Delete the datasets' (the parameter) rows that are no longer among theirs."""
    return sql.SQL(
        "delete from {table} as t where t._dataset_id = any(%s) "
        "and not exists (select 1 from {staging} as s where {matches})"
    ).format(table=target.identifier, staging=staging(target), matches=_matches(target))


def other_owners(target: TargetTable) -> sql.Composed:
    """Find the datasets that have rows of which the datasets (the parameter) name the keys."""
    return sql.SQL(
        "select distinct t._dataset_id from {table} as t inner join {staging} as s on {matches} "
        "where t._dataset_id <> s._dataset_id and s._dataset_id = any(%s)"
    ).format(table=target.identifier, staging=staging(target), matches=_matches(target))


def drop_older(target: TargetTable) -> sql.Composed:
    """Of rows with one key keep the newest activation's."""
    return sql.SQL(
        "delete from {staging} as t using {staging} as s where {matches} and t._activation < s._activation"
    ).format(staging=staging(target), matches=_matches(target))


def merge_statement(target: TargetTable) -> sql.Composed:
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
        staging=staging(target),
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
