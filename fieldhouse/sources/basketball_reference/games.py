"""The games that a schedule's page lists, and the months that a season has: what discover reads, without Arrow."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from fieldhouse.sources.basketball_reference.addresses import BASE_URL, season_index
from fieldhouse.sources.basketball_reference.page import Grid, Origin, Page, shown

SCHEDULE = "schedule"

_GAME_ID = re.compile(r"(\d{4})(\d\d)(\d\d)0([A-Z]{3})")
_TEAM = re.compile(r"/teams/([A-Z]{3})/(\d{4})\.html$")


class GameId(NamedTuple):
    """The site's id of a game, as 202504010ATL, and what it says: its date in the east of the United States and the
    home team's code."""

    text: str
    game_date: date
    home_team_id: str


class Game(NamedTuple):
    """A game of a schedule; ``is_played`` once the page shows its score."""

    game_id: str
    game_date: date
    away_team_id: str
    home_team_id: str
    is_played: bool


def read_game_id(text: str, origin: Origin) -> GameId:
    """Take a game's id apart. :raises PageChanged: it is none."""
    found = _GAME_ID.fullmatch(text)
    try:
        if found:
            return GameId(text, date(int(found[1]), int(found[2]), int(found[3])), found[4])
    except ValueError:  # no such day
        pass
    raise origin.changed("a game id as 202504010ATL", shown(text))


def read_teams(grid: Grid, stat: str) -> list[tuple[str, int]]:
    """Return the code and the season of the team that each cell of a column links to.

    :raises PageChanged: a cell does not link to a team.
    """
    found = [_TEAM.search(href or "") for href in grid.hrefs(stat)]
    if None in found:
        number = found.index(None)
        text = shown(grid.texts(stat)[number])
        raise grid.origin.changed(f"a link to a team's season in {stat}", f"{text} in row {number + 1}")
    return [(team[1], int(team[2])) for team in found if team]


def read_games(data: bytes, origin: Origin) -> list[Game]:
    """Return the games of a month's page, in its order.

    :raises PageChanged: it is no schedule, or a row of it is no game.
    """
    return games_of(Page(data, origin).require(SCHEDULE))


def games_of(grid: Grid) -> list[Game]:
    """Return the games of a schedule's table. :raises PageChanged: a row is no game."""
    ids = [read_game_id(text or "", grid.origin) for text in grid.attributes("date_game", "csk")]
    away = [code for code, _ in read_teams(grid, "visitor_team_name")]
    home = [code for code, _ in read_teams(grid, "home_team_name")]
    for game, code in zip(ids, home, strict=True):
        if code != game.home_team_id:
            raise grid.origin.changed(f"{game.home_team_id} at home in the game {game.text}", code)
    played = [bool(points) for points in grid.texts("home_pts")]
    return [
        Game(game.text, game.game_date, away_team, game.home_team_id, is_played)
        for game, away_team, is_played in zip(ids, away, played, strict=True)
    ]


def read_months(data: bytes, season: str) -> list[str]:
    """Return the months that a season's schedule links to, in its order, as they stand in addresses ("october-2019").

    :param data: a page of the season's schedule: ``leagues/NBA_<season>_games.html``, or that of any of its months.
    :raises PageChanged: it is no schedule of that season.
    """
    origin = Origin(SCHEDULE, {"season": season}, "index", f"{BASE_URL}/{season_index(int(season))}")
    page = Page(data, origin)
    check_title(page, int(season))
    found = re.findall(rb"""<a\b[^>]*leagues/NBA_%d_games-([a-z0-9-]+)\.html["']""" % int(season), data)
    return list(dict.fromkeys(month.decode() for month in found))


def check_title(page: Page, season: int) -> None:
    """Raise PageChanged if a page calls itself something else than the season's schedule."""
    expected = f"{season - 1}-{season % 100:02d} NBA Schedule"
    if expected not in page.title:
        raise page.origin.changed(f"a page with the title {expected}", shown(page.title))
