"""What happened in a game, event by event: lines are counted from it, and play-by-play tells it in order.

A few games are counted wrong at first. Their lines are corrected to what the play-by-play says, which does not change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

from simulator.generated.basketball_reference.calendar import Fixture, year_of
from simulator.generated.basketball_reference.chance import Chance, Weighted
from simulator.generated.basketball_reference.games import Score, Side, score
from simulator.generated.basketball_reference.injuries import is_injured
from simulator.generated.basketball_reference.people import Career
from simulator.generated.basketball_reference.rosters import season_rosters

PERIOD = 12 * 60
OVERTIME = 5 * 60
NOBODY = -1
AWAY, HOME = 0, 1
_FOUL_LIMIT = 6
# Share of games with a correction of their lines
_CORRECTED = 0.04
# How much the ball is in somebody's hands, by his place in the roster
_USAGE = (1.45, 1.3, 1.15, 1.0, 0.95, 0.9, 0.9, 0.85, 0.85, 0.8, 0.8, 0.75, 0.7, 0.7, 0.7, 0.7)
# What a position does more or less than others: threes, assists, rebounds, blocks
_BENT = {
    "PG": (1.2, 1.9, 0.6, 0.4),
    "SG": (1.3, 1.0, 0.7, 0.5),
    "SF": (1.1, 0.8, 0.9, 0.8),
    "PF": (0.8, 0.7, 1.3, 1.4),
    "C": (0.35, 0.6, 1.8, 2.4),
}

Kind = Literal["shot", "trip", "turnover", "foul"]


class Event(NamedTuple):
    """One event, with what follows from it at once; people are places in their side's ``Cast``.

    :param side: whose event it is: ``AWAY`` or ``HOME``; of a foul, who commits it.
    :param player: who shoots or loses the ball, or commits the foul.
    :param made: shot: whether it went in; trip: whether each throw did.
    :param worth: points of a shot that goes in.
    :param other: assister of a made shot, blocker of a missed one, stealer of a turnover, who commits the foul before
        a trip, or on whom a foul is; ``NOBODY`` for none.
    :param rebound_side: who gets the ball after a miss; ``NOBODY`` where nothing was missed.
    :param rebounder: ``NOBODY`` for a rebound of the team.
    """

    kind: Kind
    period: int
    side: int
    player: int
    made: tuple[bool, ...]
    worth: int = 0
    other: int = NOBODY
    rebound_side: int = NOBODY
    rebounder: int = NOBODY


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays for a side, starters first, and for how many seconds."""

    team_id: str
    careers: tuple[Career, ...]
    seconds: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Happened:
    """A game as it happened.

    :param casts: away, home.
    """

    fixture: Fixture
    score: Score
    casts: tuple[Cast, Cast]
    events: tuple[Event, ...]


def corrected_after(seed: int, game_id: str) -> int | None:
    """Return how many days after the first publication a game is corrected: 1 to 3, None for never."""
    chance = Chance(seed, "correction", game_id)
    return chance.between(1, 3) if chance.happens(_CORRECTED) else None


def is_early(seed: int, fixture: Fixture, today: date) -> bool:
    """Return whether the site has the first version of a game's lines on a date: a correction is still to come."""
    after = corrected_after(seed, fixture.game_id)
    return after is not None and today < fixture.played_on + timedelta(days=1 + after)


@lru_cache(maxsize=64)
def happened(seed: int, fixture: Fixture, *, early: bool = False) -> Happened:
    """Return a game as it happened.

    :param early: as its lines are first counted, if they are corrected: one assist and one rebound are with somebody
        else.
    """
    result = score(seed, fixture)
    chance = Chance(seed, "events", fixture.game_id)
    casts = (_cast(seed, chance, fixture, fixture.away, result), _cast(seed, chance, fixture, fixture.home, result))
    events = tuple(_Telling(chance, result, casts).events())
    return Happened(fixture, result, casts, tuple(_mistaken(events, casts)) if early else events)


def _cast(seed: int, chance: Chance, fixture: Fixture, team: str, result: Score) -> Cast:
    year, day = year_of(fixture.day), fixture.played_on
    roster = season_rosters(seed, year).on(day)[team]
    hurt = {c.player.player_id for c in roster if is_injured(seed, year, c.player.player_id, day)}
    # Who is hurt comes last: he plays only if the others are too few
    ready = sorted(roster, key=lambda career: career.player.player_id in hurt)
    fit = len(roster) - len(hurt)
    playing = ready[: max(8, min(fit, chance.between(9, 12)))]
    total = 5 * (4 * PERIOD + result.overtimes * OVERTIME)
    return Cast(team, tuple(playing), tuple(_minutes(chance, len(playing), total)))


def _minutes(chance: Chance, players: int, total: int) -> list[int]:
    """Return everybody's seconds, nobody's longer than the game; they sum to the total exactly."""
    unit = chance.unit
    weights = [0.9 + 0.3 * unit() if n < 5 else max(0.04, 0.85 - 0.09 * n + 0.3 * unit()) for n in range(players)]
    scale = total / sum(weights)
    most = total // 5
    seconds = [min(most - 60, int(weight * scale)) for weight in weights]
    place = players - 1
    while left := total - sum(seconds):
        given = min(left, most - seconds[place])
        seconds[place] += given
        place -= 1
    return seconds


def _mistaken(events: tuple[Event, ...], casts: tuple[Cast, Cast]) -> Iterator[Event]:
    """Yield the events with the first assist and the first rebound given to the wrong players."""
    assist = next((n for n, e in enumerate(events) if e.kind == "shot" and e.made[0] and e.other != NOBODY), NOBODY)
    rebound = next((n for n, e in enumerate(events) if e.rebounder != NOBODY), NOBODY)
    for number, event in enumerate(events):
        if number == assist:
            size = len(casts[event.side].careers)
            wrong = next(n for n in range(size) if n not in {event.other, event.player})
            yield event._replace(other=wrong)
        elif number == rebound:
            size = len(casts[event.rebound_side].careers)
            yield event._replace(rebounder=(event.rebounder + 1) % size)
        else:
            yield event


class _Hands:
    """Picks who of a side does something."""

    def __init__(self, chance: Chance, cast: Cast) -> None:
        unit = chance.unit
        self._unit = unit
        self._fouls = [0] * len(cast.careers)
        time = [max(seconds, 30) for seconds in cast.seconds]
        bent = [_BENT[career.player.position] for career in cast.careers]
        usage = [
            seconds * _USAGE[n] * career.skill
            for n, (seconds, career) in enumerate(zip(time, cast.careers, strict=True))
        ]
        skill = [seconds * career.skill for seconds, career in zip(time, cast.careers, strict=True)]
        self.ball = self._by(usage)
        self.three = self._by([weight * bend[0] for weight, bend in zip(usage, bent, strict=True)])
        self.assist = self._by([weight * bend[1] for weight, bend in zip(usage, bent, strict=True)])
        self.rebound = self._by([weight * bend[2] for weight, bend in zip(skill, bent, strict=True)])
        self.block = self._by([weight * bend[3] for weight, bend in zip(skill, bent, strict=True)])
        self.any = self._by(time)

    def _by(self, weights: Sequence[float]) -> Callable[[], int]:
        pick, unit = Weighted(weights).pick, self._unit
        return lambda: pick(unit())

    def assist_to(self, scorer: int) -> int:
        """Return who passed the ball to a scorer."""
        while (passer := self.assist()) == scorer:
            pass
        return passer

    def foul(self) -> int:
        """Return who commits a foul: nobody commits more than six."""
        player = self.any()
        while self._fouls[player] >= _FOUL_LIMIT:
            player = (player + 1) % len(self._fouls)
        self._fouls[player] += 1
        return player


class _Telling:
    """Draws a game's events such that they add up to its score."""

    def __init__(self, chance: Chance, result: Score, casts: tuple[Cast, Cast]) -> None:
        self._chance = chance
        self._unit = chance.unit
        self._sides = (result.away, result.home)
        self._hands = tuple(_Hands(chance, cast) for cast in casts)
        self._overtimes = result.overtimes

    def events(self) -> Iterator[Event]:
        for side in (AWAY, HOME):
            yield from self._shots(side, self._sides[side])
            yield from self._trips(side, self._sides[side])
            yield from self._lost(side)

    def _shots(self, side: int, scored: Side) -> Iterator[Event]:
        chance = self._chance
        missed = {
            2: round(scored.twos * chance.around(0.82, 0.1)),
            3: round(scored.threes * chance.around(1.68, 0.3)) + 1,
        }
        for worth, made in ((2, scored.twos), (3, scored.threes)):
            for _ in range(made):
                yield self._made(side, worth, self._quarter())
            for _ in range(missed[worth]):
                yield self._missed(side, worth, self._quarter())
        for number, (twos, threes) in enumerate(scored.overtimes, start=5):
            for worth, made in ((2, twos), (3, threes)):
                for _ in range(made):
                    yield self._made(side, worth, number)
                for _ in range(chance.between(1, 3)):
                    yield self._missed(side, worth, number)

    def _made(self, side: int, worth: int, period: int) -> Event:
        hands = self._hands[side]
        player = hands.ball() if worth == 2 else hands.three()
        assisted = self._unit() < (0.5 if worth == 2 else 0.82)
        return Event("shot", period, side, player, (True,), worth, hands.assist_to(player) if assisted else NOBODY)

    def _missed(self, side: int, worth: int, period: int) -> Event:
        hands = self._hands[side]
        player = hands.ball() if worth == 2 else hands.three()
        blocked = worth == 2 and self._unit() < 0.18
        other = self._hands[1 - side].block() if blocked else NOBODY
        return Event("shot", period, side, player, (False,), worth, other, *self._rebound(side, 0.27))

    def _rebound(self, side: int, offensive: float) -> tuple[int, int]:
        winner = side if self._unit() < offensive else 1 - side
        return winner, NOBODY if self._unit() < 0.07 else self._hands[winner].rebound()

    def _trips(self, side: int, scored: Side) -> Iterator[Event]:
        """Yield trips to the line: two throws each, one in the last if their number is odd."""
        made = scored.free_throws
        attempts = made + round(made * self._chance.around(0.28, 0.1)) + 1
        throws = self._chance.shuffled([True] * made + [False] * (attempts - made))
        for first in range(0, attempts, 2):
            trip = tuple(throws[first : first + 2])
            rebound = (NOBODY, NOBODY) if trip[-1] else self._rebound(side, 0.12)
            fouler = self._hands[1 - side].foul()
            yield Event("trip", self._quarter(), side, self._hands[side].ball(), trip, 1, fouler, *rebound)

    def _lost(self, side: int) -> Iterator[Event]:
        """Yield a side's turnovers, and the fouls that no free throws follow."""
        own, theirs = self._hands[side], self._hands[1 - side]
        for _ in range(round(self._chance.around(13.5 + self._overtimes, 3))):
            stealer = theirs.any() if self._unit() < 0.57 else NOBODY
            yield Event("turnover", self._any_period(), side, own.ball(), (), other=stealer)
        for _ in range(round(self._chance.around(7.5, 2))):
            yield Event("foul", self._any_period(), side, own.foul(), (), other=theirs.ball())

    def _quarter(self) -> int:
        return 1 + int(self._unit() * 4)

    def _any_period(self) -> int:
        return 1 + int(self._unit() * (4 + 0.4 * self._overtimes)) if self._overtimes else self._quarter()
