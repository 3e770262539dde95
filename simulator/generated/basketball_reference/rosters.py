"""Who plays for whom, from the opening night to the last trade."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from simulator.generated.basketball_reference.chance import Chance
from simulator.generated.basketball_reference.people import NEWCOMER, PLACES, Career, people
from simulator.generated.basketball_reference.teams import franchises

# A place's players change teams together, once in so many seasons
CONTRACT = 4
_TRADES = 14
_THREE_TEAMS = 0.2
_WAIVED = 10
_DAY = timedelta(days=1)

Kind = Literal["trade", "waived", "signed", "claimed"]
# {team: its players, the best first}
Rosters = Mapping[str, tuple[Career, ...]]


@dataclass(frozen=True, slots=True)
class Step:
    """One player's way in a move.

    :param source: the team that he leaves; None for a free agent.
    :param target: the team that he joins; None if he is waived.
    """

    career: Career
    source: str | None
    target: str | None


@dataclass(frozen=True, slots=True)
class Move:
    """What happens on one day; who moves plays for the new team from the next day on."""

    day: date
    kind: Kind
    steps: tuple[Step, ...]


def place_of(franchise: int, place: int, year: int) -> int:
    """Return which franchise a place's player is with as a season begins."""
    return (franchise + 7 * ((year + place) // CONTRACT)) % len(franchises(year))


def opening(seed: int, year: int) -> dict[str, list[tuple[int, Career]]]:
    """Return {team: (place, player)} as a season begins."""
    teams, everybody = franchises(year), people(seed)
    rosters: dict[str, list[tuple[int, Career]]] = {team.team_id: [] for team in teams}
    for place in range(PLACES):
        for franchise in range(len(teams)):
            team = teams[place_of(franchise, place, year)].team_id
            rosters[team].append((place, everybody.career(franchise, place, year)))
    return rosters


@lru_cache(maxsize=32)
def season_rosters(seed: int, year: int) -> SeasonRosters:
    """Return the rosters of a season."""
    return SeasonRosters(seed, year)


class SeasonRosters:
    """A season's rosters, and the moves that changed them."""

    def __init__(self, seed: int, year: int) -> None:
        self._year = year
        self._chance = Chance(seed, "moves", year)
        self._everybody = people(seed)
        self._teams = [team.team_id for team in franchises(year)]
        self._now = opening(seed, year)
        self._moved: Counter[str] = Counter()
        self.moves: list[Move] = []
        self._states: list[Rosters] = [self._state()]
        for move in self._plan():
            self.moves.append(move)
            self._states.append(self._state())
        self._days = [move.day for move in self.moves]
        # {player: his place}; who comes in mid-season has the last one
        self.places = {s.career.player.player_id: NEWCOMER for move in self.moves for s in move.steps}
        self.places |= {c.player.player_id: place for roster in opening(seed, year).values() for place, c in roster}

    def on(self, day: date) -> Rosters:
        """Return {team: its players, the best first} of a day's games."""
        return self._states[bisect_left(self._days, day)]

    def _state(self) -> Rosters:
        return {team: tuple(career for _, career in sorted(rows, key=_rank)) for team, rows in self._now.items()}

    def _plan(self) -> Iterator[Move]:
        """Yield the season's moves in order of date, each made as it is yielded."""
        trades = self._days_between(date(self._year - 1, 12, 15), date(self._year, 2, 5), _TRADES)
        waivers = self._days_between(date(self._year, 1, 6), date(self._year, 3, 1), _WAIVED)
        waiving = iter(self._chance.shuffled(range(len(self._teams))))
        for day, kind in sorted([*((d, "trade") for d in trades), *((d, "waived") for d in waivers)]):
            if kind == "trade":
                yield self._trade(day, again=day == trades[-1])
            else:
                yield from self._replace(day, next(waiving))

    def _days_between(self, first: date, last: date, count: int) -> list[date]:
        return sorted(first + self._chance.below((last - first).days) * _DAY for _ in range(count))

    def _trade(self, day: date, *, again: bool) -> Move:
        """Trade players in a circle of two or three teams; the season's last trade moves somebody once more."""
        count = 3 if self._chance.happens(_THREE_TEAMS) else 2
        teams = [self._teams[n] for n in self._chance.shuffled(range(len(self._teams)))[:count]]
        steps = [
            Step(row[1], source, teams[(n + 1) % count])
            for n, source in enumerate(teams)
            for row in self._given(source)
        ]
        if again:
            steps = self._with_wanderer(steps, teams)
        return self._made(Move(day, "trade", tuple(steps)))

    def _with_wanderer(self, steps: list[Step], teams: list[str]) -> list[Step]:
        for step in self.moves[0].steps:
            target = next((team for team in teams if team not in {step.source, step.target}), None)
            if target and step.target and any(row[1] == step.career for row in self._now[step.target]):
                others = [other for other in steps if other.career != step.career]
                return [*others, Step(step.career, step.target, target)]
        return steps

    def _given(self, team: str) -> list[tuple[int, Career]]:
        """Return the one or two players that a team trades, nobody who moved before."""
        free = [row for row in self._now[team] if 2 <= row[0] <= 12 and not self._moved[row[1].player.player_id]]
        return self._chance.shuffled(free)[: 1 + self._chance.happens(0.4)]

    def _replace(self, day: date, number: int) -> Iterator[Move]:
        """Waive a team's last player for a newcomer; a third of the waived is claimed by another team."""
        team = self._teams[number]
        last = max(self._now[team], key=_rank)
        yield self._made(Move(day, "waived", (Step(last[1], team, None),)))
        newcomer = self._everybody.career(number, NEWCOMER, self._year)
        yield self._made(Move(day, "signed", (Step(newcomer, None, team),)))
        if self._chance.happens(0.4):
            other = self._teams[(number + 1 + self._chance.below(len(self._teams) - 1)) % len(self._teams)]
            yield self._made(Move(day, "claimed", (Step(last[1], None, other),)))

    def _made(self, move: Move) -> Move:
        for step in move.steps:
            self._moved[step.career.player.player_id] += 1
            place = PLACES
            if step.source is not None:
                place = next(row[0] for row in self._now[step.source] if row[1] == step.career)
                self._now[step.source].remove((place, step.career))
            if step.target is not None:
                self._now[step.target].append((place, step.career))
        return move


def _rank(row: tuple[int, Career]) -> tuple[int, str]:
    return row[0], row[1].player.player_id
