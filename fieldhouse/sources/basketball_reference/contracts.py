"""What teams owe their players, season by season."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from fieldhouse.source import Identifier, Rows
from fieldhouse.sources.basketball_reference.cells import read_dollars
from fieldhouse.sources.basketball_reference.days import find_season
from fieldhouse.sources.basketball_reference.extras import find_columns, named, read_extras
from fieldhouse.sources.basketball_reference.links import player_ids, required_team_ids
from fieldhouse.sources.basketball_reference.page import Grid, Origin, Page, text_of

TABLE = "player-contracts"
COLUMNS = {"player": ("player", "name_display"), "team": ("team_id", "team_name_abbr"), "guaranteed": ("remain_gtd",)}
# Where the page has no colour key
OPTIONS = {
    "salary-pl": "player option",
    "salary-tm": "team option",
    "salary-et": "early termination option",
}
CONTRACT = pa.schema(
    {
        "player_id": pa.string(),
        "team_id": pa.string(),
        "season": pa.int16(),
        "place": pa.int16(),
        "player_name": pa.string(),
        "salary": pa.int64(),
        "option": pa.string(),
        "guaranteed_total": pa.int64(),
        "times_listed": pa.int16(),
        "extra": pa.string(),
    }
)
_YEAR = re.compile(r"y[0-9]+")
_KEY = re.compile(rb"""<span\b[^>]*\bclass=["']?(salary-\w+)["']?[^>]*>(.*?)</span>""", re.DOTALL)


@dataclass(frozen=True)
class Line:
    """A line of the page. ``seasons``: (season, US dollars, option) where there is a salary."""

    player_id: str
    team_id: str
    player_name: str
    seasons: tuple[tuple[int, int, str | None], ...]
    guaranteed: int | None
    extra: str | None


def read(data: bytes, _: Identifier, origin: Origin) -> Rows:
    """Read the page of all contracts as it is now.

    :returns: ``contract``, a row for each season of each different line; lines that are equal are one, counted.
    :raises PageChanged: there is no contract, a column is missing, or something else than dollars is in one.
    """
    page = Page(data, origin)
    grid = page.require(TABLE)
    columns = find_columns(grid, COLUMNS)
    seasons = _seasons(grid)
    extra, unknown = read_extras(grid, {"ranker", *columns.values(), *seasons})
    if not len(grid):
        raise origin.changed(f"contracts in the table {TABLE}", "none")
    lines = list(_read_lines(grid, columns, seasons, _options(page), extra))
    rows = list(_rows(lines, min(seasons.values())))
    return {"contract": named(pa.Table.from_pylist(rows, CONTRACT), unknown)}


def _seasons(grid: Grid) -> dict[str, int]:
    header = grid.header
    years = [stat for stat in grid.stats if _YEAR.fullmatch(stat)]
    seasons = {stat: find_season(header.get(stat, "")) for stat in years}
    known = {stat: season for stat, season in seasons.items() if season}
    if not known or len(set(known.values())) < len(years):
        found = ", ".join(f"{stat}: {header.get(stat, '')}" for stat in years) or ", ".join(grid.stats)
        raise grid.origin.changed(f"a season such as 2025-26 over each of y1, y2 ... in the table {TABLE}", found)
    return known


def _options(page: Page) -> dict[str, str]:
    key = {name.decode(): text_of(label.decode(errors="replace")).lower() for name, label in _KEY.findall(page.data)}
    return OPTIONS | {name: label for name, label in key.items() if label}


def _read_lines(
    grid: Grid, columns: Mapping[str, str], seasons: Mapping[str, int], options: Mapping[str, str], extra: Sequence[Any]
) -> Iterator[Line]:
    salaries = {stat: read_dollars(grid, stat).to_pylist() for stat in seasons}
    classes = {stat: grid.attributes(stat, "class") for stat in seasons}
    rest = zip(
        player_ids(grid, columns["player"]),
        required_team_ids(grid, columns["team"]),
        grid.texts(columns["player"]),
        read_dollars(grid, columns["guaranteed"]).to_pylist(),
        extra,
        strict=True,
    )
    for row, (player_id, team_id, player_name, guaranteed, more) in enumerate(rest):
        owed = tuple(
            (season, salary, _option(classes[stat][row], options))
            for stat, season in seasons.items()
            if (salary := salaries[stat][row]) is not None
        )
        yield Line(player_id, team_id, player_name, owed, guaranteed, more)


def _option(classes: str | None, options: Mapping[str, str]) -> str | None:
    names = [name for name in (classes or "").split() if name.startswith("salary-")]
    return options.get(names[0], names[0]) if names else None


def _rows(lines: Sequence[Line], first_season: int) -> Iterator[dict[str, Any]]:
    """Return the rows of each different line. One without a salary is a row too, or its guarantee would be lost."""
    places: Counter[tuple[str, str]] = Counter()
    for line, times in Counter(lines).items():
        places[line.player_id, line.team_id] += 1
        for season, salary, option in line.seasons or ((first_season, None, None),):
            yield {
                "player_id": line.player_id,
                "team_id": line.team_id,
                "season": season,
                "place": places[line.player_id, line.team_id],
                "player_name": line.player_name,
                "salary": salary,
                "option": option,
                "guaranteed_total": line.guaranteed,
                "times_listed": times,
                "extra": line.extra,
            }
