"""The schedule as the site has it on a date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from simulator.generated.basketball_reference.calendar import (
    Fixture,
    id_of_game,
    last_day,
    minute,
    published_on,
    regular_season,
)
from simulator.generated.basketball_reference.games import attendance, duration_minutes, score
from simulator.generated.basketball_reference.playoffs import postseason
from simulator.generated.basketball_reference.records import Game


@dataclass(frozen=True, slots=True)
class Listed:
    """A game with the fixture that it is of."""

    game: Game
    fixture: Fixture


@dataclass(frozen=True)
class Listing:
    """A season's schedule on a date, in order of date."""

    by_month: dict[str, list[Listed]]
    by_day: dict[date, list[Listed]]
    by_id: dict[str, Listed]


def listing(seed: int, year: int, today: date, held_back: frozenset[str]) -> Listing:
    """Return a season's schedule on a date; empty before it is out."""
    fixtures = sorted(_known(seed, year, today), key=lambda f: (f.day_known(today), minute(f.start_time), f.home))
    by_month, by_day = defaultdict(list), defaultdict(list)
    by_id = {}
    for fixture in fixtures:
        listed = Listed(_game(seed, fixture, today, held_back), fixture)
        by_month[f"{listed.game.game_date:%B}".lower()].append(listed)
        by_day[listed.game.game_date].append(listed)
        by_id[listed.game.game_id] = listed
    return Listing(dict(by_month), dict(by_day), by_id)


def _known(seed: int, year: int, today: date) -> Iterator[Fixture]:
    if today < published_on(year):
        return
    yield from regular_season(seed, year)
    if today > last_day(year):
        yield from (fixture for fixture in postseason(seed, year) if fixture.is_listed(today))


def _game(seed: int, fixture: Fixture, today: date, held_back: frozenset[str]) -> Game:
    day = fixture.day_known(today)
    game_id = id_of_game(day, fixture.home)
    before = Game(
        game_id,
        day,
        fixture.start_time,
        fixture.away,
        fixture.home,
        fixture.stage,
        fixture.remarks,
        fixture.arena,
        fixture.if_necessary,
    )
    return _played(seed, fixture, before, published=game_id not in held_back) if fixture.played_on < today else before


def _played(seed: int, fixture: Fixture, game: Game, *, published: bool) -> Game:
    result = score(seed, fixture)
    return replace(
        game,
        attendance=attendance(seed, fixture),
        duration_minutes=duration_minutes(seed, fixture),
        overtimes=result.overtimes,
        away_points=result.away.points,
        home_points=result.home.points,
        published=published,
    )
