"""Checks: what the rows of a table must not be (:class:`fieldhouse.source.Check`), asked of the database.

All checks of a table are one pass over the rows that are about to be loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from psycopg import sql

from fieldhouse.source import Check

# Some rows may be meant by name; the rest is a number
LONGEST_EXAMPLE = 120


def find_bad_rows(
    cursor: Any, rows: sql.Composable, key: Sequence[str], datasets: Sequence[int], checks: Sequence[Check]
) -> dict[int, list[str]]:
    """Return {dataset id: what is wrong with its rows} for the datasets that break a check.

    :param rows: a table that holds the datasets' rows, with ``_dataset_id``.
    :param datasets: a dataset without any row is asked too.
    """
    if not checks:
        return {}
    found = cursor.execute(_statement(rows, key, checks), (list(datasets),)).fetchall()
    return {row[0]: list(_sentences(checks, row[1:])) for row in found}


def _statement(rows: sql.Composable, key: Sequence[str], checks: Sequence[Check]) -> sql.Composed:
    columns = sql.SQL(", ").join(_column(number, check, key) for number, check in enumerate(checks))
    bad = sql.SQL(" or ").join(sql.SQL("{} > 0").format(_count(check)) for check in checks)
    return sql.SQL(
        "select asked.dataset_id, {columns} from unnest(%s::bigint[]) as asked (dataset_id) "
        "left join {rows} as rows on rows._dataset_id = asked.dataset_id "
        "group by asked.dataset_id having {bad} order by asked.dataset_id"
    ).format(columns=columns, rows=rows, bad=bad)


def _column(number: int, check: Check, key: Sequence[str]) -> sql.Composed:
    """Return the number of bad rows (of a dataset: 1 or 0), and the key of one of them."""
    example: sql.Composable = sql.SQL("null")
    if check.of == "row":
        names = sql.SQL(", ").join(sql.Identifier("rows", column) for column in key)
        example = sql.SQL("min(concat_ws(' ', {names})) filter ({bad})").format(names=names, bad=_where(check))
    return sql.SQL("{count} as {n}, {example} as {e}").format(
        count=_count(check), n=sql.Identifier(f"bad_{number}"), example=example, e=sql.Identifier(f"example_{number}")
    )


def _count(check: Check) -> sql.Composed:
    if check.of == "row":
        return sql.SQL("count(*) filter ({})").format(_where(check))
    return sql.SQL("coalesce(({})::integer, 0)").format(_raw(check))


def _where(check: Check) -> sql.Composed:
    # a dataset without rows still has the one that the outer join makes up
    return sql.SQL("where rows._dataset_id is not null and ({})").format(_raw(check))


def _raw(check: Check) -> sql.SQL:
    # our own words, as those of include/sql; a percent sign in them is no placeholder
    return sql.SQL(check.bad.replace("%", "%%"))


def _sentences(checks: Sequence[Check], values: Sequence[Any]) -> Iterator[str]:
    for check, count, example in zip(checks, values[::2], values[1::2], strict=True):
        if count and check.of == "row":
            yield f"{count:,} rows with {check.name}, such as {str(example)[:LONGEST_EXAMPLE]}"
        elif count:
            yield check.name


def describe(table: str, sentences: Sequence[str]) -> str:
    """Return the reason for which a dataset is rejected."""
    return f"rows for table {table} cannot be: {'; '.join(sentences)}"


Checks = Mapping[str, Sequence[Check]]
