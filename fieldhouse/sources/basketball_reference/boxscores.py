"""The page of a day's leaders: its table ``stats`` has a row for each player who played on that day."""

from __future__ import annotations

import re
from datetime import date
from typing import NoReturn

import pyarrow as pa

from fieldhouse.errors import NothingScheduled, NotPublished
from fieldhouse.source import Identifier, Rows
from fieldhouse.sources.basketball_reference.cells import read_integers, read_numbers, read_seconds, refuse
from fieldhouse.sources.basketball_reference.extras import find_columns, named, read_extras
from fieldhouse.sources.basketball_reference.games import GameId, read_game_id, read_teams
from fieldhouse.sources.basketball_reference.links import player_ids
from fieldhouse.sources.basketball_reference.page import Grid, Origin, Page, shown

COUNTS = {
    "field_goals_made": "fg",
    "field_goals_attempted": "fga",
    "three_pointers_made": "fg3",
    "three_pointers_attempted": "fg3a",
    "free_throws_made": "ft",
    "free_throws_attempted": "fta",
    "offensive_rebounds": "orb",
    "defensive_rebounds": "drb",
    "total_rebounds": "trb",
    "assists": "ast",
    "steals": "stl",
    "blocks": "blk",
    "turnovers": "tov",
    "personal_fouls": "pf",
    "points": "pts",
    "plus_minus": "plus_minus",
}
NUMBERS = {
    "field_goal_percentage": "fg_pct",
    "three_point_percentage": "fg3_pct",
    "free_throw_percentage": "ft_pct",
    "game_score": "game_score",
}
IDENTITY = ("player", "team_id", "game_location", "opp_id", "game_result", "mp")
# The pages of 2018 had none, not even of the days that have it today
LATER = "plus_minus"
KNOWN = frozenset(("ranker", *IDENTITY, *COUNTS.values(), *NUMBERS.values()))
REQUIRED = {stat: (stat,) for stat in KNOWN - {"ranker", LATER}}

_TITLE = "NBA Daily Stats Leaders for"
_GAME = re.compile(r"/boxscores/(\w+)\.html$")
_NO_GAMES = re.compile(rb"\bno (?:nba )?games\b", re.IGNORECASE)


def read(data: bytes, identifier: Identifier, origin: Origin) -> Rows:
    """Read a day's box scores.

    :returns: ``player_boxscore``, in the page's order.
    :raises PageChanged: it is not that day's page, or a row is not what it should be.
    :raises NotPublished: it is, and there is no player on it.
    :raises NothingScheduled: it says that there were no games.
    """
    page = Page(data, origin)
    day = date.fromisoformat(identifier["date"])
    expected = f"{_TITLE} {day:%B} {day.day}, {day.year}"
    if not re.match(rf"{expected}\b", page.title):
        raise origin.changed(f"a page with the title {expected}", shown(page.title))
    grid = page.table("stats")
    if grid is None or not len(grid):
        _explain(page, day)
    find_columns(grid, REQUIRED)
    extra, unknown = read_extras(grid, KNOWN)
    columns = {
        **_read_identity(grid, day),
        **{name: read_integers(grid, stat) for name, stat in COUNTS.items()},
        **{name: read_numbers(grid, stat) for name, stat in NUMBERS.items()},
        "extra": pa.array(extra, pa.string()),
    }
    return {"player_boxscore": named(pa.table(columns), unknown)}


def _explain(page: Page, day: date) -> NoReturn:
    # What the site's own header says of today stands before its content
    content = page.data.find(b'id="content"')
    if content >= 0 and _NO_GAMES.search(page.data, content):
        raise NothingScheduled(f"{page.origin} says that there were no games on {day}")
    raise NotPublished(f"{page.origin} is the page of {day}, and has no box score: there were no games, or not yet")


def _read_identity(grid: Grid, day: date) -> dict[str, pa.Array]:
    games = _read_games(grid, day)
    teams, opponents = read_teams(grid, "team_id"), read_teams(grid, "opp_id")
    is_home = _read_either(grid, "game_location", "", "@")
    for row, (game, team, opponent, at_home) in enumerate(zip(games, teams, opponents, is_home, strict=True)):
        if game.home_team_id != (team if at_home else opponent)[0]:
            raise refuse(grid, "game_location", row, f"a player of {game.text}", f"{team[0]} against {opponent[0]}")
    _required(grid, "mp")
    return {
        "game_id": pa.array([game.text for game in games], pa.string()),
        "player_id": pa.array(player_ids(grid, "player"), pa.string()),
        "season": pa.array([season for _, season in teams], pa.int16()),
        "game_date": pa.array([day] * len(grid), pa.date32()),
        "player_name": pa.array(_required(grid, "player"), pa.string()),
        "team_id": pa.array([code for code, _ in teams], pa.string()),
        "opponent_id": pa.array([code for code, _ in opponents], pa.string()),
        "is_home": pa.array(is_home, pa.bool_()),
        "won": pa.array(_read_either(grid, "game_result", "W", "L"), pa.bool_()),
        "seconds_played": read_seconds(grid, "mp"),
    }


def _read_games(grid: Grid, day: date) -> list[GameId]:
    texts = [found[1] if (found := _GAME.search(href or "")) else "" for href in grid.hrefs("game_result")]
    games = {text: read_game_id(text, grid.origin) for text in dict.fromkeys(texts)}
    if other := [game.text for game in games.values() if game.game_date != day]:
        raise grid.origin.changed(f"games of {day}", ", ".join(other))
    return [games[text] for text in texts]


def _read_either(grid: Grid, stat: str, yes: str, no: str) -> list[bool]:
    texts = grid.texts(stat)
    for row, text in enumerate(texts):
        if text not in {yes, no}:
            raise refuse(grid, stat, row, f"{yes!r} or {no!r}", text)
    return [text == yes for text in texts]


def _required(grid: Grid, stat: str) -> list[str]:
    texts = grid.texts(stat)
    if "" in texts:
        raise refuse(grid, stat, texts.index(""), "a text", "")
    return texts
