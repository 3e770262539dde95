from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from fieldhouse.source import Scope, Window
from fieldhouse.sources import football_data
from fieldhouse.sources.football_data.calendar import main_leagues_play


def scope(start: str, end: str, seasons: str = "", fixtures: Any = None) -> Scope:
    window = Window(date.fromisoformat(start), date.fromisoformat(end))
    table = None if fixtures is None else pa.table({"match_date": pa.array(fixtures, pa.date32())})
    return Scope(window, today=window.end, params={"seasons": seasons}, rows=lambda _: table)


@pytest.mark.parametrize(
    ("asked", "plays"),
    [
        (scope("2026-01-04", "2026-01-04"), True),
        (scope("2026-06-15", "2026-06-15"), True),
        (scope("2026-06-16", "2026-07-19"), False),
        (scope("2026-07-20", "2026-07-20"), True),
        (scope("2026-06-20", "2030-06-20"), True),
        (scope("2026-07-01", "2026-07-01", seasons="2425"), True),
        (scope("2026-07-01", "2026-07-01", fixtures=[]), False),
        (scope("2026-07-01", "2026-07-01", fixtures=[date(2026, 6, 23), date(2026, 7, 16)]), False),
        (scope("2026-07-01", "2026-07-01", fixtures=[date(2026, 6, 24)]), True),
        (scope("2026-07-01", "2026-07-01", fixtures=[date(2026, 7, 15)]), True),
    ],
)
def test_main_leagues_play(asked: Scope, plays: bool) -> None:
    answer, reason = main_leagues_play(asked)
    assert answer is plays
    assert len(reason) > 20
    assert "\n" not in reason


def test_which_calendar_each_dataset_type_follows() -> None:
    summer = scope("2026-07-01", "2026-07-01")
    answers = {kind.name: kind.in_season(summer)[0] for kind in football_data.SOURCE.dataset_types}
    assert answers == {"season": False, "extra_league": True, "fixtures": False}
