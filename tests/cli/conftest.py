"""The command line as a process of its own, with a database, a lake and a simulator."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from typing import Any

import psycopg
import pytest

from fieldhouse import clock
from fieldhouse.config import Settings, SourceSettings
from simulator.server import Running, serve
from tests.processes import FIELDHOUSE, settings_environment

FOOTBALL = "www.football-data.co.uk"
BASKETBALL = "www.basketball-reference.com"
STATSBOMB = "raw.githubusercontent.com/statsbomb/open-data/master/data"


def call(*words: str, env: Mapping[str, str] | None = None, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run ``fieldhouse``; without ``env`` there is nothing in the environment but a path."""
    environment = {"PATH": "/usr/bin:/bin", **(env or {})}
    return subprocess.run(
        [*FIELDHOUSE, *words], env=environment, capture_output=True, text=True, timeout=120, check=False, **options
    )


def assert_sentence(ended: subprocess.CompletedProcess[str], code: int, *said: str) -> None:
    """One sentence on stderr, the exit code, and no traceback."""
    assert ended.returncode == code, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1, ended.stderr
    for words in said:
        assert words in ended.stderr


@dataclass
class House:
    """A house to call ``fieldhouse`` in."""

    settings: Settings
    server: Running
    today: date
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        overrides = SourceSettings(url=self.server.base(FOOTBALL))
        self.settings = replace(self.settings, sources={"football_data": overrides})
        self.environment = settings_environment(self.settings, "football_data")
        self.environment["FIELDHOUSE_STATSBOMB_URL"] = self.server.base(STATSBOMB)
        self.environment["FIELDHOUSE_BASKETBALL_REFERENCE_URL"] = self.server.base(BASKETBALL)
        self.set_date(self.today)

    def set_date(self, today: date) -> None:
        self.server.set_date(today)
        noon = datetime.combine(today, time(12), tzinfo=UTC)
        self.environment[clock.SHIFT_VARIABLE] = str((noon - clock.real_now()).total_seconds())

    def __call__(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return call(*words, env={**self.environment, **environment})

    def json(self, *words: str, code: int = 0) -> Any:
        ended = self(*words, "--json")
        assert ended.returncode == code, ended.stdout + ended.stderr
        return json.loads(ended.stdout)

    def rows(self, statement: str) -> list[Any]:
        with psycopg.connect(self.settings.warehouse) as connection:
            return connection.execute(statement).fetchall()


@pytest.fixture
def house(settings: Settings) -> Iterator[House]:
    """Yield a house beside a generated season."""
    with serve() as server:
        yield House(settings, server, server.simulator.world.today)
