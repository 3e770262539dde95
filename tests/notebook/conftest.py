"""A lake opened as an analyst does, on the toy source."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, time

import pytest

from fieldhouse import Lake, sources
from fieldhouse.config import Settings
from fieldhouse.source import Source
from simulator.server import serve
from tests.engine.toy import EPOCH, SOURCE, Toy, ToyWorld, prepare, shift_clock


def noon(day: date) -> datetime:
    """Return the noon of a day."""
    return datetime.combine(day, time(12), tzinfo=UTC)


@pytest.fixture(autouse=True)
def _an_environment_without_fieldhouse(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LAKE", "WAREHOUSE", "CATALOG", "HOME"):
        monkeypatch.delenv(f"FIELDHOUSE_{name}", raising=False)


@pytest.fixture
def world() -> ToyWorld:
    return ToyWorld()


@pytest.fixture
def toy(settings: Settings, world: ToyWorld, monkeypatch: pytest.MonkeyPatch) -> Iterator[Toy]:
    """Yield the toy source, found by its name, at noon of 1 January 2026."""
    shift_clock(monkeypatch, EPOCH)
    known = sources.get

    def get(name: str) -> Source:
        return SOURCE if name == "toy" else known(name)

    monkeypatch.setattr(sources, "get", get)
    with serve(world) as server:
        toy = Toy(world, server, prepare(settings, server))
        monkeypatch.setenv("FIELDHOUSE_TOY_URL", toy.settings.sources["toy"].url or "")
        yield toy


@pytest.fixture
def open_lake(settings: Settings) -> Iterator[Callable[[], Lake]]:
    """Return a function that opens the lake of ``settings``."""
    with ExitStack() as opened:
        yield lambda: opened.enter_context(Lake.open(settings.lake, warehouse=settings.warehouse))


@pytest.fixture
def lake(toy: Toy, open_lake: Callable[[], Lake]) -> Lake:
    """Return the opened lake of the toy source."""
    return open_lake()
