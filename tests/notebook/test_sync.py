"""Fetching from a notebook: all of it first, or each dataset as soon as it is there."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from fieldhouse import Lake
from fieldhouse.config import Settings
from fieldhouse.errors import ConfigurationError, LakeError, SourceError
from fieldhouse.notebook import SyncIncomplete
from simulator.answer import Answer
from tests.engine.toy import Toy, ToyWorld


class GatedWorld(ToyWorld):
    """Keeps who asks for one path waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.absent = ""
        self.closed = ""
        self.gate = threading.Event()

    def answer(self, host: str, path: str, query: str) -> Answer | None:
        if path == self.absent:
            return None
        if path == self.closed:
            assert self.gate.wait(20), "nobody opened the gate"
        return super().answer(host, path, query)


@pytest.fixture
def world() -> GatedWorld:
    return GatedWorld()


def put_pairs(toy: Toy, *numbers: int) -> None:
    for number in numbers:
        toy.world.put_pair(number, [number], [number], settled_at="2025-12-01T00:00:00+00:00")


def test_what_is_missing_is_fetched_first_and_only_that(toy: Toy, lake: Lake) -> None:
    put_pairs(toy, 1, 2)
    assert [each["number"] for each in lake.datasets("toy", "pair", sync=True)] == ["1", "2"]
    toy.asked()
    put_pairs(toy, 3)
    assert [each["number"] for each in lake.datasets("toy", "pair", sync=True)] == ["1", "2", "3"]
    assert sorted(toy.asked()) == ["/3/left.csv", "/3/right.csv"]
    assert lake.table("toy", "item").num_rows == 6


def test_a_selector_narrows_what_is_fetched(toy: Toy, lake: Lake) -> None:
    put_pairs(toy, 1, 2, 3)
    found = lake.datasets("toy", "pair", sync=True, number=[1, 3])
    assert [(each["number"], each.state) for each in found] == [("1", "complete"), ("3", "complete")]
    assert {path.split("/")[1] for path in toy.asked()} == {"1", "3"}
    with pytest.raises(ConfigurationError, match="no dataset with number=9 exists"):
        lake.datasets("toy", "pair", sync=True, number=9)


def test_parameters_are_those_of_a_run(toy: Toy, lake: Lake) -> None:
    put_pairs(toy, 1)
    lake.datasets("toy", sync=True)
    toy.asked()
    lake.datasets("toy", sync=True, params={"force": True, "from_date": "2026-01-01"})
    assert len(toy.asked()) == 2
    for params, said in (({"no": 1}, "no parameter no"), ({"to_date": "1/2"}, "to_date must be a date")):
        with pytest.raises(ConfigurationError, match=said):
            lake.datasets("toy", sync=True, params=params)


def test_each_is_yielded_as_soon_as_it_landed(toy: Toy, lake: Lake, world: GatedWorld) -> None:
    put_pairs(toy, 5)
    lake.datasets("toy", sync=True)
    put_pairs(toy, *range(1, 11))
    world.closed = "/9/right.csv"
    yielded = []
    for dataset in lake.datasets("toy", "pair", sync="stream"):
        yielded.append(dataset["number"])
        assert dataset.table("item").num_rows == 2
        if len(yielded) == 8:  # the rest is kept waiting until we have these
            assert not world.gate.is_set()
            world.gate.set()
    assert yielded[0] == "5"  # it was here and needed nothing
    assert sorted(map(int, yielded)) == list(range(1, 11))


def test_who_leaves_the_loop_leaves_nothing_claimed(toy: Toy, lake: Lake) -> None:
    put_pairs(toy, *range(1, 31))
    for _ in lake.datasets("toy", sync="stream"):
        break
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert {each.state for each in lake.datasets("toy", sync=True)} == {"complete"}
    assert lake.table("toy", "item").num_rows == 60


def test_what_another_notebook_fetches_is_left_to_it(
    toy: Toy, lake: Lake, world: GatedWorld, open_lake: Callable[[], Lake]
) -> None:
    put_pairs(toy, *range(1, 11))
    world.closed = "/9/left.csv"
    stream = lake.datasets("toy", sync="stream")
    first = next(stream)
    with pytest.warns(SyncIncomplete, match="10 datasets are in another run's hands"):
        assert first in open_lake().datasets("toy", sync=True)
    world.gate.set()
    assert len({first, *stream}) == 10


def test_what_could_not_be_had_comes_last_with_a_warning(toy: Toy, lake: Lake) -> None:
    put_pairs(toy, 1, 2, 3)
    toy.world.files["/1/left.csv"] = b"<html>"
    del toy.world.files["/3/left.csv"]
    with pytest.warns(SyncIncomplete, match="toy/pair/number=1: .*look at the file") as warned:
        found = list(lake.datasets("toy", sync="stream"))
    assert [(each["number"], each.state) for each in found] == [
        ("2", "complete"),
        ("1", "quarantined"),
        ("3", "missing"),
    ]
    assert Path(warned[0].filename) == Path(__file__)
    with pytest.warns(SyncIncomplete) as warned:
        assert len(lake.datasets("toy", sync=True)) == 3
    assert Path(warned[0].filename) == Path(__file__)


def test_a_provider_without_a_listing_is_an_error(toy: Toy, lake: Lake, world: GatedWorld) -> None:
    world.absent = "/list.json"
    with pytest.raises(SourceError, match=r"list\.json"):
        lake.datasets("toy", sync=True)


def test_a_lake_that_fails_is_an_error_of_the_loop(toy: Toy, settings: Settings, open_lake: Callable[[], Lake]) -> None:
    put_pairs(toy, 1)
    Path(settings.lake.removeprefix("file://")).write_text("a file where the folder should be")
    lake = open_lake()
    with pytest.raises(LakeError):
        lake.datasets("toy", sync=True)


def test_the_next_run_loads_what_was_archived(toy: Toy, lake: Lake) -> None:
    put_pairs(toy, 1, 2)
    lake.datasets("toy", sync=True)
    with psycopg.connect(toy.settings.catalog) as connection:
        report, finished = connection.execute("select report, finished_at from lake.plan").fetchone() or (None, None)
    assert report["outcomes"] == {"fetched": 2}
    assert finished
    # nor is it a failure when a second one finds it like that
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lake.datasets("toy", sync=True)
    assert toy.rows("select count(*) from toy.item") == [(0,)]
    toy.asked()
    assert not toy.run().failed
    assert toy.rows("select count(*) from toy.item") == [(4,)]
    assert toy.asked() == []


def test_what_sync_needs(toy: Toy, lake: Lake) -> None:
    with pytest.raises(ConfigurationError, match="source="):
        lake.datasets(sync=True)
    with (
        Lake.open(toy.settings.lake, catalog=toy.settings.catalog) as reading,
        pytest.raises(ConfigurationError, match="name the warehouse"),
    ):
        reading.datasets("toy", sync=True)
