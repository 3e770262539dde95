"""Seasons: what the lines of its games add up to, by player and by team."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from operator import attrgetter

from simulator.generated.basketball_reference.calendar import Fixture
from simulator.generated.basketball_reference.chance import Chance
from simulator.generated.basketball_reference.events import is_early
from simulator.generated.basketball_reference.games import attendance, score
from simulator.generated.basketball_reference.lines import lines
from simulator.generated.basketball_reference.people import Career
from simulator.generated.basketball_reference.records import ALL_TEAMS, Counts, Line, Player, PlayerTotals, TeamSeason
from simulator.generated.basketball_reference.teams import teams

_COUNTS = attrgetter(*Counts._fields)
_NOTHING = Counts(*[0] * len(Counts._fields))
# Share of players whose age the site does not know
_NO_AGE = 0.006
# The exponent of the expected share of wins, as the site has it
_PYTHAGORAS = 14


@dataclass(frozen=True)
class Tally:
    """The lines of a stage's published games, as they are on a date.

    :param own: {team: what it did}; ``opponent`` {team: what was done against it}.
    """

    fixtures: tuple[Fixture, ...]
    by_player: Mapping[str, Mapping[str, list[Line]]]
    own: Mapping[str, Counts]
    opponent: Mapping[str, Counts]


def tally(seed: int, fixtures: Iterable[Fixture], today: date) -> Tally:
    """Return what the games of these fixtures add up to."""
    played = tuple(fixtures)
    by_player: dict[str, dict[str, list[Line]]] = {}
    by_team: dict[str, list[Line]] = defaultdict(list)
    against: dict[str, list[Line]] = defaultdict(list)
    for fixture in played:
        for line in lines(seed, fixture, early=is_early(seed, fixture, today)):
            by_player.setdefault(line.player_id, {}).setdefault(line.team_id, []).append(line)
            by_team[line.team_id].append(line)
            against[line.opponent_id].append(line)
    own = {team: _sum(rows) for team, rows in by_team.items()}
    return Tally(played, by_player, own, {team: _sum(rows) for team, rows in against.items()})


def player_totals(seed: int, year: int, found: Tally, careers: Mapping[str, Career]) -> list[PlayerTotals]:
    """Return totals by player, most points first; who had several teams has a combined row, then one a team."""
    totals = [_rows(seed, year, careers[player_id].player, by_team) for player_id, by_team in found.by_player.items()]
    totals.sort(key=lambda rows: (-rows[0].counts.pts, rows[0].player_id))
    return [row for rows in totals for row in rows]


def team_seasons(
    seed: int, year: int, found: Tally, players: Iterable[PlayerTotals], playoffs: frozenset[str]
) -> list[TeamSeason]:
    """Return the teams that have played, the best net rating first."""
    results = _Results(seed, found.fixtures)
    ages = _ages(players)
    rows = [
        _team_season(year, team, found, results, ages.get(team, 0.0), in_playoffs=team in playoffs)
        for team in found.own
    ]
    return sorted(rows, key=lambda row: (-row.net_rtg, row.team.team_id))


def possessions(counts: Counts) -> float:
    """Return about how often a team had the ball."""
    return counts.fga + 0.44 * counts.fta - counts.orb + counts.tov


def _sum(rows: Iterable[Line]) -> Counts:
    return Counts(*map(sum, zip(*map(_COUNTS, rows), strict=True)))


def _rows(seed: int, year: int, player: Player, by_team: Mapping[str, list[Line]]) -> list[PlayerTotals]:
    single = [_total(seed, year, player, team, 1, rows) for team, rows in by_team.items()]
    if len(single) == 1:
        return single
    every = [line for rows in by_team.values() for line in rows]
    return [_total(seed, year, player, ALL_TEAMS, len(single), every), *single]


def _total(seed: int, year: int, player: Player, team: str, count: int, rows: list[Line]) -> PlayerTotals:
    born = player.birth_date
    known = not Chance(seed, "age", player.player_id).happens(_NO_AGE)
    return PlayerTotals(
        player.player_id,
        team,
        count,
        player.position,
        year - born.year - ((born.month, born.day) > (2, 1)) if known else None,
        games=len(rows),
        games_started=sum(line.started for line in rows),
        triple_doubles=sum(_is_triple_double(line) for line in rows),
        counts=_sum(rows),
    )


def _is_triple_double(line: Line) -> bool:
    return sum(count >= 10 for count in (line.pts, line.trb, line.ast, line.stl, line.blk)) >= 3


def _ages(players: Iterable[PlayerTotals]) -> dict[str, float]:
    """Return {team: its players' age, weighted by their time}."""
    years: Counter[str] = Counter()
    time: Counter[str] = Counter()
    for row in players:
        if row.age is not None and not row.is_combined:
            years[row.team_id] += row.age * row.counts.seconds
            time[row.team_id] += row.counts.seconds
    return {team: round(years[team] / time[team], 1) for team in time}


class _Results:
    """Wins, margins, attendance and opponents by team."""

    def __init__(self, seed: int, fixtures: Iterable[Fixture]) -> None:
        self.wins: Counter[str] = Counter()
        self.games: Counter[str] = Counter()
        self.attendance: Counter[str] = Counter()
        self.opponents: dict[str, list[str]] = defaultdict(list)
        for fixture in fixtures:
            self.wins[fixture.home if score(seed, fixture).home_won else fixture.away] += 1
            self.attendance[fixture.home] += attendance(seed, fixture)
            for team, other in ((fixture.home, fixture.away), (fixture.away, fixture.home)):
                self.games[team] += 1
                self.opponents[team].append(other)


def _team_season(year: int, team: str, found: Tally, results: _Results, age: float, *, in_playoffs: bool) -> TeamSeason:
    own, opponent, games = found.own[team], found.opponent[team], results.games[team]
    ball = (possessions(own) + possessions(opponent)) / 2
    expected = games * own.pts**_PYTHAGORAS / (own.pts**_PYTHAGORAS + opponent.pts**_PYTHAGORAS)
    margins = [_margin(found, results, other) for other in results.opponents[team]]
    return TeamSeason(
        teams(year)[team],
        in_playoffs=in_playoffs,
        age=age,
        games=games,
        wins=results.wins[team],
        losses=games - results.wins[team],
        wins_pyth=round(expected),
        losses_pyth=games - round(expected),
        mov=round(_margin(found, results, team), 2),
        sos=round(sum(margins) / games, 2),
        off_rtg=round(100 * own.pts / ball, 1),
        def_rtg=round(100 * opponent.pts / ball, 1),
        pace=round(48 * 60 * ball / (own.seconds / 5), 1),
        counts=own,
        opponent=opponent,
        attendance=results.attendance[team],
    )


def _margin(found: Tally, results: _Results, team: str) -> float:
    return (found.own[team].pts - found.opponent[team].pts) / results.games[team]


def context(found: Tally, players: Iterable[PlayerTotals]) -> dict[str, tuple[Counts, Counts]]:
    """Return {player: (his teams' counts, their opponents')} of who had several teams, as sums."""
    combined: dict[str, tuple[Counts, Counts]] = {}
    for row in players:
        if row.is_combined:
            sides = found.by_player[row.player_id]
            own, theirs = ([counts[team] for team in sides] for counts in (found.own, found.opponent))
            combined[row.player_id] = (_add(own), _add(theirs))
    return combined


def _add(many: Iterable[Counts]) -> Counts:
    return Counts(*map(sum, zip(_NOTHING, *many, strict=True)))
