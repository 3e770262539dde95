"""The verdict fails for tasks whose failure no dataset shows; a stand-in takes the part of Airflow's task instance."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from fieldhouse import clock, sources
from fieldhouse.catalog import Catalog
from fieldhouse.config import Settings
from fieldhouse.engine.discover import choose_policies
from fieldhouse.migrate import migrate
from fieldhouse.sources.football_data import SOURCE
from plugins.operators import VerdictOperator


def context(**states: str) -> dict[str, Any]:
    """Return what Airflow would say of the run's tasks."""

    def get_task_states(**_: object) -> dict[str, dict[str, str]]:
        return {"run": states}

    dag_run = SimpleNamespace(dag_id="ingest_football_data", run_id="run")
    return {"dag_run": dag_run, "ti": SimpleNamespace(get_task_states=get_task_states)}


@pytest.fixture
def planned(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return settings that Airflow's Connections give too, with a plan of the run in which nothing was due."""
    migrate(settings, sources.NAMES)
    lake = {"conn_type": "fs", "extra": {"path": settings.lake.removeprefix("file://")}}
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", settings.warehouse.replace("postgresql:", "postgres:"))
    monkeypatch.setenv("AIRFLOW_CONN_LAKE", json.dumps(lake))
    catalog = Catalog(settings.catalog)
    catalog.make_plan(
        SOURCE,
        "ingest_football_data/run",
        [],
        now=clock.now(),
        scope={},
        notes=[],
        policies=choose_policies(SOURCE, {}),
    )
    catalog.close()
    return settings


def judge(**states: str) -> dict[str, int]:
    return VerdictOperator(task_id="verdict", source=SOURCE.name).execute(context(**states))


@pytest.mark.usefixtures("planned")
@pytest.mark.parametrize("state", ["failed", "upstream_failed"])
def test_a_plan_of_an_earlier_attempt_is_not_judged_when_discover_failed(state: str) -> None:
    with pytest.raises(AirflowFailException, match="discover failed"):
        judge(discover=state, publish="skipped")


@pytest.mark.usefixtures("planned")
def test_a_publish_that_failed_fails_the_run() -> None:
    with pytest.raises(AirflowFailException, match="publish failed"):
        judge(discover="success", publish="failed")


@pytest.mark.usefixtures("planned")
def test_a_run_in_which_nothing_was_due_is_good() -> None:
    assert judge(discover="success", publish="skipped") == {}
