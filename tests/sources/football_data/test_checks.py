"""Each check of the tables: broken by what it names, kept by what is only rare."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import psycopg
import pyarrow as pa
import pytest

from fieldhouse.config import Settings
from fieldhouse.errors import RowsRejected
from fieldhouse.migrate import migrate
from fieldhouse.sources.football_data import SOURCE
from fieldhouse.warehouse import DatasetRows, Warehouse

TEAMS = [f"Team {letter}" for letter in "ABCDEFGHIJ"]
FIRST = date(2025, 8, 9)
Row = dict[str, Any]


def a_season() -> list[Row]:
    """Return the matches of ten teams, each against each at home, five a day, all 2:1 after 1:0."""
    pairs = [(home, away) for home in TEAMS for away in TEAMS if home != away]
    return [
        {
            "match_id": f"E0 2526 {home} {away}",
            "division": "E0",
            "season": "2526",
            "season_start_year": 2025,
            "match_date": FIRST + timedelta(days=number),
            "home_team": home,
            "away_team": away,
            "meeting": 1,
            "home_goals": 2,
            "away_goals": 1,
            "result": "H",
            "half_time_home_goals": 1,
            "half_time_away_goals": 0,
        }
        for number, (home, away) in enumerate(pairs)
    ]


def some_odds(prices: list[float]) -> list[Row]:
    return [
        {
            "match_id": f"match {number}",
            "bookmaker": "Bet365",
            "market": "match result",
            "timing": "opening",
            "outcome": "home",
            "price": price,
        }
        for number, price in enumerate(prices)
    ]


@pytest.fixture
def dsn(database: str) -> str:
    migrate(Settings(lake="", warehouse=database, catalog=database), (SOURCE.name,))
    return database


@pytest.fixture
def warehouse(dsn: str) -> Iterator[Warehouse]:
    warehouse = Warehouse(dsn)
    yield warehouse
    warehouse.close()


def load(warehouse: Warehouse, table: str, rows: list[Row]) -> int:
    """Load rows as a season's and return how many were inserted."""
    checks = {each.name: each.checks for t in SOURCE.dataset_types for each in t.tables}
    arrow = pa.Table.from_pylist(rows)
    dataset = DatasetRows(1, "season/division=E0/season=2526", 1, 1, {table: lambda: arrow})
    return warehouse.load(SOURCE.name, 1, [dataset], checks)[table].inserted


def change(rows: list[Row], count: int = 1, **values: Any) -> list[Row]:
    return [{**row, **values} if number < count else row for number, row in enumerate(rows)]


def test_a_season_is_good(warehouse: Warehouse) -> None:
    assert load(warehouse, "match", a_season()) == 90


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (
            change(a_season(), home_goals=26, result="H"),
            "1 rows with a score that nobody plays, such as E0 2526 Team A",
        ),
        (change(a_season(), half_time_away_goals=2), "1 rows with more goals at half-time than at the end"),
        (change(a_season(), away_team="Team A"), "1 rows with a team that plays itself"),
        (change(a_season(), match_date=date(2027, 1, 1)), "1 rows with a date outside its season"),
        (change(a_season(), 2, match_date=FIRST), "a team is at home twice on one day"),
        (change(a_season(), 4, result="A"), "over 2 % of the results contradict the goals"),
    ],
    ids=["score", "half-time", "itself", "date", "twice", "results"],
)
def test_what_a_match_cannot_be(warehouse: Warehouse, rows: list[Row], says: str) -> None:
    with pytest.raises(RowsRejected) as caught:
        load(warehouse, "match", rows)
    assert says in caught.value.reasons[1]


def test_a_few_of_the_sites_own_mistakes_are_kept(warehouse: Warehouse) -> None:
    assert load(warehouse, "match", change(a_season(), 3, result="D")) == 90
    assert load(warehouse, "match_odds", some_odds([0.0] * 20 + [2.5] * 80)) == 100


def test_many_prices_that_no_bookmaker_offers(warehouse: Warehouse) -> None:
    with pytest.raises(RowsRejected, match="over 1 % of the prices are 1 or less"):
        load(warehouse, "match_odds", some_odds([0.5] * 21 + [2.5] * 80))


def announce(dsn: str, rows: list[Row]) -> None:
    """Have the matches of ``rows`` as fixtures that were seen before they were played."""
    with psycopg.connect(dsn) as connection:
        connection.cursor().executemany(
            """
            insert into football_data.fixture
                (observed_at, division, season, match_date, home_team, away_team, _dataset_id, _revision)
            values (%(match_date)s::date - 2, 'E0', '2526', %(match_date)s, %(home_team)s, %(away_team)s, 2, 1)
            """,
            rows,
        )


@pytest.mark.parametrize(("absent", "good"), [(4, True), (5, True), (6, False)])
def test_matches_that_were_announced_and_are_not_there(warehouse: Warehouse, dsn: str, absent: int, good: bool) -> None:
    season = a_season()
    announce(dsn, season[10:30])
    rows = season[:10] + season[10 + absent : 40]
    if good:
        assert load(warehouse, "match", rows) == 40 - absent
        return
    with pytest.raises(RowsRejected, match="over a quarter of the matches that were announced"):
        load(warehouse, "match", rows)


def test_matches_that_are_still_to_be_played_are_not_missed(warehouse: Warehouse, dsn: str) -> None:
    season = a_season()
    announce(dsn, season[50:])
    assert load(warehouse, "match", season[:50]) == 50
