"""The toy source, ready to run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fieldhouse.config import Settings
from simulator.server import serve
from tests.engine.toy import EPOCH, Toy, ToyWorld, prepare, shift_clock


@pytest.fixture
def toy(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Toy]:
    """Yield the toy source with an empty world, at noon of 1 January 2026."""
    shift_clock(monkeypatch, EPOCH)
    world = ToyWorld()
    with serve(world) as server:
        yield Toy(world, server, prepare(settings, server))
