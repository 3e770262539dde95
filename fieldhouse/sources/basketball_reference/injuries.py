"""The list of the injured, of which the site keeps no history."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

import pyarrow as pa

from fieldhouse.source import Identifier, Rows
from fieldhouse.sources.basketball_reference.days import read_day
from fieldhouse.sources.basketball_reference.extras import find_columns, named, read_extras
from fieldhouse.sources.basketball_reference.links import player_ids, team_ids
from fieldhouse.sources.basketball_reference.page import Grid, Origin, Page, shown

TABLE = "injuries"
COLUMNS = {
    "player": ("player", "name_display"),
    "team": ("team_name", "team"),
    "updated": ("date_update",),
    "description": ("note",),
}
# The longer ones first: "Out For Season" begins with "Out"
STATUSES = {
    "out for season": "out_for_season",
    "out for the season": "out_for_season",
    "out": "out",
    "day to day": "day_to_day",
}
INJURY = pa.schema(
    {
        "player_id": pa.string(),
        "place": pa.int16(),
        "player_name": pa.string(),
        "team_id": pa.string(),
        "team_name": pa.string(),
        "updated_on": pa.date32(),
        "updated_text": pa.string(),
        "status": pa.string(),
        "reason": pa.string(),
        "description": pa.string(),
        "extra": pa.string(),
    }
)
INJURY_REPORT = pa.schema({"players": pa.int32()})
_NOBODY = re.compile(r"\b(?:no|none|nobody)\b[^.]{0,60}\b(?:injuries|injured)\b", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_CONTENT = re.compile(rb"""<div\b[^>]*\bid=["']content["'][^>]*>(.*)""", re.DOTALL)


def read(data: bytes, _: Identifier, origin: Origin) -> Rows:
    """Read the page of the injured as it is now.

    :returns: ``injury``, a row for each line of the list, and ``injury_report``, one row that counts its players. A
        list without a line is no injury and a report of 0 players.
    :raises PageChanged: there is no list, and the page does not say that nobody is injured.
    """
    page = Page(data, origin)
    grid = page.table(TABLE)
    if grid is None:
        if not _says_nobody(page):
            raise page.missing(TABLE)
        return _tables([], [], [])
    columns = find_columns(grid, COLUMNS)
    extra, unknown = read_extras(grid, {"ranker", *columns.values()})
    names, descriptions = grid.texts(columns["player"]), grid.texts(columns["description"])
    ids = player_ids(grid, columns["player"])
    rows = zip(
        ids,
        _places(ids),
        names,
        team_ids(grid, columns["team"]),
        grid.texts(columns["team"]),
        _days(grid, columns["updated"]),
        grid.texts(columns["updated"]),
        map(status_of, descriptions),
        map(_reason_of, descriptions),
        descriptions,
        extra,
        strict=True,
    )
    return _tables(ids, rows, unknown)


def status_of(description: str) -> str:
    """Return out_for_season, out, day_to_day or unknown: what the description begins with."""
    words = f"{description.lower().replace('-', ' ')} "
    return next((status for start, status in STATUSES.items() if re.match(rf"\s*{start}\b", words)), "unknown")


def _reason_of(description: str) -> str | None:
    found = re.match(r"[^(]*?\(([^)]+)\)", description.partition(" - ")[0])
    return found[1].strip() or None if found else None


def _places(ids: Sequence[str]) -> list[int]:
    """Return 1 for a player's first line, 2 for his second."""
    places, seen = [], Counter[str]()
    for player_id in ids:
        seen[player_id] += 1
        places.append(seen[player_id])
    return places


def _days(grid: Grid, stat: str) -> list[date | None]:
    texts = grid.texts(stat)
    days = [read_day(text) for text in texts]
    if any(texts) and not any(days):
        first = next(filter(None, texts))
        raise grid.origin.changed(f"days such as Tue, Sep 20, 2022 in the column {stat}", f"{shown(first)} and no day")
    return days


def _says_nobody(page: Page) -> bool:
    content = _CONTENT.search(page.data)
    if not content or "injur" not in page.title.lower():
        return False
    # text by text: words on both sides of a tag are not one sentence
    return any(map(_NOBODY.search, _TAG.split(content[1].decode(errors="replace"))))


def _tables(ids: Sequence[str], rows: Iterable[tuple[object, ...]], unknown: Sequence[str]) -> Rows:
    lines = [
        {name: value if value != "" else None for name, value in zip(INJURY.names, row, strict=True)} for row in rows
    ]
    return {
        "injury": named(pa.Table.from_pylist(lines, INJURY), unknown),
        "injury_report": pa.Table.from_pylist([{"players": len(set(ids))}], INJURY_REPORT),
    }
