"""basketball-reference.com, generated: the NBA day by day in the site's true HTML, in both of its layouts.

Schedules, daily leaders, play-by-play, the season tables of players and teams, injuries, transactions and contracts.
The date says what is played and which layout is written. Players are invented.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from threading import Lock
from typing import Any
from urllib.parse import parse_qs

from simulator.answer import Answer
from simulator.generated.basketball_reference.pages.contracts import contracts_page
from simulator.generated.basketball_reference.pages.frame import View
from simulator.generated.basketball_reference.pages.injuries import injuries_page
from simulator.generated.basketball_reference.pages.layout import layout_on
from simulator.generated.basketball_reference.pages.leaders import leaders_page
from simulator.generated.basketball_reference.pages.not_found import not_found_page
from simulator.generated.basketball_reference.pages.play_by_play import play_by_play_page
from simulator.generated.basketball_reference.pages.players import players_page
from simulator.generated.basketball_reference.pages.schedule import index_page, month_page
from simulator.generated.basketball_reference.pages.teams import league_page
from simulator.generated.basketball_reference.pages.transactions import transactions_page
from simulator.generated.basketball_reference.world import FIRST_SEASON, World
from simulator.world import Untold

HTML = "text/html; charset=UTF-8"
HELD_BACK = "held_back"
DAILY_LEADERS = "/friv/dailyleaders.fcgi"
# A day's run reads some thirty pages, and a rerun reads them again
KEPT = 64

SEASON_PAGES: tuple[tuple[re.Pattern[str], Callable[..., bytes | None]], ...] = (
    (re.compile(r"/leagues/NBA_(\d{4})\.html"), league_page),
    (re.compile(r"/leagues/NBA_(\d{4})_games\.html"), index_page),
    (re.compile(r"/leagues/NBA_(\d{4})_games-([a-z]+)\.html"), month_page),
    (re.compile(r"/leagues/NBA_(\d{4})_transactions\.html"), transactions_page),
    (re.compile(r"/leagues/NBA_(\d{4})_(per_game|totals|advanced|shooting)\.html"), players_page),
)
PLAY_BY_PLAY = re.compile(r"/boxscores/pbp/(\d{9}[A-Z]{3})\.html")
OTHER_PAGES: Mapping[str, Callable[[View], bytes]] = {
    "/friv/injuries.fcgi": injuries_page,
    "/contracts/players.html": contracts_page,
}


class BasketballReference:
    """The site as it would be if the league came from a seed.

    It sends no ETag and no Last-Modified, and no two dates give the same bytes. It can be told ``held_back``: ids of
    games whose scores are known while their box scores are not out yet.
    """

    host = "www.basketball-reference.com"

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.world = World(seed)
        # A page follows from these alone
        self._cached = lru_cache(maxsize=KEPT)(self._render)
        # The league is played as pages ask for it: two requests at once must not play it twice
        self._lock = Lock()

    def answer(self, path: str, query: str, today: date) -> Answer:
        """Return a page as of a date; the site's own 404 page where there is none."""
        with self._lock:
            body, status = self._cached(path, query, today, frozenset(self.world.held_back))
        return Answer(body, HTML, status=status, conditional=False)

    def tell(self, word: str, texts: list[str]) -> None:
        """Hold back the box scores of these games from now on, of no other."""
        if word != HELD_BACK:
            raise Untold(f"basketball_reference does not know {word!r}, only {HELD_BACK!r}")
        with self._lock:
            self.world.held_back = set(texts)

    def describe(self, today: date) -> dict[str, Any]:
        """Return the newest season, the games around this date, and which are held back."""
        last = self.world.last_season(today)
        yesterday = today - timedelta(days=1)
        with self._lock:
            games = {day: self.world.games_on(day, today) for day in (yesterday, today)}
            return {
                "layout": "new" if layout_on(today).is_new else "old",
                "seasons": [FIRST_SEASON, last],
                "months": self.world.months(last, today),
                "games": {str(day): [game.game_id for game in played] for day, played in games.items()},
                "corrected": [g.game_id for g in games[yesterday] if self.world.is_correction(g.game_id)],
                HELD_BACK: sorted(self.world.held_back),
            }

    def _render(self, path: str, query: str, today: date, _held_back: frozenset[str]) -> tuple[bytes, int]:
        view = View(self.world, today, f"{path}?{query}" if query else path)
        body = _page(view, path, query)
        return (not_found_page(view), 404) if body is None else (body, 200)


def _page(view: View, path: str, query: str) -> bytes | None:
    if path == DAILY_LEADERS:
        day = _day(query)
        return leaders_page(view, day) if day else None
    if query:
        return None
    for pattern, page in SEASON_PAGES:
        if match := pattern.fullmatch(path):
            year, *rest = match.groups()
            # Deals of July belong to a season whose schedule comes out in August
            last = view.world.last_season(view.today) + (page is transactions_page)
            return page(view, int(year), *rest) if FIRST_SEASON <= int(year) <= last else None
    if match := PLAY_BY_PLAY.fullmatch(path):
        return play_by_play_page(view, match[1])
    other = OTHER_PAGES.get(path)
    return other(view) if other else None


def _day(query: str) -> date | None:
    """Return the day that daily leaders are asked for, None for none."""
    asked = {name: values[-1] for name, values in parse_qs(query).items()}
    if asked.get("type", "all") != "all":
        return None
    try:
        return date(int(asked["year"]), int(asked["month"]), int(asked["day"]))
    except (KeyError, ValueError):
        return None
