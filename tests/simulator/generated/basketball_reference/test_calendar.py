"""The generated league's calendar: what is known of a season's dates, and how it changes."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest

from simulator.generated.basketball_reference.calendar import all_star_break, first_day, last_day, published_on
from simulator.generated.basketball_reference.playoffs import places_known
from simulator.generated.basketball_reference.records import Game
from tests.simulator.generated.basketball_reference.league import APRIL, DAY, SEED, SUMMER, WORLD, YEAR, season

MONTHS = ["october", "november", "december", "january", "february", "march", "april"]
REGULAR = [game for game in season() if game.stage == "regular_season"]


def playoffs(today: date) -> list[Game]:
    return [game for game in season(today=today) if game.stage == "playoffs"]


@pytest.mark.parametrize(
    ("year", "first", "last"),
    [
        (2024, date(2023, 10, 24), date(2024, 4, 14)),
        (2025, date(2024, 10, 22), date(2025, 4, 13)),
        (2026, date(2025, 10, 21), date(2026, 4, 12)),
    ],
)
def test_a_season_begins_and_ends_as_the_true_one(year: int, first: date, last: date) -> None:
    assert (first_day(year), last_day(year)) == (first, last)


def test_everybody_plays_82_games_half_of_them_at_home() -> None:
    assert len(REGULAR) == 1230
    assert set(Counter(game.home for game in REGULAR).values()) == {41}
    assert set(Counter(game.away for game in REGULAR).values()) == {41}


def test_29_teams_rest_in_turn() -> None:
    games = [game for game in season(2003) if game.stage == "regular_season"]
    played = Counter(team for game in games for team in (game.away, game.home))
    assert len(played) == 29
    assert set(played.values()) <= {78, 80}


def test_nobody_plays_twice_a_day_and_ids_are_unique() -> None:
    games = season()
    days = Counter((game.game_date, team) for game in games for team in (game.away, game.home))
    assert set(days.values()) == {1}
    assert len({game.game_id for game in games}) == len(games)


def test_an_id_is_the_date_and_the_home_team() -> None:
    assert all(game.game_id == f"{game.game_date:%Y%m%d}0{game.home}" for game in season())


@pytest.mark.parametrize(
    "day",
    [*all_star_break(YEAR), date(2025, 11, 4), date(2025, 11, 27), date(2025, 12, 24), date(2026, 4, 6)],
)
def test_a_day_without_games(day: date) -> None:
    assert WORLD.games_on(day, SUMMER) == []
    assert WORLD.leaders(day, SUMMER) == []


def test_the_all_star_break_is_six_days_around_a_sunday() -> None:
    assert all_star_break(2026) == tuple(date(2026, 2, 13) + n * DAY for n in range(6))


def test_days_have_up_to_fifteen_games() -> None:
    days = Counter(game.game_date for game in REGULAR)
    assert max(days.values()) == 15
    assert days[last_day(YEAR)] == 15
    assert days[first_day(YEAR)] == 2
    assert len(set(days.values())) > 8


def test_remarks() -> None:
    remarks = Counter(game.remarks for game in season())
    assert remarks["Play-In Game"] == 6
    assert remarks["at Mexico City, Mexico"] == remarks["at Paris, France"] == 1
    assert 30 < remarks["NBA Cup"] < 90
    assert all(g.game_date.month in {10, 11} for g in season() if g.remarks == "NBA Cup")
    assert {game.remarks for game in season(2011)} == {""}


def test_a_month_is_in_order_of_date_and_time() -> None:
    for slug in WORLD.months(YEAR, SUMMER):
        games = WORLD.schedule(YEAR, slug, SUMMER)
        assert all(a.game_date <= b.game_date for a, b in pairwise(games))
        assert {f"{game.game_date:%B}".lower() for game in games} == {slug}


def test_a_schedule_comes_out_in_august() -> None:
    out = published_on(2027)
    assert WORLD.months(2027, out - DAY) == []
    assert WORLD.schedule(2027, "october", out - DAY) == []
    assert WORLD.months(2027, out) == MONTHS
    assert (WORLD.last_season(out - DAY), WORLD.last_season(out)) == (2026, 2027)
    assert not any(game.played for game in season(2027, out))


def test_a_game_has_a_score_the_day_after() -> None:
    day = date(2026, 1, 12)
    assert not any(game.played or game.published for game in WORLD.games_on(day, day))
    for game in WORLD.games_on(day, day + DAY):
        assert game.played
        assert game.published
        assert game.overtimes is not None
        assert game.attendance
        assert game.duration_minutes


# --- postponements ----------------------------------------------------------------------------------------


def test_some_games_are_postponed_every_season() -> None:
    for year in (2001, 2019, 2026):
        assert 3 <= len(WORLD.postponements(year)) <= 6


@pytest.mark.parametrize(("first", "then"), WORLD.postponements(YEAR))
def test_a_postponed_game_leaves_its_date_on_that_day(first: str, then: str) -> None:
    day = date.fromisoformat(first[:8])
    before, after = season(today=day - DAY), season(today=day)
    assert {first, then} & {game.game_id for game in before} == {first}
    assert {first, then} & {game.game_id for game in after} == {then}
    assert len(before) == len(after)
    assert WORLD.lines(first, SUMMER) == []
    assert WORLD.plays(first, SUMMER) == []
    assert WORLD.lines(then, SUMMER)
    assert date.fromisoformat(then[:8]) >= day + timedelta(days=14)


# --- after the regular season -----------------------------------------------------------------------------


def test_playoffs_are_listed_as_they_are_known() -> None:
    assert WORLD.months(YEAR, APRIL - DAY) == MONTHS
    assert not playoffs(APRIL - DAY)
    series = Counter(frozenset((game.away, game.home)) for game in playoffs(APRIL))
    # Until the play-in is over, seventh and eighth are unknown
    assert set(series.values()) == {7}
    assert len(series) == 4
    assert len(places_known(SEED, YEAR, APRIL - DAY)) == 0
    assert len(places_known(SEED, YEAR, APRIL)) == 8
    assert len(places_known(SEED, YEAR, SUMMER)) == 16


def test_the_play_in_is_on_tuesday_wednesday_and_friday() -> None:
    days = [game.game_date.weekday() for game in season() if game.stage == "play_in"]
    assert days == [1, 1, 2, 2, 4, 4]
    assert not any(game.stage == "play_in" for game in season(2020))
    # The last two are between those who lost and won the first four
    assert len([game for game in season(today=APRIL) if game.stage == "play_in"]) == 4


def test_a_series_ends_with_the_fourth_win() -> None:
    played = playoffs(SUMMER)
    assert all(game.played for game in played)
    series: dict[frozenset[str], Counter[str]] = {}
    for game in played:
        assert game.away_points is not None
        assert game.home_points is not None
        wins = series.setdefault(frozenset((game.away, game.home)), Counter())
        assert 4 not in wins.values()
        wins[game.home if game.home_points > game.away_points else game.away] += 1
    assert len(series) == 15
    assert all(max(wins.values()) == 4 for wins in series.values())


def test_games_that_are_not_needed_are_dropped() -> None:
    listed = {game.game_id: game for game in playoffs(date(2026, 4, 20))}
    left = {game.game_id for game in playoffs(SUMMER)}
    dropped = [game for number, game in listed.items() if number not in left]
    assert dropped
    assert all(game.if_necessary and not game.played for game in dropped)
    for game in dropped:
        assert WORLD.game(game.game_id, SUMMER) is None


def test_the_finals_are_in_june_and_nobody_plays_in_july() -> None:
    last = playoffs(SUMMER)[-1]
    assert last.game_date.month == 6
    assert all(not WORLD.games_on(date(2026, 7, 1) + n * DAY, date(2026, 10, 1)) for n in range(80))


def test_the_first_round_was_shorter_until_2002() -> None:
    first_round = Counter(frozenset((game.away, game.home)) for game in playoffs_of(2002, date(2002, 4, 15)))
    assert set(first_round.values()) == {5}
    assert len(first_round) == 8


def playoffs_of(year: int, today: date) -> list[Game]:
    return [game for game in season(year, today) if game.stage == "playoffs"]
