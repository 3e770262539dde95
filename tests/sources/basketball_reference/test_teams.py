"""The table of teams: every code of the recorded pages is known in its season, and other books' codes find theirs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.sources.basketball_reference.declared import SQL

# How many teams the league had from a season on, the first of which is 1949-50
SIZES = {
    1950: 17,
    1951: 11,
    1952: 10,
    1954: 9,
    1956: 8,
    1962: 9,
    1967: 10,
    1968: 12,
    1969: 14,
    1971: 17,
    1975: 18,
    1977: 22,
    1981: 23,
    1989: 25,
    1990: 27,
    1996: 29,
    2005: 30,
}
BOOKS = ("nba_code", "espn_code", "draftkings_code", "draftkings_name", "covers_code")


def apply(connection: psycopg.Connection[Any]) -> list[dict[str, Any]]:
    for name in ("010_schema", "020_team"):
        connection.execute((SQL / f"{name}.sql").read_text(encoding="utf-8"))
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute("select * from basketball_reference.team order by team_id, first_season").fetchall()


@pytest.fixture
def connection(database: str) -> Any:
    with psycopg.connect(database) as connection:
        yield connection


@pytest.fixture
def teams(connection: psycopg.Connection[Any]) -> list[dict[str, Any]]:
    return apply(connection)


def in_season(teams: list[dict[str, Any]], season: int) -> list[dict[str, Any]]:
    return [team for team in teams if team["first_season"] <= season <= (team["last_season"] or season)]


def franchises(teams: list[dict[str, Any]], alias: str, season: int = 2026) -> list[str]:
    return [team["franchise_id"] for team in in_season(teams, season) if alias in team["aliases"]]


def test_the_file_may_be_applied_again(connection: psycopg.Connection[Any]) -> None:
    before = apply(connection)
    connection.execute("update basketball_reference.team set team_name = 'wrong', last_season = 2000")
    assert apply(connection) == before
    assert len(before) == 69


def test_every_code_of_the_recorded_pages_is_known_in_its_season(
    teams: list[dict[str, Any]], recordings: Callable[[str], Path]
) -> None:
    linked = re.compile(rb"""["'](?:https?://www\.basketball-reference\.com)?/teams/([A-Z]{3})/([0-9]{4})\b""")
    found = {
        (code.decode(), int(season))
        for path in recordings("basketball_reference").rglob("*.html")
        for code, season in linked.findall(path.read_bytes())
    }
    known = {(team["team_id"], season) for season in range(1950, 2027) for team in in_season(teams, season)}
    assert len(found) > 500
    assert {("SEA", 2001), ("NJN", 2007), ("NOK", 2007), ("CHH", 2001)} <= found
    assert found <= known


def test_the_league_has_as_many_teams_as_it_had(teams: list[dict[str, Any]]) -> None:
    for season in range(1950, 2027):
        expected = SIZES[max(first for first in SIZES if first <= season)]
        assert len(in_season(teams, season)) == expected, season


def test_a_franchise_has_one_team_a_season_and_its_current_code(teams: list[dict[str, Any]]) -> None:
    for season in range(1950, 2027):
        assert max(Counter(team["franchise_id"] for team in in_season(teams, season)).values()) == 1, season
    living = [team for team in teams if team["last_season"] is None]
    assert len(living) == 30
    assert all(team["franchise_id"] == team["team_id"] for team in living)
    last = {team["franchise_id"]: team["team_id"] for team in sorted(teams, key=lambda team: team["first_season"])}
    assert all(franchise == code for franchise, code in last.items())


def test_a_franchise_has_no_season_twice_and_gaps_only_where_it_rested(teams: list[dict[str, Any]]) -> None:
    gaps = {}
    for franchise in {team["franchise_id"] for team in teams}:
        seasons = [
            season
            for season in range(1950, 2027)
            for team in in_season(teams, season)
            if team["franchise_id"] == franchise
        ]
        if missing := set(range(min(seasons), max(seasons) + 1)) - set(seasons):
            gaps[franchise] = missing
    assert gaps == {"CHO": {2003, 2004}}


def test_an_alias_means_one_team_in_a_season(teams: list[dict[str, Any]]) -> None:
    for season in range(1950, 2027):
        counts = Counter(alias for team in in_season(teams, season) for alias in team["aliases"])
        assert [alias for alias, count in counts.items() if count > 1] == [], season


def test_living_teams_have_a_code_in_every_book(teams: list[dict[str, Any]]) -> None:
    for team in teams:
        codes = [team[book] for book in BOOKS]
        assert all(codes) if team["last_season"] is None else not any(codes)
        assert {team["team_id"], team["team_name"], *filter(None, codes)} <= set(team["aliases"])


@pytest.mark.parametrize(
    ("aliases", "franchise"),
    [
        (("PHO", "PHX", "PHO Suns", "Phoenix Suns"), "PHO"),
        (("BRK", "BKN", "BK", "BKN Nets"), "BRK"),
        (("CHO", "CHA", "Charlotte Hornets"), "CHO"),
        (("GSW", "GS"), "GSW"),
        (("NOP", "NO"), "NOP"),
        (("NYK", "NY"), "NYK"),
        (("SAS", "SA"), "SAS"),
        (("UTA", "UTAH"), "UTA"),
        (("WAS", "WSH"), "WAS"),
        (("LAC", "LA Clippers"), "LAC"),
        (("LAL", "LA Lakers", "Los Angeles Lakers"), "LAL"),
    ],
)
def test_other_books_codes_find_the_franchise(
    teams: list[dict[str, Any]], aliases: tuple[str, ...], franchise: str
) -> None:
    assert {alias: franchises(teams, alias) for alias in aliases} == {alias: [franchise] for alias in aliases}


@pytest.mark.parametrize(
    ("code", "season", "franchise"),
    [
        ("NJN", 2012, "BRK"),
        ("CHH", 2002, "CHO"),
        ("CHA", 2014, "CHO"),
        ("NOH", 2003, "NOP"),
        ("NOK", 2006, "NOP"),
        ("NOH", 2008, "NOP"),
        ("SEA", 2008, "OKC"),
        ("VAN", 2001, "MEM"),
        ("WSB", 1997, "WAS"),
        ("BAL", 1973, "WAS"),
        ("BLB", 1955, "BLB"),
        ("TRI", 1950, "ATL"),
        ("SYR", 1963, "PHI"),
    ],
)
def test_codes_of_the_past(teams: list[dict[str, Any]], code: str, season: int, franchise: str) -> None:
    assert franchises(teams, code, season) == [franchise]
    assert franchises(teams, code, 2027) in ([], [franchise])
