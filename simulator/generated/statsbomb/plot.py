"""What has to happen in a match, drawn before it is played: so a listing knows the score without playing it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from simulator.generated.statsbomb.chance import drawn_from

MINUTE = 60_000
REGULAR = (1, 2)
EXTRA_TIME = (3, 4)
SHOOT_OUT = 5
# Minutes without the time added; and the minute that a period begins with
LENGTH = {1: 45, 2: 45, 3: 15, 4: 15}
FIRST_MINUTE = {1: 0, 2: 45, 3: 90, 4: 105, 5: 120}


@dataclass(frozen=True, order=True, slots=True)
class Incident:
    """Something that happens in a period, not before so many milliseconds of it.

    :param kind: ``goal``, ``penalty``, ``own_goal`` (``side`` scores it), ``missed_penalty``; ``card``,
        ``second_yellow``, ``red``; ``bad_behaviour``, ``substitution``, ``injury``, ``shift``, ``off``, ``drop``.
    :param side: 0 home, 1 away.
    """

    period: int
    clock: int
    kind: str
    side: int


@dataclass(frozen=True)
class Plot:
    """A match's incidents in order, how long its periods last (milliseconds), and its shoot-out.

    :param shoot_out: whether each penalty in turn went in, the home side first; empty for none.
    """

    incidents: tuple[Incident, ...]
    periods: dict[int, int]
    shoot_out: tuple[bool, ...]

    @property
    def score(self) -> tuple[int, int]:
        """Goals of both sides, without the shoot-out."""
        goals = [i.side for i in self.incidents if i.kind in {"goal", "penalty", "own_goal"}]
        return goals.count(0), goals.count(1)

    @property
    def winner(self) -> int:
        """The side that goes on in a cup; the home side after a draw."""
        home, away = self.score
        if home != away:
            return int(away > home)
        return int(sum(self.shoot_out[1::2]) > sum(self.shoot_out[::2]))


@lru_cache(maxsize=1024)
def plot(seed: int, match_id: int, decision: str = "") -> Plot:
    """Return what happens in a match.

    :param decision: ``extra time`` or ``shoot-out`` for a cup match that is decided there.
    """
    chance = drawn_from(seed, "plot", match_id, decision).random
    played = (*REGULAR, *EXTRA_TIME) if decision else REGULAR
    periods = {period: int((LENGTH[period] + 1 + 4 * chance()) * MINUTE) for period in played}
    goals = [_goal(period, chance(), chance(), chance()) for period in REGULAR for _ in range(int(3.2 * chance()))]
    if decision:
        goals = _levelled(goals)
    if decision == "extra time":
        goals.append(Incident(4, int(10 * chance() * MINUTE), "own_goal", int(2 * chance())))
    if decision == "shoot-out":
        goals += [Incident(3, 5 * MINUTE, "goal", 0), Incident(4, 11 * MINUTE, "penalty", 1)]
    others = [Incident(period, int(share(chance()) * LENGTH[period] * MINUTE), kind, int(2 * chance()))
              for kind, period, often, share in _others(decision) if chance() < often]  # fmt: skip
    shoot_out = (True, True, True, False, True, True, False, True, True, False) if decision == "shoot-out" else ()
    return Plot(tuple(sorted((*goals, *others))), periods, shoot_out)


def _goal(period: int, moment: float, side: float, kind: float) -> Incident:
    clock = int((0.05 + 0.9 * moment) * LENGTH[period] * MINUTE)
    if kind < 0.04:
        return Incident(period, clock, "own_goal", int(side * 2))
    return Incident(period, clock, "penalty" if kind < 0.14 else "goal", int(side * 1.8))


def _levelled(goals: list[Incident]) -> list[Incident]:
    """Return the goals with as many for one side as for the other, one each at least."""
    kept = goals[: len(goals) // 2 * 2] or [_goal(1, 0.3, 0, 1), _goal(2, 0.6, 0, 1)]
    return [Incident(g.period, g.clock, g.kind, place % 2) for place, g in enumerate(kept)]


def _others(decision: str) -> list[tuple[str, int, float, Callable[[float], float]]]:
    substitutions = [("substitution", 2, 0.85, late) for _ in range(8)]
    return [
        *[("card", period, 0.7, anywhere) for period in (1, 1, 2, 2, 2, 2)],
        ("second_yellow", 2, 0.15, late),
        ("red", 2, 0.1, late),
        ("bad_behaviour", 2, 0.5, anywhere),
        ("missed_penalty", 2, 0.15, anywhere),
        *substitutions,
        ("injury", 1, 0.4, late),
        ("shift", 2, 0.8, anywhere),
        ("shift", 2, 0.6, late),
        ("off", 1, 0.35, anywhere),
        ("drop", 2, 0.6, anywhere),
        *([("substitution", 4, 1.0, early), ("card", 4, 1.0, early)] if decision else []),
        *([("second_yellow", 4, 1.0, late)] if decision == "extra time" else []),
        *([("red", 4, 1.0, late)] if decision == "shoot-out" else []),
    ]


def anywhere(chance: float) -> float:
    """Return a moment of a period, as a share of it."""
    return chance


def late(chance: float) -> float:
    """Return a moment of the period's last two thirds."""
    return 0.3 + 0.65 * chance


def early(chance: float) -> float:
    """Return a moment of the period's beginning."""
    return 0.3 * chance
