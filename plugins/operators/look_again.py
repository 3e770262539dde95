"""Look again: one more run, later, where something is expected that was not published yet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator, TriggerRule
from airflow.sdk.exceptions import AirflowSkipException

from fieldhouse import clock
from plugins.arguments import LATE_AFTER
from plugins.operators.scrape import is_dags_test
from plugins.operators.work import engine, run_name

if TYPE_CHECKING:
    from fieldhouse.engine.late import Look


class LookAgainOperator(BaseOperator):
    """Trigger one more run of the Dag, for later, where what was not published yet is expected soon; skip otherwise.

    It stands beside verdict and not behind it: a Dag run ends as its last tasks do, and a verdict that fails has to be
    one of them. It needs nothing of verdict's, and looks again also where other datasets failed.

    :param source: the source's name.
    """

    def __init__(self, *, source: str, **kwargs: Any) -> None:
        kwargs.setdefault("trigger_rule", TriggerRule.ALL_DONE)
        super().__init__(**kwargs)
        self.source = source

    def execute(self, context: Mapping[str, Any]) -> None:
        """Trigger at most one run."""
        from airflow.sdk.exceptions import DagRunTriggerException  # noqa: PLC0415

        look = self._next_look(context)
        if look is None:
            raise AirflowSkipException("nothing is expected soon that was not published yet")
        # Airflow waits in the machine's time
        run_after = look.at - clock.shift()
        what = f"not published yet: {look.datasets} of {', '.join(look.params['dataset_types'])}"
        if is_dags_test(context):
            raise AirflowSkipException(f"{what}; a run that is no test would look again at {run_after:%H:%M} UTC")
        self.log.info("%s; looked for again at %s", what, run_after)
        raise DagRunTriggerException(
            trigger_dag_id=context["dag_run"].dag_id,
            # who would look for the same at the same time finds the run that does
            dag_run_id=f"late__{look.params['from_date']}__{run_after:%Y-%m-%dT%H:%M}__{_digest(look.params)}",
            conf=dict(look.params),
            run_after=run_after,
            reset_dag_run=False,
            skip_when_already_exists=True,
            wait_for_completion=False,
            allowed_states=[],
            failed_states=[],
            poke_interval=60,
            deferrable=False,
            note=f"{what}; triggered by {context['dag_run'].run_id}",
        )

    def _next_look(self, context: Mapping[str, Any]) -> Look | None:
        from fieldhouse.engine.late import EVERY, next_look  # noqa: PLC0415 - heavy

        # what is expected soon is the daily runs' business
        if "backfill" in str(context["dag_run"].run_type):
            return None
        with engine(self.source) as work:
            plan = work.catalog.find_plan(self.source, run_name(context))
            # a run is late so long after it was queued, which the next one is from now on: a third is left to it
            return next_look(work, plan, every=min(EVERY, LATE_AFTER * 2 / 3)) if plan else None


def _digest(params: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(dict(params), sort_keys=True).encode()).hexdigest()[:8]
