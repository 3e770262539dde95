"""SIGKILL at any point, then a rerun: the same lake, the same rows, nothing in the way, and no lost dbt run."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fieldhouse import sources
from fieldhouse.config import Settings, SourceSettings
from fieldhouse.embedded import Postgres
from fieldhouse.migrate import migrate
from simulator.server import serve
from tests.engine.child import STEPS, TASK_CLAIM_SECONDS, take
from tests.engine.toy import (
    EPOCH,
    Toy,
    ToyWorld,
    lake_state,
    outcomes,
    prepare,
    shift_clock,
    table_state,
)
from tests.processes import FIELDHOUSE, ROOT, settings_environment

PAIRS = 12

# point of the kill, the step it is in, and how often the point has come by
KILLS = [
    ("planned, no lanes yet", "discover", 1),
    ("lane claimed", "scrape", 2),
    ("half of a dataset's files stored", "scrape", 5),
    ("bytes stored, not noted", "scrape", 3),
    ("bytes noted", "scrape", 9),
    ("lane claimed", "archive", 1),
    ("Parquet written, not committed", "archive", 3),
    ("revision committed", "archive", 4),
    ("bytes quarantined", "archive", 1),
    ("rows half copied", "load", 2),
    ("rows committed, not noted", "load", 1),
    ("lane loaded", "load", 1),
]


def before(world: ToyWorld) -> None:
    for number in range(1, PAIRS + 1):
        world.put_pair(number, range(number, number + 15), [number])


def after(world: ToyWorld) -> None:
    """Half of the datasets change: rows come, go and differ; one cannot be read; one is new; one goes on as it was."""
    for number in range(1, PAIRS + 1, 2):
        world.put_pair(number, range(number, number + 14), [number, number + 1])
    world.files["/5/left.csv"] = b"oops\n"
    world.put_pair(PAIRS + 1, [1], [2])


@pytest.fixture
def changed(toy: Toy) -> Toy:
    """Return the toy source after one run, its marts built, and the world changed since."""
    before(toy.world)
    toy.run()
    with psycopg.connect(toy.settings.warehouse) as connection:
        connection.execute("delete from fieldhouse.dirty")
    after(toy.world)
    return toy


@pytest.fixture(scope="module")
def undisturbed(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Any], list[Any]]:
    """Return lake and rows of the same two runs, which nobody killed."""
    database = postgres.create_database("undisturbed")
    settings = Settings((tmp_path_factory.mktemp("lake")).as_uri(), database, database)
    migrate(settings, sources.NAMES)
    with pytest.MonkeyPatch.context() as patch, serve(ToyWorld()) as server:
        shift_clock(patch, EPOCH)
        toy = Toy(server.simulator.world, server, prepare(settings, server))  # type: ignore[arg-type]
        before(toy.world)
        toy.run()
        after(toy.world)
        assert outcomes(toy.run()) == {"fetched": 6, "page_changed": 1, "unchanged": 6}
        states = without_numbers(lake_state(settings)), table_state(settings, "toy.item")
    postgres.drop_database("undisturbed")
    return states


def without_numbers(state: list[Any]) -> list[Any]:
    return [row for row in state if row[0] == "toy"]


def child(toy: Toy, run: str, steps: str, *kill: str) -> int:
    environment = settings_environment(toy.settings, "toy")
    command = [sys.executable, "-m", "tests.engine.child", run, steps, *kill]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode in {0, -signal.SIGKILL}, ended.stderr
    return ended.returncode


def take_task(toy: Toy, step: str) -> None:
    with toy.context(TASK_CLAIM_SECONDS) as context:
        take(context, "run", step)


def assert_as_undisturbed(toy: Toy, undisturbed: tuple[list[Any], list[Any]]) -> None:
    assert (without_numbers(lake_state(toy.settings)), table_state(toy.settings, "toy.item")) == undisturbed
    assert toy.rows("select source from fieldhouse.dirty") == [("toy",)]
    assert toy.rows("select count(*) from lake.claim as c where c.expires_at > now()") == [(0,)]
    root = Path(toy.settings.lake.removeprefix("file://"))
    assert all((root / path).is_file() for (path,) in toy.rows("select path from lake.file"))


@pytest.mark.parametrize(("point", "step", "number"), KILLS)
def test_a_killed_run_and_another_run(changed: Toy, undisturbed: Any, point: str, step: str, number: int) -> None:
    """As on the command line: the next run has a plan of its own and finds the claims of the dead one free."""
    times = 1 if step == "discover" else number
    if point == "lane claimed":  # each of two lanes is claimed by three steps
        times = {"scrape": 1, "archive": 2}[step]
    assert child(changed, "killed", "whole", point, str(times)) == -signal.SIGKILL
    changed.run()
    assert_as_undisturbed(changed, undisturbed)


@pytest.mark.parametrize(("point", "step", "number"), KILLS)
def test_a_killed_task_and_its_retry(changed: Toy, undisturbed: Any, point: str, step: str, number: int) -> None:
    """As in Airflow: each step is a task of one run, and the killed one is tried again on the same plan."""
    place = STEPS.index(step)
    for done in STEPS[:place]:
        take_task(changed, done)
    assert child(changed, "run", step, point, str(number)) == -signal.SIGKILL
    for left in STEPS[place:]:
        take_task(changed, left)
    assert_as_undisturbed(changed, undisturbed)


# --- at random moments, through the command line -------------------------------------------------------------

MOST_KILLS = 14


@pytest.fixture
def football(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    with serve() as server:
        shift_clock(monkeypatch, EPOCH)
        url = server.base("www.football-data.co.uk")
        yield replace(settings, sources={"football_data": SourceSettings(url=url)})


def start(settings: Settings) -> subprocess.Popen[str]:
    words = ["run", "football_data/season", "-p", "seasons=9899-0102", "--json"]
    command = [*FIELDHOUSE, *words]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=settings_environment(settings, "football_data"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(settings: Settings) -> float:
    """Run to the end, and return how many seconds that took."""
    started = time.monotonic()
    process = start(settings)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, out + err
    return time.monotonic() - started


def test_kills_at_random_moments(football: Settings, postgres: Postgres, tmp_path: Path) -> None:
    database = postgres.create_database("uninterrupted")
    calm = replace(football, lake=(tmp_path / "calm").as_uri(), warehouse=database, catalog=database)
    migrate(calm, sources.NAMES)
    seconds = finish(calm)
    moments = random.Random(7)
    kills = 0
    while kills < MOST_KILLS:
        process = start(football)
        time.sleep(seconds * moments.uniform(0.25, 0.6))
        process.kill()
        process.communicate()
        if process.returncode == 0:
            break
        kills += 1
    finish(football)
    print(f"killed {kills} times")
    assert kills >= 2
    assert lake_state(football) == lake_state(calm)
    for table in ("football_data.match", "football_data.match_odds"):
        assert table_state(football, table) == table_state(calm, table)
    postgres.drop_database("uninterrupted")
