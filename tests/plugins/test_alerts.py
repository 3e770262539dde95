"""Alerts: what they say, and that they fail nothing."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from slack_sdk.models.blocks import Block

from fieldhouse.errors import DatabaseError
from plugins import alerts
from plugins.alerts import Message

CONTEXT: Any = {"dag_run": SimpleNamespace(dag_id="ingest_football_data", run_id="manual__1+00:00")}


def problem(number: int, outcome: str = "page_changed") -> dict[str, Any]:
    message = f"football_data/season/{number}: <b> & more"
    return {"dataset": f"season/{number}", "outcome": outcome, "message": message, "lane": 1}


def report(*problems: dict[str, Any], overdue: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {"outcomes": {"fetched": 3, "page_changed": 1}, "problems": list(problems), "newly_overdue": list(overdue)}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    messages: list[Message] = []
    monkeypatch.setattr(alerts, "send", lambda _, message: messages.append(message))
    return messages


def test_a_message_names_dataset_outcome_next_step_and_links(
    sent: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts, "_read_report", lambda *_: report(problem(1)))
    alerts.run_failed(CONTEXT)
    text = sent[0].text()
    assert "ingest_football_data failed" in text
    assert "3 fetched · 1 page_changed" in text
    assert "football_data/season/1" in text
    assert "*Next:* " in text
    assert "/dags/ingest_football_data/runs/manual__1%2B00%3A00|Open the run>" in text
    assert "/tasks/verdict|Log of verdict>" in text


def test_what_failed_and_what_is_overdue_is_one_message(sent: list[Message], monkeypatch: pytest.MonkeyPatch) -> None:
    found = report(problem(1), problem(2, "blocked"), overdue=(problem(3, "not_published"),))
    monkeypatch.setattr(alerts, "_read_report", lambda *_: found)
    alerts.run_failed(CONTEXT)
    (message,) = sent
    assert [text.split(" ")[0] for text in message.sections] == ["*page_changed*", "*blocked*", "*not_published*"]


def test_a_task_that_failed_beside_the_datasets_is_named(sent: list[Message], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "_read_report", lambda *_: report())
    alerts.run_failed({**CONTEXT, "ti": SimpleNamespace(task_id="trigger_dbt")})
    assert "No dataset is amiss, but the task `trigger_dbt` failed." in sent[0].text()
    assert "/tasks/trigger_dbt|Log of trigger_dbt>" in sent[0].text()


def test_a_run_of_which_airflow_says_little(sent: list[Message], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "_read_report", lambda *_: None)
    alerts.run_failed({"dag": SimpleNamespace(dag_id="ingest_football_data"), "run_id": "r"})
    assert "did not get as far as a verdict" in sent[0].text()
    assert "/dags/ingest_football_data/runs/r|Open the run>" in sent[0].text()


def test_words_from_the_web_are_no_markup(sent: list[Message]) -> None:
    alerts.data_overdue(CONTEXT, "football_data", [problem(1, "not_published")])
    assert "&lt;b&gt; &amp; more" in sent[0].text()


def test_a_message_stays_short_and_is_what_slack_takes(sent: list[Message]) -> None:
    many = [{**problem(number), "message": "x" * 10_000} for number in range(600)]
    alerts.data_overdue(CONTEXT, "football_data", many)
    (message,) = sent
    assert message.title == "⏳ football_data: 600 datasets overdue"
    assert message.sections[0].count("\n• ") == alerts.MOST_EXAMPLES
    assert "... and 597 more" in message.sections[0]
    for block in Block.parse_all(message.blocks()):
        block.validate_json()
    assert len(json.dumps(message.blocks())) < 4_000


def test_an_unreadable_catalog_is_said(sent: list[Message], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise DatabaseError("catalog db:5432/x cannot be reached")

    monkeypatch.setattr(alerts, "_read_report", refuse)
    alerts.run_failed(CONTEXT)
    assert "cannot be read: catalog db:5432/x cannot be reached" in sent[0].text()


def test_a_dbt_failure_names_model_and_message(sent: list[Message], monkeypatch: pytest.MonkeyPatch) -> None:
    failures = [{"node": f"model_{n}", "status": "error", "message": "column <x> does not exist"} for n in range(5)]
    row = SimpleNamespace(sources=["football_data"], models=4, tests=12, failures=failures)
    monkeypatch.setattr(alerts, "_read_dbt_run", lambda *_: row)
    alerts.transform_failed({"dag_run": SimpleNamespace(dag_id="transform_dbt", run_id="r")})
    text = sent[0].text()
    assert "*`model_0`* error: column &lt;x&gt; does not exist" in text
    assert "... and 2 more" in text
    assert "4 models built · 12 tests passed" in text
    assert "/tasks/build|Log of build>" in text


def test_a_late_run_is_a_template_that_slack_takes() -> None:
    arguments = alerts.late_arguments(timedelta(hours=3))
    assert arguments["text"] == "⏰ {{ dag_run.dag_id }} is late"
    assert "180 minutes after it was queued" in json.dumps(arguments["blocks"])
    for block in Block.parse_all(arguments["blocks"]):
        block.validate_json()


def test_without_a_connection_the_alert_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert alerts.send(CONTEXT, Message("one", sections=["two"]))
    assert "*one*\ntwo" in caplog.text
    assert "only logged" in caplog.text


def test_slacks_own_failure_fails_nothing(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = {"conn_type": "slackwebhook", "host": "http://127.0.0.1:9/services", "password": "T0/B0/secret"}
    monkeypatch.setenv("AIRFLOW_CONN_SLACK", json.dumps(nobody))
    assert not alerts.send(CONTEXT, Message("one", links={"a": "http://b"}))
    assert "could not be sent" in caplog.text
    assert "T0/B0/secret" not in caplog.text
