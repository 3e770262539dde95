"""SIGKILL in the middle of a rollback, a reparse and a delete, then the same again: the same lake, the same rows."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fieldhouse.catalog import Catalog
from fieldhouse.engine import life
from fieldhouse.engine.archive import archive
from fieldhouse.engine.status import Selection
from tests.engine.toy import EPOCH, Toy, lake_state, outcomes, shift_clock, table_state
from tests.processes import ROOT, settings_environment

PAIRS = 12
AGAIN = [
    ("planned again", 1),
    ("lane claimed", 2),
    ("Parquet written, not activated", 3),
    ("activated", 1),
    ("activated", 12),
    ("rows half copied", 14),
    ("rows committed, not noted", 1),
    ("lane loaded", 1),
    ("loaded, not reported", 1),
]
DELETE = [
    ("claimed for deletion", 1),
    ("loads forgotten", 2),
    ("rows deleted", 2),
    ("revisions forgotten", 2),
    ("objects deleted", 1),
    ("datasets deleted", 2),
    ("loaded, not reported", 1),
]


@pytest.fixture
def built(toy: Toy) -> Toy:
    """Return a toy of pairs with three revisions each, its marts built."""
    for extra in (1, 2, 3):
        for number in range(1, PAIRS + 1):
            toy.world.put_pair(number, range(extra), [number])
        toy.run()
    with psycopg.connect(toy.settings.warehouse) as connection:
        connection.execute("delete from fieldhouse.dirty")
    return toy


def child(toy: Toy, command: str, run: str, *kill: str) -> int:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.engine.life_child", run, command, *kill],
        cwd=ROOT,
        env=settings_environment(toy.settings, "toy"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode in {0, 1, -signal.SIGKILL}, ended.stderr
    return ended.returncode


@pytest.mark.parametrize("command", ["rollback", "reparse"])
@pytest.mark.parametrize(("point", "number"), AGAIN)
def test_killed_and_again(built: Toy, command: str, point: str, number: int) -> None:
    built.asked()
    times = 1 if (command, point) == ("rollback", "rows half copied") else number
    assert child(built, command, "killed", point, str(times)) == -signal.SIGKILL
    assert child(built, command, "again") == 0
    revision, factor = (2, 1) if command == "rollback" else (3, 10)
    assert {row[4] for row in lake_state(built.settings)} == {revision}
    found = built.rows("select pair, value from toy.item where side = 'left.csv' order by pair, n")
    assert found == [(pair, value * factor) for pair in range(1, PAIRS + 1) for value in range(revision)]
    assert built.rows("select source from fieldhouse.dirty") == [("toy",)]
    loaded = "select count(*) from lake.activation where loaded_at is null and activation in (select current_activation from lake.dataset)"  # fmt: skip # noqa: E501
    assert built.rows(loaded) == [(0,)]
    assert built.server.requests() == []
    before = lake_state(built.settings), table_state(built.settings, "toy.item")
    assert not built.run().failed
    assert (lake_state(built.settings), table_state(built.settings, "toy.item")) == before
    if command == "rollback":  # what was cut short is done: the next one goes further back
        assert child(built, command, "third") == 0
        assert {row[4] for row in lake_state(built.settings)} == {1}


@pytest.mark.parametrize(("point", "number"), DELETE)
def test_a_killed_delete_and_again(built: Toy, point: str, number: int) -> None:
    assert child(built, "delete", "killed", point, str(number)) == -signal.SIGKILL
    # once all are gone there is nothing to delete, and that is said
    assert child(built, "delete", "again") == (1 if point == "loaded, not reported" else 0)
    assert built.rows("select count(*) from lake.dataset") == [(0,)]
    assert built.rows("select count(*) from lake.claim") == [(0,)]
    assert built.rows("select (select count(*) from toy.item) + (select count(*) from fieldhouse.loaded)") == [(0,)]
    assert built.rows("select source from fieldhouse.dirty") == [("toy",)]
    root = Path(built.settings.lake.removeprefix("file://"))
    left = [path for top in ("raw", "tables") for path in (root / top).rglob("*") if path.is_file()]
    # objects without a name are for gc
    assert bool(left) == (point == "revisions forgotten")
    assert not built.run().failed
    assert built.rows("select count(distinct pair) from toy.item") == [(PAIRS,)]


@pytest.mark.parametrize("point", ["loads forgotten", "rows deleted"])
def test_a_killed_delete_that_nobody_repeats(built: Toy, point: str) -> None:
    """What is still there is whole after the next run, whether it asks for the dataset or for its load alone."""
    for number in range(1, PAIRS + 1, 2):
        built.world.put_pair(number, range(3), [number], settled_at="2020-01-01T00:00:00Z")
    built.world.put_look([1])
    built.run()
    rows = "select pair, side, n, value from toy.item order by 1, 2, 3"
    before = built.rows(rows)
    assert child(built, "delete", "killed", point, "1") == -signal.SIGKILL
    assert not built.run().failed
    assert (built.rows(rows), len(before)) == (before, 4 * PAIRS)


def test_every_observation_comes_back_after_a_killed_delete(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    for hour in (1, 2):
        shift_clock(monkeypatch, EPOCH + timedelta(hours=hour))
        toy.world.put_look([hour])
        toy.run()
    before = table_state(toy.settings, "toy.look")

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, toy.context() as context:
        patch.setattr(Catalog, "forget_revisions", stop)
        with pytest.raises(KeyboardInterrupt):
            life.delete(context, "delete", life.select(context, Selection("look")))
    assert table_state(toy.settings, "toy.look") == []
    assert outcomes(toy.run()) == {"unchanged": 1}
    assert (table_state(toy.settings, "toy.look"), len(before)) == (before, 2)


def test_a_killed_rollback_that_another_run_finished(toy: Toy) -> None:
    """The next rollback is a new one."""
    for value in (1, 2, 3):
        toy.world.put_pair(1, [value], [0])
        toy.run()
    with toy.context() as context:
        (lane,) = life.rollback(context, "killed", Selection("pair")).lanes
        archive(context, lane.plan, lane.lane)
    toy.run()
    assert toy.rows("select value from toy.item where side = 'left.csv'") == [(2,)]
    assert child(toy, "rollback", "again") == 0
    assert toy.rows("select value from toy.item where side = 'left.csv'") == [(1,)]
