"""The generated league with a database and a lake, ready to run its days."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldhouse import clock
from fieldhouse.config import Settings
from fieldhouse.embedded import Postgres
from fieldhouse.migrate import migrate
from fieldhouse.sources.basketball_reference import SOURCE
from simulator.server import Running, serve
from tests.sources.basketball_reference.league import League, LeagueWorld, copied


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with serve(LeagueWorld()) as running:
        yield running


@pytest.fixture(scope="session")
def migrated(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return the settings of a database and a lake to copy, with the source's tables and nothing in them."""
    database = postgres.create_database("league")
    settings = Settings(tmp_path_factory.mktemp("lake").as_uri(), database, database)
    migrate(settings, [SOURCE.name])
    return settings


@pytest.fixture
def league(
    server: Running, migrated: Settings, postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[League]:
    """Yield a league of which nothing was fetched yet."""
    monkeypatch.setenv(clock.SHIFT_VARIABLE, "0")
    with copied(postgres, migrated, tmp_path / "lake") as settings:
        yield League(server, settings)
