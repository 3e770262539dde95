"""The season pages: players' statistics of four kinds, and what the league's page says of its teams."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache

import pyarrow as pa

from fieldhouse.errors import NotPublished
from fieldhouse.source import Identifier, Rows
from fieldhouse.sources.basketball_reference.cells import read_integers, read_numbers, read_texts, refuse
from fieldhouse.sources.basketball_reference.extras import named, read_extras
from fieldhouse.sources.basketball_reference.page import Grid, Origin, Page, shown
from fieldhouse.sources.basketball_reference.season_columns import (
    IGNORED,
    OPPONENT,
    PLAYER,
    PLAYER_TABLES,
    REGULAR_SEASON,
    TEAM,
    TEAM_ADVANCED,
    TEAM_OF_PLAYER,
    Column,
    SeasonTable,
)

LEAGUE_AVERAGE = "League Average"
SEVERAL_TEAMS = "TOT"

Arrays = dict[str, pa.Array]

_WHOSE_PLAYER = (
    *(("season", pa.int16()), ("stage", pa.string()), ("player_id", pa.string()), ("team_id", pa.string())),
    *(("team_count", pa.int16()), ("player_name", pa.string())),
)
_WHOSE_TEAM = (
    *(("season", pa.int16()), ("team_id", pa.string()), ("team_name", pa.string())),
    ("made_playoffs", pa.bool_()),
)
_TEAM_LINK = re.compile(r"/teams/([A-Z]{3})/([0-9]{4})\.html")
# 2TM, 3TM ... since the autumn of 2024, TOT before
_SEVERAL = re.compile(r"([2-9])TM|TOT")
_TEAM_ID = re.compile(r"[A-Z]{3}")


def read_player_season(data: bytes, identifier: Identifier, origin: Origin) -> Rows:
    """Read a page of one kind of statistics: the regular season's table, and the playoffs' where it is there.

    :returns: the tables of all kinds; those of other kinds than the page's have no rows.
    :raises PageChanged: the bytes are no such page of the season.
    :raises NotPublished: a table with a header and no player yet.
    """
    page, season = Page(data, origin), int(identifier["season"])
    read = PLAYER_TABLES[identifier["kind"]]
    rows = {table.name: _empty(table) for table in PLAYER_TABLES.values()}
    stages = [*_stages(page, read)]
    parts = [_player_rows(grid, read, season, stage) for stage, grid in stages]
    unknown = dict.fromkeys(stat for _, grid in stages for stat in grid.stats if stat not in _known(grid, read))
    rows[read.name] = named(pa.concat_tables(parts), [*unknown])
    return rows


def read_team_season(data: bytes, identifier: Identifier, origin: Origin) -> Rows:
    """Read a league's page: what opponents averaged against each team, and the teams' ratings.

    :returns: ``team_opponent`` and ``team_advanced``.
    :raises PageChanged: the bytes are no such page of the season.
    :raises NotPublished: tables with a header and no team yet.
    """
    page, season = Page(data, origin), int(identifier["season"])
    rows = {}
    for table in (OPPONENT, TEAM_ADVANCED):
        ((_, grid),) = _stages(page, table)
        unknown = [stat for stat in grid.stats if stat not in _known(grid, table)]
        rows[table.name] = named(_team_rows(grid, table, season), unknown)
    return rows


def schema_of(name: str) -> pa.Schema:
    """Return the columns of one of the tables that this module reads."""
    tables = {table.name: table for table in (*PLAYER_TABLES.values(), OPPONENT, TEAM_ADVANCED)}
    return _schema(tables[name])


@cache
def _schema(table: SeasonTable) -> pa.Schema:
    whose = _WHOSE_PLAYER if table.name.startswith("player_") else _WHOSE_TEAM
    return pa.schema(
        [*whose, *((column.name, pa.type_for_alias(column.type)) for column in table.columns), ("extra", pa.string())]
    )


@cache
def _empty(table: SeasonTable) -> pa.Table:
    return _schema(table).empty_table()


def _stages(page: Page, table: SeasonTable) -> Iterator[tuple[str, Grid]]:
    for stage, ids in table.ids.items():
        grid = page.require(*ids) if stage == REGULAR_SEASON else page.table(*ids)
        if stage == REGULAR_SEASON and not grid:
            raise NotPublished(f"{page.origin} has a table {ids[0]} without a row: the season has not begun")
        if grid:
            yield stage, grid


def _player_rows(grid: Grid, table: SeasonTable, season: int, stage: str) -> pa.Table:
    _require(grid, table, season, PLAYER, TEAM_OF_PLAYER)
    names = [name.rstrip("*") for name in grid.texts(_stat(grid, PLAYER))]
    counted = [n for n, row in enumerate(grid.row_classes) if "norank" not in row and names[n] != LEAGUE_AVERAGE]
    players = _player_ids(grid, counted)
    teams = _player_teams(grid, counted, season)
    _refuse_twice(grid, [(players[n], teams[n]) for n in counted])
    height = len(grid)
    whose = {
        "season": pa.repeat(pa.scalar(season, pa.int16()), height),
        "stage": pa.repeat(stage, height),
        "player_id": pa.array(players, pa.string()),
        "team_id": pa.array(teams, pa.string()),
        "team_count": pa.array(_team_counts(grid, players, teams), pa.int16()),
        "player_name": pa.array(names, pa.string()),
    }
    rows = pa.table({**whose, **_typed(grid, table)}, schema=_schema(table))
    return rows if len(counted) == height else rows.take(counted)


def _team_rows(grid: Grid, table: SeasonTable, season: int) -> pa.Table:
    _require(grid, table, season, TEAM)
    stat = _stat(grid, TEAM)
    names = grid.texts(stat)
    counted = [n for n, name in enumerate(names) if name != LEAGUE_AVERAGE]
    teams = _linked_teams(grid, stat, counted, season)
    for n in counted:
        if teams[n] is None:
            raise refuse(grid, stat, n, "a link to the team", names[n])
    _refuse_twice(grid, [(teams[n],) for n in counted])
    whose = {
        "season": pa.repeat(pa.scalar(season, pa.int16()), len(grid)),
        "team_id": pa.array(teams, pa.string()),
        "team_name": pa.array([name.rstrip("*") for name in names], pa.string()),
        "made_playoffs": pa.array([name.endswith("*") for name in names], pa.bool_()),
    }
    return pa.table({**whose, **_typed(grid, table)}, schema=_schema(table)).take(counted)


def _player_ids(grid: Grid, counted: Sequence[int]) -> list[str | None]:
    stat = _stat(grid, PLAYER)
    ids = grid.attributes(stat, "data-append-csv")
    for n in counted:
        if not ids[n]:
            raise refuse(grid, stat, n, "a player's id in data-append-csv", grid.texts(stat)[n])
    return ids


def _player_teams(grid: Grid, counted: Sequence[int], season: int) -> list[str | None]:
    stat = _stat(grid, TEAM_OF_PLAYER)
    texts = grid.texts(stat)
    several = {text for text in set(texts) if _SEVERAL.fullmatch(text)}
    linked = _linked_teams(grid, stat, counted, season)
    teams: list[str | None] = [None] * len(grid)
    for n in counted:
        teams[n] = SEVERAL_TEAMS if texts[n] in several else linked[n] or texts[n]
    for team in {teams[n] for n in counted}:
        if not _TEAM_ID.fullmatch(team or ""):
            raise refuse(grid, stat, teams.index(team), "a team's code", team or "")
    return teams


def _linked_teams(grid: Grid, stat: str, counted: Sequence[int], season: int) -> list[str | None]:
    """Return the team that each cell links to. :raises PageChanged: to one of another season."""
    hrefs = grid.hrefs(stat)
    links = {href: _TEAM_LINK.search(href) for href in {hrefs[n] for n in counted} if href}
    for href, link in links.items():
        if link and int(link[2]) != season:
            raise grid.origin.changed(f"teams of the season {season} in the table {grid.id}", shown(href))
    found = [links.get(href) if href else None for href in hrefs]
    return [link[1] if link else None for link in found]


def _team_counts(grid: Grid, players: Sequence[str | None], teams: Sequence[str | None]) -> list[int]:
    """Return 1 for a row of one team, and for one that sums up several how many they are."""
    texts = grid.texts(_stat(grid, TEAM_OF_PLAYER))
    rows = Counter(player for player, team in zip(players, teams, strict=True) if team != SEVERAL_TEAMS)
    counts = [1] * len(grid)
    for n in (n for n, team in enumerate(teams) if team == SEVERAL_TEAMS):
        told = _SEVERAL.fullmatch(texts[n])
        counts[n] = int(told[1]) if told and told[1] else max(rows[players[n]], 1)
    return counts


def _refuse_twice(grid: Grid, keys: Sequence[tuple[str | None, ...]]) -> None:
    if len(set(keys)) < len(keys):
        key, number = Counter(keys).most_common(1)[0]
        found = f"{number} rows of {' '.join(filter(None, key))}"
        raise grid.origin.changed(f"one row for each in the table {grid.id}", found)


def _require(grid: Grid, table: SeasonTable, season: int, *names: tuple[str, ...]) -> None:
    wanted = [*names, *(column.stats for column in table.columns if column.since <= season)]
    if missing := [stats[0] for stats in wanted if not _has(grid, stats)]:
        found = f"none for {', '.join(missing)} among {', '.join(filter(None, grid.stats))}"
        raise grid.origin.changed(f"all its columns in the table {grid.id}", found)


def _has(grid: Grid, stats: Sequence[str]) -> bool:
    return any(stat in grid.stats for stat in stats)


def _stat(grid: Grid, stats: Sequence[str]) -> str:
    return next(stat for stat in stats if stat in grid.stats)


def _typed(grid: Grid, table: SeasonTable) -> Arrays:
    extra, _ = read_extras(grid, _known(grid, table))
    values = {column.name: _values(grid, column) for column in table.columns}
    return {**values, "extra": pa.array(extra, pa.string())}


def _values(grid: Grid, column: Column) -> pa.Array:
    type_ = pa.type_for_alias(column.type)
    if not _has(grid, column.stats):
        return pa.nulls(len(grid), type_)
    stat = _stat(grid, column.stats)
    if pa.types.is_string(type_):
        return read_texts(grid, stat)
    return read_numbers(grid, stat) if pa.types.is_floating(type_) else read_integers(grid, stat, type_)


def _known(grid: Grid, table: SeasonTable) -> frozenset[str]:
    whose = {*PLAYER, *TEAM_OF_PLAYER} if table.name.startswith("player_") else {*TEAM}
    return IGNORED | whose | {_stat(grid, column.stats) for column in table.columns if _has(grid, column.stats)}
