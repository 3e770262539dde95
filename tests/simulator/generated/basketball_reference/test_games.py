"""Generated games: what lines and plays say must add up to the score."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import pairwise

import pytest

from simulator.generated.basketball_reference.records import Counts, Game, Line, Play
from simulator.generated.basketball_reference.world import World
from tests.simulator.generated.basketball_reference.league import (
    DAY,
    SEED,
    SUMMER,
    WORLD,
    YEAR,
    published_after,
    sampled,
    season,
)

GAMES = [*sampled(season()), *sampled(season(1999), 80), *sampled(season(2011), 200)]
CORRECTIONS = WORLD.corrections(YEAR)
# What an early line has wrong: an assist and a rebound of either kind
MISTAKEN = (["ast", "drb"], ["ast", "orb"])

games = pytest.mark.parametrize("game", GAMES, ids=lambda game: game.game_id)


def sides(game: Game, today: date = SUMMER) -> tuple[list[Line], list[Line]]:
    lines = WORLD.lines(game.game_id, today)
    return [line for line in lines if not line.is_home], [line for line in lines if line.is_home]


def total(lines: list[Line], name: str) -> int:
    return sum(getattr(line, name) for line in lines)


@games
def test_lines_sum_to_the_score(game: Game) -> None:
    away, home = sides(game)
    assert (total(away, "pts"), total(home, "pts")) == (game.away_points, game.home_points)
    assert all(line.pts == 2 * line.fg + line.fg3 + line.ft for line in (*away, *home))
    assert {line.won for line in away} != {line.won for line in home}
    assert home[0].won == (total(home, "pts") > total(away, "pts"))


@games
def test_minutes_sum_to_the_clock(game: Game) -> None:
    assert game.overtimes is not None
    for lines in sides(game):
        assert total(lines, "seconds") == (240 + 25 * game.overtimes) * 60
        assert all(0 < line.seconds <= (48 + 5 * game.overtimes) * 60 for line in lines)
        assert [line.started for line in lines][:6] == [True] * 5 + [False]


@games
def test_what_one_side_does_the_other_allows(game: Game) -> None:
    away, home = sides(game)
    for own, other in ((away, home), (home, away)):
        missed = total(own, "fga") - total(own, "fg")
        twos = missed - total(own, "fg3a") + total(own, "fg3")
        assert total(own, "ast") <= total(own, "fg")
        assert total(own, "stl") <= total(other, "tov")
        assert total(other, "blk") <= twos
        assert total(own, "orb") + total(other, "drb") <= missed + total(own, "fta") - total(own, "ft")
        assert total(own, "plus_minus") == 5 * (total(own, "pts") - total(other, "pts"))
        assert all(line.pf <= 6 and line.fg <= line.fga and line.fg3 <= line.fg3a for line in own)


@games
def test_plays_end_at_the_score_and_give_points_to_who_made_them(game: Game) -> None:
    plays = WORLD.plays(game.game_id, SUMMER)
    assert (plays[-1].away_score, plays[-1].home_score) == (game.away_points, game.home_points)
    made = Counter[str]()
    for play in plays:
        if play.points:
            made[play.people[0][1]] += play.points
    lines = WORLD.lines(game.game_id, SUMMER)
    assert made == Counter({line.player_id: line.pts for line in lines if line.pts})


@games
def test_plays_count_as_lines_do(game: Game) -> None:
    plays, lines = WORLD.plays(game.game_id, SUMMER), WORLD.lines(game.game_id, SUMMER)
    assert count(plays) == {key: number for key, number in of_lines(lines).items() if number}


def count(plays: list[Play]) -> Counter[tuple[str, str]]:
    """Count what players do in a play-by-play, by (what, player)."""
    return Counter((name, player) for play in plays for name, player in _counted(play))


def of_lines(lines: list[Line]) -> Counter[tuple[str, str]]:
    """Return the same of a box score."""
    names = ("fga", "ast", "blk", "orb", "drb", "tov", "stl", "fta")
    return Counter({(name, line.player_id): getattr(line, name) for line in lines for name in names})


def _counted(play: Play) -> list[tuple[str, str]]:
    people = [player for _, player in play.people]
    names = {"shot": "fga", "free_throw": "fta", "turnover": "tov"}
    if play.kind in names:
        second = "stl" if play.kind == "turnover" else "ast" if play.points else "blk"
        return list(zip((names[play.kind], second), people, strict=False))
    if play.kind == "rebound" and people:
        return [("orb" if play.text.startswith("Offensive") else "drb", people[0])]
    return []


@games
def test_plays_run_with_the_clock(game: Game) -> None:
    plays = WORLD.plays(game.game_id, SUMMER)
    assert all((a.period, -a.seconds_remaining) <= (b.period, -b.seconds_remaining) for a, b in pairwise(plays))
    assert {play.period for play in plays} == set(range(1, 5 + (game.overtimes or 0)))
    for before, play in pairwise(plays):
        gained = play.away_score + play.home_score - before.away_score - before.home_score
        assert gained == play.points
    for play in plays:
        assert (play.team_id is None) == (play.kind in {"jump_ball", "start", "end"})
        assert all(short in play.text for short, _ in play.people)


def test_overtime_follows_a_draw() -> None:
    longer = [game for game in GAMES if game.overtimes]
    assert {game.overtimes for game in longer} >= {2}
    for game in longer:
        ends = [play for play in WORLD.plays(game.game_id, SUMMER) if play.kind == "end"]
        assert all(play.away_score == play.home_score for play in ends[3:-1])
        assert ends[-1].text == f"End of {['', '1st', '2nd', '3rd', '4th'][game.overtimes or 0]} overtime"


def test_a_foul_stands_with_who_drew_it_but_an_offensive_one_with_who_committed_it() -> None:
    game = GAMES[0]
    team = {line.player_id: line.team_id for line in WORLD.lines(game.game_id, SUMMER)}
    fouls = [play for play in WORLD.plays(game.game_id, SUMMER) if play.kind == "foul"]
    for play in fouls:
        (_, fouler), (_, drawn) = play.people
        assert play.team_id == team[fouler if play.text.startswith("Offensive") else drawn]
    old = [play for play in WORLD.plays(season(1999)[0].game_id, SUMMER) if play.kind == "foul"]
    assert all(len(play.people) == 1 and "drawn" not in play.text for play in old)


def test_game_score_is_hollingers() -> None:
    line = WORLD.leaders(date(2026, 1, 12), SUMMER)[0]
    c = Counts(*(getattr(line, name) for name in Counts._fields))
    expected = c.pts + 0.4 * c.fg - 0.7 * c.fga - 0.4 * (c.fta - c.ft) + 0.7 * c.orb + 0.3 * c.drb
    expected += c.stl + 0.7 * c.ast + 0.7 * c.blk - 0.4 * c.pf - c.tov
    assert line.game_score == pytest.approx(expected, abs=0.06)


def test_leaders_are_all_lines_of_the_day_the_best_first() -> None:
    day = date(2026, 1, 12)
    found = WORLD.leaders(day, day + DAY)
    assert len(found) == sum(len(WORLD.lines(game.game_id, day + DAY)) for game in WORLD.games_on(day, day + DAY))
    assert all(a.game_score >= b.game_score for a, b in pairwise(found))
    assert WORLD.leaders(day, day) == []


# --- corrections and late publication ---------------------------------------------------------------------


def test_a_few_games_in_a_hundred_are_corrected() -> None:
    assert 20 < len(CORRECTIONS) < 80
    assert all(1 <= (on - published_after(game_id)).days <= 3 for game_id, on in CORRECTIONS.items())
    assert all(WORLD.is_correction(game_id) for game_id in CORRECTIONS)


@pytest.mark.parametrize("game_id", list(CORRECTIONS)[:12])
def test_a_correction_moves_one_assist_and_one_rebound(game_id: str) -> None:
    on = CORRECTIONS[game_id]
    first = WORLD.lines(game_id, published_after(game_id))
    assert WORLD.lines(game_id, on - DAY) == first
    then = WORLD.lines(game_id, on)
    assert then == WORLD.lines(game_id, SUMMER)
    assert [line.player_id for line in first] == [line.player_id for line in then]
    assert sum(abs(a.ast - b.ast) for a, b in zip(first, then, strict=True)) == 2
    assert sum(abs(a.trb - b.trb) for a, b in zip(first, then, strict=True)) == 2
    same = ("seconds", "pts", "fga", "fta", "stl", "blk", "tov", "pf", "plus_minus")
    assert all(getattr(a, name) == getattr(b, name) for a, b in zip(first, then, strict=True) for name in same)


@pytest.mark.parametrize("game_id", list(CORRECTIONS)[:12])
def test_a_box_score_is_corrected_to_what_the_plays_say_from_the_start(game_id: str) -> None:
    plays = WORLD.plays(game_id, published_after(game_id))
    assert plays == WORLD.plays(game_id, CORRECTIONS[game_id]) == WORLD.plays(game_id, SUMMER)
    first, then = (of_lines(WORLD.lines(game_id, day)) for day in (published_after(game_id), CORRECTIONS[game_id]))
    assert count(plays) == +then
    # Counter's subtraction leaves what is more: with the one whom it was given to, and with the one who did it
    assert sorted(name for name, _ in (first - then).elements()) in MISTAKEN
    assert sorted(name for name, _ in (then - first).elements()) in MISTAKEN


def test_other_games_stay_as_they_were() -> None:
    game = next(game for game in GAMES if game.game_id not in CORRECTIONS)
    assert WORLD.lines(game.game_id, published_after(game.game_id)) == WORLD.lines(game.game_id, SUMMER)


def test_a_game_that_is_held_back_has_a_score_and_no_box_score() -> None:
    world, day = World(SEED), date(2026, 1, 12)
    today = day + DAY
    held, other = (game.game_id for game in world.games_on(day, today)[:2])
    before = world.player_totals(YEAR, "regular_season", today)
    world.held_back = {held}
    game = world.game(held, today)
    assert game is not None
    assert game.played
    assert not game.published
    assert not world.lines(held, today)
    assert not world.plays(held, today)
    assert {line.game_id for line in world.leaders(day, today)} >= {other}
    assert held not in {line.game_id for line in world.leaders(day, today)}
    assert sum(row.games for row in world.player_totals(YEAR, "regular_season", today)) < sum(r.games for r in before)
    world.held_back.clear()
    assert world.player_totals(YEAR, "regular_season", today) == before
