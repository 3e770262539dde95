"""The league that these tests look at."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import chain

from simulator.generated.basketball_reference.records import Game
from simulator.generated.basketball_reference.world import World

SEED = 1
YEAR = 2026
DAY = timedelta(days=1)
# One league for all tests: what it has played it need not play again
WORLD = World(SEED)
# The regular season is over; and everything is
APRIL, SUMMER = date(2026, 4, 13), date(2026, 7, 1)


def season(year: int = YEAR, today: date = SUMMER, world: World = WORLD) -> list[Game]:
    """Return all games that the schedule has on a date."""
    return list(chain.from_iterable(world.schedule(year, slug, today) for slug in world.months(year, today)))


def sampled(games: Iterable[Game], every: int = 60) -> list[Game]:
    """Return some of the games, and all that went to overtime twice."""
    return [game for number, game in enumerate(games) if number % every == 0 or (game.overtimes or 0) > 1]


def published_after(game_id: str) -> date:
    """Return the first date on which a game's box score is out."""
    return date.fromisoformat(f"{game_id[:4]}-{game_id[4:6]}-{game_id[6:8]}") + DAY
