"""The Dag of the NBA in a running Airflow: a season's week day by day and by backfill, July, and what goes wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest

from fieldhouse import clock
from fieldhouse.config import SourceSettings
from fieldhouse.engine.context import Context
from fieldhouse.errors import SourceBlocked
from fieldhouse.lake import LakeStore
from fieldhouse.source import pace_of
from fieldhouse.sources.basketball_reference import SOURCE
from local.api import Run
from simulator.generated.basketball_reference.world import World
from tests.dags.conftest import NBA, SEED, Field, the_messages_of, wait_for_backfill

pytestmark = [pytest.mark.airflow, pytest.mark.xdist_group("airflow"), pytest.mark.timeout(900)]

SEASON = 2026
# The season begins on its fourth day: 30 games, of which two are corrected after the week's last run
WEEK = [date(2025, 10, 18) + timedelta(days=number) for number in range(7)]
THIRTEEN = date(2025, 10, 22)
GAMES = ["schedule", "boxscores", "play_by_play"]
GAME_TABLES = ("schedule", "player_boxscore", "play_by_play")
PRESENT_TABLES = (
    "player_per_game", "player_totals", "player_advanced", "player_shooting", "team_opponent", "team_advanced",
    "injury", "injury_report", "league_transaction", "transaction_party", "contract",
)  # fmt: skip
PLAYER_TABLES = PRESENT_TABLES[:4]
PRESENT = ["injuries", "contracts", "transactions"]
TABLES = ["player_season", "team_season"]
TRANSACTIONS = "/leagues/NBA_2026_transactions.html"
HELD_BACK = "202510220MIA"
LATE = ["boxscores/date=2025-10-22", f"play_by_play/game_id={HELD_BACK}"]
# What the load adds to a row
OWN = ["_loaded_at", "_revision", "_dataset_id"]


@pytest.fixture
def nba(played: Field) -> Iterator[Field]:
    """Return the stack for tests in which time passes."""
    with played.time_passes():
        # one lane a dataset type: each task is a second
        played.set_variable("lanes__basketball_reference", "1")
        yield played


def at(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, 1, tzinfo=UTC)


def daily(field: Field, day: date, seconds: float = 300, **conf: object) -> Run:
    """Have the daily run of a date: it is noon of the next day, and the run has the date's logical date."""
    field.set_clock(at(day + timedelta(days=1)))
    run_id = field.airflow.trigger(NBA, conf, logical_date=clock.real_now() - timedelta(hours=23))
    return field.airflow.wait(NBA, run_id, seconds)


def rows(field: Field, tables: Sequence[str]) -> dict[str, list[Any]]:
    """Return all rows of tables, but for what the load adds; of the schedule October's, which every run reads."""
    where = {"schedule": "where game_date < '2025-11-01'"}
    return {
        name: field.rows(
            f"select to_jsonb(t) - '{{{','.join(OWN)}}}'::text[] from basketball_reference.{name} as t"
            f" {where.get(name, '')} order by 1"
        )
        for name in tables
    }


def written(field: Field, tables: Sequence[str]) -> dict[str, list[Any]]:
    """Return which transactions wrote the rows that tables have."""
    query = "select count(*), sum(xmin::text::bigint) from basketball_reference."
    return {name: field.rows(query + name) for name in tables}


def box_scores(found: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Return the box scores by game."""
    games: dict[str, list[Any]] = {}
    for (row,) in found["player_boxscore"]:
        games.setdefault(row["game_id"], []).append(row)
    return games


def outcomes(field: Field, run: Run) -> dict[str, list[str]]:
    """Return the datasets of a run by outcome."""
    found = field.rows(
        "select i.outcome, d.dataset_type || '/' || d.identifier from lake.plan_item as i"
        " inner join lake.dataset as d using (dataset_id) inner join lake.plan as p using (plan_id)"
        f" where p.run = '{run.dag_id}/{run.run_id}' order by 2"
    )
    by_outcome: dict[str, list[str]] = {}
    for outcome, dataset in found:
        by_outcome.setdefault(outcome, []).append(dataset)
    return by_outcome


def urls(field: Field) -> Counter[str]:
    """Count the requests by address."""
    return Counter(f"{r.path}?{r.query}" if r.query else r.path for r in field.nba.requests())


@contextmanager
def engine(field: Field) -> Iterator[Context]:
    """Open the engine as a task does, on the stack's databases and site."""
    url = field.nba.base("www.basketball-reference.com")
    settings = replace(field.settings, sources={SOURCE.name: SourceSettings(url=url, pace=pace_of(100))})
    with Context(settings, SOURCE) as context:
        yield context


def test_a_week_is_the_same_day_by_day_by_backfill_and_again(nba: Field) -> None:
    days = {day: daily(nba, day, dataset_types=GAMES) for day in WEEK[:-1]}
    last = daily(nba, WEEK[-1])
    assert {run.state for run in (*days.values(), last)} == {"success"}, nba.slack.messages
    assert nba.slack.messages == []
    assert outcomes(nba, days[WEEK[0]]).keys() == {"fetched"}
    assert "no game is scheduled on 2025-10-18" in nba.log(days[WEEK[0]], "verdict")
    by_day = rows(nba, GAME_TABLES)
    assert {row["game_date"] for (row,) in by_day["player_boxscore"]} == {str(day) for day in WEEK[3:]}
    assert all(rows(nba, PRESENT_TABLES).values())

    # what the site says of the present, once more: nothing is written anywhere
    before, present = written(nba, (*GAME_TABLES, *PRESENT_TABLES)), rows(nba, PRESENT_TABLES)
    again = daily(nba, WEEK[-1], dataset_types=[*TABLES, *PRESENT])
    assert nba.states(again)["publish"] == ["skipped"], outcomes(nba, again)
    assert written(nba, (*GAME_TABLES, *PRESENT_TABLES)) == before
    assert rows(nba, PRESENT_TABLES) == present

    # a week on, the same dates: box scores that were corrected meanwhile are new, nothing else is
    nba.set_clock(at(WEEK[-1] + timedelta(days=8)))
    dates = {"from_date": str(WEEK[0]), "to_date": str(WEEK[-1])}
    assert nba.run({**dates, "dataset_types": GAMES}, 300, NBA).state == "success"
    settled = rows(nba, GAME_TABLES)
    first, now = box_scores(by_day), box_scores(settled)
    assert first.keys() == now.keys()
    assert {game for game in now if now[game] != first[game]} == corrected_later() != set()
    assert settled["play_by_play"] == by_day["play_by_play"]
    assert {row["game_id"] for (row,) in settled["play_by_play"]} == now.keys()

    # the same week by backfill, into nothing
    nba.empty()
    done = nba.command(
        "backfill", "create", "--dag-id", NBA, "--from-date", str(WEEK[0]), "--to-date", "2025-10-25",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    runs = wait_for_backfill(nba, NBA)
    # at 12:00, until the midnight with which the to-date begins: it is not one of them
    assert sorted(run["logical_date"][:10] for run in runs) == [str(day) for day in WEEK]
    assert {run["state"] for run in runs} == {"success"}, nba.slack.messages
    backfilled = rows(nba, GAME_TABLES)
    assert {table for table in GAME_TABLES if backfilled[table] != settled[table]} == set()
    assert not any(rows(nba, PRESENT_TABLES).values()), "the present under an old date"
    assert {url: count for url, count in urls(nba).items() if count > 1} == {}

    # and once more
    before = written(nba, GAME_TABLES)
    nba.nba.clear()
    assert nba.run(dates, 300, NBA).state == "success"
    assert written(nba, GAME_TABLES) == before
    assert urls(nba) == {}


def corrected_later() -> set[str]:
    """Return the games of the week that were corrected where the daily runs had not looked again yet."""
    found = World(SEED).corrections(SEASON)
    # after 1 day and after 3 days; the last run was that of the week's last date
    looks = {game: [_day(game) + timedelta(days=1 + after) for after in (0, 1, 3)] for game in found}
    until = WEEK[-1] + timedelta(days=1)
    seen = {game: max(look for look in looks[game] if look <= until) for game in found if _day(game) in WEEK}
    return {game for game, look in seen.items() if found[game] > look}


def _day(game_id: str) -> date:
    return datetime.strptime(game_id[:8], "%Y%m%d").replace(tzinfo=UTC).date()


def test_in_july_no_game_is_asked_for(nba: Field) -> None:
    july = date(2026, 7, 15)
    run = daily(nba, july)
    assert run.state == "success"
    log = nba.log(run, "discover")
    for name in (*GAMES, *TABLES):
        assert f"left out {name}: nothing_scheduled (" in log
    assert "no game is known in or shortly before 2026-07-15" in log
    assert urls(nba) == {
        "/friv/injuries.fcgi": 1, "/contracts/players.html": 1, "/leagues/NBA_2027_transactions.html": 1
    }  # fmt: skip

    nba.nba.clear()
    games = daily(nba, july, dataset_types=GAMES)
    assert games.state == "success"
    assert nba.states(games)["discover"] == ["skipped"]
    assert urls(nba) == {}
    assert nba.slack.messages == []


def test_changed_pages_are_kept_and_told_of_and_what_is_late_is_looked_for(nba: Field) -> None:
    nba.nba.tell("basketball_reference", "held_back", [HELD_BACK])
    nba.nba.fault("*_totals.html", "columns", rename={"fg": "field_goals"})
    nba.nba.fault("*_advanced.html", "columns", drop=["name_display"])
    nba.nba.fault("*_shooting.html", "half")
    run = daily(nba, THIRTEEN, dataset_types=[*GAMES, *TABLES])
    assert run.state == "failed"
    found = outcomes(nba, run)
    assert found["page_changed"] == [f"player_season/season=2026/kind={k}" for k in ("advanced", "shooting", "totals")]
    assert found["not_published"] == LATE
    assert found.keys() == {"fetched", "page_changed", "not_published"}
    # all the others are loaded, those of the late date too
    assert len(box_scores(rows(nba, GAME_TABLES))) == 2 + 12
    counts = {name: nba.rows(f"select count(*) from basketball_reference.{name}")[0][0] for name in PLAYER_TABLES}
    assert counts.pop("player_per_game") > 200
    assert set(counts.values()) == {0}
    assert quarantined(nba) == {name: at_site(nba, name) for name in ("advanced", "shooting", "totals")}
    (message,) = the_messages_of(nba, run)
    for word in (
        "page_changed",
        "3 datasets",
        "kind=totals",
        "found none for fg ",
        "kind=advanced",
        "kind=shooting",
        "Next:",
    ):
        assert word in message

    # what is late is looked for later, although the run failed: by another run, that waits
    look = the_late_run(nba)
    assert look["state"] == "queued"
    assert look["conf"]["dataset_types"] == ["boxscores", "play_by_play"]
    assert in_programs_time(nba, look["run_after"]) == at(THIRTEEN + timedelta(days=1), 14).replace(minute=0)
    # at midnight it is missing, of which one message tells
    nba.nba.clear()
    done = at_once(nba, look["dag_run_id"], at(THIRTEEN + timedelta(days=2), 0))
    assert done.state == "success"
    assert outcomes(nba, done) == {"not_published": LATE}
    assert nba.states(done)["look_again"] == ["skipped"]
    (message,) = the_messages_of(nba, done)
    for word in ("2 datasets overdue", *LATE, "Next:"):
        assert word in message

    # the next day's run finds it published
    nba.nba.tell("basketball_reference", "held_back", [])
    run = daily(nba, THIRTEEN + timedelta(days=1), dataset_types=GAMES)
    assert run.state == "success"
    assert set(LATE) <= set(outcomes(nba, run)["fetched"])
    assert HELD_BACK in box_scores(rows(nba, GAME_TABLES))
    assert len(nba.slack.messages) == 2


def quarantined(field: Field) -> dict[str, bytes]:
    """Return the bytes that the lake keeps of pages that could not be read, by kind of season table."""
    found = field.rows(
        "select split_part(split_part(d.identifier, 'kind=', 2), '/', 1), f.path, f.sha256 from lake.revision as r"
        " inner join lake.file as f using (dataset_id, revision) inner join lake.dataset as d using (dataset_id)"
        " where r.state = 'quarantined'"
    )
    lake = LakeStore(field.settings.lake)
    return {kind: lake.read_raw(path, sha256) for kind, path, sha256 in found}


def at_site(field: Field, kind: str) -> bytes:
    base = field.nba.base("www.basketball-reference.com")
    return httpx.get(f"{base}/leagues/NBA_{SEASON}_{kind}.html", trust_env=False).content


def the_late_run(field: Field) -> dict[str, Any]:
    (run,) = [run for run in field.airflow.api.runs(NBA) if run["dag_run_id"].startswith("late__")]
    return run


def in_programs_time(field: Field, instant: str) -> datetime:
    """Return what time it is in the season when it is that time on this machine."""
    return (datetime.fromisoformat(instant) + field.shift + timedelta(seconds=0.5)).replace(microsecond=0)


def at_once(field: Field, run_id: str, moment: datetime) -> Run:
    """Make it that time, and the hour of a run that waits."""
    field.set_clock(moment)
    with psycopg.connect(field.airflow.metadata_dsn) as connection:
        connection.execute("update dag_run set run_after = now() where run_id = %s", (run_id,))
    return field.airflow.wait(NBA, run_id, 300)


def test_a_host_that_refuses_is_left_alone(nba: Field) -> None:
    """A block page with status 200, a 403 and a 429, one after the other."""
    nba.nba.fault("*/injuries.fcgi", "block_page")
    run = daily(nba, THIRTEEN, dataset_types=PRESENT)
    assert run.state == "failed"
    assert "injuries/" in outcomes(nba, run)["blocked"]
    assert {task.tries for task in nba.airflow.api.tasks(NBA, run.run_id) if task.task_id == "ingest.scrape"} == {1}
    assert urls(nba)["/friv/injuries.fcgi"] == 1
    assert_left_alone(nba, "blocked", timedelta(hours=1))
    (message,) = the_messages_of(nba, run)
    assert "status 200, page 'Just a moment...'" in message

    # whoever comes next does not ask
    asked = urls(nba)
    with pytest.raises(SourceBlocked, match="left alone until"), engine(nba) as context:
        context.client.get("friv/injuries.fcgi")
    assert urls(nba) == asked

    nba.empty()
    nba.nba.fault("*", "status", status=403)
    run = daily(nba, THIRTEEN, dataset_types=GAMES)
    assert run.state == "failed"
    assert sum(urls(nba).values()) == 1
    assert_left_alone(nba, "blocked", timedelta(hours=1))
    (message,) = the_messages_of(nba, run)
    assert "status 403" in message

    nba.empty()
    nba.nba.fault("*/injuries.fcgi", "status", status=429, page="rate_limited", retry_after=8, count=1)
    run = daily(nba, THIRTEEN, dataset_types=PRESENT)
    assert run.state == "success", the_messages_of(nba, run)
    assert urls(nba) == {"/friv/injuries.fcgi": 2, "/contracts/players.html": 1, TRANSACTIONS: 1}
    requests = nba.nba.requests()
    (refused,) = [number for number, request in enumerate(requests) if request.status == 429]
    waited = datetime.fromisoformat(requests[refused + 1].time) - datetime.fromisoformat(requests[refused].time)
    assert timedelta(seconds=8) <= waited < timedelta(minutes=2), "nobody asks before the time that it names"
    assert the_messages_of(nba, run, wait=0) == []


def assert_left_alone(field: Field, kind: str, duration: timedelta) -> None:
    ((found, until),) = field.rows("select kind, until from lake.host_block")
    assert found == kind
    # it was said before the run ended
    assert timedelta() <= clock.real_now() + duration - until < timedelta(minutes=5)
