"""Events: what happened to datasets, who reads it and how far."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import psycopg

from fieldhouse.catalog.session import LONGEST_MESSAGE, Session
from fieldhouse.errors import DatabaseError
from fieldhouse.source import parse_identifier
from fieldhouse.statements import query

# First key of the advisory lock that whoever reads as a reader holds; the second is the reader's number.
# (7301978, 0) is the lock on the events' numbers, in include/sql/catalog/020_event.sql
READER_LOCK = 7_301_979
AT_ONCE = 500


@dataclass(frozen=True)
class Event:
    """A visible change of a dataset.

    :param event_id: in the order of the commits, with gaps.
    :param happened_at: by the database's clock, aware, in UTC.
    :param kind: see ``lake.event.kind``.
    :param identifier: ``key=value/key=value``; ``keys`` has it as a mapping.
    :param revision: the quarantined one, or the one that is current from now on; None: there is none.
    :param detail: ``reason``, ``previous_revision``, ``state``, ``previous_state``, as the kind has them.
    """

    event_id: int
    happened_at: datetime
    kind: str
    source: str
    dataset_type: str
    identifier: str
    dataset_id: int
    revision: int | None
    activation: int | None
    detail: dict[str, Any] = field(default_factory=dict, hash=False)

    @property
    def keys(self) -> dict[str, str]:
        """The identifier as a mapping."""
        return dict(parse_identifier(self.identifier))

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {**asdict(self), "happened_at": self.happened_at.isoformat(), "keys": self.keys}


@dataclass(frozen=True)
class DeadLetter:
    """An event that a handler failed at ``attempts`` times, at last with ``error``."""

    error: str
    attempts: int
    failed_at: datetime
    event: Event

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        failure = {"error": self.error, "attempts": self.attempts, "failed_at": self.failed_at.isoformat()}
        return {**self.event.as_json(), **failure}


class Events(Session):
    """The outbox. Triggers fill it (``include/sql/catalog/020_event.sql``)."""

    @property
    def closed(self) -> bool:
        """Whether the connection is closed, or lost."""
        return self._connection.closed

    def add_event_reader(self, name: str, *, from_now: bool = False) -> int:
        """Return the number of a reader; one that is new starts at the first event, or behind the last."""
        return int(self.rows(query("add_event_reader"), {"name": name, "from_now": from_now})[0].reader_id)

    def hold_event_reader(self, reader_id: int, wait_seconds: float = 0.0) -> bool:
        """Be the only one that reads as this reader, until it is released. Returns False if somebody else is."""
        if wait_seconds <= 0:
            lock = "select pg_try_advisory_lock(%s, %s) as held"
            return bool(self.rows(lock, (READER_LOCK, reader_id))[0].held)
        try:
            with self._transaction() as cursor:
                cursor.execute(f"set local lock_timeout = {max(1, int(wait_seconds * 1000))}")
                # of the session: it outlives this transaction
                cursor.execute("select pg_advisory_lock(%s, %s)", (READER_LOCK, reader_id))
        except DatabaseError as error:
            if isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
                return False
            raise
        return True

    def release_event_reader(self, reader_id: int) -> None:
        """Let others read as this reader. A connection that is gone released it already."""
        if not self._connection.closed:
            self.rows("select pg_advisory_unlock(%s, %s)", (READER_LOCK, reader_id))

    def event_cursor(self, reader_id: int) -> int:
        """Return the last event that a reader is done with; 0: none."""
        return int(self.rows("select cursor from lake.event_reader where reader_id = %s", (reader_id,))[0].cursor)

    def events_above(self, event_id: int) -> Iterator[Event]:
        """Yield the events above a number, up to the last that there is."""
        while rows := self.rows(query("events"), {"above": event_id, "most": AT_ONCE}):
            for row in rows:
                yield Event(*row)
            event_id = rows[-1].event_id

    def move_cursor(self, reader_id: int, event_id: int) -> None:
        """Note that a reader is done with the events up to this one. It never goes back."""
        self.rows(query("move_cursor"), {"reader_id": reader_id, "event_id": event_id})

    def bury_event(self, reader_id: int, event_id: int, error: str, attempts: int) -> None:
        """Put an event on a reader's list of dead letters, and let it be done with it."""
        parameters = {
            "reader_id": reader_id,
            "event_id": event_id,
            "error": error[:LONGEST_MESSAGE],
            "attempts": attempts,
        }
        with self._transaction() as cursor:
            cursor.execute(query("bury_event"), parameters)
            cursor.execute(query("move_cursor"), {"reader_id": reader_id, "event_id": event_id})

    def dead_letters(self, name: str) -> Iterator[DeadLetter]:
        """Yield the dead letters of a reader in the order of the events."""
        above = 0
        while rows := self.rows(query("dead_letters"), {"name": name, "above": above, "most": AT_ONCE}):
            for error, attempts, failed_at, *event in rows:
                yield DeadLetter(error, attempts, failed_at, Event(*event))
            above = rows[-1].event_id

    def remove_dead_letter(self, reader_id: int, event_id: int) -> None:
        """Take an event off a reader's list of dead letters."""
        with self._transaction() as cursor:
            cursor.execute(
                "delete from lake.event_dead_letter where reader_id = %s and event_id = %s", (reader_id, event_id)
            )

    def event_readers(self) -> list[Any]:
        """Return the readers: rows of query ``event_readers``."""
        return self.rows(query("event_readers"))

    def remove_event_reader(self, name: str) -> bool:
        """Forget a reader, its cursor and its dead letters. Returns whether there was one."""
        with self._transaction() as cursor:
            return bool(cursor.execute("delete from lake.event_reader where name = %s", (name,)).rowcount)

    def forget_events(self, before: datetime, *, dry_run: bool = False) -> int:
        """Remove events of before a time that every reader is done with. Returns how many."""
        with self._transaction(force_rollback=dry_run) as cursor:
            return int(cursor.execute(query("forget_events"), {"before": before}).rowcount)
