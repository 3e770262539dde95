"""What ``auto`` means: each dataset type has a calendar of its own."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from fieldhouse.source import Scope, Window
from fieldhouse.sources.basketball_reference import SOURCE

GAMES = ("boxscores", "play_by_play", "player_season", "team_season")
FINALS = [date(2025, 6, day) for day in (5, 8, 11, 13, 16, 19, 22)]


def schedule(*days: date) -> pa.Table:
    return pa.table({"game_date": pa.array(days, pa.date32())})


def judge(name: str, day: date, known: pa.Table | None = None, **params: str) -> tuple[bool, str]:
    scope = Scope(Window(day, day), day, params=params, rows={"schedule": known}.get)
    return SOURCE.dataset_type(name).in_season(scope)


@pytest.mark.parametrize("name", GAMES)
@pytest.mark.parametrize(
    ("day", "known", "is_open"),
    [
        (date(2025, 10, 2), None, True),
        (date(2026, 2, 15), schedule(), True),
        (date(2025, 5, 31), schedule(*FINALS), True),
        # as long as box scores are corrected after the Finals
        (date(2025, 6, 10), schedule(*FINALS), True),
        (date(2025, 6, 30), schedule(*FINALS), True),
        (date(2025, 7, 1), schedule(*FINALS), False),
        (date(2025, 7, 15), schedule(*FINALS), False),
        (date(2025, 7, 15), None, False),
        # in June nobody knows of a season of which nothing is here
        (date(2025, 6, 29), None, True),
        (date(2025, 6, 29), schedule(date(2025, 6, 12)), False),
        # a season that went on into summer: its schedule says so
        (date(2021, 7, 20), schedule(date(2021, 7, 20)), True),
        (date(2020, 9, 1), schedule(date(2020, 8, 31), date(2020, 9, 1)), True),
    ],
)
def test_games_open_and_close_with_the_games(name: str, day: date, known: pa.Table | None, is_open: bool) -> None:
    assert judge(name, day, known)[0] is is_open


def test_in_july_the_reason_says_when_games_were_and_will_be() -> None:
    known = schedule(*FINALS, date(2025, 10, 21))
    assert judge("boxscores", date(2025, 7, 15), known) == (
        False,
        "no game is known in or shortly before 2025-07-15; the last one was on 2025-06-22; "
        "the next one is on 2025-10-21",
    )


def test_the_schedule_opens_when_the_next_season_comes_out() -> None:
    days = [date(2025, 6, 30), date(2025, 8, 9), date(2025, 8, 10), date(2025, 9, 30), date(2025, 10, 1)]
    assert [judge("schedule", day, schedule(*FINALS))[0] for day in days] == [True, False, True, True, True]
    assert not judge("schedule", date(2025, 7, 15), schedule(*FINALS))[0]


@pytest.mark.parametrize("name", ["transactions", "contracts", "injuries"])
def test_what_happens_in_every_month_is_always_open(name: str) -> None:
    assert all(judge(name, date(2025, month, 15))[0] for month in range(1, 13))


@pytest.mark.parametrize("name", ["schedule", *GAMES])
def test_who_asks_for_seasons_asks_in_summer_too(name: str) -> None:
    assert judge(name, date(2025, 7, 15), schedule(*FINALS), seasons="2024")[0]


def test_finals_that_nobody_has_heard_of_are_found() -> None:
    """Their month is linked to when the finalists are known: by then the last known game may be long ago."""
    known = schedule(date(2025, 5, 27))
    assert not judge("boxscores", date(2025, 6, 8), known)[0]
    assert judge("schedule", date(2025, 6, 8), known)[0]


@pytest.mark.parametrize("name", ["schedule", *GAMES])
def test_the_summers_in_which_games_were_played_need_no_schedule(name: str) -> None:
    days = [date(2020, 7, 30), date(2020, 10, 11), date(2021, 7, 20), date(2021, 7, 25), date(2022, 7, 15)]
    assert [judge(name, day)[0] for day in days] == [True, True, True, False, False]


def test_a_long_window_is_open_if_any_of_its_days_is() -> None:
    judged = SOURCE.dataset_type("boxscores").in_season
    ends = [date(2025, 7, 1), date(2025, 9, 30), date(2025, 10, 1), date(2027, 1, 1)]
    scopes = [Scope(Window(date(2025, 7, 1), end), end) for end in ends]
    assert [judged(scope)[0] for scope in scopes] == [False, False, True, True]
