"""A connection to the catalog."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from fieldhouse.errors import Outcome
from fieldhouse.postgres import connect, place, translated

# How long a plan keeps its claims while none of its tasks lives, as between two tasks of a run
CLAIM_SECONDS = 900
LONGEST_MESSAGE = 4000


class Session:
    """One connection. Not to be shared between threads.

    Working on a plan holds a lock on it for as long as the connection lives: its claims are nobody else's,
    however long it takes, and a killed process gives them up with its connection.

    :param claim_seconds: how long claims outlive the connection: for a run of several tasks, the longest time
        that its tasks may wait in a queue; 0 for a run in one process.
    """

    def __init__(self, dsn: str, claim_seconds: int = CLAIM_SECONDS) -> None:
        self._dsn = dsn
        self._claim_seconds = claim_seconds
        self._connection = connect(dsn, "catalog")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @contextmanager
    def _transaction(self, *, force_rollback: bool = False) -> Iterator[Any]:
        with (
            translated(self._dsn, "catalog"),
            self._connection.transaction(force_rollback=force_rollback),
            self._connection.cursor() as cursor,
        ):
            yield cursor

    def rows(self, statement: str, parameters: Mapping[str, Any] | Sequence[Any] = ()) -> list[Any]:
        """Return the rows of a query as named tuples."""
        with translated(self._dsn, "catalog"):
            return self._connection.execute(statement, parameters).fetchall()

    @cached_property
    def identity(self) -> str:
        """Which catalog this is: a restored copy is the same one."""
        return str(self.rows("select catalog_id from lake.identity")[0].catalog_id)

    @property
    def place(self) -> str:
        """``host:port/database``, for messages."""
        return place(self._dsn)


def advance(
    cursor: Any, plan_id: int, dataset_id: int, step: str | None, outcome: Outcome | None, message: str | None
) -> None:
    """Note how far a planned dataset is and what became of it. ``step`` None: as far as it was."""
    cursor.execute(
        """
        update lake.plan_item set step = coalesce(%s, step), outcome = %s, message = %s, updated_at = now()
        where plan_id = %s and dataset_id = %s
        """,
        (step, outcome and str(outcome), message and message[:LONGEST_MESSAGE], plan_id, dataset_id),
    )
