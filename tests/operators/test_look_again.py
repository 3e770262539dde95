"""Look again: what it triggers, and when it does not. That a real Airflow heeds it: tests/dags."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from airflow.sdk.exceptions import AirflowSkipException, DagRunTriggerException

from fieldhouse import clock
from fieldhouse.catalog import Catalog
from fieldhouse.config import Settings
from fieldhouse.engine.discover import choose_policies
from fieldhouse.params import complete_params
from fieldhouse.source import Candidate
from fieldhouse.sources.football_data import SOURCE
from plugins.operators import LookAgainOperator

HOUR = timedelta(hours=1)
DAG = "ingest_football_data"
SCOPE: dict[str, Any] = {
    "from_date": "2026-01-12",
    "to_date": "2026-01-12",
    "params": complete_params(SOURCE, {"divisions": ["E0"], "force": True}),
}


def context(run: str = "run", run_type: str = "scheduled", user: str | None = None) -> dict[str, Any]:
    return {"dag_run": SimpleNamespace(dag_id=DAG, run_id=run, run_type=run_type, triggering_user_name=user)}


def look(context: Mapping[str, Any]) -> DagRunTriggerException:
    with pytest.raises(DagRunTriggerException) as raised:
        LookAgainOperator(task_id="look_again", source=SOURCE.name).execute(context)
    return raised.value


def skip(context: Mapping[str, Any]) -> str:
    with pytest.raises(AirflowSkipException) as raised:
        LookAgainOperator(task_id="look_again", source=SOURCE.name).execute(context)
    return str(raised.value)


@pytest.fixture(autouse=True)
def _late(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two runs miss the same season, which is due tomorrow."""
    lake = {"conn_type": "fs", "extra": {"path": settings.lake.removeprefix("file://")}}
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", settings.warehouse.replace("postgresql:", "postgres:"))
    monkeypatch.setenv("AIRFLOW_CONN_LAKE", json.dumps(lake))
    monkeypatch.setenv(clock.SHIFT_VARIABLE, "-86400")
    catalog = Catalog(settings.catalog, claim_seconds=0)
    for run in ("run", "another"):
        candidate = Candidate("season", {"division": "E0", "season": "2526"}, (), due_at=clock.now() + 24 * HOUR)
        plan, _ = catalog.make_plan(
            SOURCE,
            f"{DAG}/{run}",
            [candidate],
            now=clock.now(),
            scope=SCOPE,
            notes=[],
            policies=choose_policies(SOURCE, {}),
        )
        miss(settings, plan, candidate.due_at)
    catalog.close()


def miss(settings: Settings, plan: int, due_at: datetime | None) -> None:
    with psycopg.connect(settings.catalog) as connection:
        connection.execute(
            """
            insert into lake.plan_item (plan_id, dataset_id, lane, reason, files, due_at, outcome)
            select %s, dataset_id, 1, 'new', '[]', %s, 'not_published' from lake.dataset
            """,
            (plan, due_at),
        )


def test_it_triggers_its_own_dag_for_a_later_hour_of_the_machine() -> None:
    found = look(context())
    assert (found.trigger_dag_id, found.wait_for_completion, found.skip_when_already_exists) == (DAG, False, True)
    assert timedelta(minutes=4) < found.run_after - clock.real_now() <= 2 * HOUR
    assert found.conf == {
        **SCOPE["params"],
        "from_date": "2026-01-12",
        "to_date": "2026-01-12",
        "dataset_types": ["season"],
        "force": False,
        "only_late": True,
    }
    assert found.dag_run_id.startswith(f"late__2026-01-12__{found.run_after:%Y-%m-%dT%H:%M}__")
    assert found.note == "not published yet: 1 of season; triggered by run"


def test_a_retry_and_another_run_that_misses_the_same_find_the_run_that_looks(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = datetime.fromisoformat("2026-01-13T12:20:00+00:00")
    monkeypatch.setattr(clock, "real_now", lambda: noon)
    with psycopg.connect(settings.catalog) as connection:
        connection.execute("update lake.plan_item set due_at = %s", (noon,))  # a day ahead of the program's time
    first = look(context()).dag_run_id
    assert first.startswith("late__2026-01-12__2026-01-13T14:00__")
    monkeypatch.setattr(clock, "real_now", lambda: noon + HOUR)
    assert {look(context()).dag_run_id, look(context("another")).dag_run_id} == {first}
    with psycopg.connect(settings.catalog) as connection:
        connection.execute("""update lake.plan set scope = jsonb_set(scope, '{params,divisions}', '["SC0"]')""")
    assert look(context()).dag_run_id != first, "it looks for something else"


def test_dags_test_and_backfills_trigger_nothing() -> None:
    assert "not published yet: 1 of season; a run that is no test would" in skip(context(user="dag_test"))
    assert skip(context(run_type="backfill")) == "nothing is expected soon that was not published yet"


def test_a_run_without_a_plan_has_nothing_to_look_for() -> None:
    assert skip(context("a run whose discover failed")) == "nothing is expected soon that was not published yet"
