"""Fresh is what has all that should have come: silence in summer is, a missing round is not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dbt.conftest import Marts

pytestmark = pytest.mark.xdist_group("dbt")

MATCH = """
insert into football_data.match (
    match_id, division, season, season_start_year, match_date, home_team, away_team, meeting, home_goals, away_goals,
    _dataset_id, _revision
) values (%s, %s, '2425', 2024, current_date - %s::integer, %s, %s, 1, 1, 1, 1, 1)
"""
FIXTURE = """
insert into football_data.fixture (
    observed_at, division, season, match_date, kickoff_time, home_team, away_team, _dataset_id, _revision
) values (now() - make_interval(days => %s), %s, '2425', current_date - %s::integer, '15:00', %s, %s, 2, 1)
"""


def play(marts: Marts, division: str, days_ago: int, home: str, away: str) -> None:
    marts.rows(MATCH, f"{division}/2425/{home}/{away}/1", division, days_ago, home, away)


def announce(
    marts: Marts, division: str, days_ago: int, home: str, away: str, seen_days_ago: int | None = None
) -> None:
    marts.rows(FIXTURE, days_ago + 2 if seen_days_ago is None else seen_days_ago, division, days_ago, home, away)


def freshness(marts: Marts, code: int = 0) -> dict[str, Any]:
    """Return {table: (status, age in whole days)}."""
    process = marts.start("source", "freshness", "--select", "source:football_data")
    said, _ = process.communicate(timeout=120)
    assert process.returncode == code, said
    results = marts.artifact("sources")["results"]
    return {
        r["unique_id"].split(".")[-1]: (r["status"], round(r["max_loaded_at_time_ago_in_s"] / 86_400)) for r in results
    }


def test_silence_in_summer(empty: Marts) -> None:
    announce(empty, "E0", 60, "A", "B")
    play(empty, "E0", 60, "A", "B")
    play(empty, "E0", 60, "C", "D")
    assert freshness(empty) == {"match": ("pass", 0), "fixture": ("pass", 0)}


def test_a_round_is_missing_within_the_season(empty: Marts) -> None:
    play(empty, "E0", 12, "A", "B")
    announce(empty, "E0", 12, "A", "B")
    # this one was postponed, and its division played on
    announce(empty, "E0", 12, "C", "D")
    # this one was moved to tomorrow
    announce(empty, "E1", 20, "G", "H")
    announce(empty, "E1", -1, "G", "H", seen_days_ago=5)
    announce(empty, "E0", 5, "B", "A")
    announce(empty, "SP1", 9, "E", "F")
    assert freshness(empty, code=1) == {"match": ("error", 9), "fixture": ("pass", 0)}

    play(empty, "SP1", 9, "E", "F")
    # a match that nobody announced
    play(empty, "SP1", 8, "F", "E")
    assert freshness(empty) == {"match": ("warn", 5), "fixture": ("warn", 9)}
