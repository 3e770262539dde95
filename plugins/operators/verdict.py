"""Verdict: the run's state is the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from airflow.sdk import BaseOperator, TriggerRule
from airflow.sdk.exceptions import AirflowFailException

from fieldhouse import clock
from plugins import alerts
from plugins.operators.work import engine, run_name

FAILED = {"failed", "upstream_failed"}


class VerdictOperator(BaseOperator):
    """Print and keep the run's report; fail the run if anything that was there to be had is missing.

    :param source: the source's name.
    """

    def __init__(self, *, source: str, **kwargs: Any) -> None:
        kwargs.setdefault("trigger_rule", TriggerRule.ALL_DONE)
        super().__init__(**kwargs)
        self.source = source

    def execute(self, context: Mapping[str, Any]) -> dict[str, int]:
        """Judge the plan by its outcomes; returns datasets by outcome."""
        from fieldhouse.engine.report import make_report  # noqa: PLC0415 - heavy

        states = self._states(context)
        # what it left may be an earlier run's plan
        if states.get("discover") in FAILED:
            raise AirflowFailException("discover failed: its log, and the alert, say why")
        with engine(self.source) as work:
            plan = work.catalog.find_plan(self.source, run_name(context))
            if plan is None:
                raise AirflowFailException("discover left no plan: open its log")
            report = make_report(work, plan)
            for line in report.lines():
                self.log.info(line)
            # of a run that fails, the failure callback tells both
            if report.newly_overdue and not report.failed:
                found = [asdict(problem) for problem in report.newly_overdue]
                if alerts.data_overdue(context, self.source, found):
                    work.catalog.set_reported_missing(plan, clock.now())
        if report.failed:
            raise AirflowFailException(f"{len(report.problems)} datasets are not what they should be: see above")
        if states.get("publish") in FAILED:
            raise AirflowFailException("publish failed: nobody was told which tables changed; clear it to try again")
        return dict(report.outcomes)

    def _states(self, context: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the states of the tasks whose failure no dataset shows."""
        run_id = context["dag_run"].run_id
        found = context["ti"].get_task_states(dag_id=self.dag_id, task_ids=["discover", "publish"], run_ids=[run_id])
        states: Mapping[str, Any] = found.get(run_id, {})
        return states
