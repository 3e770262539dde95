"""From a run to the dates that it covers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from fieldhouse import clock
from fieldhouse.errors import ConfigurationError
from fieldhouse.source import Window

PRESENT = timedelta(days=1)


@dataclass(frozen=True)
class RunWindow:
    """The window of a run, and whether the run speaks of the present."""

    window: Window
    present: bool


def window_of(dag_run: Any, params: Mapping[str, Any]) -> RunWindow:
    """Return the window of a run.

    Params ``from_date`` and ``to_date`` come first, then the logical date's own date, then ``run_after`` (a
    manual run may have no logical date). The data interval is not used: the one that Airflow infers for
    ``dags test D`` ends on D.

    A scheduled run speaks of the present, a backfill never, any other one if its date is today's.

    :raises ConfigurationError: a date is none, or the window ends before it starts.
    """
    start, end = _date(params, "from_date"), _date(params, "to_date")
    if start or end:
        first = start or end
        assert first is not None  # noqa: S101 - one of them is set
        window = Window(first, end or first)
        return RunWindow(window, window.start <= clock.today() <= window.end)
    instant: datetime = dag_run.logical_date or dag_run.run_after
    present = _is_present(str(dag_run.run_type), instant)
    # the present is the program's: a recorded or generated season has its own today
    day = (instant + clock.shift()).date() if present else instant.date()
    return RunWindow(Window(day, day), present)


def _is_present(run_type: str, instant: datetime) -> bool:
    if "backfill" in run_type:
        return False
    if "scheduled" in run_type:
        return True
    return abs(clock.real_now() - instant) < PRESENT


def _date(params: Mapping[str, Any], name: str) -> date | None:
    value = params.get(name)
    if not value:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise ConfigurationError(f"{name} must be a date such as 2026-01-31, not {value!r}") from error
