"""Scrape: a lane's files into the lake."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowRescheduleException

from fieldhouse import clock
from fieldhouse.errors import SourceBlocked, SourceThrottled, SourceUnavailable
from plugins.operators.work import LaneOperator, engine

if TYPE_CHECKING:
    from fieldhouse.engine.scrape import Scraped

# A host that asks for patience again and again is given up after this long
PATIENCE = timedelta(hours=12)
# `airflow dags test` sleeps through a reschedule in its own process
PATIENCE_UNDER_TEST = timedelta(minutes=2)


class ScrapeOperator(LaneOperator):
    """Fetch every file of the lane's datasets, politely. A retry fetches only what is not there yet."""

    def execute(self, context: Mapping[str, Any]) -> None:
        """Fetch, then let the host's refusals decide how the task ends."""
        from fieldhouse.engine.progress import ScrapeLog  # noqa: PLC0415 - heavy
        from fieldhouse.engine.scrape import scrape  # noqa: PLC0415

        plan, lane = self.lane["plan"], self.lane["lane"]
        with engine(self.lane["source"]) as work:
            result = scrape(work, plan, lane, ScrapeLog(work, plan, lane, self.log.info))
        self.log.info("%s: %s staged, %s could not be had", self.lane["name"], result.staged, len(result.problems))
        for problem in result.problems:
            self.log.warning("%s: %s", type(problem).__name__, problem)
        self._end(context, result)

    def _end(self, context: Mapping[str, Any], result: Scraped) -> None:
        """Raise what fits: a block fails, a throttled host reschedules, an unavailable one is retried.

        What was fetched stays, and the lane's next steps work on it in any case.
        """
        if blocked := result.first(SourceBlocked):
            raise blocked
        throttled = result.first(SourceThrottled)
        if isinstance(throttled, SourceThrottled):
            if throttled.until - self._asked_since(context) > self._patience(context):
                raise throttled
            reschedule: Any = AirflowRescheduleException
            raise reschedule(max(throttled.until, clock.real_now()))
        if unavailable := result.first(SourceUnavailable):
            raise unavailable

    @staticmethod
    def _asked_since(context: Mapping[str, Any]) -> datetime:
        """Return since when the host has asked this lane for patience: a plan of days is throttled more than once."""
        dag_run = context["dag_run"]
        since: datetime | None = (
            dag_run.start_date or dag_run.run_after  # there nobody counts reschedules
            if is_dags_test(context)
            else context["ti"].get_first_reschedule_date(context)
        )
        return since or clock.real_now()

    @staticmethod
    def _patience(context: Mapping[str, Any]) -> timedelta:
        return PATIENCE_UNDER_TEST if is_dags_test(context) else PATIENCE


def is_dags_test(context: Mapping[str, Any]) -> bool:
    """Return whether the run is one of ``airflow dags test``: such a run is queued by nobody."""
    return getattr(context["dag_run"], "triggering_user_name", None) == "dag_test"
