"""The marts of a few made-up games, players and lists of the injured, each with a trap in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from fieldhouse.config import Settings
from fieldhouse.embedded import Postgres
from fieldhouse.migrate import migrate
from tests.dbt.conftest import Marts, database

pytestmark = pytest.mark.xdist_group("dbt")

SOURCE = ("--select", "tag:basketball_reference")
SINGULAR = ("--select", "tag:basketball_reference,test_type:singular")
MARTS = (
    "games",
    "team_form",
    "standings",
    "player_game_log",
    "player_season",
    "injury_spells",
    "injuries_today",
    "transactions",
    "contracts_today",
)
TEAMS = {"ATL": "Atlanta Hawks", "BOS": "Boston Celtics", "CHI": "Chicago Bulls"}
NEXT_WEEK = datetime.now(UTC).date() + timedelta(days=7)
# day, visitors, their points, home, its points, overtimes, stage, remarks
GAMES: list[tuple[Any, ...]] = [
    ("2024-10-22", "ATL", 100, "BOS", 110, 0, "regular_season", None),
    ("2024-10-23", "CHI", 105, "ATL", 95, 1, "regular_season", None),
    # its page could not say
    ("2024-11-15", "BOS", 99, "CHI", 98, 0, None, None),
    ("2024-12-13", "CHI", 90, "BOS", 91, 0, "regular_season", "NBA Cup"),
    ("2024-12-14", "CHI", 80, "ATL", 85, 0, "regular_season", "NBA Cup"),
    # the final, which counts in no standings
    ("2024-12-17", "ATL", 99, "BOS", 89, 0, "regular_season", "NBA Cup"),
    ("2025-04-15", "CHI", 101, "ATL", 102, 0, "play_in", "Play-In Game"),
    # the page of May could not say
    ("2025-05-05", "ATL", 77, "BOS", 88, 0, None, None),
    (str(NEXT_WEEK), "ATL", None, "BOS", None, None, "regular_season", None),
]
THIS_SEASON = NEXT_WEEK.year + (NEXT_WEEK.month > 7)
FINAL, MAY = "202412170BOS", "202505050BOS"


def game_id(day: str, home: str) -> str:
    return f"{day.replace('-', '')}0{home}"


def insert(marts: Marts, table: str, *rows: dict[str, Any]) -> None:
    for row in rows:
        values = {"_dataset_id": 1, "_revision": 1, **row}
        statement = sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier("basketball_reference", table),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join([sql.Placeholder()] * len(values)),
        )
        marts.rows(statement.as_string(), *values.values())


def fill(marts: Marts) -> None:
    for day, away, away_points, home, home_points, overtimes, stage, remarks in GAMES:
        game = {
            "game_id": game_id(day, home),
            "season": THIS_SEASON if home_points is None else 2025,
            "game_date": day,
        }
        teams = {
            "away_team_id": away,
            "away_team_name": TEAMS[away],
            "home_team_id": home,
            "home_team_name": TEAMS[home],
        }
        score = {"away_points": away_points, "home_points": home_points, "overtimes": overtimes}
        said = {"stage": stage, "remarks": remarks, "has_box_score": home_points is not None}
        insert(marts, "schedule", {**game, **teams, **score, **said})
        if home_points is not None:
            insert(marts, "player_boxscore", *line_up(game, away, home, away_points, home_points, is_home=False))
            insert(marts, "player_boxscore", *line_up(game, home, away, home_points, away_points, is_home=True))
            events = enumerate(((0, 0), (away_points, home_points)), start=1)
            insert(marts, "play_by_play", *(event(game, away, home, number, *score) for number, score in events))
    fill_seasons(marts)
    fill_lists(marts)


def line_up(
    game: dict[str, Any], team: str, opponent: str, points: int, allowed: int, *, is_home: bool
) -> Iterator[dict[str, Any]]:
    """Return the star, who plays half of the game, and who scores the ten points that he does not."""
    for player, scored, seconds in ((f"star{team}", points - 10, 1440), (f"sub{team}", 10, 0)):
        yield {
            **game,
            "player_id": player,
            "player_name": player.title(),
            "team_id": team,
            "opponent_id": opponent,
            "is_home": is_home,
            "won": points > allowed,
            "seconds_played": seconds,
            "points": scored,
            "field_goals_made": scored // 2,
            "field_goals_attempted": scored,
            "three_pointers_made": 0,
            "three_pointers_attempted": 0,
            "free_throws_made": scored % 2,
            "free_throws_attempted": scored % 2,
            "assists": 6,
        }


def event(game: dict[str, Any], away: str, home: str, number: int, away_score: int, home_score: int) -> dict[str, Any]:
    when = {"period": 4, "clock": "0:00.0", "seconds_remaining": 0, "elapsed_seconds": 2880}
    score = {"away_score": away_score, "home_score": home_score}
    teams = {"away_team_id": away, "home_team_id": home}
    return {**game, **teams, **when, **score, "event_number": number, "event_type": "other"}


def fill_seasons(marts: Marts) -> None:
    key = {"season": 2025, "stage": "regular_season", "team_count": 1, "player_name": "Star", "games_played": 3}
    star = {**key, "player_id": "starBOS", "team_id": "BOS"}
    insert(marts, "player_totals", {**star, "points": 270, "minutes_played": 96})
    insert(marts, "player_per_game", {**star, "points_per_game": 90})
    insert(marts, "player_advanced", {**star, "win_shares": 1.5}, {**star, "stage": "playoffs", "win_shares": 0.5})
    insert(marts, "player_shooting", {**star, "dunks_made": 3})
    for team, count in (("ATL", 1), ("CHI", 1), ("TOT", 2)):
        insert(marts, "player_totals", {**key, "player_id": "traded01", "team_id": team, "team_count": count})


def fill_lists(marts: Marts) -> None:
    report(marts, 1, {"hurt01": "out", "hurt02": "day_to_day"})
    report(marts, 2, {"hurt01": "out_for_season", "hurt03": "out"})
    # the same again
    insert(marts, "injury_report", {"observed_at": "2025-01-03 12:00Z", "players": 2})
    report(marts, 4, {})
    report(marts, 5, {"hurt01": "out"})
    insert(
        marts,
        "injury",
        {"observed_at": "2025-01-05 12:00Z", "player_id": "hurt01", "player_name": "H", "status": "out", "place": 2},
    )
    deal = {"season": 2025, "position": 1, "date_text": "?", "description": "words"}
    insert(
        marts,
        "league_transaction",
        {**deal, "transaction_id": "a", "kind": "traded", "transaction_date": "2025-02-01"},
        {**deal, "transaction_id": "b", "kind": "other"},
    )
    insert(
        marts,
        "transaction_party",
        {"transaction_id": "a", "place": 1, "kind": "team", "party_id": "ATL", "party_name": "Hawks"},
        {"transaction_id": "a", "place": 2, "kind": "player", "party_id": "traded01", "party_name": "Traded",
         "from_team_id": "ATL", "to_team_id": "CHI"},
    )  # fmt: skip
    contract = {"team_id": "BOS", "season": 2026, "place": 1, "player_name": "Star", "times_listed": 1}
    for day, player, salary in ((1, "starBOS", 1), (1, "gone01", 2), (2, "starBOS", 3)):
        observed = f"2025-01-0{day} 12:00Z"
        insert(marts, "contract", {**contract, "observed_at": observed, "player_id": player, "salary": salary})


def report(marts: Marts, day: int, listed: dict[str, str]) -> None:
    """Add the list of the injured of a day of January."""
    observed = {"observed_at": f"2025-01-{day:02} 12:00Z"}
    insert(marts, "injury_report", {**observed, "players": len(listed)})
    for player, status in listed.items():
        words = {"status": status, "description": f"{status} on day {day}"}
        insert(marts, "injury", {**observed, **words, "player_id": player, "player_name": "H", "place": 1})


@pytest.fixture(scope="module")
def built(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marts]:
    """Build everything once. Not to be changed: see ``copy``."""
    for marts in database(postgres, tmp_path_factory.mktemp("dbt"), "template1"):
        migrate(Settings(lake="", warehouse=marts.dsn, catalog=marts.dsn), ["basketball_reference"])
        fill(marts)
        statuses = marts.run("build", *SOURCE)
        assert {node: status for node, status in statuses.items() if status not in {"success", "pass"}} == {}
        yield marts


@pytest.fixture
def copy(built: Marts, postgres: Postgres, tmp_path: Path) -> Iterator[Marts]:
    yield from database(postgres, tmp_path, conninfo_to_dict(built.dsn)["dbname"])


def read(marts: Marts, mart: str, columns: str, condition: str = "true") -> list[Any]:
    return marts.rows(f"select {columns} from marts.basketball_reference__{mart} where {condition} order by 1, 2")


def test_stage_is_found_out_where_the_page_could_not_say(built: Marts) -> None:
    stages = {row[0]: row[1:] for row in read(built, "games", "game_id, stage, counts_in_standings")}
    assert stages["202411150CHI"] == ("regular_season", True)
    assert stages[MAY] == ("playoffs", False)
    assert stages[FINAL] == ("regular_season", False)
    assert stages["202412140ATL"] == ("regular_season", True)
    assert [game for game, (_, counts) in stages.items() if not counts] == [FINAL, "202504150ATL", MAY]


def test_games(built: Marts) -> None:
    columns = "game_id, winner_id, home_margin, overtimes, away_rest_days, home_rest_days, is_played"
    assert read(built, "games", columns, "game_date < '2024-11-16' or not is_played") == [
        ("202410220BOS", "BOS", 10, 0, None, None, True),
        ("202410230ATL", "CHI", -10, 1, None, 0, True),
        ("202411150CHI", "BOS", -1, 0, 23, 22, True),
        (game_id(str(NEXT_WEEK), "BOS"), None, None, None, None, None, False),
    ]


def test_standings_leave_out_the_cup_s_final(built: Marts) -> None:
    columns = (
        "team_id, position, wins, losses, win_percentage, games_behind, home_wins, home_losses, away_wins, "
        "away_losses, last_10_wins, overtime_losses, streak, net_points_per_game"
    )
    assert [tuple(map(number, row)) for row in read(built, "standings", columns, "season = 2025")] == [
        ("ATL", 2, 1, 2, 0.333, 2, 1, 1, 0, 1, 1, 1, 1, -5),
        ("BOS", 1, 3, 0, 1, 0, 2, 0, 1, 0, 3, 0, 3, 4),
        ("CHI", 3, 1, 3, 0.25, 2.5, 0, 1, 1, 2, 1, 0, -3, 0.75),
    ]
    ahead = read(built, "standings", "team_id, games_to_play, wins, win_percentage, streak", f"season = {THIS_SEASON}")
    assert ahead == [("ATL", 1, 0, None, 0), ("BOS", 1, 0, None, 0)]


def number(value: Any) -> Any:
    return value if isinstance(value, str) else float(value)


def test_form_of_the_last_five(built: Marts) -> None:
    columns = "game_number, wins, losses, wins_last_5, wins_last_10, net_points_last_5, net_points_last_10"
    *_, last = read(built, "team_form", columns, "team_id = 'ATL'")
    # -10 -10 +5 +10 +1 -11
    assert tuple(map(number, last)) == (6, 3, 3, 3, 3, -1, -2.5)


def test_game_log(built: Marts) -> None:
    columns = (
        "player_id, stage, opponent_id, is_home, won, team_points, opponent_points, rest_days, game_number, "
        "minutes_played, points, assists_per_36_minutes, true_shooting_percentage"
    )
    star, sub = read(built, "player_game_log", columns, f"game_id = '{MAY}' and team_id = 'BOS'")
    assert star == ("starBOS", "playoffs", "ATL", True, True, 88, 77, 138, 5, 24, 78, 9, pytest.approx(0.5))
    # who has no second has no rate
    assert sub[-4:] == (0, 10, None, pytest.approx(0.5))


def test_player_season_is_one_row_of_four_pages(built: Marts) -> None:
    columns = "stage, player_id, team_id, team_count, points, points_per_game, win_shares, dunks_made, minutes_played"
    assert read(built, "player_season", columns, "player_id = 'starBOS'") == [
        ("playoffs", "starBOS", "BOS", 1, None, None, 0.5, None, None),
        ("regular_season", "starBOS", "BOS", 1, 270, 90, 1.5, 3, 96),
    ]
    assert read(built, "player_season", "team_id, team_count", "player_id = 'traded01'") == [
        ("ATL", 1),
        ("CHI", 1),
        ("TOT", 2),
    ]


SPELLS = (
    "player_id, extract(day from first_seen)::int, extract(day from last_seen)::int, extract(day from closed_at)::int, "
    "status, descriptions"
)


def test_who_is_no_longer_listed_is_closed_by_the_first_report_without_him(built: Marts) -> None:
    assert read(built, "injury_spells", SPELLS) == [
        ("hurt01", 1, 3, 4, "out_for_season", 2),
        ("hurt01", 5, 5, None, "out", 1),
        ("hurt02", 1, 1, 2, "day_to_day", 1),
        ("hurt03", 2, 3, 4, "out", 1),
    ]
    today = read(built, "injuries_today", "player_id, place, extract(day from first_seen)::int")
    assert today == [("hurt01", 1, 5), ("hurt01", 2, 5)]


def test_transactions_and_contracts(built: Marts) -> None:
    columns = "transaction_id, place, kind, party_kind, party_id, to_team_id"
    assert read(built, "transactions", columns) == [
        ("a", 1, "traded", "team", "ATL", None),
        ("a", 2, "traded", "player", "traded01", "CHI"),
        ("b", 0, "other", None, None, None),
    ]
    assert read(built, "contracts_today", "player_id, salary") == [("starBOS", 3)]


def test_another_build_is_a_build_from_nothing(copy: Marts) -> None:
    """An empty list closes everybody, a score is corrected, a game is put off."""
    report(copy, 6, {})
    copy.rows("update basketball_reference.schedule set home_points = 111 where game_id = '202410220BOS'")
    copy.rows("delete from basketball_reference.schedule where home_points is null")
    copy.run("run", *SOURCE)
    assert read(copy, "injuries_today", "*") == []
    assert read(copy, "injury_spells", SPELLS, "first_seen > '2025-01-04'") == [("hurt01", 5, 5, 6, "out", 1)]
    assert read(copy, "games", "home_margin, 1", "game_id = '202410220BOS'") == [(11, 1)]
    assert read(copy, "standings", "1, 1", f"season = {THIS_SEASON}") == []
    after = everything(copy)
    copy.run("run", "--full-refresh", *SOURCE)
    assert everything(copy) == after


def everything(marts: Marts) -> dict[str, list[Any]]:
    return {mart: sorted(map(str, read(marts, mart, "*"))) for mart in MARTS}


def test_dbt_s_own_tests_see_what_is_wrong(copy: Marts) -> None:
    copy.rows("update basketball_reference.schedule set home_points = 112 where game_id = %s", FINAL)
    copy.rows("delete from basketball_reference.player_boxscore where game_id = %s and team_id = 'ATL'", MAY)
    copy.rows("update basketball_reference.player_boxscore set team_id = 'XXX' where player_id = 'subCHI'")
    copy.rows("update basketball_reference.schedule set game_date = '2026-01-01' where home_points is null")
    copy.rows("update marts.basketball_reference__standings set wins = wins + 1 where team_id = 'CHI'")
    copy.rows("update marts.basketball_reference__player_season set points = points + 1 where team_id = 'BOS'")
    statuses = copy.run("test", *SINGULAR, code=1)
    assert {node.split(".")[-1]: status for node, status in statuses.items()} == {
        "standings_add_up": "fail",
        "team_is_known": "fail",
        "team_points_are_the_score": "warn",
        "played_game_has_box_scores": "warn",
        "past_game_has_a_score": "warn",
        "play_by_play_ends_at_the_score": "warn",
        "season_is_the_game_log": "warn",
    }


def test_freshness_asks_what_should_have_come(copy: Marts) -> None:
    assert freshness(copy) == {"schedule": ("pass", 0), "player_boxscore": ("pass", 0)}
    move = "update basketball_reference.schedule set game_date = current_date - %s::integer where game_id = %s"
    copy.rows(move, 3, game_id(str(NEXT_WEEK), "BOS"))
    copy.rows(move, 6, MAY)
    copy.rows("delete from basketball_reference.player_boxscore where game_id = %s", MAY)
    found = freshness(copy, code=1)
    assert {table: status for table, (status, _) in found.items()} == {"schedule": "warn", "player_boxscore": "error"}


def freshness(marts: Marts, code: int = 0) -> dict[str, Any]:
    """Return {table: (status, age in whole days)}."""
    process = marts.start("source", "freshness", "--select", "source:basketball_reference")
    said, _ = process.communicate(timeout=120)
    assert process.returncode == code, said
    return {
        result["unique_id"].split(".")[-1]: (result["status"], round(result["max_loaded_at_time_ago_in_s"] / 86_400))
        for result in marts.artifact("sources")["results"]
    }
