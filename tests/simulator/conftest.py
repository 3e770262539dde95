"""A running simulator, and the recordings as it wants them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from simulator.server import Running, serve
from tests.conftest import RECORDINGS

BASKETBALL = "www.basketball-reference.com"
FOOTBALL = "www.football-data.co.uk"
E0 = "/mmz4281/2526/E0.csv"
STATSBOMB = "raw.githubusercontent.com/statsbomb/open-data/master/data"


@pytest.fixture(scope="module")
def _generated() -> Iterator[Running]:
    with serve() as running:
        yield running


@pytest.fixture
def generated(_generated: Running) -> Iterator[Running]:
    """Return a generated world on a port, without faults, on the default date."""
    today = _generated.simulator.world.today
    _generated.clear()
    yield _generated
    _generated.clear()
    _generated.set_date(today)


@pytest.fixture(scope="session")
def unpacked(recordings: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the football, Reddit, Jolpica and live-timing recordings unpacked side by side."""
    folder = tmp_path_factory.mktemp("recordings")
    for archive in ("football_data", "reddit", "jolpica", "f1_live_timing"):
        (folder / archive).symlink_to(recordings(archive))
    (folder / "index.csv").symlink_to(RECORDINGS / "index.csv")
    return folder
