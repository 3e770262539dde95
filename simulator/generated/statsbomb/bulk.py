"""A large world: as many matches as wanted, of which only a few were ever played.

Each match is one of the templates under an id and with UUIDs of its own: a file costs a replacement instead of a
match. One match is revised each day from ``FIRST_REVISION`` on, the first of the first season first.
"""

from __future__ import annotations

from datetime import date, timedelta

from simulator.generated.statsbomb.people import CLUBS
from simulator.generated.statsbomb.schedule import LEAGUE, Match

TEMPLATES = 6
SEASON_SIZE = 380
FIRST_MATCH = 5_000_000
PUBLISHED = date(2025, 8, 1)
FIRST_REVISION = date(2026, 2, 22)


def template(number: int) -> Match:
    """Return one of the matches that are played."""
    home = number % CLUBS
    away = (number + 1 + number // CLUBS) % CLUBS
    day = PUBLISHED - timedelta(days=100)
    return Match(FIRST_MATCH - 1 - number, LEAGUE, (1, "1"), day, "18:00:00.000", home, away, 1)


def template_of(match: Match) -> Match:
    """Return the template that a match is a copy of."""
    return template(match.match_id % TEMPLATES)


def prefix(match: Match) -> str:
    """Return what the UUIDs of a match begin with."""
    return f"{match.match_id:08x}"


def seasons(count: int) -> dict[tuple[int, int], tuple[Match, ...]]:
    """Return {(competition, season): its matches} of a world with so many matches."""
    return {
        (LEAGUE[0], season + 1): tuple(
            _copy(number, season) for number in range(first, min(first + SEASON_SIZE, count))
        )
        for season, first in enumerate(range(0, count, SEASON_SIZE))
    }


def _copy(number: int, season: int) -> Match:
    match_id = FIRST_MATCH + number
    original = template(match_id % TEMPLATES)
    return Match(
        match_id=match_id,
        competition=LEAGUE,
        season=(season + 1, f"{1999 + season}/{2000 + season}"),
        day=PUBLISHED - timedelta(days=100 + number % 300),
        kick_off="18:00:00.000",
        home=original.home,
        away=original.away,
        week=number % SEASON_SIZE // 10 + 1,
        changes=((FIRST_REVISION + timedelta(days=number), "revised"),) if number < 1000 else (),
        plotted=original.match_id,
    )
