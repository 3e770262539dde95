from __future__ import annotations

import subprocess
import sys
from datetime import date
from typing import Any

import pytest

from fieldhouse import sources
from fieldhouse.errors import ConfigurationError
from fieldhouse.source import Candidate, Scope, Window
from fieldhouse.sources.football_data.discover import discover
from fieldhouse.sources.football_data.divisions import DIVISIONS, LEAGUES
from fieldhouse.sources.football_data.seasons import season_from_code

TODAY = "2026-05-20"


class NoNetwork:
    def get(self, url: str, **_: object) -> bytes:
        raise AssertionError(url)


def found(start: str, end: str, **params: Any) -> list[Candidate]:
    window, today = Window(date.fromisoformat(start), date.fromisoformat(end)), date.fromisoformat(TODAY)
    present = window.start <= today <= window.end
    return list(discover(Scope(window, today, present, params), NoNetwork()))


def codes(candidates: list[Candidate]) -> list[str]:
    return list(dict.fromkeys(c.identifier["season"] for c in candidates if c.dataset_type == "season"))


def test_a_run_of_today() -> None:
    candidates = found(TODAY, TODAY)
    assert codes(candidates) == ["2526", "2425"]
    kinds = [candidate.dataset_type for candidate in candidates]
    assert [kinds.count(kind) for kind in ("fixtures", "season", "extra_league")] == [1, 2 * 22, 16]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2015-01-10", "2015-01-11", "1415"),
        ("2015-06-30", "2015-07-01", "1516 1415"),
        ("2024-10-01", TODAY, "2526 2425"),
        ("2023-10-01", TODAY, "2526 2425 2324"),
        ("1985-01-01", "1985-12-31", ""),
        ("2026-08-01", "2026-08-02", ""),
    ],
)
def test_the_seasons_of_a_window(start: str, end: str, expected: str) -> None:
    assert codes(found(start, end)) == expected.split()


def test_the_run_of_a_night_before_is_of_the_present() -> None:
    yesterday = date(2026, 5, 19)
    candidates = list(discover(Scope(Window(yesterday, yesterday), date(2026, 5, 20)), NoNetwork()))
    assert candidates[0].dataset_type == "fixtures"
    assert codes(candidates) == ["2526", "2425"]


def test_the_past_has_no_fixtures() -> None:
    kinds = {candidate.dataset_type for candidate in found("2026-05-01", "2026-05-02")}
    assert kinds == {"season", "extra_league"}


@pytest.mark.parametrize(
    ("params", "types"),
    [
        ({"seasons": "2425"}, {"season", "extra_league"}),
        ({"seasons": "2425", "divisions": ["E0"]}, {"season"}),
        ({"seasons": "2526", "divisions": "E0,E1"}, {"season", "fixtures"}),
        ({"divisions": ["MEX"]}, {"extra_league"}),
        ({"divisions": []}, {"season", "extra_league", "fixtures"}),
    ],
)
def test_params_narrow_what_is_found(params: dict[str, Any], types: set[str]) -> None:
    assert {candidate.dataset_type for candidate in found(TODAY, TODAY, **params)} == types


def test_a_division_has_no_season_before_its_first() -> None:
    first: dict[str, str] = {}
    for candidate in found(TODAY, TODAY, seasons="all"):
        if candidate.dataset_type == "season":
            first[candidate.identifier["division"]] = candidate.identifier["season"]
    assert first["E0"] == "9394"
    assert first["EC"] == "0506"
    assert {code: season_from_code(season).first_year for code, season in first.items()} == {
        code: division.first_year for code, division in DIVISIONS.items()
    }


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"divisions": ["E9"]}, "no division 'E9'; the divisions are: E0, .*USA"),
        ({"seasons": "9394", "divisions": ["E0", "EC"]}, "EC .*published from season 2005/06 on"),
        ({"seasons": "2627"}, "has not begun"),
        ({"seasons": "soon"}, "is no season"),
    ],
)
def test_what_cannot_be_asked_for(params: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        found(TODAY, TODAY, **params)


def test_a_window_before_a_division_existed_finds_nothing() -> None:
    assert found("1995-01-01", "1995-01-02", divisions=["EC"]) == []


@pytest.mark.parametrize(
    ("params", "url"),
    [
        ({"seasons": "2425", "divisions": ["SC0"]}, "mmz4281/2425/SC0.csv"),
        ({"divisions": ["MEX"]}, "new/MEX.csv"),
        ({"seasons": "2526", "divisions": ["E0"]}, "fixtures.csv"),
    ],
)
def test_addresses(params: dict[str, Any], url: str) -> None:
    assert found(TODAY, TODAY, **params)[0].files[0].url == url


def test_a_running_season_is_not_settled() -> None:
    running, before = found(TODAY, TODAY, divisions=["E0"])[1:]
    assert running.settled_at is not None
    assert before.settled_at is not None
    assert before.settled_at.date().isoformat() < TODAY < running.settled_at.date().isoformat()


def test_what_is_published() -> None:
    assert (len(DIVISIONS), len(LEAGUES)) == (22, 16)


def test_the_declaration_is_light() -> None:
    code = "import sys; from fieldhouse import sources; sources.get('football_data'); print(*sys.modules)"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"pyarrow", "pandas", "numpy", "httpx"} & set(output.split())


def test_what_a_flag_and_a_form_can_say() -> None:
    source = sources.get("football_data")
    assert [kind.backfill for kind in source.dataset_types] == [True, True, False]
    assert [kind.observed for kind in source.dataset_types] == [False, False, True]
    assert {param.name: param.default for param in source.params} == {"seasons": "", "divisions": []}
