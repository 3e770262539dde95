"""How a lane's scrape ends, by what the host said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowRescheduleException

from fieldhouse import clock
from fieldhouse.engine.scrape import Scraped
from fieldhouse.errors import SourceBlocked, SourceError, SourceThrottled, SourceUnavailable
from plugins.operators import ScrapeOperator
from plugins.operators.scrape import PATIENCE

NOW = datetime(2026, 3, 4, 6, 0, tzinfo=UTC)
SOON = NOW + timedelta(minutes=10)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "real_now", lambda: NOW)


def end(
    *problems: SourceError, user: str | None = None, started: datetime = NOW, rescheduled: datetime | None = None
) -> None:
    """End a scrape of a run that started, and that was first rescheduled, at these times."""
    operator = ScrapeOperator(task_id="scrape", lane={"name": "season E0 2526"})
    dag_run: Any = SimpleNamespace(start_date=started, run_after=started, triggering_user_name=user)
    task: Any = SimpleNamespace(get_first_reschedule_date=lambda _: rescheduled)
    operator._end({"dag_run": dag_run, "ti": task}, Scraped(problems=list(problems)))


def test_nothing_is_raised_where_nothing_was_refused() -> None:
    end()


def test_a_throttled_host_reschedules_to_the_time_that_it_named() -> None:
    with pytest.raises(AirflowRescheduleException) as raised:
        end(SourceUnavailable("x"), SourceThrottled("x", SOON))
    assert raised.value.reschedule_date == SOON


@pytest.mark.parametrize(
    ("user", "rescheduled"),
    [
        pytest.param(None, NOW - PATIENCE, id="after twelve hours of it"),
        pytest.param("dag_test", None, id="under dags test, which would sleep through it"),
    ],
)
def test_patience_ends(user: str | None, rescheduled: datetime | None) -> None:
    with pytest.raises(SourceThrottled):
        end(SourceThrottled("x", SOON), user=user, rescheduled=rescheduled)


def test_a_run_of_days_has_patience_each_time_anew() -> None:
    with pytest.raises(AirflowRescheduleException):
        end(SourceThrottled("x", SOON), started=NOW - timedelta(days=3))


def test_dags_test_does_not_sleep_for_ever() -> None:
    with pytest.raises(SourceThrottled):
        end(SourceThrottled("x", NOW + timedelta(seconds=30)), user="dag_test", started=NOW - timedelta(minutes=2))


def test_a_block_fails_whatever_else_there_was() -> None:
    with pytest.raises(SourceBlocked):
        end(SourceThrottled("x", SOON), SourceBlocked("x", SOON), SourceUnavailable("x"))


def test_an_unavailable_file_is_left_to_the_retry() -> None:
    with pytest.raises(SourceUnavailable):
        end(SourceUnavailable("x"))
