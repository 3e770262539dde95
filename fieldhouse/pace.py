"""The pace of a host, kept in the catalog: all tasks on all machines together stay under its limits.

A limit of ``requests`` per ``seconds`` with a ``burst`` lets through, in any stretch of ``seconds``, at most
``requests + burst - 1`` requests: exactly ``requests`` where nothing may come at once.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from fieldhouse import clock
from fieldhouse.errors import SourceBlocked, SourceThrottled
from fieldhouse.http import SHORT_WAIT
from fieldhouse.postgres import connect, translated
from fieldhouse.statements import query

if TYPE_CHECKING:
    from datetime import datetime

    from fieldhouse.source import Pace

# Slots are taken from the catalog for at most this many seconds of work at once: a fast host costs few round
# trips, and a stop by somebody else is still seen soon. One that was not used within this time has lapsed.
AHEAD_SECONDS = 0.25
MOST_SLOTS = 32


@dataclass(frozen=True)
class _Stop:
    """Somebody was told to leave the host alone for so many ``seconds`` from now."""

    until: datetime
    kind: str
    reason: str
    seconds: float


class CatalogPacer:
    """Hands out slots from ``lake.host``. Safe to share between threads.

    :param longest_wait: a slot farther away than this (seconds) raises :class:`SourceThrottled` and lets the
        task be rescheduled, so that no worker sleeps through it.
    """

    def __init__(self, dsn: str, longest_wait: float = 120.0) -> None:
        self._dsn = dsn
        self._connection = connect(dsn, "catalog")
        self._longest_wait = longest_wait
        self._lock = threading.Lock()
        self._slots: dict[str, deque[float]] = {}

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def wait(self, host: str, pace: Pace) -> None:
        """Sleep until it is our turn to ask ``host``. A short stop is waited for.

        :raises SourceThrottled: the host asked for patience, or our turn is too far away.
        :raises SourceBlocked: the host blocked somebody within the last hour.
        """
        while stop := self._wait_for_slot(host, pace):
            if stop.kind == "blocked" or stop.seconds > SHORT_WAIT.total_seconds():
                raise _refusal(host, stop)
            time.sleep(stop.seconds)

    def stop(self, host: str, until: datetime, kind: str, reason: str) -> None:
        """Let nobody ask ``host`` before ``until``; a later time already set stays."""
        with self._lock, translated(self._dsn, "catalog"):
            self._slots.pop(host, None)
            self._connection.execute(
                """
                insert into lake.host_block as b (host, until, kind, reason) values (%s, %s, %s, %s)
                on conflict (host) do update
                set until = excluded.until, kind = excluded.kind, reason = excluded.reason
                where b.until < excluded.until
                """,
                (host, until, kind, reason[:1000]),
            )

    def _wait_for_slot(self, host: str, pace: Pace) -> _Stop | None:
        """Sleep until our turn (None), unless the host is stopped before or meanwhile."""
        with self._lock:
            slot = self._next_slot(host, pace)
        if isinstance(slot, _Stop):
            return slot
        delay = max(0.0, slot - time.monotonic())
        time.sleep(delay)
        if delay <= AHEAD_SECONDS:
            return None
        with self._lock:
            return self._find_stop(host)

    def _next_slot(self, host: str, pace: Pace) -> float | _Stop:
        """Return a slot's time, in monotonic seconds."""
        slots = self._slots.setdefault(host, deque())
        lapsed = time.monotonic() - AHEAD_SECONDS
        while slots and slots[0] < lapsed:
            slots.popleft()
        if not slots:
            taken = self._take(host, pace)
            if isinstance(taken, _Stop):
                return taken
            slots.extend(taken)
        return slots.popleft()

    def _take(self, host: str, pace: Pace) -> list[float] | _Stop:
        """Reserve slots in the catalog, and return their times."""
        count = _slots_at_once(pace)
        row = self._reserve(host, pace, count)
        if row.until is not None:
            return _Stop(row.until, row.kind, row.reason, row.seconds)
        if row.wait > self._longest_wait:
            until = clock.real_now() + timedelta(seconds=row.wait)
            raise SourceThrottled(f"{host} is asked by others; our turn is at {until:%H:%M:%S} UTC", until)
        start = time.monotonic() + max(0.0, row.wait)
        return [start + number * (row.spacing or 0.0) for number in range(count)]

    def _reserve(self, host: str, pace: Pace, count: int) -> Any:
        arguments = {
            "host": host,
            "numbers": list(range(len(pace.limits))),
            "spacings": [limit.spacing for limit in pace.limits],
            "bursts": [limit.burst for limit in pace.limits],
            "count": count,
            "longest": self._longest_wait,
        }
        with translated(self._dsn, "catalog"):
            row = self._connection.execute(query("take_slots"), arguments).fetchone()
            if row is not None and row.limits == len(pace.limits):
                return row
            self._connection.execute(  # a limit that is new has its whole burst
                "insert into lake.host (host, limit_number, next_free_at) "
                "select %(host)s, unnest(%(numbers)s::integer []), '-infinity' on conflict do nothing",
                arguments,
            )
            return self._connection.execute(query("take_slots"), arguments).fetchone()

    def _find_stop(self, host: str) -> _Stop | None:
        with translated(self._dsn, "catalog"):
            row = self._connection.execute(
                """
                select until, kind, reason, extract(epoch from until - clock_timestamp())::double precision as seconds
                from lake.host_block where host = %s and until > clock_timestamp()
                """,
                (host,),
            ).fetchone()
        return _Stop(row.until, row.kind, row.reason, row.seconds) if row else None


def _slots_at_once(pace: Pace) -> int:
    spacing = pace.seconds_per_request
    return max(1, min(MOST_SLOTS, pace.concurrency, int(AHEAD_SECONDS / spacing) if spacing else MOST_SLOTS))


def _refusal(host: str, stop: _Stop) -> SourceThrottled | SourceBlocked:
    error = SourceBlocked if stop.kind == "blocked" else SourceThrottled
    return error(f"{host} is left alone until {stop.until:%Y-%m-%d %H:%M:%S} UTC: {stop.reason}", stop.until)
