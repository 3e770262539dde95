"""The generated pages through the engine's parser, in both layouts: the rows are what the league played."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from fieldhouse.errors import NothingScheduled, NotPublished, PageChanged
from fieldhouse.sources.basketball_reference import SOURCE
from fieldhouse.sources.basketball_reference.addresses import address, file_name
from fieldhouse.sources.basketball_reference.essence import essence
from fieldhouse.sources.basketball_reference.parse import parse
from simulator.faults import Fault, apply
from simulator.generated.basketball_reference import BasketballReference
from simulator.generated.basketball_reference.pages.layout import layout_on
from simulator.generated.basketball_reference.records import (
    PLAYOFFS,
    REGULAR_SEASON,
    PlayerLink,
    PlayerTotals,
    Stage,
    TeamLink,
)
from tests.simulator.generated.basketball_reference.pages import SEED, SITE, page

WORLD = SITE.world
OLD, NEW = date(2018, 11, 21), date(2024, 11, 12)
OLD_PLAYOFFS, NEW_PLAYOFFS = date(2019, 4, 25), date(2025, 4, 25)
DATES = pytest.mark.parametrize("today", [OLD, NEW, OLD_PLAYOFFS, NEW_PLAYOFFS])
COUNTS = {
    "field_goals_made": "fg",
    "field_goals_attempted": "fga",
    "three_pointers_made": "fg3",
    "three_pointers_attempted": "fg3a",
    "free_throws_made": "ft",
    "free_throws_attempted": "fta",
    "offensive_rebounds": "orb",
    "defensive_rebounds": "drb",
    "total_rebounds": "trb",
    "assists": "ast",
    "steals": "stl",
    "blocks": "blk",
    "turnovers": "tov",
    "personal_fouls": "pf",
    "points": "pts",
}
Row = dict[str, Any]


def parsed(dataset_type: str, today: date, site: BasketballReference = SITE, **identifier: object) -> dict[str, Any]:
    """Return {table: rows} of a dataset as the site has it on a date."""
    named = {key: str(value) for key, value in identifier.items()}
    body = page(f"/{address(dataset_type, named)}", today, site).encode()
    tables = parse(dataset_type, named, {file_name(dataset_type): body})
    return {name: table.to_pylist() for name, table in tables.items()}


def season(today: date) -> int:
    return today.year + (today.month >= 8)


def picked(row: Row, names: Iterable[str]) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


def counts_of(record: Any) -> tuple[int, ...]:
    return tuple(getattr(record, short) for short in COUNTS.values())


@DATES
def test_schedules(today: date) -> None:
    year, is_new = season(today), layout_on(today).is_new
    months = WORLD.months(year, today)
    names = (
        *("game_id", "game_date", "start_time", "away_team_id", "home_team_id", "away_points", "home_points"),
        *("overtimes", "attendance", "has_box_score", "remarks", "duration_minutes", "arena_name"),
    )
    for month in months:
        rows = parsed("schedule", today, season=year, month=month)["schedule"]
        games = WORLD.schedule(year, month, today)
        assert [picked(row, names) for row in rows] == [
            (
                *(g.game_id, g.game_date, g.start_time, g.away, g.home, g.away_points, g.home_points, g.overtimes),
                *(g.attendance, g.published, g.remarks or None),
                *((g.duration_minutes, g.arena) if is_new else (None, None)),
            )
            for g in games
        ], month
        # A page with a few games after April cannot say what they are
        unknown = {None} if month in {"may", "june"} else set()
        assert all(row["stage"] in {game.stage, *unknown} for row, game in zip(rows, games, strict=True)), month
    assert len(months) >= 7
    assert {game.played for month in months for game in WORLD.schedule(year, month, today)} == {True, False}


@DATES
def test_box_scores(today: date) -> None:
    days = [today - timedelta(days=n) for n in range(1, 8)]
    played = [day for day in days if WORLD.leaders(day, today)]
    assert len(played) >= 4
    for day in played:
        rows = parsed("boxscores", today, date=day)["player_boxscore"]
        lines = WORLD.leaders(day, today)
        names = ("game_id", "player_id", "team_id", "opponent_id", "is_home", "won", "seconds_played", "game_score")
        made = {
            (
                *(line.game_id, line.player_id, line.team_id, line.opponent_id, line.is_home, line.won, line.seconds),
                line.game_score,
                line.plus_minus if layout_on(today).has_plus_minus else None,
                *counts_of(line),
            )
            for line in lines
        }
        assert {picked(row, (*names, "plus_minus", *COUNTS)) for row in rows} == made
        assert {row["player_name"] for row in rows} == {WORLD.player(line.player_id).name for line in lines}
        assert len(rows) == len(lines)


@DATES
def test_play_by_play(today: date) -> None:
    days = (today - timedelta(days=n) for n in range(1, 12))
    games = [game for day in days for game in WORLD.games_on(day, today) if game.published]
    longest = max(games, key=lambda game: game.overtimes or 0)
    for game in {games[0], longest}:
        rows = parsed("play_by_play", today, game_id=game.game_id)["play_by_play"]
        plays = WORLD.plays(game.game_id, today)
        names = ("period", "seconds_remaining", "away_score", "home_score", "event_team_id")
        people = ("player_id", "second_player_id", "third_player_id")
        assert [
            (*picked(row, names), [each for each in picked(row, people) if each], text_of(row)) for row in rows
        ] == [
            (p.period, p.seconds_remaining, p.away_score, p.home_score, p.team_id, [i for _, i in p.people], p.text)
            for p in plays
        ]
        assert (rows[-1]["away_score"], rows[-1]["home_score"]) == (game.away_points, game.home_points)
        assert "other" not in {row["event_type"] for row in rows}
        assert sum((row["away_points"] or 0) + (row["home_points"] or 0) for row in rows) == sum(
            play.points for play in plays
        )


def text_of(row: Row) -> str:
    return next(str(text) for text in picked(row, ("away_event", "home_event", "neutral_event")) if text)


# --- season tables ----------------------------------------------------------------------------------------


def key(totals: PlayerTotals, stage: Stage) -> tuple[Any, ...]:
    return (stage, totals.player_id, totals.team_id, totals.team_count, totals.age, totals.games)


KEY = ("stage", "player_id", "team_id", "team_count", "age", "games_played")


def stages(today: date) -> list[Stage]:
    # The old page has its playoffs elsewhere
    return [REGULAR_SEASON, PLAYOFFS] if layout_on(today).is_new else [REGULAR_SEASON]


@DATES
def test_players(today: date) -> None:
    year = season(today)
    totals = [(record, stage) for stage in stages(today) for record in WORLD.player_totals(year, stage, today)]
    known = {key(record, stage): record for record, stage in totals}
    assert len(known) == len(totals)
    for row in rows_of(today, "totals", known):
        record = known[picked(row, KEY)]
        counts = record.counts
        assert picked(row, COUNTS) == counts_of(counts)
        assert row["two_pointers_made"] == counts.fg - counts.fg3
        assert row["minutes_played"] == round(counts.seconds / 60)
        assert row["games_started"] == record.games_started
        assert row["player_name"] == WORLD.player(record.player_id).name
        if layout_on(today).is_new:
            assert row["triple_doubles"] == record.triple_doubles
    for row in rows_of(today, "per_game", known):
        record = known[picked(row, KEY)]
        means = [count / record.games for count in counts_of(record.counts)]
        assert picked(row, [f"{name}_per_game" for name in COUNTS]) == pytest.approx(means, abs=0.051)


@DATES
def test_advanced_players(today: date) -> None:
    year = season(today)
    known = {
        key(record.totals, stage): record
        for stage in stages(today)
        for record in WORLD.player_advanced(year, stage, today)
    }
    for row in rows_of(today, "advanced", known):
        record = known[picked(row, KEY)]
        assert row["player_efficiency_rating"] == pytest.approx(record.per, abs=0.051)
        assert row["true_shooting_percentage"] == near(record.ts_pct, 0.00051)
        assert row["usage_percentage"] == pytest.approx(record.usg_pct, abs=0.051)
        assert row["turnover_percentage"] == near(record.tov_pct, 0.051)
        assert row["win_shares"] == pytest.approx(record.ws, abs=0.051)
        assert row["win_shares_per_48_minutes"] == pytest.approx(record.ws_per_48, abs=0.00051)
        assert row["box_plus_minus"] == pytest.approx(record.bpm, abs=0.051)


@DATES
def test_shooting_players(today: date) -> None:
    year = season(today)
    known = {
        key(record.totals, stage): record
        for stage in stages(today)
        for record in WORLD.player_shooting(year, stage, today)
    }
    for row in rows_of(today, "shooting", known):
        record = known[picked(row, KEY)]
        counts = record.totals.counts
        assert row["dunks_made"] == record.dunks.made
        assert row["heaves_attempted"] == record.heaves.attempted
        assert row["average_shot_distance_feet"] == near(record.average_distance, 0.051)
        assert row["attempt_share_0_to_3_feet"] == near(part(record.zones[0].attempted, counts.fga), 0.00051)
        assert row["field_goal_percentage_16_feet_to_three_point_line"] == near(part(*record.zones[3]), 0.00051)
        assert row["two_pointers_assisted_share"] == near(part(record.assisted_fg2, counts.fg - counts.fg3), 0.00051)
        assert row["corner_three_point_attempt_share"] == near(
            part(record.corner_threes.attempted, counts.fg3a), 0.00051
        )


def rows_of(today: date, kind: str, known: Iterable[tuple[Any, ...]]) -> list[Row]:
    """Return the rows of one kind, which are those of the league, each once; the other tables are empty."""
    tables = parsed("player_season", today, season=season(today), kind=kind)
    rows: list[Row] = tables.pop(f"player_{kind}")
    assert not any(tables.values())
    assert sorted(picked(row, KEY[:4]) for row in rows) == sorted(each[:4] for each in known)
    return rows


def near(value: float | None, by: float) -> Any:
    return None if value is None else pytest.approx(value, abs=by)


def part(made: int, attempted: int) -> float | None:
    return made / attempted if attempted else None


@DATES
def test_teams(today: date) -> None:
    tables = parsed("team_season", today, season=season(today))
    known = {team.team.team_id: team for team in WORLD.team_seasons(season(today), today)}
    assert len(known) == 30
    for table in tables.values():
        assert {row["team_id"] for row in table} == set(known)
        assert all(row["made_playoffs"] == known[row["team_id"]].in_playoffs for row in table)
        assert all(row["team_name"] == known[row["team_id"]].team.name for row in table)
    for row in tables["team_opponent"]:
        team = known[row["team_id"]]
        means = [count / team.games for count in counts_of(team.opponent)]
        assert picked(row, [f"opponent_{name}_per_game" for name in COUNTS]) == pytest.approx(means, abs=0.051)
    for row in tables["team_advanced"]:
        team = known[row["team_id"]]
        assert picked(row, ("wins", "losses", "expected_wins", "margin_of_victory", "simple_rating", "pace")) == (
            pytest.approx((team.wins, team.losses, team.wins_pyth, team.mov, team.srs, team.pace), abs=0.051)
        )
        assert row["arena"] == team.team.arena
        assert row["attendance"] == team.attendance


# --- people -----------------------------------------------------------------------------------------------


@DATES
def test_injuries(today: date) -> None:
    tables = parsed("injuries", today)
    assert [
        picked(row, ("player_id", "player_name", "team_id", "updated_on", "description")) for row in tables["injury"]
    ] == [
        (i.player_id, WORLD.player(i.player_id).name, i.team_id, i.updated, i.description)
        for i in WORLD.injuries(today)
    ]
    assert tables["injury_report"][0]["players"] == len(tables["injury"]) > 0
    assert "unknown" not in {row["status"] for row in tables["injury"]}


def test_nobody_is_injured_in_september() -> None:
    tables = parsed("injuries", date(2025, 9, 5))
    assert (tables["injury"], tables["injury_report"][0]["players"]) == ([], 0)


@DATES
def test_transactions(today: date) -> None:
    year = season(today)
    tables = parsed("transactions", today, season=year)
    deals = WORLD.deals(year, today)
    assert [row["transaction_date"] for row in tables["league_transaction"]] == [deal.day for deal in deals]
    linked: dict[str, list[tuple[str, str, str | None]]] = {}
    for row in tables["transaction_party"]:
        party = (row["kind"], row["party_id"], row["direction"])
        linked.setdefault(row["transaction_id"], []).append(party)
    for row, deal in zip(tables["league_transaction"], deals, strict=True):
        assert linked[row["transaction_id"]] == [
            ("team", part.team_id, part.direction) if isinstance(part, TeamLink) else ("player", part.player_id, None)
            for part in deal.parts
            if isinstance(part, TeamLink | PlayerLink)
        ]
    kinds = {row["kind"] for row in tables["league_transaction"]}
    assert "other" not in kinds
    assert len(kinds) >= 3


@DATES
def test_contracts(today: date) -> None:
    rows = parsed("contracts", today)["contract"]
    assert sorted(
        picked(row, ("player_id", "team_id", "season", "salary", "guaranteed_total"))
        for row in rows
        if row["salary"] is not None
    ) == sorted(
        (each.player_id, each.team_id, int(label[:4]) + 1, dollars, each.guaranteed)
        for each in WORLD.contracts(today)
        for label, (dollars, _) in each.salaries.items()
    )
    assert {row["option"] for row in rows} >= {"player", "team"} or len({row["option"] for row in rows}) >= 3


# --- what is not there ------------------------------------------------------------------------------------


@pytest.mark.parametrize("today", [OLD, NEW])
def test_a_day_without_games(today: date) -> None:
    thanksgiving = date(2018, 11, 22) if today == OLD else date(2024, 11, 28)
    with pytest.raises((NothingScheduled, NotPublished)):
        parsed("boxscores", thanksgiving + timedelta(days=1), date=thanksgiving)


def test_a_day_of_which_all_is_held_back_is_not_published_rather_than_changed() -> None:
    site = BasketballReference(SEED)
    day = NEW - timedelta(days=1)
    site.tell("held_back", [game.game_id for game in site.world.games_on(day, NEW)])
    with pytest.raises((NothingScheduled, NotPublished)):
        parsed("boxscores", NEW, site, date=day)


def test_the_site_s_404_page_is_no_data() -> None:
    body = SITE.answer("/leagues/NBA_2030_per_game.html", "", NEW).body
    with pytest.raises(PageChanged):
        parse("player_season", {"season": "2030", "kind": "per_game"}, {"player_season.html": body})


# --- what went wrong --------------------------------------------------------------------------------------


def broken(fault: Fault, today: date) -> Any:
    day = next(day for n in range(1, 8) if WORLD.leaders(day := today - timedelta(days=n), today))
    identifier = {"date": day.isoformat()}
    path, _, query = f"/{address('boxscores', identifier)}".partition("?")
    answer = SITE.answer(path, query, today)
    body = apply(fault, answer, datetime(2026, 1, 1, tzinfo=UTC)).body
    return parse("boxscores", identifier, {"boxscores.html": body})["player_boxscore"]


@pytest.mark.parametrize("today", [OLD, NEW])
@pytest.mark.parametrize(
    "fault",
    [
        Fault("*", "columns", rename={"pts": "points"}),
        Fault("*", "columns", drop=("game_result",)),
        Fault("*", "half"),
        Fault("*", "empty"),
        Fault("*", "block_page"),
        Fault("*", "block_page", page="rate_limited"),
    ],
    ids=["renamed", "dropped", "half", "empty", "just a moment", "rate limited"],
)
def test_a_broken_page_is_a_changed_page(fault: Fault, today: date) -> None:
    with pytest.raises(PageChanged):
        broken(fault, today)


def test_a_new_column_is_kept_and_named() -> None:
    table = broken(Fault("*", "columns", add={"vibe": "9"}), NEW)
    assert {json.loads(extra)["vibe"] for extra in table.column("extra").to_pylist()} == {"9"}
    assert json.loads(table.schema.metadata[b"fieldhouse.unknown_columns"]) == ["vibe"]


# --- essence ----------------------------------------------------------------------------------------------

PAST = date(2024, 11, 5)
ALIKE: list[tuple[str, dict[str, str]]] = [
    ("schedule", {"season": "2025", "month": "october"}),
    ("boxscores", {"date": "2024-10-29"}),
    ("play_by_play", {"game_id": next(g.game_id for g in WORLD.schedule(2025, "october", NEW) if g.published)}),
    *(("player_season", {"season": "2024", "kind": kind}) for kind in ("per_game", "advanced")),
    ("team_season", {"season": "2024"}),
    ("transactions", {"season": "2024"}),
]


@pytest.mark.parametrize(("dataset_type", "identifier"), ALIKE)
def test_pages_of_two_days_are_one_page(dataset_type: str, identifier: dict[str, str]) -> None:
    first, second = (
        page(f"/{address(dataset_type, identifier)}", today).encode() for today in (NEW, NEW + timedelta(days=1))
    )
    assert first != second
    name = file_name(dataset_type)
    assert essence(dataset_type, name, first) == essence(dataset_type, name, second)


def test_every_dataset_type_is_generated() -> None:
    tested = {"schedule", "boxscores", "play_by_play", "player_season", "team_season", "injuries", "transactions",
              "contracts"}  # fmt: skip
    assert {dataset_type.name for dataset_type in SOURCE.dataset_types} == tested
