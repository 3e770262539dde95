"""Which matches there are, and what becomes of each as the days go by. Pure functions of seed and date."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from simulator.generated.statsbomb.chance import drawn_from
from simulator.generated.statsbomb.people import CLUBS
from simulator.generated.statsbomb.plot import Plot, plot

SEASON = (318, "2025/2026")
LEAGUE = (11, "La Liga")
CUP = (87, "Copa del Rey")
REGULAR_SEASON = (1, "Regular Season")
FIRST_SATURDAY = date(2025, 10, 25)
WEEKS = 30
LATE_360 = timedelta(days=7)
# {league week: what happens to its match}. Those after the default date are there to be seen by moving the date on
REVISED = {1: date(2025, 11, 20), 5: date(2025, 12, 18), 15: date(2026, 2, 26)}
TOUCHED = {4: date(2026, 2, 24)}
SILENT = {6: date(2026, 2, 25)}
WITHDRAWN = {7: (date(2026, 2, 27), date(2026, 3, 6))}
WITH_360 = {2, 9, 16}
PROMISED_360 = {3, 10}
WITHOUT_MANAGERS = 8
WITHOUT_STADIUM = 3
# (days of the matches, stage) of each round
CUP_ROUNDS = (
    ((date(2025, 12, 16), date(2025, 12, 16), date(2025, 12, 17), date(2025, 12, 17)), (11, "Quarter-finals")),
    ((date(2026, 1, 13), date(2026, 1, 14)), (15, "Semi-finals")),
    ((date(2026, 2, 11),), (26, "Final")),
)
# {cup match: how it is decided}; one that is drawn otherwise is decided in extra time too
DECISIONS = {0: "extra time", 6: "shoot-out"}
FINAL = 6


@dataclass(frozen=True)
class Match:
    """A match as it was, or will be, played.

    :param home: the home club's number; ``away`` the other's.
    :param decision: as in :func:`simulator.generated.statsbomb.plot.plot`.
    :param changes: [(from which date on, what)] in order; what: ``revised``, ``touched``, ``silent``, ``360``,
        ``withdrawn``, ``returned``.
    :param promised_360: the listing says that there are 360 data, and there is no file.
    :param plotted: the match whose plot it has; None for one of its own.
    """

    match_id: int
    competition: tuple[int, str]
    season: tuple[int, str]
    day: date
    kick_off: str
    home: int
    away: int
    week: int
    stage: tuple[int, str] = REGULAR_SEASON
    decision: str = ""
    changes: tuple[tuple[date, str], ...] = ()
    promised_360: bool = False
    referee: bool = True
    stadium: bool = True
    managers: bool = True
    plotted: int | None = None

    @property
    def published(self) -> date:
        """The first date on which it is there: what happened on a day is known when the day is over."""
        return self.day + timedelta(days=1)

    def plot(self, seed: int) -> Plot:
        """Return what happens in it."""
        return plot(seed, self.plotted or self.match_id, self.decision)


@dataclass(frozen=True)
class State:
    """What there is of a match on a date.

    :param revision: of its bytes: 0, 1, ...
    :param published: when it was there first.
    :param updated: when the listing says that it was updated, ``updated_360`` when its 360 data were.
    :param changed: when anything about it changed last.
    """

    revision: int
    published: datetime
    updated: datetime
    updated_360: datetime
    changed: datetime
    has_360: bool = False
    listed: bool = True


def state(seed: int, match: Match, today: date) -> State | None:
    """Return what there is of a match, None before it was played."""
    if today < match.published:
        return None
    first = _moment(seed, match, match.published)
    known = State(0, first, first, first, first)
    for since, what in match.changes:
        if since <= today:
            known = _changed(known, what, _moment(seed, match, since))
    return known


def _changed(known: State, what: str, when: datetime) -> State:
    if what in {"withdrawn", "returned"}:
        return replace(known, listed=what == "returned", changed=when)
    if what == "silent":
        return replace(known, revision=known.revision + 1)
    if what == "360":
        return replace(known, updated_360=when, has_360=True, changed=when)
    return replace(known, revision=known.revision + (what == "revised"), updated=when, changed=when)


def _moment(seed: int, match: Match, known_from: date) -> datetime:
    """Return a moment on the evening before a date."""
    chance = drawn_from(seed, "moment", match.match_id, known_from).random()
    evening = datetime.combine(known_from - timedelta(days=1), time(22, 30))
    return evening + timedelta(microseconds=int(chance * 5_000_000_000))


# --- the sample's two seasons ---------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def matches(seed: int) -> tuple[Match, ...]:
    """Return the matches of the league, one a week, and of the cup."""
    return (*(_league_match(week) for week in range(WEEKS)), *_cup(seed))


def _league_match(week: int) -> Match:
    day = FIRST_SATURDAY + timedelta(days=7 * week)
    home = week % CLUBS
    return Match(
        match_id=4_020_101 + week,
        competition=LEAGUE,
        season=SEASON,
        day=day,
        kick_off=("16:15:00.000", "18:30:00.000", "21:00:00.000")[week % 3],
        home=home,
        away=(home + 1 + week // CLUBS) % CLUBS,
        week=week + 1,
        changes=_changes(week, day),
        promised_360=week in PROMISED_360,
        referee=week % 4 != 0,
        stadium=week != WITHOUT_STADIUM,
        managers=week != WITHOUT_MANAGERS,
    )


def _changes(week: int, day: date) -> tuple[tuple[date, str], ...]:
    changes = [
        (when, what)
        for what, planned in (("revised", REVISED), ("touched", TOUCHED), ("silent", SILENT))
        if (when := planned.get(week))
    ]
    if week in WITH_360:
        changes.append((day + timedelta(days=1) + LATE_360, "360"))
    if week in WITHDRAWN:
        changes += zip(WITHDRAWN[week], ("withdrawn", "returned"), strict=True)
    return tuple(sorted(changes))


def _cup(seed: int) -> list[Match]:
    clubs = list(range(CLUBS))
    played: list[Match] = []
    for number, (days, stage) in enumerate(CUP_ROUNDS):
        games = [
            _cup_match(seed, len(played) + place, day, stage, number + 1, clubs[2 * place], clubs[2 * place + 1])
            for place, day in enumerate(days)
        ]
        clubs = [game.away if game.plot(seed).winner else game.home for game in games]
        played += games
    return played


def _cup_match(seed: int, number: int, day: date, stage: tuple[int, str], week: int, home: int, away: int) -> Match:
    match_id = 4_030_201 + number
    first, second = plot(seed, match_id).score
    return Match(
        match_id=match_id,
        competition=CUP,
        season=SEASON,
        day=day,
        kick_off="21:00:00.000",
        home=home,
        away=away,
        week=week,
        stage=stage,
        decision=DECISIONS.get(number) or ("" if first != second else "extra time"),
        changes=((day + timedelta(days=1) + LATE_360, "360"),) if number == FINAL else (),
    )
