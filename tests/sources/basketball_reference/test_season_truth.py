"""Season pages: all that were recorded, beside each other and beside what else is known of them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from fieldhouse.sources.basketball_reference.page import Origin, Page
from fieldhouse.sources.basketball_reference.season_columns import PLAYER_TABLES
from tests.sources.basketball_reference.season_pages import OTHER_PAGES, PLAYER_PAGES, TEAM_PAGES, page, players, teams

Row = dict[str, Any]
Key = tuple[str, str, str]

# The columns of the shooting page as scrapers of the site name them: one as it is since 2024, one as it was in 2022,
# and one as it was before. The page itself was never recorded.
SHARES = ["pct_fga_00_03", "pct_fga_03_10", "pct_fga_10_16", "pct_fga_16_xx"]
PERCENTAGES = ["fg_pct_00_03", "fg_pct_03_10", "fg_pct_10_16", "fg_pct_16_xx"]
REST = ["pct_fga_dunk", "fg_dunk", "pct_fg3a_corner3", "fg_pct_corner3", "fg3a_heave", "fg3_heave"]
BY_PLACE = ["pct_fga_fg2a", *SHARES, "pct_fga_fg3a", "fg_pct_fg2a", *PERCENTAGES, "fg_pct_fg3a"]
NEW = ["ranker", "name_display", "age", "team_name_abbr", "pos", "games", "games_started", "mp", "fg_pct", "avg_dist"]
NEW_SHOOTING = [*NEW, *BY_PLACE, "pct_ast_fg2", "pct_ast_fg3", *REST, "awards"]
OLD = ["ranker", "player", "pos", "age", "team_id", "g", "mp", "fg_pct", "avg_dist", "DUMMY"]
OLD_SHOOTING = [
    *(*OLD, *BY_PLACE[:6], "DUMMY", *BY_PLACE[6:], "DUMMY", "pct_ast_fg2", "pct_ast_fg3", "DUMMY"),
    *(*REST[:2], "DUMMY", *REST[2:4], "DUMMY", *REST[4:]),
]
OLDEST = {
    "pct_fga_fg2a": "fg2a_pct_fga",
    "pct_fga_fg3a": "fg3a_pct_fga",
    "fg_pct_fg2a": "fg2_pct",
    "fg_pct_fg3a": "fg3_pct",
    "pct_ast_fg2": "fg2_pct_ast",
    "pct_ast_fg3": "fg3_pct_ast",
    "pct_fga_dunk": "pct_fg2_dunk",
    "fg_dunk": "fg2_dunk",
    "pct_fg3a_corner3": "pct_fg3a_corner",
    "fg_pct_corner3": "fg3_pct_corner",
}


@pytest.fixture(scope="session")
def root(recordings: Callable[[str], Path]) -> Path:
    return recordings("basketball_reference")


@cache
def rows_of(path: Path, season: str, kind: str) -> dict[Key, Row]:
    table = players(path.read_bytes(), season, kind)[f"player_{kind}"]
    return {(row["stage"], row["player_id"], row["team_id"]): row for row in table.to_pylist()}


def recorded(root: Path, name: str) -> dict[Key, Row]:
    season, kind, *_ = PLAYER_PAGES[name]
    return rows_of(root / name, season, kind)


@cache
def team_rows(path: Path, season: str) -> dict[str, dict[str, Row]]:
    return {
        name: {row["team_id"]: row for row in table.to_pylist()}
        for name, table in teams(path.read_bytes(), season).items()
    }


def test_every_recorded_page_is_here(root: Path) -> None:
    folders = ("per_game", "totals", "advanced", "leagues")
    found = {str(path.relative_to(root)) for folder in folders for path in root.glob(f"{folder}/*.html")}
    assert found == {*PLAYER_PAGES, *TEAM_PAGES, *OTHER_PAGES}


@pytest.mark.parametrize("name", PLAYER_PAGES)
def test_every_recorded_player_page_is_read_whole(root: Path, name: str) -> None:
    season, kind, regular, playoffs = PLAYER_PAGES[name]
    found = players((root / name).read_bytes(), season, kind)
    assert {table: len(rows) for table, rows in found.items() if len(rows)} == {f"player_{kind}": regular + playoffs}
    table = found[f"player_{kind}"]
    assert [*found] == [f"player_{kind}" for kind in ("per_game", "totals", "advanced", "shooting")]
    assert table["stage"].to_pylist() == ["regular_season"] * regular + ["playoffs"] * playoffs
    assert set(table["season"].to_pylist()) == {int(season)}
    assert len(set(zip(*(table[key].to_pylist() for key in ("stage", "player_id", "team_id")), strict=True))) == len(
        table
    )
    assert not any(table[key].null_count for key in ("player_id", "team_id", "player_name", "games_played", "position"))
    assert not any("*" in name or name == "League Average" for name in table["player_name"].to_pylist())
    assert json.loads(table.schema.metadata[b"fieldhouse.unknown_columns"]) == []
    assert table["extra"].null_count == len(table)


@pytest.mark.parametrize("name", PLAYER_PAGES)
def test_the_teams_of_a_player_sum_up_to_his_whole_season(root: Path, name: str) -> None:
    rows = recorded(root, name)
    several = [key for key in rows if key[2] == "TOT"]
    assert several or len(rows) < 400  # nobody had changed teams in the first week of 2024/25
    sums = ["games_played"] + ["points", "minutes_played"] * ("totals" in name)
    for stage, player, _ in several:
        parts = [row for (s, p, team), row in rows.items() if (s, p) == (stage, player) and team != "TOT"]
        assert rows[stage, player, "TOT"]["team_count"] == len(parts) > 1
        assert {row["team_count"] for row in parts} == {1}
        for column in sums:
            assert rows[stage, player, "TOT"][column] == sum(row[column] for row in parts)


@pytest.mark.parametrize("name", [name for name in PLAYER_PAGES if "totals" in name])
def test_totals_are_sums_that_agree(root: Path, name: str) -> None:
    for row in recorded(root, name).values():
        made = row["field_goals_made"]
        assert row["points"] == 2 * made + row["three_pointers_made"] + row["free_throws_made"]
        assert made == row["two_pointers_made"] + row["three_pointers_made"]
        assert row["field_goals_attempted"] == row["two_pointers_attempted"] + row["three_pointers_attempted"]
        assert row["total_rebounds"] == row["offensive_rebounds"] + row["defensive_rebounds"]
        for share, part, whole in (
            ("field_goal_percentage", made, row["field_goals_attempted"]),
            ("free_throw_percentage", row["free_throws_made"], row["free_throws_attempted"]),
            ("three_point_percentage", row["three_pointers_made"], row["three_pointers_attempted"]),
        ):
            assert (row[share] is None) is (whole == 0)
            assert whole == 0 or abs(row[share] - part / whole) < 0.00051


def test_the_league_sums_up(root: Path) -> None:
    """The points of all players are those that both teams of 1,230 games scored (1,189 in 2000/01)."""
    points = {}
    for name in ("totals/NBA_2024_totals.bh.html", "totals/NBA_2018_totals.html", "totals/NBA_2001_totals.html"):
        rows = recorded(root, name).items()
        points[name[11:15]] = sum(
            row["points"] for (stage, _, team), row in rows if (stage, team != "TOT") == ("regular_season", True)
        )
    # From the pages' own league averages: 114.2, 106.3 and 94.8 points a team and game
    assert {
        season: round(total / 2460, 1) if season != "2001" else round(total / 2378, 1)
        for season, total in points.items()
    } == {
        "2024": 114.2,
        "2018": 106.3,
        "2001": 94.8,
    }


def test_two_layouts_of_one_season_have_the_same_players_and_counts(root: Path) -> None:
    """2017/18: the totals as a browser saved them in the old layout, advanced as the site wrote them in 2026."""
    old, new = recorded(root, "totals/NBA_2018_totals.html"), recorded(root, "advanced/NBA_2018_advanced.bh.html")
    new = {key: row for key, row in new.items() if key[0] == "regular_season"}
    assert old.keys() == new.keys()
    columns = ("games_played", "games_started", "minutes_played", "age", "position", "team_count", "player_name")
    differences = {column: sum(old[key][column] != new[key][column] for key in old) for column in columns}
    # What the site corrected in eight years; of the names, accents came back
    assert differences == {
        "games_played": 2,
        "games_started": 19,
        "minutes_played": 2,
        "age": 1,
        "position": 6,
        "team_count": 0,
        "player_name": 67,
    }
    assert max(abs(old[key]["games_played"] - new[key]["games_played"]) for key in old) == 1
    assert max(abs(old[key]["minutes_played"] - new[key]["minutes_played"]) for key in old) == 5
    assert new["regular_season", "abrinal01", "OKC"]["player_name"] == "Álex Abrines"


def test_totals_only_grow_within_a_season(root: Path) -> None:
    early = recorded(root, "totals/NBA_2019_totals.cap2018-11.html")
    later = recorded(root, "totals/NBA_2019_totals_blank_age.html")
    end = recorded(root, "advanced/NBA_2019_advanced.html")
    assert early.keys() <= later.keys() <= end.keys()
    for column in ("games_played", "minutes_played", "points", "assists", "personal_fouls"):
        assert all(early[key][column] <= later[key][column] for key in early)
    assert all(later[key]["minutes_played"] <= end[key]["minutes_played"] for key in later)
    assert [key for key, row in later.items() if row["age"] is None] == [("regular_season", "jonesje01", "LAL")]
    assert end["regular_season", "jonesje01", "LAL"]["age"] == 23


def test_per_game_and_advanced_of_one_day_agree(root: Path) -> None:
    averages, advanced = (
        recorded(root, "per_game/NBA_2023_per_game.zk.html"),
        recorded(root, "advanced/NBA_2023_advanced.zk.html"),
    )
    assert averages.keys() == advanced.keys()
    for key, row in averages.items():
        for column in ("games_played", "age", "position", "player_name", "team_count", "team_id"):
            assert row[column] == advanced[key][column]
        assert abs(row["minutes_per_game"] - advanced[key]["minutes_played"] / row["games_played"]) < 0.0501
    doncic = averages["regular_season", "doncilu01", "DAL"]
    assert (doncic["player_name"], doncic["points_per_game"], doncic["field_goal_percentage"]) == (
        "Luka Dončić",
        32.4,
        0.496,
    )


def test_two_captures_of_a_season_in_the_new_layout(root: Path) -> None:
    first, last = (
        recorded(root, "per_game/stats_html.cap2024-10.html"),
        recorded(root, "per_game/NBA_2025_per_game.rw.html"),
    )
    played = {key[1] for key in last}
    # One young player's id was one letter short in his first week
    assert {key[1] for key in first} - played == {"hendrita0"}
    assert max(row["games_played"] for row in first.values()) == 2
    assert max(row["games_played"] for row in last.values()) == 82


def test_awards_are_kept(root: Path) -> None:
    rows = recorded(root, "totals/NBA_2024_totals.bh.html")
    doncic = rows["regular_season", "doncilu01", "DAL"]
    assert doncic["awards"] == "MVP-3,CPOY-6,AS,NBA1"
    assert (doncic["triple_doubles"], doncic["points"], doncic["minutes_played"]) == (21, 2370, 2624)
    assert rows["playoffs", "doncilu01", "DAL"]["games_played"] == 22


@pytest.mark.parametrize("name", TEAM_PAGES)
def test_every_recorded_league_page(root: Path, name: str) -> None:
    opponent, advanced = team_rows(root / name, TEAM_PAGES[name]).values()
    assert opponent.keys() == advanced.keys()
    assert len(opponent) == 30
    assert sum(row["wins"] for row in advanced.values()) == sum(row["losses"] for row in advanced.values()) == 1230
    # The page of 2024/25 is of its last day, before the site marked anybody
    expected = 0 if "2025" in name else 16
    assert sum(row["made_playoffs"] for row in opponent.values()) == expected
    for team, row in opponent.items():
        assert (row["team_name"], row["made_playoffs"]) == (
            advanced[team]["team_name"],
            advanced[team]["made_playoffs"],
        )
        assert not row["team_name"].endswith("*")
        assert row["games_played"] == advanced[team]["wins"] + advanced[team]["losses"] == 82
        assert (
            abs(
                2 * row["opponent_field_goals_made_per_game"]
                + row["opponent_three_pointers_made_per_game"]
                + row["opponent_free_throws_made_per_game"]
                - row["opponent_points_per_game"]
            )
            < 0.21
        )
    for row in advanced.values():
        assert abs(row["margin_of_victory"] + row["strength_of_schedule"] - row["simple_rating"]) < 0.011
        assert (row["net_rating"] is None) is ("2017" in name)
        assert (
            row["net_rating"] is None
            or abs(row["offensive_rating"] - row["defensive_rating"] - row["net_rating"]) < 0.01
        )
        assert 500_000 < row["attendance"] < 1_000_000
        assert row["arena"]


def test_averages_against_a_team_are_its_sums_by_its_games(root: Path) -> None:
    (opponent, _) = team_rows(root / "leagues/NBA_2017.html", "2017").values()
    data = (root / "leagues/fragment_2017_opponent.html").read_bytes()
    sums = Page(data, Origin("team_season", {}, "x", "https://x.org")).require("opponent-stats-base")
    ids = [(href or "").split("/")[2] for href in sums.hrefs("team_name")]
    for stat, column in (("opp_pts", "points"), ("opp_fga", "field_goals_attempted"), ("opp_tov", "turnovers")):
        for team, text in zip(ids, sums.texts(stat), strict=True):
            assert abs(int(text) / 82 - opponent[team][f"opponent_{column}_per_game"]) < 0.0501


def test_ratings_that_the_site_computes_twice_are_not_the_same(root: Path) -> None:
    """The page of ratings counts possessions in another way than the league's page: the differences, as they are."""
    (_, advanced) = team_rows(root / "leagues/NBA_2023.rw.html", "2023").values()
    data = (root / "leagues/NBA_2023_ratings.rw.html").read_bytes()
    ratings = Page(data, Origin("team_season", {}, "x", "https://x.org")).require("ratings")
    ids = [(href or "").split("/")[2] for href in ratings.hrefs("team_name")]
    columns = {
        "wins": ("wins", 0),
        "losses": ("losses", 0),
        "mov": ("margin_of_victory", 0),
        "off_rtg": ("offensive_rating", 1.22),
        "def_rtg": ("defensive_rating", 1.22),
        "net_rtg": ("net_rating", 0.21),
    }
    for stat, (column, bound) in columns.items():
        furthest = max(
            abs(float(text) - advanced[team][column]) for team, text in zip(ids, ratings.texts(stat), strict=True)
        )
        assert bound - 0.02 <= furthest <= bound, stat


def test_what_the_older_system_kept_is_all_there(root: Path) -> None:
    """The columns that its dumps have, in order, are those that the pages' headers say and that we read."""
    dumps = root / "derived_csv_jyablonski"
    for dump, name, table_id in (
        ("player_adv_stats.from_pickle.csv", "advanced/NBA_2018_advanced.bh.html", "advanced"),
        ("player_stats_data.csv", "per_game/stats_html.cap2022-01.html", "per_game_stats"),
        ("opp_stats_data.csv", "leagues/NBA_2023.rw.html", "per_game-opponent"),
        ("raw_adv_stats.csv", "leagues/NBA_2023.rw.html", "advanced-team"),
    ):
        with (dumps / dump).open(encoding="utf-8", newline="") as lines:
            header = next(row for row in csv.reader(lines) if "Team" in row or "Player" in row)
        said = [text for text in header if text and text != "Rk" and not text.startswith("Unnamed")]
        grid = Page((root / name).read_bytes(), Origin("x", {}, "x", "https://x.org")).require(table_id)
        assert said == [text for stat, text in grid.header.items() if text and stat != "ranker"]


def shooting_dump(root: Path, name: str, width: int) -> list[list[str]]:
    with (root / "derived_csv_jyablonski" / name).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))
    rows = [row[-width:] for row in rows if "Player" not in row and "Unnamed: 0_level_0" not in row and any(row)]
    # pandas made 23.0 of a column of 23 with a gap in it
    return [[text.removesuffix(".0") for text in row] for row in rows if len(row) == width]


def shooting_columns() -> Iterator[tuple[str, str]]:
    for column in islice(PLAYER_TABLES["shooting"].columns, 2, None):
        if column.name != "awards":
            yield column.name, next(stat for stat in column.stats if stat in {*NEW_SHOOTING, *OLD_SHOOTING})


@pytest.mark.parametrize(
    ("dump", "table_id", "stats", "players_", "averages"),
    [
        ("shooting_stats.from_pickle.csv", "shooting", NEW_SHOOTING, 473, 1),
        ("shooting_stats_data.csv", "shooting_stats", OLD_SHOOTING, 734, 0),
        ("shooting_stats_data.csv", "shooting_stats", [OLDEST.get(stat, stat) for stat in OLD_SHOOTING], 734, 0),
    ],
    ids=["since 2024", "2022", "before"],
)
def test_shooting_of_the_older_system(
    root: Path, dump: str, table_id: str, stats: list[str], players_: int, averages: int
) -> None:
    rows = shooting_dump(root, dump, len(stats))
    kept = [row for row in rows if "League Average" not in row]
    found = players(page(table_id, stats, rows), "2025", "shooting")["player_shooting"].to_pylist()
    assert (len(found), len(rows) - len(kept)) == (players_, averages)
    spelled = {column: OLDEST.get(stat, stat) if "fg2_dunk" in stats else stat for column, stat in shooting_columns()}
    for row, cells in zip(found, kept, strict=True):
        said = dict(zip(stats, cells, strict=True))
        for column, stat in spelled.items():
            alias = {"games_played": "g", "games_started": "gs"}.get(column, stat)
            text = said.get(stat, said.get(alias, ""))
            assert row[column] == (float(text) if text else None), (row["player_name"], column)
