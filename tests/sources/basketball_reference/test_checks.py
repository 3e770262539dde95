"""Each check of the tables: broken by what it names, kept by what is only rare."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from fieldhouse.config import Settings
from fieldhouse.errors import RowsRejected
from fieldhouse.migrate import migrate
from fieldhouse.sources.basketball_reference.checks import BOXSCORE_CHECKS, PLAY_BY_PLAY_CHECKS, SCHEDULE_CHECKS
from fieldhouse.warehouse import DatasetRows, Warehouse
from tests.sources.basketball_reference.recorded import read_table

Row = dict[str, Any]
CHECKS = {"schedule": SCHEDULE_CHECKS, "player_boxscore": BOXSCORE_CHECKS, "play_by_play": PLAY_BY_PLAY_CHECKS}
TEAMS = [("ATL", "POR"), ("BOS", "MIA"), ("CHI", "TOR"), ("DEN", "LAC"), ("DAL", "HOU")]
DAY = date(2025, 4, 1)


def a_schedule() -> list[Row]:
    """Return five games of a day, of which the last is not played."""
    return [
        {
            "game_id": f"202504010{home}",
            "season": 2025,
            "game_date": DAY,
            "away_team_id": away,
            "away_team_name": away,
            "home_team_id": home,
            "home_team_name": home,
            "away_points": 113 if home != "DAL" else None,
            "home_points": 127 if home != "DAL" else None,
            "has_box_score": home != "DAL",
        }
        for home, away in TEAMS
    ]


def box_scores() -> list[Row]:
    """Return the box scores of five games, of eight players a team, who played half an hour each."""
    return [
        {
            "game_id": f"202504010{home}",
            "player_id": f"player{team}{number}",
            "season": 2025,
            "game_date": DAY,
            "player_name": f"{team} {number}",
            "team_id": team,
            "opponent_id": away if team == home else home,
            "is_home": team == home,
            "won": team == home,
            "seconds_played": 30 * 60,
            "field_goals_made": 5,
            "field_goals_attempted": 9,
            "three_pointers_made": 1,
            "three_pointers_attempted": 1,
            "free_throws_made": 2,
            "free_throws_attempted": 4,
            "offensive_rebounds": 1,
            "defensive_rebounds": 3,
            "total_rebounds": 4,
            "points": 13,
        }
        for home, away in TEAMS
        for team in (home, away)
        for number in range(8)
    ]


def play_by_play() -> list[Row]:
    """Return 200 events of a game: the visitors score in every tenth, the home team too, and once more at the end."""
    rows: list[Row] = []
    away = home = 0
    for number in range(1, 201):
        away_points = 2 if number % 10 == 0 else None
        home_points = 2 if number % 10 == 5 or number == 199 else None
        away, home = away + (away_points or 0), home + (home_points or 0)
        rows.append(
            {
                "game_id": "202504010ATL",
                "event_number": number,
                "season": 2025,
                "game_date": DAY,
                "away_team_id": "POR",
                "home_team_id": "ATL",
                "period": (number - 1) // 50 + 1,
                "clock": "1:00.0",
                "seconds_remaining": 60.0,
                "elapsed_seconds": float(number),
                "event_type": "other",
                "away_points": away_points,
                "home_points": home_points,
                "away_score": away,
                "home_score": home,
            }
        )
    return rows


GOOD = {"schedule": a_schedule, "player_boxscore": box_scores, "play_by_play": play_by_play}


@pytest.fixture
def warehouse(database: str) -> Iterator[Warehouse]:
    migrate(Settings(lake="", warehouse=database, catalog=database), ("basketball_reference",))
    warehouse = Warehouse(database)
    yield warehouse
    warehouse.close()


def load(warehouse: Warehouse, table: str, rows: list[Row]) -> int:
    """Load rows as a dataset's and return how many were inserted."""
    arrow = pa.Table.from_pylist(rows)
    dataset = DatasetRows(1, "a/dataset", 1, 1, {table: lambda: arrow})
    return warehouse.load("basketball_reference", 1, [dataset], CHECKS)[table].inserted


def change(rows: list[Row], count: int = 1, **values: Any) -> list[Row]:
    return [{**row, **values} if number < count else row for number, row in enumerate(rows)]


def test_what_is_good(warehouse: Warehouse) -> None:
    assert {table: load(warehouse, table, make()) for table, make in GOOD.items()} == {
        "schedule": 5,
        "player_boxscore": 80,
        "play_by_play": 200,
    }


def test_what_cannot_be(warehouse: Warehouse) -> None:
    """All cases on one database: each is refused whole, and leaves nothing behind."""
    schedule, boxes, plays = a_schedule(), box_scores(), play_by_play()
    cases = [
        ("schedule", change(schedule, away_team_id="ATL"), "1 rows with a team that plays itself"),
        ("schedule", change(schedule, away_points=251), "1 rows with a score that nobody plays"),
        ("schedule", change(schedule, away_points=0), "1 rows with a score that nobody plays"),
        ("schedule", change(schedule, home_points=None), "1 rows with the score of one team only"),
        ("schedule", change(schedule, home_points=113), "1 rows with a game that was played and ended in a tie"),
        ("schedule", change(schedule, season=2024), "1 rows with a date outside its season"),
        ("player_boxscore", change(boxes, seconds_played=6001), "1 rows with a time that no game lasts"),
        ("player_boxscore", change(boxes, opponent_id="ATL"), "1 rows with a team that plays itself"),
        ("player_boxscore", change(boxes, 8, won=False), "a game that was not won by one of two teams"),
        ("player_boxscore", boxes[8:], "a game that was not won by one of two teams"),
        ("player_boxscore", boxes[1:], "a team that was on the court for less than 235 minutes"),
        ("player_boxscore", change(boxes, seconds_played=24 * 60), "on the court for less than 235 minutes"),
        ("player_boxscore", change(boxes, 3, points=14), "over 2 % of the points are not those of the shots"),
        ("player_boxscore", change(boxes, 3, three_pointers_attempted=0), "made more shots than they attempted"),
        ("player_boxscore", change(boxes, 3, total_rebounds=5), "over 2 % of the rebounds are not those of both ends"),
        ("play_by_play", plays[:150], "fewer than four quarters"),
        ("play_by_play", change(plays, 200, period=1), "fewer than four quarters"),
        ("play_by_play", [*plays[:-1], {**plays[-1], "home_score": 40}], "a tie after the last event"),
        ("play_by_play", change(plays, 100, away_points=None), "points that do not add up to the score"),
        ("play_by_play", [*plays[:20], *reversed(plays[20:])], "lie before the one above"),
    ]
    for table, rows, says in cases:
        if table == "play_by_play":
            rows = [{**row, "event_number": number} for number, row in enumerate(rows, 1)]  # noqa: PLW2901
        with pytest.raises(RowsRejected) as caught:
            load(warehouse, table, rows)
        assert says in caught.value.reasons[1]
        assert warehouse.rows(f"select count(*) from basketball_reference.{table}")[0][0] == 0


def test_a_few_of_the_sites_own_slips_are_kept(warehouse: Warehouse) -> None:
    assert load(warehouse, "player_boxscore", change(box_scores(), 2, points=14, total_rebounds=5)) == 80


def test_a_month_of_which_nothing_is_played_is_kept(warehouse: Warehouse) -> None:
    assert load(warehouse, "schedule", [row for row in a_schedule() if row["home_points"] is None]) == 1


def test_minutes_of_an_older_season_that_are_some_short(warehouse: Warehouse) -> None:
    assert load(warehouse, "player_boxscore", change(box_scores(), seconds_played=26 * 60)) == 80


def test_recorded_pages_have_nothing_that_cannot_be(warehouse: Warehouse, recordings: Callable[[str], Path]) -> None:
    folder = recordings("basketball_reference")
    months = [(folder / f"schedule/bh/2018_{slug}.html", slug) for slug in ("january", "april")]
    pages = [
        *((path, "schedule", {"season": "2018", "month": slug}) for path, slug in months),
        *((path, "boxscores", {"date": path.name[:10]}) for path in sorted(folder.glob("dailyleaders/*.bh.html"))),
        *((path, "play_by_play", {"game_id": path.stem}) for path in sorted(folder.glob("pbp/*.html"))),
    ]
    for number, (path, dataset_type, identifier) in enumerate(pages, 1):
        table = "player_boxscore" if dataset_type == "boxscores" else dataset_type
        rows = read_table(path, dataset_type, **identifier)
        dataset = DatasetRows(number, path.name, 1, 1, {table: rows.combine_chunks})
        loaded = warehouse.load("basketball_reference", number, [dataset], CHECKS)[table]
        assert loaded.inserted == rows.num_rows, path
    (row,) = warehouse.rows("select * from basketball_reference.schedule where game_id = '201801010BRK'")
    assert row.tip_off_at == datetime(2018, 1, 2, 0, 30, tzinfo=UTC)
