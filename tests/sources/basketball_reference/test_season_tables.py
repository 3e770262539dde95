"""Season pages: what becomes of a row and a column, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from fieldhouse.errors import NotPublished, PageChanged
from fieldhouse.sources.basketball_reference.season_columns import OPPONENT, PLAYER_TABLES, TEAM_ADVANCED
from fieldhouse.sources.basketball_reference.season_tables import schema_of
from tests.sources.basketball_reference.declared import declared_schema
from tests.sources.basketball_reference.declared import schema_of as arrow_schema
from tests.sources.basketball_reference.season_pages import OTHER_PAGES, PLAYER_PAGES, page, players, teams


@pytest.fixture(scope="session")
def root(recordings: Callable[[str], Path]) -> Path:
    return recordings("basketball_reference")


# Tables of one player, for what must not happen
TOTALS = [column.stats[0] for column in PLAYER_TABLES["totals"].columns]
STATS = ["ranker", "name_display", "team_name_abbr", *TOTALS]


def one(player: str = "Luka", team: str = "DAL", **cells: str) -> list[str]:
    numbers = {stat: "" if stat in {"pos", "awards"} else "1" for stat in TOTALS}
    return ["1", player, team, *{**numbers, **cells}.values()]


def totals(*rows: Sequence[str], stats: Sequence[str] = STATS, season: int = 2025, linked: int = 2025) -> pa.Table:
    return players(page("totals_stats", stats, rows, linked), str(season), "totals")["player_totals"]


def test_a_star_is_not_part_of_a_name_nor_is_an_average_a_player() -> None:
    found = totals(one("Luka*"), one("League Average", ""))
    assert found["player_name"].to_pylist() == ["Luka"]
    assert found["awards"].to_pylist() == [None]


@pytest.mark.parametrize(("said", "count"), [("TOT", 2), ("2TM", 2), ("3TM", 3)])
def test_a_row_of_several_teams_is_called_the_same_in_all_years(said: str, count: int) -> None:
    found = totals(one(team=said), one(team="DAL"), one(team="LAL"), one("Other", "BOS")).to_pylist()
    assert [(row["team_id"], row["team_count"]) for row in found] == [
        ("TOT", count),
        ("DAL", 1),
        ("LAL", 1),
        ("BOS", 1),
    ]


def test_a_new_column_is_kept_and_named() -> None:
    found = totals([*one(), "7"], [*one("Other"), ""], stats=[*STATS, "dunks"])
    assert found["extra"].to_pylist() == ['{"dunks": "7"}', None]
    assert json.loads(found.schema.metadata[b"fieldhouse.unknown_columns"]) == ["dunks"]


@pytest.mark.parametrize("missing", ["name_display", "team_name_abbr", "pts", "games", "fg3a", "mp"])
def test_a_missing_column_is_named(missing: str) -> None:
    kept = [n for n, stat in enumerate(STATS) if stat != missing]
    with pytest.raises(PageChanged, match=f"none for {missing} among ranker"):
        totals([one()[n] for n in kept], stats=[STATS[n] for n in kept])


def test_a_season_before_something_was_counted_need_not_have_it() -> None:
    since = {"fg3": 1980, "tov": 1978, "stl": 1974, "mp": 1952, "trb": 1951}
    for missing, season in since.items():
        kept = [n for n, stat in enumerate(STATS) if stat != missing]
        row, stats = [one()[n] for n in kept], [STATS[n] for n in kept]
        assert totals(row, stats=stats, season=season - 1, linked=season - 1).num_rows == 1
        with pytest.raises(PageChanged, match=f"none for {missing}"):
            totals(row, stats=stats, season=season, linked=season)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([one(), one()], "2 rows of luka DAL"),
        ([one(pts="many")], "a whole number in pts of the table totals_stats, found 'many' in row 1"),
        ([one(fg_pct="50%")], "a number in fg_pct"),
        ([one(team="DALLAS")], "a team's code in team_name_abbr"),
        ([one(""), one("b")], "a player's id in data-append-csv"),
    ],
)
def test_rows_that_cannot_be_are_refused(rows: list[list[str]], said: str) -> None:
    with pytest.raises(PageChanged, match=said):
        totals(*rows)


def test_a_page_of_another_season_is_refused() -> None:
    with pytest.raises(PageChanged, match="teams of the season 2024"):
        totals(one(), season=2024)


def test_a_header_without_a_row_is_not_published_yet() -> None:
    with pytest.raises(NotPublished, match="totals_stats without a row"):
        totals()


@pytest.mark.parametrize("name", ["errors/429_rate_limited_2023.html", "schedule/bh/not-found.html"])
def test_a_block_page_and_a_missing_page_are_no_season(root: Path, name: str) -> None:
    data = (root / name).read_bytes()
    for kind in PLAYER_TABLES:
        with pytest.raises(PageChanged, match=r"Rate Limited|Page Not Found"):
            players(data, "2023", kind)
    with pytest.raises(PageChanged, match="with no table that has an id"):
        teams(data, "2023")


@pytest.mark.parametrize("name", ["totals/NBA_2024_totals.bh.html", "totals/NBA_2018_totals.html"])
@pytest.mark.parametrize("part", [0.03, 0.3, 0.5, 0.8, 0.99])
def test_a_part_of_a_page_is_refused(root: Path, name: str, part: float) -> None:
    data = (root / name).read_bytes()
    with pytest.raises(PageChanged, match="do not end with </html>"):
        players(data[: int(len(data) * part)], PLAYER_PAGES[name][0], "totals")


@pytest.mark.parametrize("name", sorted(OTHER_PAGES))
def test_other_pages_of_the_league_are_no_team_season(root: Path, name: str) -> None:
    with pytest.raises(PageChanged, match="expected a table per_game-opponent or opponent-stats-per_game"):
        teams((root / name).read_bytes(), "2023")


@pytest.mark.parametrize("table", [*PLAYER_TABLES.values(), OPPONENT, TEAM_ADVANCED], ids=lambda table: table.name)
def test_the_tables_are_those_of_the_sql(table: Any) -> None:
    assert arrow_schema(schema_of(table.name).empty_table()) == declared_schema(table.name)
