"""The pace of a host, kept in the catalog: all tasks on all machines together stay under its limits."""

from __future__ import annotations

import threading
import time
from collections import deque
from datetime import datetime, timedelta

from fieldhouse import clock
from fieldhouse.errors import SourceBlocked, SourceThrottled
from fieldhouse.postgres import connect, translated
from fieldhouse.source import Pace
from fieldhouse.statements import query

# Slots are taken from the catalog for at most this many seconds of work at once: a fast host costs few round
# trips, and a stop by somebody else is still seen soon.
AHEAD_SECONDS = 0.25
MOST_SLOTS = 32


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
        """Sleep until it is our turn to ask ``host``.

        :raises SourceThrottled: the host asked for patience, or our turn is too far away.
        :raises SourceBlocked: the host blocked somebody within the last hour.
        """
        with self._lock:
            slots = self._slots.setdefault(host, deque())
            if not slots:
                slots.extend(self._take(host, pace))
            slot = slots.popleft()
        time.sleep(max(0.0, slot - time.monotonic()))

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

    def _take(self, host: str, pace: Pace) -> list[float]:
        spacing = pace.seconds_per_request
        count = max(1, min(MOST_SLOTS, pace.concurrency, int(AHEAD_SECONDS / spacing) if spacing else MOST_SLOTS))
        limits = pace.limits
        arguments = {
            "host": host,
            "numbers": list(range(len(limits))),
            "spacings": [limit.seconds / limit.requests for limit in limits],
            "bursts": [limit.burst for limit in limits],
            "count": count,
        }
        with translated(self._dsn, "catalog"):
            row = self._connection.execute(query("take_slots"), arguments).fetchone()
            if row is not None and row.until is None and row.limits < len(limits):  # never asked before
                self._connection.execute(
                    "insert into lake.host (host, limit_number) select %(host)s, unnest(%(numbers)s::integer[]) "
                    "on conflict do nothing",
                    arguments,
                )
                row = self._connection.execute(query("take_slots"), arguments).fetchone()
        assert row is not None  # noqa: S101 - a select without from returns a row
        if row.until is not None:
            raise self._stopped(host, row.until, row.kind, row.reason)
        wait = max(0.0, row.wait or 0.0)
        if wait > self._longest_wait:
            until = clock.real_now() + timedelta(seconds=wait)
            raise SourceThrottled(f"{host} is asked by others; our turn is at {until:%H:%M:%S} UTC", until)
        start = time.monotonic() + wait
        return [start + number * (row.spacing or 0.0) for number in range(count)]

    @staticmethod
    def _stopped(host: str, until: datetime, kind: str, reason: str) -> SourceThrottled | SourceBlocked:
        error = SourceBlocked if kind == "blocked" else SourceThrottled
        return error(f"{host} is left alone until {until:%Y-%m-%d %H:%M:%S} UTC: {reason}", until)
