"""Publish tells the publishers of the events, also where it has nothing to tell Airflow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from airflow.sdk.exceptions import AirflowSkipException

from fieldhouse.config import Settings
from plugins.operators import PublishOperator
from tests.receivers import Receiver, receiver_fixture  # noqa: F401 - a fixture

MAKE = """
insert into lake.dataset (source, dataset_type, identifier, keys, state)
values ('football_data', 'season', 'division=E0/season=2526', '{}', 'complete');
"""
WITHDRAW = "update lake.dataset set state = 'withdrawn'"


@pytest.fixture
def context(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Any]:
    lake = {"conn_type": "fs", "extra": {"path": settings.lake.removeprefix("file://")}}
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", settings.warehouse.replace("postgresql:", "postgres:"))
    monkeypatch.setenv("AIRFLOW_CONN_LAKE", json.dumps(lake))
    with psycopg.connect(settings.catalog, autocommit=True) as connection:
        connection.execute(MAKE)
        connection.execute(WITHDRAW)
    return {"dag_run": SimpleNamespace(dag_id="ingest_football_data", run_id="run"), "outlet_events": {}}


def publish(context: Mapping[str, Any]) -> None:
    PublishOperator(task_id="publish", source="football_data").execute(context)


def test_events_are_delivered_in_a_run_that_changed_no_table(
    context: Mapping[str, Any], receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_WEBHOOK", json.dumps({"conn_type": "http", "host": receiver.url}))
    with pytest.raises(AirflowSkipException):
        publish(context)
    assert [json.loads(body)["kind"] for _, body in receiver.requests] == ["dataset_created", "dataset_withdrawn"]


def test_without_publishers_nothing_is_read(context: Mapping[str, Any], settings: Settings) -> None:
    with pytest.raises(AirflowSkipException):
        publish(context)
    with psycopg.connect(settings.catalog) as connection:
        assert connection.execute("select 1 from lake.event_reader").fetchall() == []
