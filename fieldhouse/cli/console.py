"""How answers are printed: for a person at a terminal, for a pipe, for a machine."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

# Wide enough that nothing is folded where no terminal has a width
UNFOLDED = 10_000


def show_table(title: str | None, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; without headings, its rows alone. Texts are shown as they are, whatever markup they look like."""
    table = Table(*headings, title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.show_header = any(headings)
    for row in rows:
        table.add_row(*map(escape, row))
    console = Console(highlight=False)
    if console.is_terminal:
        console.print(table)
        return
    # in a pipe nothing is folded, and lines end where their text does
    wide = Console(highlight=False, width=UNFOLDED)
    with wide.capture() as drawn:
        wide.print(table)
    typer.echo("\n".join(line.rstrip() for line in drawn.get().splitlines()))


def say(text: str) -> None:
    """Print a sentence as it is."""
    Console(highlight=False).print(text, markup=False, soft_wrap=True)


def echo_json(value: Any) -> None:
    """Print one JSON value."""
    typer.echo(json.dumps(value, default=_plain, ensure_ascii=False))


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime | date | time) else str(value)


def moment(value: datetime | None, absent: str) -> str:
    """Return a time as a person reads it."""
    return f"{value:%Y-%m-%d %H:%M} UTC" if value else absent
