"""Loads that meet each other, and loads that are killed: the rows are those of one load after another."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from fieldhouse.warehouse import Counts, Warehouse
from tests.warehouse.conftest import dataset, games, two_datasets

ROOT = Path(__file__).parents[2]
STATE = "select game_id, note, _dataset_id, _revision from sample.game order by game_id"
EXPECTED = [(f"game {number:05}", "second", 1 + number // 2_000, 2) for number in range(4_000)]
CHILD = """
import sys, time
from fieldhouse.warehouse import Warehouse
from tests.warehouse.conftest import two_datasets

batch = two_datasets()
if sys.argv[2] == "stuck":
    object.__setattr__(batch[1], "tables", {"game": lambda: time.sleep(60)})
Warehouse(sys.argv[1]).load("sample", 7, batch)
"""
Select = Callable[..., list[tuple[Any, ...]]]


def test_two_loads_of_the_same_dataset_at_once(warehouse_dsn: str) -> None:
    names = [f"game {number}" for number in range(500)]

    def load(activation: int) -> Counts:
        warehouse = Warehouse(warehouse_dsn)
        try:
            batch = [dataset(1, games(*names, note=str(activation)), activation=activation)]
            return warehouse.load("sample", activation, batch)["game"]
        finally:
            warehouse.close()

    with ThreadPoolExecutor(6) as pool:
        counts = list(pool.map(load, [3, 1, 6, 2, 5, 4]))
    with psycopg.connect(warehouse_dsn) as connection:
        assert connection.execute("select distinct note from sample.game").fetchall() == [("6",)]
        assert connection.execute("select count(*) from sample.game").fetchone() == (500,)
    assert sum(count.inserted for count in counts) == 500


@pytest.mark.parametrize("step", [1, -1], ids=["in one order", "in turns from both ends"])
def test_loads_of_the_same_keys_at_once(warehouse_dsn: str, step: int) -> None:
    names = [f"game {number}" for number in range(500)]

    def load(number: int) -> Counts:
        warehouse = Warehouse(warehouse_dsn)
        try:
            rows = games(*names[:: step**number])
            return warehouse.load("sample", 1, [dataset(number, rows, activation=number)])["game"]
        finally:
            warehouse.close()

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(load, [1, 2, 3, 4]))
    assert sum(count.inserted for count in counts) == 500
    with psycopg.connect(warehouse_dsn) as connection:
        assert connection.execute("select distinct _dataset_id from sample.game").fetchall() == [(4,)]


@pytest.mark.parametrize(
    ("held", "known"),
    [("sample.game", True), ("sample.game", False), ("fieldhouse.dirty", True)],
    ids=["while it merges", "while it inserts", "before it commits"],
)
def test_a_load_that_is_killed(
    warehouse: Warehouse, warehouse_dsn: str, select: Select, held: str, known: bool
) -> None:
    if known:
        warehouse.load("sample", 1, [dataset(1, games("game 00000", "gone"))])
        select("delete from fieldhouse.dirty")
    before = select(STATE)
    with _locked(warehouse_dsn, held):
        _kill_when(warehouse_dsn, "wait_event_type = 'Lock'")
    _wait(warehouse_dsn, "state <> 'idle'", 0)
    assert select(STATE) == before
    assert not warehouse.is_dirty("sample")
    warehouse.load("sample", 8, two_datasets())
    assert select(STATE) == EXPECTED
    assert warehouse.is_dirty("sample")


def test_a_load_that_is_killed_while_it_copies(warehouse: Warehouse, warehouse_dsn: str, select: Select) -> None:
    _kill_when(warehouse_dsn, "state = 'idle in transaction' and query ilike 'copy%'", "stuck")
    _wait(warehouse_dsn, "state <> 'idle'", 0)
    assert select(STATE) == []
    warehouse.load("sample", 8, two_datasets())
    assert select(STATE) == EXPECTED


def _kill_when(dsn: str, condition: str, how: str = "") -> None:
    """Start a load in a process of its own, and kill it when its session is as described."""
    child = subprocess.Popen([sys.executable, "-c", CHILD, dsn, how], cwd=ROOT)
    try:
        _wait(dsn, condition, 1)
    finally:
        child.kill()
        child.wait()


@contextmanager
def _locked(dsn: str, table: str) -> Iterator[None]:
    """Hold a table, so that whoever writes to it waits there."""
    with psycopg.connect(dsn) as connection:
        connection.execute(
            sql.SQL("lock table {} in share row exclusive mode").format(sql.Identifier(*table.split(".")))
        )
        yield


def _wait(dsn: str, condition: str, sessions: int) -> None:
    """Wait until so many of the loader's sessions are as described."""
    statement = (
        "select count(*) from pg_stat_activity "
        f"where datname = current_database() and application_name = 'fieldhouse' and {condition}"
    )
    with psycopg.connect(dsn, autocommit=True) as connection:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = connection.execute(statement).fetchone()
            if found == (sessions,):
                return
            time.sleep(0.02)
    raise AssertionError(f"{found} sessions with {condition}")
