"""The regular season's calendar: who plays whom on which day, and which games are moved.

A season has 82 rounds. Everybody plays in each of them, on one of its two days, so that nobody plays twice a day; of 29
teams one rests.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain

from simulator.generated.basketball_reference.chance import Chance
from simulator.generated.basketball_reference.records import REGULAR_SEASON, Stage, Team
from simulator.generated.basketball_reference.teams import franchises, teams

ROUNDS = 82
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
# How the fifteen games of a round fall on its two days: about the share of games that the weekdays have
_SHARE = (7, 6, 11, 4, 11, 8, 8)
_LENGTH = timedelta(days=173)
_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)
_TIMES = {"E": ("7:00p", "7:30p", "7:30p", "8:00p"), "W": ("8:00p", "9:00p", "10:00p", "10:30p")}
_ABROAD = ("at Paris, France", "at London, England")
_ABROAD_ARENAS = {
    "at Mexico City, Mexico": "Mexico City Arena",
    "at Paris, France": "Accor Arena",
    "at London, England": "The O2 Arena",
}

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Fixture:
    """A game before it is played.

    :param day: as first scheduled.
    :param moved_to: when it is played if it was postponed; the site learns of it on ``day``.
    :param known_from: the first date on which the schedule lists it.
    :param dropped_on: when it leaves the schedule, as its series was decided before; None for a game that is played.
    """

    day: date
    start_time: str
    away: str
    home: str
    stage: Stage
    remarks: str
    arena: str
    moved_to: date | None = None
    if_necessary: bool = False
    known_from: date = date.min
    dropped_on: date | None = None

    @property
    def played_on(self) -> date:
        """When it is played."""
        return self.moved_to or self.day

    @property
    def game_id(self) -> str:
        """Its id once it is played."""
        return id_of_game(self.played_on, self.home)

    def is_listed(self, today: date) -> bool:
        """Return whether the schedule has it today."""
        return self.known_from <= today and (self.dropped_on is None or today < self.dropped_on)

    def day_known(self, today: date) -> date:
        """Return the day that the schedule has for it today."""
        return self.moved_to if self.moved_to and today >= self.day else self.day


def id_of_game(day: date, home: str) -> str:
    """Return the site's id of a game: date, a zero, the home team."""
    return f"{day:%Y%m%d}0{home}"


def first_day(year: int) -> date:
    """Return the opening night of a season: a Tuesday in October."""
    return _on_or_after(date(year - 1, 10, 21), TUESDAY)


def last_day(year: int) -> date:
    """Return the last day of the regular season: a Sunday in April."""
    return first_day(year) + _LENGTH


def published_on(year: int) -> date:
    """Return when the schedule of a season comes out."""
    return date(year - 1, 8, 14)


def year_of(day: date) -> int:
    """Return the season that a day belongs to: from 1 July on the next one."""
    return day.year + (day.month >= 7)


def all_star_break(year: int) -> tuple[date, ...]:
    """Return the six days around the third Sunday of February."""
    friday = _on_or_after(date(year, 2, 1), SUNDAY) + 2 * _WEEK - 2 * _DAY
    return tuple(friday + number * _DAY for number in range(6))


def days_off(year: int) -> frozenset[date]:
    """Return when nobody plays: the break, Election Day, Thanksgiving, Christmas Eve, the college final."""
    election = _on_or_after(date(year - 1, 11, 1), MONDAY) + _DAY
    college_final = _on_or_after(date(year, 4, 1), MONDAY)
    return frozenset(
        (*all_star_break(year), election, thanksgiving(year), date(year - 1, 12, 24), college_final),
    )


def thanksgiving(year: int) -> date:
    """Return the fourth Thursday of November."""
    return _on_or_after(date(year - 1, 11, 1), THURSDAY) + 3 * _WEEK


def playing_days(year: int) -> list[date]:
    """Return the days on which games may be, two a round."""
    off = days_off(year)
    every_day = (first_day(year) + number * _DAY for number in range(_LENGTH.days + 1))
    return [day for day in every_day if day not in off]


@lru_cache(maxsize=32)
def regular_season(seed: int, year: int) -> tuple[Fixture, ...]:
    """Return the regular season's games in the order of the first schedule."""
    days = playing_days(year)
    rounds = Chance(seed, "rounds", year).shuffled(_rounds([team.team_id for team in franchises(year)]))
    fixtures = chain.from_iterable(
        _round(seed, year, games, days[2 * number], days[2 * number + 1]) for number, games in enumerate(rounds)
    )
    ordered = sorted(fixtures, key=order)
    return tuple(_postponed(seed, year, _abroad(year, ordered), days))


def start_time(chance: Chance, day: date, home: Team, *, last: bool = False) -> str:
    """Return when a game begins, Eastern."""
    if last:
        return "1:00p" if home.conference == "E" else "3:30p"
    if day.weekday() == SUNDAY and chance.happens(0.3):
        return "3:30p"
    return chance.one_of(_TIMES[home.conference])


def minute(start: str) -> int:
    """Return a start time as minutes after noon."""
    hours, minutes = start[:-1].split(":")
    return int(hours) % 12 * 60 + int(minutes)


def order(fixture: Fixture) -> tuple[date, int, str]:
    """Return what a schedule is sorted by."""
    return fixture.day, minute(fixture.start_time), fixture.home


def _on_or_after(day: date, weekday: int) -> date:
    return day + (weekday - day.weekday()) % 7 * _DAY


def _rounds(codes: Sequence[str]) -> list[list[Pair]]:
    """Return everybody home and away against everybody, and the first twelve rounds once more."""
    once = list(_circle(codes))
    swapped = [[(home, away) for away, home in pairs] for pairs in once]
    more = (ROUNDS - len(once) - len(swapped)) // 2
    return once + swapped + once[:more] + swapped[:more]


def _circle(codes: Sequence[str]) -> Iterator[list[Pair]]:
    """Yield rounds by the circle method; with an odd number somebody rests in each."""
    circle: list[str | None] = [*codes] if len(codes) % 2 == 0 else [*codes, None]
    for number in range(len(circle) - 1):
        half = len(circle) // 2
        pairs = zip(circle[:half], reversed(circle[half:]), strict=True)
        met = [(a, b) if (number + place) % 2 else (b, a) for place, (a, b) in enumerate(pairs)]
        yield [(a, b) for a, b in met if a is not None and b is not None]
        circle[1:] = [circle[-1], *circle[1:-1]]


def _round(seed: int, year: int, games: list[Pair], *days: date) -> Iterator[Fixture]:
    chance = Chance(seed, "round", days[0])
    first, second = (_SHARE[day.weekday()] for day in days)
    number = round(len(games) * first / (first + second) + chance.around(0, 1.5))
    if chance.happens(0.08):
        number = 0
    if days[0] == first_day(year):
        number = 2
    if days[-1] == last_day(year):
        number = 0
    for place, (away, home) in enumerate(chance.shuffled(games)):
        yield _fixture(chance, year, days[place >= number], away, home)


def _fixture(chance: Chance, year: int, day: date, away: str, home: str) -> Fixture:
    team = teams(year)[home]
    start = start_time(chance, day, team, last=day == last_day(year))
    return Fixture(day, start, away, home, REGULAR_SEASON, _cup(year, day), team.arena, known_from=published_on(year))


def _cup(year: int, day: date) -> str:
    """Return what a game of the cup's groups is marked with: Tuesdays and Fridays of November, from 2023 on."""
    last = thanksgiving(year) + _DAY
    if year < 2024 or day.weekday() not in {TUESDAY, FRIDAY} or not date(year - 1, 10, 31) <= day <= last:
        return ""
    return "In-Season Tournament" if year == 2024 else "NBA Cup"


def _abroad(year: int, fixtures: list[Fixture]) -> list[Fixture]:
    """Play a game in Mexico in November and one in Europe in January."""
    if year < 2012:
        return fixtures
    plans = (
        (_on_or_after(date(year - 1, 11, 1), SATURDAY), "at Mexico City, Mexico"),
        (_on_or_after(date(year, 1, 12), THURSDAY), _ABROAD[year % 2]),
    )
    for day, remarks in plans:
        place = next(n for n, fixture in enumerate(fixtures) if fixture.day >= day and not fixture.remarks)
        fixtures[place] = replace(fixtures[place], remarks=remarks, arena=_ABROAD_ARENAS[remarks], start_time="2:00p")
    return sorted(fixtures, key=order)


def _postponed(seed: int, year: int, fixtures: list[Fixture], days: list[date]) -> list[Fixture]:
    """Move three to six games to the first day, two weeks later or more, on which neither team plays."""
    chance = Chance(seed, "postponed", year)
    busy = {(code, fixture.day) for fixture in fixtures for code in (fixture.away, fixture.home)}
    middle = [n for n, fixture in enumerate(fixtures) if _may_move(year, fixture)]
    for place in chance.shuffled(middle)[: chance.between(3, 6)]:
        fixture = fixtures[place]
        sides = (fixture.away, fixture.home)
        later = (day for day in days if day >= fixture.day + 2 * _WEEK)
        moved_to = next((day for day in later if not any((code, day) in busy for code in sides)), None)
        if moved_to:
            busy.update((code, moved_to) for code in sides)
            fixtures[place] = replace(fixture, moved_to=moved_to)
    return fixtures


def _may_move(year: int, fixture: Fixture) -> bool:
    return not fixture.remarks and date(year - 1, 11, 10) <= fixture.day <= date(year, 3, 5)
