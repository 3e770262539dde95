from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from fieldhouse.errors import ConfigurationError
from fieldhouse.source import Window
from fieldhouse.sources.football_data.seasons import Season, running, season_from_code, select_seasons, touching

TODAY = date(2026, 5, 20)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("2425", "2425"),
        ("2024/25", "2425"),
        ("2024-25", "2425"),
        ("2024/2025", "2425"),
        ("2024", "2425"),
        ("2021", "2021"),
        ("9900", "9900"),
        ("1999/00", "9900"),
        ("2425, 9394", "9394 2425"),
        ("2023-2025", "2324 2425 2526"),
        ("2024-2030", "2425 2526"),
        ("2020-2021", "2021 2122"),
        ("2021-2021", "2122"),
        ("2021-2122", "2021 2122"),
        ("1920-2021", "1920 2021"),
        ("9899-0001", "9899 9900 0001"),
        ("2023-2024,2526", "2324 2425 2526"),
    ],
)
def test_seasons_param(text: str, codes: str) -> None:
    assert [season.code for season in sorted(select_seasons(text, TODAY).seasons)] == codes.split()


def test_all_is_every_season_to_the_running_one() -> None:
    seasons = sorted(select_seasons("all", TODAY).seasons)
    assert (seasons[0].code, seasons[-1].code, len(seasons)) == ("9394", "2526", 33)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("last", "is no season"),
        ("2424", "is no season"),
        ("1980", "is no season"),
        ("2024/26", "is no season"),
        ("2425-", "is no season"),
        ("2015-2122", "no range"),
        ("2025-2015", "backwards"),
        ("2627", "has not begun"),
        ("2030-2035", "holds no season"),
        (",", "holds no season"),
    ],
)
def test_what_is_no_season(text: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        select_seasons(text, TODAY)


@pytest.mark.parametrize("code", ["2426", "24", "20242025", "abcd", "", "²⁴²⁵"])
def test_what_is_no_code(code: str) -> None:
    with pytest.raises(ConfigurationError, match="season code"):
        season_from_code(code)


@pytest.mark.parametrize(
    ("day", "code"), [(date(2026, 6, 30), "2526"), (date(2026, 7, 1), "2627"), (date(2000, 1, 1), "9900")]
)
def test_a_season_starts_in_july(day: date, code: str) -> None:
    assert running(day).code == code


@pytest.mark.parametrize(
    ("start", "end", "codes"),
    [
        ("2024-12-01", "2024-12-01", "2425"),
        ("2025-06-30", "2025-07-01", "2425 2526"),
        ("2020-07-26", "2020-07-26", "1920 2021"),
        ("1990-01-01", "1993-08-01", "9394"),
        ("1980-01-01", "1981-01-01", ""),
    ],
)
def test_seasons_that_a_window_touches(start: str, end: str, codes: str) -> None:
    window = Window(date.fromisoformat(start), date.fromisoformat(end))
    assert [season.code for season in touching(window)] == codes.split()


def test_when_a_season_is_settled_and_due() -> None:
    season = Season(2024)
    assert str(season) == "2024/25"
    assert season.settled_at == datetime(2025, 7, 1, tzinfo=UTC)
    assert season.due_at == datetime(2024, 9, 15, tzinfo=UTC)
    assert Season(2019).settled_at == datetime(2020, 9, 1, tzinfo=UTC)
