"""A month's page of a season's schedule: its table ``schedule``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

import pyarrow as pa

from fieldhouse.source import Identifier, Rows
from fieldhouse.sources.basketball_reference.cells import read_integers, read_texts, refuse
from fieldhouse.sources.basketball_reference.days import MONTHS
from fieldhouse.sources.basketball_reference.extras import find_columns, named, read_extras
from fieldhouse.sources.basketball_reference.games import SCHEDULE, Game, check_title, games_of, read_teams
from fieldhouse.sources.basketball_reference.page import Grid, Origin, Page

REQUIRED = (
    *("date_game", "game_start_time", "visitor_team_name", "visitor_pts", "home_team_name", "home_pts"),
    *("box_score_text", "overtimes", "attendance", "game_remarks"),
)
# On no page before the end of 2021, on all of 2025 and later
LATER = ("game_duration", "arena_name")
KNOWN = frozenset((*REQUIRED, *LATER))

EASTERN = ZoneInfo("America/New_York")
_START = re.compile(r"(\d{1,2}):([0-5]\d) ?([ap])m?")
_DURATION = re.compile(r"(\d{1,2}):([0-5]\d)")
_OVERTIMES = re.compile(r"(\d*)OT")


def read(data: bytes, identifier: Identifier, origin: Origin) -> Rows:
    """Read a month of a season's schedule.

    :returns: ``schedule``, in the page's order; without rows for a month in which no game stands any more.
    :raises PageChanged: it is no schedule of that season and month, or a row is not what it should be.
    """
    page = Page(data, origin)
    season = int(identifier["season"])
    if page.title:
        check_title(page, season)
    grid = page.require(SCHEDULE)
    find_columns(grid, {stat: (stat,) for stat in REQUIRED})
    extra, unknown = read_extras(grid, KNOWN)
    games = games_of(grid)
    _check_month(games, identifier["month"], origin)
    _check_season(grid, season)
    starts = grid.texts("game_start_time")
    columns = {
        "game_id": pa.array([game.game_id for game in games], pa.string()),
        "season": pa.array([season] * len(games), pa.int16()),
        "game_date": pa.array([game.game_date for game in games], pa.date32()),
        "start_time": pa.array([start or None for start in starts], pa.string()),
        "tip_off_at": pa.array(_read_tip_offs(grid, games, starts), pa.timestamp("us", "UTC")),
        "away_team_id": pa.array([game.away_team_id for game in games], pa.string()),
        "away_team_name": read_texts(grid, "visitor_team_name"),
        "home_team_id": pa.array([game.home_team_id for game in games], pa.string()),
        "home_team_name": read_texts(grid, "home_team_name"),
        "away_points": read_integers(grid, "visitor_pts"),
        "home_points": read_integers(grid, "home_pts"),
        "overtimes": pa.array(_read_overtimes(grid, games), pa.int16()),
        "attendance": read_integers(grid, "attendance", pa.int32()),
        "duration_minutes": pa.array(_read_durations(grid), pa.int16()),
        "arena_name": read_texts(grid, "arena_name"),
        "remarks": read_texts(grid, "game_remarks"),
        "stage": pa.array(read_stages(grid, games, season), pa.string()),
        "has_box_score": pa.array([href is not None for href in grid.hrefs("box_score_text")], pa.bool_()),
        "extra": pa.array(extra, pa.string()),
    }
    return {"schedule": named(pa.table(columns), unknown)}


def read_stages(grid: Grid, games: Sequence[Game], season: int) -> list[str | None]:
    """Return each game's stage, as far as the page alone says it.

    A page says where the playoffs begin by a header row "Playoffs", or by the play-in games, which come before them.
    One with neither is of the regular season until April (until February in the seasons to 1974, which were shorter),
    and after it of the playoffs if two teams meet again and again, as in a series. Otherwise it does not say: in July
    2020 the regular season went on.
    """
    play_in = ["play-in" in remark.lower() for remark in grid.texts("game_remarks")]
    last_play_in = max((game.game_date for game, is_it in zip(games, play_in, strict=True) if is_it), default=None)
    divider = next((row for row, text in grid.dividers if text == "Playoffs"), None)
    may_end = date(season, 3 if season < 1975 else 5, 1)
    says_nothing = divider is None and last_play_in is None and any(game.game_date >= may_end for game in games)
    other = ("playoffs" if _is_series(games) else None) if says_nothing else "regular_season"
    stages: list[str | None] = []
    for row, (game, is_play_in) in enumerate(zip(games, play_in, strict=True)):
        below = divider is not None and row >= divider
        later = last_play_in is not None and game.game_date > last_play_in
        stages.append("play_in" if is_play_in else "playoffs" if below or later else other)
    return stages


def _is_series(games: Sequence[Game]) -> bool:
    """Whether the teams of a page have one opponent for several games at a time."""
    opponents: dict[str, list[str]] = {}
    for game in games:
        opponents.setdefault(game.away_team_id, []).append(game.home_team_id)
        opponents.setdefault(game.home_team_id, []).append(game.away_team_id)
    again = Counter(first == second for met in opponents.values() for first, second in pairwise(met))
    return again[True] > again[False]


def _check_month(games: Sequence[Game], month: str, origin: Origin) -> None:
    """Refuse another month's page, such as the one that a season's index shows."""
    number = MONTHS.index(name) + 1 if (name := month.partition("-")[0]) in MONTHS else None
    if games and number not in {game.game_date.month for game in games}:
        raise origin.changed(f"games in {month}", f"games from {games[0].game_date} to {games[-1].game_date}")


def _check_season(grid: Grid, season: int) -> None:
    found = {year for _, year in read_teams(grid, "home_team_name")}
    if found - {season}:
        raise grid.origin.changed(f"teams of the season {season}", f"teams of {', '.join(map(str, sorted(found)))}")


def _read_tip_offs(grid: Grid, games: Sequence[Game], starts: Sequence[str]) -> list[datetime | None]:
    times = {start: _read_time(grid, starts.index(start), start) for start in dict.fromkeys(starts) if start}
    return [
        datetime.combine(game.game_date, times[start], EASTERN) if start else None
        for game, start in zip(games, starts, strict=True)
    ]


def _read_time(grid: Grid, row: int, text: str) -> time:
    found = _START.fullmatch(text)
    if not found or not 1 <= int(found[1]) <= 12:
        raise refuse(grid, "game_start_time", row, "a time as 7:30p", text)
    return time(int(found[1]) % 12 + (12 if found[3] == "p" else 0), int(found[2]))


def _read_overtimes(grid: Grid, games: Sequence[Game]) -> list[int | None]:
    numbers: list[int | None] = []
    for row, (game, text) in enumerate(zip(games, grid.texts("overtimes"), strict=True)):
        found = _OVERTIMES.fullmatch(text)
        if text and not found:
            raise refuse(grid, "overtimes", row, "OT or 2OT", text)
        numbers.append(int(found[1] or 1) if found else 0 if game.is_played else None)
    return numbers


def _read_durations(grid: Grid) -> list[int | None]:
    minutes: list[int | None] = []
    for row, text in enumerate(grid.texts("game_duration")):
        found = _DURATION.fullmatch(text)
        if text and not found:
            raise refuse(grid, "game_duration", row, "hours and minutes", text)
        minutes.append(60 * int(found[1]) + int(found[2]) if found else None)
    return minutes
