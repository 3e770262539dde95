"""The Dag in a running Airflow: triggers, flags, backfills, failures, kills."""

from __future__ import annotations

import csv
import io
import os
import re
import signal
import time
from pathlib import Path
from typing import Any

import httpx
import psutil  # type: ignore[import-untyped]
import pytest

from local.api import AirflowError
from tests.dags.conftest import DAG, Field, the_messages_of, wait_for_backfill

pytestmark = [pytest.mark.airflow, pytest.mark.xdist_group("airflow"), pytest.mark.timeout(600)]

SMALL = {"divisions": ["E0", "SC0"], "seasons": "2526", "dataset_types": ["season"]}


def matches_at_site(field: Field, division: str, season: str) -> int:
    """Count the matches of a file as the site has it, without our parser."""
    text = httpx.get(f"{field.site.base('www.football-data.co.uk')}/mmz4281/{season}/{division}.csv").content
    rows = csv.DictReader(io.StringIO(text.decode("utf-8-sig", "replace")))
    return sum(bool(row["HomeTeam"]) for row in rows)


def loaded(field: Field) -> dict[tuple[str, str], int]:
    """Count the loaded matches by division and season."""
    rows = field.rows("select division, season, count(*) from football_data.match group by 1, 2")
    return {(division, season): count for division, season, count in rows}


def test_a_trigger_with_params_loads_what_it_names(played: Field) -> None:
    run = played.run(SMALL)
    assert run.state == "success"
    assert loaded(played) == {(d, "2526"): matches_at_site(played, d, "2526") for d in ("E0", "SC0")}
    lanes = {t.lane for t in played.airflow.api.tasks(DAG, run.run_id) if t.task_id == "ingest.scrape"}
    assert lanes == {"season E0 2526 .. SC0 2526"}
    assert played.slack.messages == []
    # the bundle is a git repository: what ran is its clone, not this checkout
    (place,) = re.findall(r"the code is that of ([^\"]+)", played.log(run, "discover"))
    assert Path(place).is_relative_to(played.bundle)


def events(field: Field) -> list[dict[str, Any]]:
    """Return the Asset events of the source's tables."""
    found = field.airflow.api._call("GET", "/api/v2/assets/events", params={"limit": 100})["asset_events"]
    return [event for event in found if str(event.get("uri", event.get("asset_uri", ""))).startswith("fieldhouse:")]


def test_asset_events_tell_what_changed_and_nothing_else(played: Field) -> None:
    before = len(events(played))
    run = played.run(SMALL)
    new = events(played)[: len(events(played)) - before]
    assert len(new) == 2, "one a changed table: match and match_odds"
    assert all(event["extra"]["inserted"] > 0 and event["extra"]["revisions"] for event in new)
    assert played.states(run)["publish"] == ["success"]

    again = played.run(SMALL)
    assert again.state == "success"
    assert played.states(again)["publish"] == ["skipped"]
    assert len(events(played)) == before + 2


def test_a_run_in_which_nothing_changed_asks_conditionally_and_writes_nothing(played: Field) -> None:
    played.run(SMALL)
    rows = "select sum(xmin::text::bigint), count(*) from football_data.match_odds"
    before = played.rows(rows)
    played.site.clear()
    played.run(SMALL)
    assert sorted((r.path.rpartition("/")[2], r.status) for r in played.site.requests()) == [
        ("E0.csv", 304),
        ("SC0.csv", 304),
    ]
    assert played.rows(rows) == before


def test_params_are_checked_where_they_are_typed(played: Field) -> None:
    with pytest.raises(AirflowError, match="E9"):
        played.run({"divisions": ["E9"]})


def test_a_flag_is_a_toggle_and_no_deploy(played: Field) -> None:
    played.set_variable("flag__football_data", "off")
    off = played.run(SMALL)
    assert off.state == "success"
    assert played.states(off)["discover"] == ["skipped"]
    assert "flag__football_data is off" in played.log(off, "discover")
    assert played.asked() == []

    played.set_variable("flag__football_data", "on")
    assert played.run(SMALL).state == "success"
    assert ("E0", "2526") in loaded(played)


def test_an_unknown_flag_value_fails_and_lists_the_valid_ones(played: Field) -> None:
    played.set_variable("flag__football_data", "maybe")
    run = played.run(SMALL)
    assert run.state == "failed"
    assert "must be on, off or auto" in played.log(run, "discover")
    (message,) = the_messages_of(played, run)
    assert "must be on, off or auto" in message


def test_one_changed_page_fails_the_run_and_keeps_nothing_else_back(played: Field) -> None:
    played.site.fault("*/2526/E0.csv", "columns", rename={"FTHG": "GoalsHome"})
    run = played.run(SMALL)
    assert run.state == "failed"
    assert set(loaded(played)) == {("SC0", "2526")}
    assert played.rows("select state from lake.revision order by state") == [("good",), ("quarantined",)]
    (message,) = the_messages_of(played, run)
    for word in (DAG, "page_changed", "division=E0/season=2526", "FTHG", "Next:", f"/dags/{DAG}/runs/"):
        assert word in message


def test_one_lane_fails_while_the_others_load(played: Field) -> None:
    played.site.fault("*/2526/SC*.csv", "status", status=500)
    played.set_variable("lanes__football_data", "2")
    divisions = ["B1", "D1", "D2", "E0", "E1", "E2", "E3", "EC", "SC0", "SC1", "SC2", "SC3"]
    run = played.run({**SMALL, "divisions": divisions}, seconds=240)
    assert run.state == "failed"
    assert sorted(filter(None, played.states(run)["ingest.scrape"])) == ["failed", "success"]
    assert {division for division, _ in loaded(played)} == {d for d in divisions if not d.startswith("SC")}
    (message,) = the_messages_of(played, run)
    assert "4 failed" in message
    assert "run it again" in message


@pytest.mark.parametrize("step", ["scrape", "archive", "load"])
def test_a_killed_task_is_retried_to_the_same_end(played: Field, step: str) -> None:
    if step == "scrape":
        played.site.fault("*/2526/*.csv", "delay", seconds=1.5, count=3)
    divisions = ["D1", "D2", "E0", "E1", "E2", "SP1", "SP2"]
    run_id = played.airflow.trigger(DAG, {**SMALL, "seasons": "2425,2526", "divisions": divisions})
    _kill_when_running(played, run_id, f"ingest.{step}")
    run = played.airflow.wait(DAG, run_id, 240)
    assert run.state == "success"
    tries = [t["try_number"] for t in instances(played, run_id, f"ingest.{step}")]
    assert max(tries) == 2
    assert loaded(played) == {
        (division, season): matches_at_site(played, division, season)
        for division in divisions
        for season in ("2425", "2526")
    }


def instances(field: Field, run_id: str, task_id: str) -> list[dict[str, Any]]:
    """Return the instances of a task as the API has them."""
    path = f"/api/v2/dags/{DAG}/dagRuns/{run_id}/taskInstances"
    found = field.airflow.api._call("GET", path, params={"limit": 100})["task_instances"]
    return [instance for instance in found if instance["task_id"] == task_id]


def _kill_when_running(field: Field, run_id: str, task_id: str) -> None:
    """SIGKILL the process of a task while it works; its title is the task instance's id."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        running = {f"airflow worker -- {i['id']}" for i in instances(field, run_id, task_id) if i["state"] == "running"}
        for process in psutil.process_iter(["cmdline"]):
            title = " ".join(process.info["cmdline"] or [])
            if title.strip() in running:
                time.sleep(0.4)  # past the imports, into the work
                os.kill(process.pid, signal.SIGKILL)
                return
    pytest.fail(f"{task_id} was not seen running")


def test_a_backfill_loads_the_seasons_of_its_dates(played: Field) -> None:
    done = played.command(
        "backfill", "create", "--dag-id", DAG, "--from-date", "2025-05-25", "--to-date", "2025-08-03",
        "--dag-run-conf", '{"divisions": ["E0"], "dataset_types": ["season", "fixtures"]}',
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    runs = wait_for_backfill(played)
    dates = sorted(run["logical_date"][:10] for run in runs)
    # Sundays and Wednesdays at 06:00, until the midnight with which the to-date begins
    assert dates[:3] == ["2025-05-25", "2025-05-28", "2025-06-01"]
    assert dates[-2:] == ["2025-07-27", "2025-07-30"]
    assert len(dates) == 20
    assert all(run["state"] == "success" for run in runs)
    assert set(loaded(played)) == {("E0", "2425"), ("E0", "2526")}
    assert played.rows("select count(*) from football_data.fixture") == [(0,)], "the present under an old date"


def test_dags_test_means_the_date_that_it_names(played: Field) -> None:
    with played.paused():
        done = played.command("dags", "test", DAG, "2024-10-05", "--conf", '{"divisions": ["E0"]}')
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert set(loaded(played)) == {("E0", "2425")}
