"""What follows the regular season: the play-in, and four rounds of series."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain

from simulator.generated.basketball_reference.calendar import Fixture, id_of_game, last_day, order, start_time
from simulator.generated.basketball_reference.chance import Chance
from simulator.generated.basketball_reference.games import score, standings
from simulator.generated.basketball_reference.records import PLAY_IN, PLAYOFFS, Stage
from simulator.generated.basketball_reference.teams import teams

FIRST_PLAY_IN = 2021
# Until 2002 the first round was played to three wins
FIRST_LONG_ROUND = 2003
_DAY = timedelta(days=1)
# Days after the regular season on which a round begins, and its games' days after that
_BEGINS = (6, 21, 36, 53)
_EVERY_OTHER = (0, 2, 4, 6, 8, 10, 12)
_FINALS = (0, 3, 6, 8, 11, 14, 17)
# Whose home the games are: the higher seed's or the other's
_AT_HIGHER = (True, True, False, False, True, False, True)
# Who meets whom in the first round, by seed; neighbours meet in the second
_BRACKET = ((1, 8), (4, 5), (3, 6), (2, 7))


@dataclass(frozen=True, slots=True)
class _Entrant:
    """A team in a round; ``known`` is the date on which the site knows that it is there."""

    team_id: str
    rank: tuple[int, int, str]
    known: date


@lru_cache(maxsize=32)
def postseason(seed: int, year: int) -> tuple[Fixture, ...]:
    """Return all games that the schedule ever lists after the regular season, in order of date."""
    return tuple(sorted(_Bracket(seed, year).play(), key=order))


def places_known(seed: int, year: int, today: date) -> frozenset[str]:
    """Return the teams that have a place in the playoffs as far as it is known; nobody before the season's end."""
    if today <= last_day(year):
        return frozenset()
    listed = (game for game in postseason(seed, year) if game.stage == PLAYOFFS and game.known_from <= today)
    return frozenset(chain.from_iterable((game.away, game.home) for game in listed))


class _Bracket:
    def __init__(self, seed: int, year: int) -> None:
        self._seed = seed
        self._year = year
        self._end = last_day(year)
        self._fixtures: list[Fixture] = []

    def play(self) -> list[Fixture]:
        champions = [self._conference(conference) for conference in "EW"]
        self._series(3, 0, *champions)
        return self._fixtures

    def _conference(self, conference: str) -> _Entrant:
        seeds = self._seeds(conference)
        left = [self._series(0, n, seeds[a], seeds[b]) for n, (a, b) in enumerate(_BRACKET)]
        left = [self._series(1, n, *left[2 * n : 2 * n + 2]) for n in range(2)]
        return self._series(2, "EW".index(conference), *left)

    def _seeds(self, conference: str) -> dict[int, _Entrant]:
        rows = standings(self._seed, self._year)[conference]
        seeds = {
            n: _Entrant(row.team_id, (-row.wins, -row.margin, row.team_id), self._end + _DAY)
            for n, row in enumerate(rows[:10], start=1)
        }
        return seeds if self._year < FIRST_PLAY_IN else seeds | self._play_in(conference, seeds)

    def _play_in(self, conference: str, seeds: dict[int, _Entrant]) -> dict[int, _Entrant]:
        """Return the seventh and the eighth seed as the play-in decides them."""
        late = conference == "W"
        seventh, loser = self._single(self._end + 2 * _DAY, seeds[7], seeds[8], late=late)
        winner, _ = self._single(self._end + 3 * _DAY, seeds[9], seeds[10], late=late)
        eighth, _ = self._single(self._end + 5 * _DAY, loser, winner, late=late)
        return {7: seventh, 8: eighth}

    def _single(self, day: date, home: _Entrant, away: _Entrant, *, late: bool) -> tuple[_Entrant, _Entrant]:
        fixture = replace(
            self._fixture(day, away, home, PLAY_IN),
            start_time="10:00p" if late else "7:30p",
            remarks="Play-In Game",
        )
        self._fixtures.append(fixture)
        entrants = [replace(entrant, known=day + _DAY) for entrant in (home, away)]
        first, second = entrants if score(self._seed, fixture).home_won else reversed(entrants)
        return first, second

    def _series(self, round_: int, number: int, *entrants: _Entrant) -> _Entrant:
        """Play a series and return its winner, with the date on which that is known."""
        higher, lower = sorted(entrants, key=lambda entrant: entrant.rank) if round_ else entrants
        needed = 3 if round_ == 0 and self._year < FIRST_LONG_ROUND else 4
        # The eighth seed is known last, so that its series begins on the second day.
        begin = self._end + _BEGINS[round_] * _DAY + (number % 2 == 0 and round_ < 3) * _DAY
        wins = {higher.team_id: 0, lower.team_id: 0}
        decided: date | None = None
        for place, offset in enumerate((_FINALS if round_ == 3 else _EVERY_OTHER)[: 2 * needed - 1]):
            home, away = (higher, lower) if _AT_HIGHER[place] else (lower, higher)
            fixture = replace(
                self._fixture(begin + offset * _DAY, away, home, PLAYOFFS),
                if_necessary=place >= needed,
                dropped_on=decided,
            )
            self._fixtures.append(fixture)
            if decided is None:
                wins[home.team_id if score(self._seed, fixture).home_won else away.team_id] += 1
                decided = fixture.day + _DAY if needed in wins.values() else None
        winner = higher if wins[higher.team_id] == needed else lower
        return replace(winner, known=decided or self._end)

    def _fixture(self, day: date, away: _Entrant, home: _Entrant, stage: Stage) -> Fixture:
        team = teams(self._year)[home.team_id]
        start = start_time(Chance(self._seed, "start", id_of_game(day, home.team_id)), day, team)
        known = max(away.known, home.known)
        return Fixture(day, start, away.team_id, home.team_id, stage, "", team.arena, known_from=known)
