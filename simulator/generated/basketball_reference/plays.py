"""Play-by-play: a game's events in an order, with a clock and in the site's words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from simulator.generated.basketball_reference.calendar import Fixture, year_of
from simulator.generated.basketball_reference.chance import Chance
from simulator.generated.basketball_reference.events import (
    AWAY,
    HOME,
    NOBODY,
    OVERTIME,
    PERIOD,
    Cast,
    Event,
    happened,
)
from simulator.generated.basketball_reference.lines import STARTERS
from simulator.generated.basketball_reference.records import Play
from simulator.generated.basketball_reference.teams import teams

_ORDINALS = ("", "1st", "2nd", "3rd", "4th")
_TWOS = (("layup", 1, 4), ("layup", 0, 3), ("dunk", 0, 2), ("hook shot", 3, 11), ("jump shot", 5, 21))
_LOST = ("bad pass", "lost ball")
_LOST_ALONE = ("traveling", "out of bounds lost ball", "3 sec", "offensive foul", "shot clock")
_FOULS = ("Personal", "Personal", "Loose ball", "Personal take", "Offensive")
_VIOLATIONS = ("kicked ball", "delay of game", "def goaltending")
# Before this season a foul does not say who drew it
_FIRST_DRAWN = 2006
# Shares of events that somebody's entering, a timeout, or a violation goes before
_SUBSTITUTION = 0.11
_TIMEOUT = 0.03
_VIOLATION = 0.005

Person = tuple[str, str]


class _Said(NamedTuple):
    """What one row says, before clock and score."""

    kind: str
    side: int | None
    text: str
    people: tuple[Person, ...] = ()
    points: int = 0


@dataclass(frozen=True, slots=True)
class _Side:
    cast: Cast
    city: str

    def person(self, place: int) -> Person:
        player = self.cast.careers[place].player
        return player.short, player.player_id


@lru_cache(maxsize=64)
def plays(seed: int, fixture: Fixture) -> tuple[Play, ...]:
    """Return the play-by-play of a game; it is right from the start, for lines are corrected to what it says."""
    game = happened(seed, fixture)
    called = teams(year_of(fixture.day))
    away, home = (_Side(cast, called[cast.team_id].city) for cast in game.casts)
    periods: list[list[Event]] = [[] for _ in range(4 + game.score.overtimes)]
    for event in game.events:
        periods[event.period - 1].append(event)
    telling = _Telling(Chance(seed, "plays", fixture.game_id), away, home, drawn=year_of(fixture.day) >= _FIRST_DRAWN)
    return tuple(telling.plays(periods))


def period_name(period: int) -> str:
    """Return "1st quarter" to "4th quarter", then "1st overtime"."""
    return f"{_ORDINALS[period]} quarter" if period <= 4 else f"{_ORDINALS[period - 4]} overtime"


class _Telling:
    def __init__(self, chance: Chance, away: _Side, home: _Side, *, drawn: bool) -> None:
        self._chance = chance
        self._drawn = drawn
        self._sides = (away, home)
        self._score = [0, 0]

    def plays(self, periods: list[list[Event]]) -> Iterator[Play]:
        for number, events in enumerate(periods, start=1):
            yield from self._period(number, events)

    def _period(self, period: int, events: list[Event]) -> Iterator[Play]:
        length = PERIOD if period <= 4 else OVERTIME
        if period > 1:
            yield self._play(period, length, _Said("start", None, f"Start of {period_name(period)}"))
        if period in {1, 5, 6, 7}:
            yield self._play(period, length, self._jump())
        ordered = self._ordered(events)
        clocks = self._clocks(length, len(ordered))
        for event, clock, after in zip(ordered, clocks, [*clocks[1:], 0], strict=True):
            for number, said in enumerate(self._said(event)):
                yield self._play(period, max(after, clock - number), said)
        yield self._play(period, 0, _Said("end", None, f"End of {period_name(period)}"))

    def _play(self, period: int, clock: int, said: _Said) -> Play:
        if said.side is not None:
            self._score[said.side] += said.points
        team = None if said.side is None else self._sides[said.side].cast.team_id
        return Play(
            period, clock, team, said.text, said.people, said.points, self._score[AWAY], self._score[HOME], said.kind
        )

    def _clocks(self, length: int, number: int) -> list[int]:
        """Return seconds left, falling, about evenly spread."""
        step = length / (number + 1)
        return [round(length - (place + 0.3 + 1.2 * self._chance.unit() / 2) * step) for place in range(1, number + 1)]

    def _ordered(self, events: list[Event]) -> list[Event]:
        """Return the events as possessions change; what is left of a side comes last."""
        left: tuple[list[Event], list[Event]] = ([], [])
        for event in self._chance.shuffled(events):
            left[_attacks(event)].append(event)
        side, ordered = self._chance.below(2), []
        while left[AWAY] or left[HOME]:
            side = side if left[side] else 1 - side
            event = left[side].pop()
            ordered.append(event)
            if event.kind != "foul":
                side = event.rebound_side if event.rebound_side != NOBODY else 1 - side
        return ordered

    # --- words ------------------------------------------------------------------------------------------------

    def _said(self, event: Event) -> Iterator[_Said]:
        if self._chance.happens(_SUBSTITUTION):
            yield self._substitution()
        if self._chance.happens(_TIMEOUT):
            yield _Said("timeout", event.side, f"{self._sides[event.side].city} full timeout")
        if self._chance.happens(_VIOLATION):
            yield _Said("violation", event.side, f"Violation by Team ({self._chance.one_of(_VIOLATIONS)})")
        yield from _WORDS[event.kind](self, event)
        if event.rebound_side != NOBODY:
            yield self._rebound(event)

    def _jump(self) -> _Said:
        centers = [side.person(1) for side in self._sides]
        gains = self._sides[self._chance.below(2)].person(0)
        people = (*centers, gains)
        text = f"Jump ball: {centers[0][0]} vs. {centers[1][0]} ({gains[0]} gains possession)"
        return _Said("jump_ball", None, text, people)

    def _substitution(self) -> _Said:
        number = self._chance.below(2)
        side = self._sides[number]
        first, bench = side.person(self._chance.below(STARTERS)), side.person(STARTERS + self._chance.below(3))
        enters, leaves = (bench, first) if self._chance.happens(0.5) else (first, bench)
        return _Said("substitution", number, f"{enters[0]} enters the game for {leaves[0]}", (enters, leaves))

    def _shot(self, event: Event) -> Iterator[_Said]:
        own, theirs = self._sides[event.side], self._sides[1 - event.side]
        made, shooter = event.made[0], own.person(event.player)
        text = f"{shooter[0]} {'makes' if made else 'misses'} {self._attempt(event.worth)}"
        people: tuple[Person, ...] = (shooter,)
        if event.other != NOBODY:
            other = (own if made else theirs).person(event.other)
            text += f" ({'assist' if made else 'block'} by {other[0]})"
            people = (shooter, other)
        yield _Said("shot", event.side, text, people, event.worth if made else 0)

    def _attempt(self, worth: int) -> str:
        if worth == 3:
            return f"3-pt jump shot from {self._chance.between(22, 28)} ft"
        kind, near, far = self._chance.one_of(_TWOS)
        feet = self._chance.between(near, far)
        return f"2-pt {kind} from {feet} ft" if feet else f"2-pt {kind} at rim"

    def _trip(self, event: Event) -> Iterator[_Said]:
        """Tell the foul and each throw."""
        shooter = self._sides[event.side].person(event.player)
        fouler = self._sides[1 - event.side].person(event.other)
        yield self._by("Shooting", event.side, fouler, shooter)
        for number, made in enumerate(event.made, start=1):
            text = f"{shooter[0]} {'makes' if made else 'misses'} free throw {number} of {len(event.made)}"
            yield _Said("free_throw", event.side, text, (shooter,), int(made))
            if not made and number < len(event.made):
                yield _Said("rebound", event.side, "Offensive rebound by Team")

    def _rebound(self, event: Event) -> _Said:
        kind = "Offensive" if event.rebound_side == event.side else "Defensive"
        if event.rebounder == NOBODY:
            return _Said("rebound", event.rebound_side, f"{kind} rebound by Team")
        person = self._sides[event.rebound_side].person(event.rebounder)
        return _Said("rebound", event.rebound_side, f"{kind} rebound by {person[0]}", (person,))

    def _turnover(self, event: Event) -> Iterator[_Said]:
        person = self._sides[event.side].person(event.player)
        if event.other == NOBODY:
            text = f"Turnover by {person[0]} ({self._chance.one_of(_LOST_ALONE)})"
            yield _Said("turnover", event.side, text, (person,))
            return
        thief = self._sides[1 - event.side].person(event.other)
        text = f"Turnover by {person[0]} ({self._chance.one_of(_LOST)}; steal by {thief[0]})"
        yield _Said("turnover", event.side, text, (person, thief))

    def _foul(self, event: Event) -> Iterator[_Said]:
        fouler = self._sides[event.side].person(event.player)
        drawn = self._sides[1 - event.side].person(event.other)
        kind = self._chance.one_of(_FOULS)
        yield self._by(kind, event.side if kind == "Offensive" else 1 - event.side, fouler, drawn)

    def _by(self, kind: str, side: int, fouler: Person, drawn: Person) -> _Said:
        """Tell a foul: it stands in the cell of who drew it, an offensive one in that of who committed it."""
        if not self._drawn:
            return _Said("foul", side, f"{kind} foul by {fouler[0]}", (fouler,))
        return _Said("foul", side, f"{kind} foul by {fouler[0]} (drawn by {drawn[0]})", (fouler, drawn))


_WORDS = {
    "shot": _Telling._shot,  # noqa: SLF001 - a table of this module's own words
    "trip": _Telling._trip,  # noqa: SLF001
    "turnover": _Telling._turnover,  # noqa: SLF001
    "foul": _Telling._foul,  # noqa: SLF001
}


def _attacks(event: Event) -> int:
    """Return whose possession an event falls in."""
    return 1 - event.side if event.kind == "foul" else event.side
