"""What all Dags share: arguments, the trigger form, the retry policy."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import Param, RetryDecision, RetryPolicy
from airflow.sdk.configuration import conf
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

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
from fieldhouse.params import all_params
from fieldhouse.source import Source
from plugins import alerts

# Doubled with every retry. Set by AIRFLOW__FIELDHOUSE__FIRST_RETRY_SECONDS
FIRST_DELAY = timedelta(seconds=conf.getfloat("fieldhouse", "first_retry_seconds", fallback=30.0))
# Set by AIRFLOW__FIELDHOUSE__LATE_AFTER_MINUTES
SLACK_NOTIFIER = "airflow.providers.slack.notifications.slack_webhook.SlackWebhookNotifier"
LATE_AFTER = timedelta(minutes=conf.getfloat("fieldhouse", "late_after_minutes", fallback=180.0))
LONGEST_DELAY = timedelta(minutes=15)
# The next day's run does not wait for one that takes years of history in, or that is to look again at a later hour:
# Airflow counts runs that are only queued. No two work on one dataset, and a host's pace holds for all of them
RUNS_AT_ONCE = 4


class ErrorRetryPolicy(RetryPolicy):
    """Retries what a retry can mend, when it can; everything else fails at once."""

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,
        max_tries: int,  # noqa: ARG002 - the signature is Airflow's
        context: Any = None,  # noqa: ARG002
    ) -> RetryDecision:
        """Decide by our error classes (``fieldhouse.errors``)."""
        if isinstance(exception, ConfigurationError | PageChanged | SourceBlocked):
            return RetryDecision.fail(f"{type(exception).__name__}: no retry mends this")
        if isinstance(exception, SourceThrottled):
            return RetryDecision.retry(max(exception.until - clock.real_now(), FIRST_DELAY), "the host said when")
        if isinstance(exception, SourceUnavailable | LakeError | DatabaseError):
            delay = min(FIRST_DELAY * 2 ** (try_number - 1), LONGEST_DELAY)
            return RetryDecision.retry(delay, type(exception).__name__)
        return RetryDecision.default()

    def serialize(self) -> dict[str, Any]:
        """Return what Dag serialization keeps: nothing, the policy has no settings."""
        return {}


def dag_arguments(source: Source) -> dict[str, Any]:
    """Return the arguments of the Dag that ingests ``source``."""
    return {
        **shared_arguments(alerts.run_failed),
        "max_active_runs": RUNS_AT_ONCE,
        "tags": ["ingest", source.name],
        "params": trigger_form(source),
    }


def shared_arguments(failed: Callable[[Mapping[str, Any]], None]) -> dict[str, Any]:
    """Return the arguments of every Dag.

    :param failed: sends the one message of a failed run.
    """
    return {
        "start_date": datetime(2020, 1, 1, tzinfo=UTC),
        "catchup": False,
        "max_active_runs": 1,
        "on_failure_callback": failed,
        # Airflow 3.3.2: `dags test` takes the alert itself for the id of its row, and fails when all is done
        "deadline": None if sys.argv[1:3] == ["dags", "test"] else late_alert(LATE_AFTER),
        "default_args": {
            "owner": "fieldhouse",
            "retries": 3,
            "retry_delay": FIRST_DELAY,
            "retry_policy": ErrorRetryPolicy(),
            "execution_timeout": timedelta(hours=3),
        },
    }


def late_alert(after: timedelta) -> DeadlineAlert:
    """Return the alert on a run that has not ended so long after it was queued."""
    callback = AsyncCallback(asyncio.sleep, kwargs=alerts.late_arguments(after))
    # a path that Airflow is given it imports to look at it: three quarters of a second for every Dag file
    callback.path = SLACK_NOTIFIER
    return DeadlineAlert(name="late", reference=DeadlineReference.DAGRUN_QUEUED_AT, interval=after, callback=callback)


def trigger_form(source: Source) -> dict[str, Param]:
    """Return the Params of a source's Dag: the fields of the form that triggers it."""
    return {
        param.name: Param(param.default, title=param.title, description_md=param.description, **param.schema)
        for param in all_params(source)
    }
