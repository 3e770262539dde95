"""``fieldhouse diff``: which rows and fields differ between two revisions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from fieldhouse.cli.arguments import is_whole, read_selection
from fieldhouse.cli.console import echo_json, say, show_table
from fieldhouse.cli.running import JsonOption, KeysArgument, WhatArgument
from fieldhouse.config import Settings
from fieldhouse.engine import life
from fieldhouse.engine.context import Context
from fieldhouse.engine.diff import TableDiff
from fieldhouse.engine.life import DatasetDiff
from fieldhouse.source import Source

FromRevision = Annotated[
    int | None, typer.Option("--from", metavar="N", min=1, help="a revision (the good one before --to)")
]
ToRevision = Annotated[int | None, typer.Option("--to", metavar="N", min=1, help="a revision (the current one)")]
LimitOption = Annotated[int, typer.Option("--limit", metavar="ROWS", min=0, help="rows to show of each table")]


def diff(
    what: WhatArgument,
    keys: KeysArgument = None,
    old: FromRevision = None,
    new: ToRevision = None,
    limit: LimitOption = 50,
    as_json: JsonOption = False,
) -> None:
    """Show which rows came, went and changed between two revisions, and which of their fields.

    Both are read by today's parser. Of many datasets it counts rows, a line a dataset.

    Examples:

    fieldhouse diff football_data/season division=E0 season=2526

    fieldhouse diff football_data/season division=E0 season=2526 --from 1 --to 3

    fieldhouse diff football_data/season season=2526
    """
    source, selection = read_selection(what, keys or [])
    with Context(Settings.from_environment(), source) as context:
        found = life.diff(context, life.select(context, selection), old, new)
        if is_whole(source, selection):
            _show_one(source, next(found), limit, as_json=as_json)
        elif as_json:
            echo_json([_summary(each) for each in found])
        else:
            for each in found:
                say(_summary_line(source, each))


def _show_one(source: Source, found: DatasetDiff, limit: int, *, as_json: bool) -> None:
    if found.problem:
        raise type(found.problem)(f"{source.name}/{found.dataset}: {found.problem}")
    if as_json:
        echo_json({**_summary(found), "tables": {name: each.as_json() for name, each in found.tables.items()}})
        return
    say(f"{source.name}/{found.dataset}: revision {found.old} -> {found.new}")
    for name, each in found.tables.items():
        say(f"{name}: {_counted(each)}")
        _show_rows(each, limit)


def _show_rows(found: TableDiff, limit: int) -> None:
    shown = [cells for _, cells in zip(range(limit), _lines(found), strict=False)]
    if shown:
        # rows that came or went have no fields to show
        fields = ["field", "old", "new"] if found.changed else []
        width = 1 + len(found.key) + len(fields)
        show_table(None, ["", *found.key, *fields], [cells[:width] for cells in shown])
    if more := sum(found.counts.values()) - len(shown):
        say(f"and {more:,} more rows; --limit shows more of them, --json all")


def _lines(found: TableDiff) -> Iterator[list[str]]:
    """Yield the cells of each row: its sign, its key, and the fields that changed."""
    for row in found.changed:
        old, new = ("\n".join(_text(change[side]) for change in row.fields.values()) for side in (0, 1))
        yield ["~", *(_text(row.key[name]) for name in found.key), "\n".join(row.fields), old, new]
    for sign, table in (("-", found.removed), ("+", found.added)):
        for batch in table.select(list(found.key)).to_batches(max_chunksize=1000):
            for key in batch.to_pylist():
                yield [sign, *(_text(key[name]) for name in found.key), "", "", ""]


def _text(value: Any) -> str:
    return "NULL" if value is None else " ".join(str(value).split())


def _counted(found: TableDiff) -> str:
    words = ", ".join(f"{count:,} {what}" for what, count in found.counts.items() if count)
    return f"rows {words}" if words else "no difference"


def _summary(found: DatasetDiff) -> dict[str, Any]:
    return {
        "dataset": found.dataset,
        "from": found.old,
        "to": found.new,
        "tables": {name: each.counts for name, each in found.tables.items()},
        "problem": str(found.problem) if found.problem else None,
    }


def _summary_line(source: Source, found: DatasetDiff) -> str:
    if found.problem:
        return f"{source.name}/{found.dataset}: {found.problem}"
    tables = ", ".join(f"{name} +{c['added']} -{c['removed']} ~{c['changed']}" for name, c in _counts(found))
    return f"{source.name}/{found.dataset} {found.old} -> {found.new}: {tables}"


def _counts(found: DatasetDiff) -> Iterator[tuple[str, dict[str, int]]]:
    for name, each in found.tables.items():
        yield name, each.counts
