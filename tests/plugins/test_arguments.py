"""What all Dags share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from airflow.sdk import RetryAction

from fieldhouse import clock
from fieldhouse.errors import (
    ConfigurationError,
    DatabaseError,
    LakeError,
    PageChanged,
    SourceBlocked,
    SourceThrottled,
    SourceUnavailable,
)
from fieldhouse.sources.football_data import SOURCE
from plugins.arguments import ErrorRetryPolicy, dag_arguments, trigger_form

NOW = datetime(2026, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("error", "action"),
    [
        pytest.param(ConfigurationError("x"), RetryAction.FAIL, id="configuration"),
        pytest.param(SourceBlocked("x", NOW), RetryAction.FAIL, id="blocked"),
        pytest.param(PageChanged("x"), RetryAction.FAIL, id="page changed"),
        pytest.param(SourceThrottled("x", NOW), RetryAction.RETRY, id="throttled"),
        pytest.param(SourceUnavailable("x"), RetryAction.RETRY, id="unavailable"),
        pytest.param(LakeError("x"), RetryAction.RETRY, id="lake"),
        pytest.param(DatabaseError("x"), RetryAction.RETRY, id="database"),
        pytest.param(KeyError("x"), RetryAction.DEFAULT, id="a defect of ours"),
    ],
)
def test_what_is_retried(error: Exception, action: RetryAction) -> None:
    assert ErrorRetryPolicy().evaluate(error, 1, 4).action is action


def test_a_throttled_host_is_asked_again_when_it_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "real_now", lambda: NOW)
    decision = ErrorRetryPolicy().evaluate(SourceThrottled("x", NOW + timedelta(minutes=7)), 1, 4)
    assert decision.retry_delay == timedelta(minutes=7)


def test_retries_back_off() -> None:
    delays = [ErrorRetryPolicy().evaluate(SourceUnavailable("x"), n, 9).retry_delay for n in range(1, 9)]
    assert delays == sorted(delays, key=lambda d: d or timedelta(0))
    assert delays[0] == timedelta(seconds=30)
    assert delays[-1] == timedelta(minutes=15)


def test_a_run_that_waits_for_its_hour_does_not_keep_the_scheduler_from_making_the_next_days_run() -> None:
    """Airflow 3.3.2 makes none while as many are queued or running as may run at once."""
    assert dag_arguments(SOURCE)["max_active_runs"] > 1


def test_the_trigger_form_takes_what_the_source_takes() -> None:
    form = trigger_form(SOURCE)
    assert {"seasons", "divisions", "dataset_types", "force", "only_late", "from_date", "to_date"} == set(form)
    assert form["from_date"].resolve() is None
    assert form["divisions"].resolve(["E0"]) == ["E0"]
    assert form["dataset_types"].schema["items"]["enum"] == ["season", "extra_league", "fixtures"]
