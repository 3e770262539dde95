"""Seasons: which days count to them, and how a person asks for them."""

from __future__ import annotations

from datetime import date

import pytest

from fieldhouse.errors import ConfigurationError
from fieldhouse.sources.basketball_reference.seasons import Season, season_of, select_seasons, transactions_of

TODAY = date(2026, 1, 12)


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2025, 7, 31), 2025),
        (date(2025, 8, 1), 2026),
        (date(2026, 1, 12), 2026),
        (date(2026, 6, 22), 2026),
        # the season that was played to its end in October
        (date(2020, 8, 15), 2020),
        (date(2020, 10, 11), 2020),
        (date(2020, 10, 12), 2021),
        (date(2021, 7, 20), 2021),
    ],
)
def test_a_day_counts_to_one_season(day: date, year: int) -> None:
    season = season_of(day)
    assert season == Season(year)
    assert season.start <= day <= season.end


def test_seasons_follow_each_other_without_a_gap() -> None:
    for year in range(1950, 2030):
        assert (Season(year + 1).start - Season(year).end).days == 1, year


def test_the_year_of_transactions_begins_in_july() -> None:
    assert transactions_of(date(2025, 6, 30)) == Season(2025)
    assert transactions_of(date(2025, 7, 1)) == Season(2026)


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2025", [2025]),
        ("2024-25", [2025]),
        ("2024/25", [2025]),
        ("1999-00", [2000]),
        ("2001-2003", [2003, 2002, 2001]),
        ("2026, 2001-2002", [2026, 2002, 2001]),
    ],
)
def test_seasons_are_asked_for_by_the_year_that_they_end_in(text: str, years: list[int]) -> None:
    assert [season.year for season in select_seasons(text, TODAY)] == years


@pytest.mark.parametrize("text", ["2027", "1949", "2024-26", "25", "2003-2001", ",", "all", "2024-2"])
def test_what_is_no_season_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        select_seasons(text, TODAY)


def test_a_season_is_called_by_both_its_years() -> None:
    assert (str(Season(2026)), str(Season(2000))) == ("2025-26", "1999-00")
