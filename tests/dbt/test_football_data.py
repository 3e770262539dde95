"""The marts of real seasons: the tables that everybody knows, and what dbt's own tests say."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dbt.conftest import PROJECT, Marts

pytestmark = pytest.mark.xdist_group("dbt")

PREMIER_LEAGUE_2425 = (
    ("Liverpool", 84),
    ("Arsenal", 74),
    ("Man City", 71),
    ("Chelsea", 69),
    ("Newcastle", 66),
    ("Aston Villa", 66),
    ("Nott'm Forest", 65),
    ("Brighton", 61),
    ("Bournemouth", 56),
    ("Brentford", 56),
    ("Fulham", 54),
    ("Crystal Palace", 53),
    ("Everton", 48),
    ("West Ham", 43),
    ("Man United", 42),
    ("Wolves", 42),
    ("Tottenham", 38),
    ("Leicester", 25),
    ("Ipswich", 22),
    ("Southampton", 12),
)
CHAMPIONS_2425 = {
    "D1": ("Bayern Munich", 34, 82),
    "E0": ("Liverpool", 38, 84),
    "E1": ("Leeds", 46, 100),
    "E2": ("Birmingham", 46, 111),
    "E3": ("Doncaster", 46, 84),
    "F1": ("Paris SG", 34, 84),
    "I1": ("Napoli", 38, 82),
    "SP1": ("Barcelona", 38, 88),
}


def table(marts: Marts, columns: str, condition: str) -> list[Any]:
    """Return columns of the last tables of 2024/25, in their order."""
    return marts.rows(
        f"select {columns} from marts.football_data__league_table as t where season = '2425' and {condition} and "
        "match_date = (select max(match_date) from football_data.match where division = t.division and season = '2425')"
        " order by division, position"
    )


def test_final_table_of_the_premier_league(built: Marts) -> None:
    assert table(built, "team, points", "division = 'E0'") == list(PREMIER_LEAGUE_2425)
    assert set(table(built, "played", "division = 'E0'")) == {(38,)}
    liverpool = table(built, "won, drawn, lost, goals_for, goals_against, goal_difference", "team = 'Liverpool'")
    assert liverpool == [(25, 9, 4, 86, 41, 45)]


def test_champions(built: Marts) -> None:
    champions = table(built, "division, team, played, points", "position = 1")
    assert {division: row for division, *row in champions} == {d: list(row) for d, row in CHAMPIONS_2425.items()}


def test_points_that_were_taken(built: Marts) -> None:
    """Sheffield United started with -2, came third with 90, and nobody else lost a point."""
    assert table(built, "team, position, points, points_deducted", "points_deducted <> 0") == [
        ("Sheffield United", 3, 90, 2)
    ]
    first = (
        "select won, points from marts.football_data__league_table where team = 'Sheffield United' order by match_date"
    )
    assert built.rows(first)[0] == (1, 1)


def test_every_match_has_its_probabilities(built: Marts) -> None:
    statement = "select count(*), count(price_basis), count(*) filter (where price_basis = 'closing average') from {}"
    ((matches, priced, closing),) = built.rows(statement.format("marts.football_data__results where season = '2425'"))
    assert (matches, priced) == (3408, 3408)
    assert closing > 3400
    assert built.rows("select count(*) from marts.football_data__results") == built.rows(
        "select count(*) from football_data.match"
    )


def test_implied_probabilities_of_a_match(built: Marts) -> None:
    """Computed apart, from the prices of the file."""
    match = "E0/2425/Liverpool/Ipswich/1"
    prices = dict(
        built.rows(
            "select outcome, price from football_data.match_odds where match_id = %s and market = 'match result' "
            "and bookmaker = 'market average' and timing = 'closing'",
            match,
        )
    )
    total = sum(1 / price for price in prices.values())
    columns = "home_probability, draw_probability, away_probability, overround"
    ((*probabilities, overround),) = built.rows(
        f"select {columns} from marts.football_data__results where match_id = %s", match
    )
    assert probabilities == pytest.approx([1 / prices[outcome] / total for outcome in ("home", "draw", "away")])
    assert overround == pytest.approx(total - 1)
    assert probabilities[0] > 0.8


def test_dbt_tests_ran(built: Marts) -> None:
    results = built.artifact("run_results")["results"]
    kinds = [result["unique_id"].split(".")[0] for result in results if "football_data" in result["unique_id"]]
    assert kinds.count("test") > 30
    assert kinds.count("unit_test") == 3


def test_dbt_writes_nothing_beside_the_project(built: Marts) -> None:
    """The folder may be read-only."""
    assert built.artifact("run_results")["results"]
    assert sorted(path.name for path in PROJECT.iterdir()) == [
        *("dbt_project.yml", "macros", "models", "profiles.yml", "seeds", "tests")
    ]
