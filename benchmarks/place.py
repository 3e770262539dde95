"""A place to work in: an embedded Postgres with the settings that a user gets, and empty databases and lakes."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import psycopg

from fieldhouse import sources
from fieldhouse.config import Settings
from fieldhouse.embedded import Postgres
from fieldhouse.migrate import migrate


@dataclass(frozen=True)
class Place:
    """A scratch folder and a running server."""

    folder: Path
    postgres: Postgres
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1), repr=False)

    def database(self) -> str:
        """Return the connection string of an empty database; what was written before is flushed."""
        dsn = self.postgres.create_database(f"benchmark_{next(self._numbers)}")
        execute(dsn, "checkpoint")
        return dsn

    def cpu_seconds(self) -> float:
        """Return the processor time that the server has taken so far, with all its processes."""
        postmaster = psutil.Process(self.postgres.pid)
        living = []
        for child in postmaster.children():
            with suppress(psutil.NoSuchProcess):  # one that has just ended is the postmaster's to count
                living.append(child.cpu_times())
        own = postmaster.cpu_times()
        return float(own.children_user + own.children_system + sum(t.user + t.system for t in [own, *living]))

    def settings(self) -> Settings:
        """Return the settings of an empty lake and a migrated database of its own."""
        dsn = self.database()
        settings = Settings(lake=(self.folder / f"lake_{next(self._numbers)}").as_uri(), warehouse=dsn, catalog=dsn)
        migrate(settings, sources.NAMES)
        return settings


def variables(settings: Settings) -> dict[str, str]:
    """Return settings as the command line reads them."""
    return {"FIELDHOUSE_LAKE": settings.lake, "FIELDHOUSE_WAREHOUSE": settings.warehouse}


def execute(dsn: str, *statements: str) -> list[Any]:
    """Run statements, and return the rows of the last one."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in statements:
            cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def place() -> Iterator[Place]:
    """Start a durable server (fsync on) in a folder that is removed in the end."""
    with (
        tempfile.TemporaryDirectory(prefix="fieldhouse-benchmark-") as folder,
        Postgres.start(Path(folder) / "postgres" / "data") as server,
    ):
        yield Place(Path(folder), server)
