"""Progress: how many requests there are to make, how long they take at the host's pace, and how far a scrape is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from fieldhouse import clock

if TYPE_CHECKING:
    from fieldhouse.catalog import Item
    from fieldhouse.engine.context import Context
    from fieldhouse.errors import Outcome
    from fieldhouse.source import Pace

# A log is read by a person: a line now and then is enough
SAID_EVERY = 30.0


@dataclass(frozen=True)
class Work:
    """So many requests at a pace; as text ``36,120 requests at 8 a minute: about 3 days 3 hours``."""

    requests: int
    pace: Pace

    @property
    def time(self) -> timedelta:
        """How long they take while nobody else asks the host."""
        return timedelta(seconds=self.requests * self.pace.seconds_per_request)

    def without(self, item: Item) -> Work:
        """Return what is left when ``item`` was asked for."""
        return replace(self, requests=max(0, self.requests - sum(file.is_remote for file in item.files)))

    def __str__(self) -> str:
        counted = f"{self.requests:,} request{'' if self.requests == 1 else 's'}"
        if not self.requests or self.pace.slowest is None:
            return counted
        return f"{counted} at {self.pace.slowest}: about {clock.in_words(self.time)}"


class ScrapeLog:
    """Says now and then how far the scrape of a lane is, and that of its plan; called after each dataset.

    :param say: takes a sentence.
    :param every: seconds between two of them.
    """

    def __init__(
        self, context: Context, plan_id: int, lane: int, say: Callable[[str], None], every: float = SAID_EVERY
    ) -> None:
        self._context = context
        self._plan_id = plan_id
        self._lane = lane
        self._say = say
        self._every = every
        self._said_at = time.monotonic()

    def __call__(self, item: Item, outcome: Outcome | None) -> None:  # noqa: ARG002 - what scrape tells
        """Say how far it is, unless that was just said."""
        if time.monotonic() - self._said_at < self._every:
            return
        row = self._context.catalog.progress(self._plan_id, self._lane)
        self._said_at = time.monotonic()
        self._say(
            f"{row.lane_done:,} of the lane's {row.lane_datasets:,} datasets, {row.done:,} of the plan's "
            f"{row.datasets:,}; left: {Work(row.requests, self._context.pace)}"
        )
