"""Alerts: what they say, and that they fail nothing."""

from __future__ import annotations

import json
import logging
from types import SimpleNamespace
from typing import Any

import pytest

from plugins import alerts

CONTEXT: Any = {"dag_run": SimpleNamespace(dag_id="ingest_football_data", run_id="manual__1")}


def problem(number: int) -> dict[str, Any]:
    message = f"football_data/season/{number}: <b> & more"
    return {"dataset": f"season/{number}", "outcome": "page_changed", "message": message, "lane": 1}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr(alerts, "send", lambda _, text: lines.extend(text))
    return lines


def test_a_message_names_dataset_outcome_next_step_and_link(sent: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    report = {"outcomes": {"fetched": 3, "page_changed": 1}, "problems": [problem(1)]}
    monkeypatch.setattr(alerts, "_read_report", lambda *_: report)
    alerts.run_failed(CONTEXT)
    text = "\n".join(sent)
    assert "3 fetched, 1 page_changed" in text
    assert "football_data/season/1" in text
    assert "Next: " in text
    assert "/dags/ingest_football_data/runs/manual__1|Open the run>" in text


def test_words_from_the_web_are_no_markup(sent: list[str]) -> None:
    alerts.data_overdue(CONTEXT, "football_data", [{**problem(1), "outcome": "not_published"}])
    assert "&lt;b&gt; &amp; more" in "\n".join(sent)


def test_a_message_stays_short(sent: list[str]) -> None:
    alerts.data_overdue(CONTEXT, "football_data", [problem(number) for number in range(30)])
    assert sum(line.startswith("•") for line in sent) == alerts.MOST_LINES
    assert "... and 22 more" in sent


def test_without_a_connection_the_alert_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        alerts.send(CONTEXT, ["one", "two"])
    assert "one\ntwo" in caplog.text
    assert "only logged" in caplog.text


def test_slacks_own_failure_fails_nothing(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = {"conn_type": "slackwebhook", "host": "http://127.0.0.1:9/services", "password": "T0/B0/secret"}
    monkeypatch.setenv("AIRFLOW_CONN_SLACK", json.dumps(nobody))
    alerts.send(CONTEXT, ["one"])
    assert "could not be sent" in caplog.text
    assert "T0/B0/secret" not in caplog.text
