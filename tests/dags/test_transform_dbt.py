"""The marts, for real: built when a source's tables changed, and right in the end whatever stops in between."""

from __future__ import annotations

import os
import re
import signal
import time
from typing import Any

import psutil  # type: ignore[import-untyped]
import psycopg
import pytest

from fieldhouse.engine.context import Context
from fieldhouse.engine.discover import Request, discover
from fieldhouse.source import Window
from fieldhouse.sources.football_data import SOURCE
from tests.dags.conftest import TODAY, TRANSFORM, Field, the_messages_of
from tests.engine.toy import work

pytestmark = [pytest.mark.airflow, pytest.mark.xdist_group("airflow"), pytest.mark.timeout(600)]

SMALL = {"divisions": ["E0"], "seasons": "2526", "dataset_types": ["season"]}
RESULTS = "select count(*) from marts.football_data__results"
MATCHES = "select count(*) from football_data.match where home_goals is not null"
DIRTY = "select source from fieldhouse.dirty"


def execute(field: Field, statement: str) -> None:
    with psycopg.connect(field.settings.warehouse) as connection:
        connection.execute(statement)


def mart_events(field: Field) -> list[dict[str, Any]]:
    found = field.airflow.api._call("GET", "/api/v2/assets/events", params={"limit": 100})["asset_events"]
    return [event for event in found if str(event.get("uri", "")).startswith("fieldhouse://marts/")]


def test_marts_are_built_when_tables_changed_and_otherwise_only_when_asked(built: Field) -> None:
    before = len(mart_events(built))
    run = built.run(SMALL)
    transform = built.transform(run)
    assert transform.state == "success", built.log(transform, "build")[-3000:]
    assert built.rows(RESULTS) == built.rows(MATCHES)
    assert built.rows(DIRTY) == []
    ((models, tests, failures),) = built.rows("select models, tests, failures from fieldhouse.dbt_run")
    assert models >= 4
    assert tests >= 10
    assert failures == []
    new = mart_events(built)[: len(mart_events(built)) - before]
    assert {event["uri"] for event in new} >= {
        "fieldhouse://marts/football_data__results",
        "fieldhouse://marts/football_data__league_table",
    }
    assert all(event["extra"]["sources"] == ["football_data"] for event in new)

    again = built.run(SMALL)
    assert built.states(again)["trigger_dbt"] == ["skipped"]
    assert "as new as its tables" in built.log(again, "trigger_dbt")
    assert len(built.transforms()) == 1

    execute(built, "delete from marts.football_data__results")
    conf = {"sources": ["football_data"], "full_refresh": True}
    run = built.airflow.wait(TRANSFORM, built.airflow.trigger(TRANSFORM, conf), 180)
    assert run.state == "success"
    assert built.rows(RESULTS) == built.rows(MATCHES)
    assert built.slack.messages == []


def test_a_run_that_finds_nothing_old_skips(built: Field) -> None:
    run = built.airflow.wait(TRANSFORM, built.airflow.trigger(TRANSFORM, {"sources": ["football_data"]}), 120)
    assert run.state == "success"
    assert built.states(run)["build"] == ["skipped"]


def test_rows_of_a_run_that_was_stopped_before_it_could_trigger(built: Field) -> None:
    with Context(built.settings_of_site(), SOURCE, claim_seconds=0) as context:
        window = Window(TODAY, TODAY)
        report = work(context, discover(context, "stopped", Request(window, params=SMALL)))
    assert not report.failed
    assert built.rows(DIRTY) == [("football_data",)]
    run = built.run(SMALL)
    assert built.states(run)["publish"] == ["skipped"], "this run itself changed nothing"
    assert built.transform(run).state == "success"
    assert built.rows(RESULTS) == built.rows(MATCHES)


def test_a_model_that_fails_is_named_and_its_marts_are_built_in_the_end(built: Field) -> None:
    built.airflow.api.pause(TRANSFORM)
    run = built.run(SMALL)
    execute(built, "alter table football_data.match rename column home_goals to goals_of_home")
    try:
        built.airflow.api.unpause(TRANSFORM)
        failed = built.transform(run)
        assert failed.state == "failed"
        assert re.search(r"stg_football_data__match.*home_goals", built.log(failed, "build"))
        (message,) = the_messages_of(built, failed)
        for word in ("transform_dbt failed", "stg_football_data__match", "home_goals", "does not exist", "Next:"):
            assert word in message
        assert f"/dags/{TRANSFORM}/runs/" in message
        assert built.rows(DIRTY) == [("football_data",)]
    finally:
        execute(built, "alter table football_data.match rename column goals_of_home to home_goals")
    again = built.run(SMALL)
    assert built.states(again)["publish"] == ["skipped"]
    assert built.transform(again).state == "success"
    assert built.rows(RESULTS) == built.rows(MATCHES)
    assert built.rows(DIRTY) == []


def test_a_killed_build_takes_its_dbt_with_it_and_is_retried(built: Field) -> None:
    built.run(SMALL)
    (run_id,) = built.transforms()
    deadline = time.monotonic() + 90
    while not (dbts := _dbts()) and time.monotonic() < deadline:
        time.sleep(0.05)
    (dbt,) = dbts
    time.sleep(1)
    task = dbt.parent()
    assert task is not None
    os.kill(task.pid, signal.SIGKILL)
    assert psutil.wait_procs([dbt], timeout=20)[1] == [], "it outlives the task"
    transform = built.airflow.wait(TRANSFORM, run_id, 240)
    assert transform.state == "success"
    (instance,) = built.airflow.api.tasks(TRANSFORM, run_id)
    assert instance.tries == 2
    assert built.rows(RESULTS) == built.rows(MATCHES)
    assert built.rows(DIRTY) == []


def _dbts() -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if "build" in words and any(word.endswith("/dbt") for word in words):
            parent = process.parent()
            if parent and "airflow worker" in " ".join(parent.cmdline()):
                found.append(process)
    return found
