"""Box scores: what is counted of a game's events."""

from __future__ import annotations

from functools import lru_cache

from simulator.generated.basketball_reference.calendar import Fixture
from simulator.generated.basketball_reference.chance import Chance
from simulator.generated.basketball_reference.events import AWAY, HOME, NOBODY, Event, Happened, happened
from simulator.generated.basketball_reference.records import Line

# Places in a player's counts
FG, FGA, FG3, FG3A, FT, FTA, ORB, DRB, AST, STL, BLK, TOV, PF, PTS = range(14)
STARTERS = 5

Counted = list[list[int]]


@lru_cache(maxsize=3000)
def lines(seed: int, fixture: Fixture, *, early: bool = False) -> tuple[Line, ...]:
    """Return the lines of a game, the away team's first, starters first; ``early`` as first published."""
    game = happened(seed, fixture, early=early)
    counted: tuple[Counted, Counted] = (_nothing(game, AWAY), _nothing(game, HOME))
    for event in game.events:
        _COUNTERS[event.kind](event, counted[event.side], counted[1 - event.side])
        if event.rebounder != NOBODY:
            offensive = event.rebound_side == event.side
            counted[event.rebound_side][event.rebounder][ORB if offensive else DRB] += 1
    return tuple(line for side in (AWAY, HOME) for line in _side(seed, game, side, counted[side]))


def game_score(counts: list[int]) -> float:
    """Return John Hollinger's game score of a line's counts."""
    fg, fga, _, _, ft, fta, orb, drb, ast, stl, blk, tov, pf, pts = counts
    value = pts + 0.4 * fg - 0.7 * fga - 0.4 * (fta - ft) + 0.7 * orb + 0.3 * drb
    return round(value + stl + 0.7 * ast + 0.7 * blk - 0.4 * pf - tov, 1)


def _nothing(game: Happened, side: int) -> Counted:
    return [[0] * 14 for _ in game.casts[side].careers]


def _shot(event: Event, own: Counted, theirs: Counted) -> None:
    row, made, three = own[event.player], event.made[0], event.worth == 3
    row[FGA] += 1
    row[FG3A] += three
    if made:
        row[FG] += 1
        row[FG3] += three
        row[PTS] += event.worth
    if event.other != NOBODY:
        other = own[event.other] if made else theirs[event.other]
        other[AST if made else BLK] += 1


def _trip(event: Event, own: Counted, theirs: Counted) -> None:
    row, made = own[event.player], sum(event.made)
    row[FTA] += len(event.made)
    row[FT] += made
    row[PTS] += made
    theirs[event.other][PF] += 1


def _turnover(event: Event, own: Counted, theirs: Counted) -> None:
    own[event.player][TOV] += 1
    if event.other != NOBODY:
        theirs[event.other][STL] += 1


def _foul(event: Event, own: Counted, _: Counted) -> None:
    own[event.player][PF] += 1


_COUNTERS = {"shot": _shot, "trip": _trip, "turnover": _turnover, "foul": _foul}


def _side(seed: int, game: Happened, side: int, counted: Counted) -> list[Line]:
    cast, other, fixture = game.casts[side], game.casts[1 - side], game.fixture
    points = (game.score.away.points, game.score.home.points)
    margin = points[side] - points[1 - side]
    differences = _plus_minus(Chance(seed, "plus_minus", fixture.game_id, side), cast.seconds, margin)
    return [
        Line(
            cast.careers[place].player.player_id,
            cast.team_id,
            other.team_id,
            fixture.game_id,
            side == HOME,
            margin > 0,
            place < STARTERS,
            cast.seconds[place],
            fg=counts[FG],
            fga=counts[FGA],
            fg3=counts[FG3],
            fg3a=counts[FG3A],
            ft=counts[FT],
            fta=counts[FTA],
            orb=counts[ORB],
            drb=counts[DRB],
            ast=counts[AST],
            stl=counts[STL],
            blk=counts[BLK],
            tov=counts[TOV],
            pf=counts[PF],
            pts=counts[PTS],
            plus_minus=differences[place],
            game_score=game_score(counts),
        )
        for place, counts in enumerate(counted)
    ]


def _plus_minus(chance: Chance, seconds: tuple[int, ...], margin: int) -> list[int]:
    """Share five times the margin by time played, more or less; it sums exactly."""
    game = sum(seconds) / 5
    drawn = [round(margin * played / game + chance.around(0, 5) * played / game) for played in seconds]
    left = 5 * margin - sum(drawn)
    for step in range(abs(left)):
        drawn[step % len(drawn)] += 1 if left > 0 else -1
    return drawn
