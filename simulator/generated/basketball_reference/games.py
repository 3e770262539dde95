"""How games end: scores, drawn cheaply and without their lines, since standings need all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from simulator.generated.basketball_reference.calendar import Fixture, regular_season, year_of
from simulator.generated.basketball_reference.chance import Chance
from simulator.generated.basketball_reference.teams import franchises

# Points that playing at home is worth
_HOME = 2.6


@dataclass(frozen=True, slots=True)
class Side:
    """What a team scored with, in regulation.

    :param overtimes: (two-pointers, three-pointers) of each overtime.
    """

    twos: int
    threes: int
    free_throws: int
    overtimes: tuple[tuple[int, int], ...] = ()

    @property
    def regulation(self) -> int:
        """Points after four quarters."""
        return 2 * self.twos + 3 * self.threes + self.free_throws

    @property
    def points(self) -> int:
        """Points at the end."""
        return self.regulation + sum(2 * twos + 3 * threes for twos, threes in self.overtimes)


@dataclass(frozen=True, slots=True)
class Score:
    """How a game ended."""

    away: Side
    home: Side

    @property
    def overtimes(self) -> int:
        """How many overtimes it took."""
        return len(self.home.overtimes)

    @property
    def home_won(self) -> bool:
        """Whether the home team won; nothing ends level."""
        return self.home.points > self.away.points


@dataclass(frozen=True, slots=True)
class Standing:
    """A team after the regular season."""

    team_id: str
    conference: str
    wins: int
    margin: int


@lru_cache(maxsize=8192)
def score(seed: int, fixture: Fixture) -> Score:
    """Return how a game ended."""
    chance = Chance(seed, "score", fixture.game_id)
    year = year_of(fixture.day)
    edge = strengths(seed, year)[fixture.home] - strengths(seed, year)[fixture.away] + _HOME
    away, home = _side(chance, year, -edge), _side(chance, year, edge)
    # More games go to overtime than end level by chance
    if home.regulation - away.regulation == 1 and home.free_throws:
        home = Side(home.twos, home.threes, home.free_throws - 1)
    return _after_overtime(chance, away, home) if home.points == away.points else Score(away, home)


def attendance(seed: int, fixture: Fixture) -> int:
    """Return how many people watched."""
    return Chance(seed, "attendance", fixture.game_id).between(15_200, 19_800)


def duration_minutes(seed: int, fixture: Fixture) -> int:
    """Return how long a game took."""
    return Chance(seed, "duration", fixture.game_id).between(122, 149) + 14 * score(seed, fixture).overtimes


@lru_cache(maxsize=64)
def strengths(seed: int, year: int) -> Mapping[str, float]:
    """Return {team id: points better than the average team}; what a team is lasts three years and a little varies."""
    return {
        team.team_id: 11 * (Chance(seed, "era", place, (year + place) // 3).unit() - 0.5)
        + 6 * (Chance(seed, "form", place, year).unit() - 0.5)
        for place, team in enumerate(franchises(year))
    }


@lru_cache(maxsize=32)
def standings(seed: int, year: int) -> Mapping[str, list[Standing]]:
    """Return {conference: its teams after the regular season}, the best first."""
    wins = dict.fromkeys((team.team_id for team in franchises(year)), 0)
    margins = dict(wins)
    for fixture in regular_season(seed, year):
        result = score(seed, fixture)
        wins[fixture.home if result.home_won else fixture.away] += 1
        margin = result.home.points - result.away.points
        margins[fixture.home] += margin
        margins[fixture.away] -= margin
    rows = [Standing(t.team_id, t.conference, wins[t.team_id], margins[t.team_id]) for t in franchises(year)]
    rows.sort(key=lambda row: (-row.wins, -row.margin, row.team_id))
    return {conference: [row for row in rows if row.conference == conference] for conference in "EW"}


def _side(chance: Chance, year: int, edge: float) -> Side:
    threes = min(5.5 + 0.27 * (year - 1997), 14.0)
    return Side(
        twos=max(15, round(chance.around(28.8 + edge / 4, 3.0))),
        threes=max(1, round(chance.around(threes, 2.0))),
        free_throws=max(3, round(chance.around(18.0, 4.0))),
    )


def _after_overtime(chance: Chance, away: Side, home: Side) -> Score:
    count = 1 + chance.happens(0.15) + chance.happens(0.03)
    level = tuple((chance.between(2, 4), chance.between(0, 2)) for _ in range(count - 1))
    last = [(chance.between(2, 5), chance.between(0, 2)) for _ in "ah"]
    if 2 * last[0][0] + 3 * last[0][1] == 2 * last[1][0] + 3 * last[1][1]:
        winner = chance.below(2)
        last[winner] = (last[winner][0] + 1, last[winner][1])
    sides = (
        Side(side.twos, side.threes, side.free_throws, (*level, end))
        for side, end in zip((away, home), last, strict=True)
    )
    return Score(*sides)
