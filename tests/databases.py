"""A real Postgres for tests: one server for each xdist worker, a fresh database for each test that asks."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from fieldhouse.embedded import Postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

_number = itertools.count(1)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """Yield a running server that flushes nothing to disk."""
    with Postgres.start(tmp_path_factory.mktemp("postgres") / "data", fast=True) as server:
        yield server


@pytest.fixture
def database(postgres: Postgres) -> Iterator[str]:
    """Yield the connection string of an empty database."""
    name = f"test_{next(_number)}"
    yield postgres.create_database(name)
    postgres.drop_database(name)
