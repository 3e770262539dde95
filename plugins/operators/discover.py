"""Discover: which datasets a run works on, divided into lanes."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from fieldhouse import sources
from fieldhouse.errors import FieldhouseError
from plugins.operators.work import LANES_AT_ONCE, engine, run_name
from plugins.settings import read_fetch_policies, read_flags, read_lanes, read_selectors
from plugins.window import window_of


class DiscoverOperator(BaseOperator):
    """Make the run's plan and return its lanes, one small dict each.

    Skips, with the reason, when flags or calendar leave no dataset type to work on.

    :param source: the source's name.
    """

    def __init__(self, *, source: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.source = source

    def execute(self, context: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Ask the source which datasets exist, and the catalog which of them are due."""
        try:
            return self._discover(context)
        except FieldhouseError as error:
            # the alert has no exception to look at; without a catalog it has nothing
            with suppress(FieldhouseError), engine(self.source) as work:
                work.catalog.note_failure(self.source, run_name(context), str(error))
            raise

    def _discover(self, context: Mapping[str, Any]) -> list[dict[str, Any]]:
        from fieldhouse.engine.discover import Request, discover  # noqa: PLC0415 - heavy
        from fieldhouse.engine.progress import Work  # noqa: PLC0415

        # which copy of the code runs: an installed one would hide the bundle's
        self.log.info("the code is that of %s", Path(sources.__file__).parents[2])
        source = sources.get(self.source)
        params = dict(context["params"])
        if not params.get("selectors") and (selectors := read_selectors(source)):
            params["selectors"] = selectors
        run = window_of(context["dag_run"], params)
        request = Request(
            window=run.window,
            present=run.present,
            params=params,
            flags=read_flags(source),
            fetch_policies=read_fetch_policies(source),
            lanes=read_lanes(source, LANES_AT_ONCE),
        )
        with engine(self.source) as work:
            plan = discover(work, run_name(context), request)
            asked = Work(plan.counts.requests, work.pace)
        self.log.info(
            "window %s to %s: %s candidates, %s to look at in %s lanes, %s fresh, %s in another run's hands, "
            "%s withdrawn by the provider",
            run.window.start,
            run.window.end,
            plan.counts.candidates,
            plan.counts.planned,
            len(plan.lanes),
            plan.counts.fresh,
            plan.counts.claimed_elsewhere,
            plan.counts.withdrawn,
        )
        if asked.requests:
            self.log.info("to fetch them: %s", asked)
        for note in plan.notes:
            self.log.info("left out %(dataset_type)s: %(outcome)s (%(reason)s)", note)
        if plan.notes and not plan.counts.candidates:
            raise AirflowSkipException("; ".join(f"{note['dataset_type']}: {note['reason']}" for note in plan.notes))
        return [asdict(lane) for lane in plan.lanes]
