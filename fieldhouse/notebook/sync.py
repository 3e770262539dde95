"""Fetching from a notebook: what a run does up to the lake, beside the analyst's own work.

Rows are read from the lake, so nothing is loaded into the warehouse here; the next ``fieldhouse run`` of the source
loads what was archived.
"""

from __future__ import annotations

import inspect
import threading
import warnings
from collections.abc import Iterator, Mapping
from datetime import date
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from fieldhouse import clock
from fieldhouse.catalog import MOST_LANES, Item, Lane
from fieldhouse.engine.archive import archive
from fieldhouse.engine.context import Context
from fieldhouse.engine.discover import WANTED_LANES, Request, discover
from fieldhouse.engine.report import NEXT_STEP, Report, make_report
from fieldhouse.engine.scrape import scrape
from fieldhouse.errors import ConfigurationError, Outcome
from fieldhouse.source import Source, Window

if TYPE_CHECKING:
    from fieldhouse.config import Settings

# How long an analyst who leaves a loop waits for the dataset that is just being written
LEAVE_SECONDS = 10.0
MOST_LINES = 5
# Why a dataset type was not looked at: as it should be
CALM = {str(Outcome.DISABLED), str(Outcome.NOTHING_SCHEDULED)}


class SyncIncomplete(UserWarning):
    """Not everything could be fetched. What is here can be used; the text says what is missing, and why."""


def make_request(
    source: Source,
    dataset_type: str | None,
    keys: Mapping[str, str],
    params: Mapping[str, Any],
    *,
    small_lanes: bool,
) -> Request:
    """Return what a notebook asks for. The calendar is for schedules: an analyst asks when she wants it.

    :param keys: what the values of keys must be, as in a selector.
    :param small_lanes: whether datasets are worked on in small groups, so that the first land soon.
    """
    given = dict(params)
    if dataset_type:
        given["dataset_types"] = [dataset_type]
    return Request(
        window=_window(given),
        params=given,
        flags={source.name: "on"},
        select=keys,
        lanes=MOST_LANES if small_lanes else WANTED_LANES,
    )


def _window(params: Mapping[str, Any]) -> Window:
    start, end = (_date(name, params.get(name)) for name in ("from_date", "to_date"))
    first = start or end or clock.today()
    return Window(first, end or first)


def _date(name: str, value: str | date | None) -> date | None:
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError as error:
        raise ConfigurationError(f"{name} must be a date such as 2026-01-31, not {value!r}") from error


class _Left(Exception):
    """The analyst has left the loop."""


class Sync:
    """A run that goes on in a thread of its own. As a context manager it ends with the block, finished or not.

    :raises SourceError: the source's listing could not be had.
    :raises ConfigurationError: a parameter or selector is wrong.
    """

    def __init__(self, settings: Settings, source: Source, request: Request) -> None:
        self._context = Context(settings, source, claim_seconds=0)
        self._arrivals: SimpleQueue[int | Report | BaseException] = SimpleQueue()
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"sync {source.name}", daemon=True)
        try:
            self._plan = discover(self._context, f"notebook/{clock.now():%Y-%m-%dT%H:%M:%S}-{uuid4().hex[:6]}", request)
            rows = self._context.catalog.rows(
                "select dataset_id from lake.plan_item where plan_id = %s and step = 'planned'", (self._plan.plan,)
            )
        except BaseException:
            self._context.close()
            raise
        self.planned: frozenset[int] = frozenset(row.dataset_id for row in rows)

    def __enter__(self) -> Sync:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        self._thread.join(LEAVE_SECONDS)

    def landed(self) -> Iterator[int]:
        """Yield the id of each dataset as soon as its files and rows are in the lake, as they are or as they were.

        What could not be had is not among them: at the end a :class:`SyncIncomplete` warns of it.

        :raises LakeError, DatabaseError: our own side fails.
        """
        while True:
            arrival = self._arrivals.get()
            if isinstance(arrival, BaseException):
                raise arrival
            if isinstance(arrival, Report):
                _warn(arrival, self._plan.counts.claimed_elsewhere)
                return
            yield arrival

    def _work(self) -> None:
        try:
            with self._context as context:
                for lane in self._plan.lanes:
                    self._scrape(lane)
                    archive(context, lane.plan, lane.lane, self._archived)
                self._arrivals.put(make_report(context, self._plan.plan, loads=False))
        except _Left:
            pass
        except BaseException as error:  # noqa: BLE001 - it is raised where somebody sees it
            self._arrivals.put(error)

    def _scrape(self, lane: Lane) -> None:
        wait = scrape(self._context, lane.plan, lane.lane, self._scraped).wait()
        if wait is not None:
            self._left.wait(wait)
            self._stop_if_left()
            scrape(self._context, lane.plan, lane.lane, self._scraped)

    def _scraped(self, _: Item, __: Outcome | None) -> None:
        self._stop_if_left()

    def _archived(self, item: Item, outcome: Outcome) -> None:
        if outcome in {Outcome.FETCHED, Outcome.UNCHANGED}:
            self._arrivals.put(item.dataset_id)
        self._stop_if_left()

    def _stop_if_left(self) -> None:
        if self._left.is_set():
            raise _Left


def _warn(report: Report, elsewhere: int) -> None:
    """Warn of what a run left undone; a dataset that is not published yet is nobody's fault."""
    lines = [f"{note['dataset_type']}: {note['reason']}" for note in report.notes if note["outcome"] not in CALM]
    if elsewhere:
        lines.append(f"{elsewhere:,} datasets are in another run's hands: sync again after that one")
    lines += [f"{problem.message}. Next: {NEXT_STEP[problem.outcome]}" for problem in report.problems]
    if lines:
        more = f"; and {len(lines) - MOST_LINES} more" if len(lines) > MOST_LINES else ""
        text = f"{report.source}: not everything could be fetched: {'; '.join(lines[:MOST_LINES])}{more}"
        warnings.warn(text, SyncIncomplete, stacklevel=_depth())


def _depth() -> int:
    """Return how far above a warning the analyst's own line is."""
    depth, frame = 0, inspect.currentframe()
    while frame and frame.f_globals["__name__"].startswith("fieldhouse."):
        depth, frame = depth + 1, frame.f_back
    return depth
