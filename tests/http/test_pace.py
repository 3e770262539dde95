"""The pace of a host, held by everybody together: real rows, threads and processes."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from fieldhouse.config import Settings
from fieldhouse.errors import SourceBlocked, SourceThrottled
from fieldhouse.migrate import migrate
from fieldhouse.pace import AHEAD_SECONDS, CatalogPacer
from fieldhouse.source import Limit, Pace

ROOT = Path(__file__).parents[2]
HOST = "example.org"
# How late a thread may wake: slots are given exactly, and used a moment later
LATE = 0.1
CHILD = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from fieldhouse.pace import CatalogPacer
from fieldhouse.source import Limit, Pace

dsn, threads, requests, pace = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), eval(sys.argv[4])
pacer = CatalogPacer(dsn)
print("ready", flush=True)
sys.stdin.readline()

def ask(_):
    pacer.wait("example.org", pace)
    return time.time()

with ThreadPoolExecutor(threads) as pool:
    print(*pool.map(ask, range(requests)))
"""


@pytest.fixture
def catalog(database: str) -> str:
    migrate(Settings(lake="", warehouse=database, catalog=database), ())
    return database


@pytest.fixture
def new_pacer(catalog: str) -> Iterator[Callable[..., CatalogPacer]]:
    """Return a function that makes pacers, each as if it were another process's."""
    with ExitStack() as stack:

        def make(**options: float) -> CatalogPacer:
            pacer = CatalogPacer(catalog, **options)
            stack.callback(pacer.close)
            return pacer

        yield make


def ask(pacers: list[CatalogPacer], requests: int, pace: Pace, threads: int = 4) -> list[float]:
    """Ask by turns with each pacer, and return when each request was let through."""

    def one(number: int) -> float:
        pacers[number % len(pacers)].wait(HOST, pace)
        return time.monotonic()

    with ThreadPoolExecutor(threads) as pool:
        return sorted(pool.map(one, range(requests)))


def most_in(seconds: float, times: list[float]) -> int:
    """Return how many requests there are at most in any stretch of so many seconds."""
    return max(sum(start <= moment < start + seconds for moment in times) for start in times)


@pytest.mark.parametrize(
    ("limits", "requests"),
    [
        ((Limit(20, 0.5),), 40),
        ((Limit(10, 0.5, burst=5),), 25),
        ((Limit(100, 0.5),), 100),
        ((Limit(20, 0.5), Limit(30, 1.5)), 40),
        ((Limit(20, 0.5, burst=4), Limit(30, 1.5, burst=10)), 40),
    ],
    ids=["even", "burst", "fast", "two limits", "two limits with bursts"],
)
def test_limits_hold_for_all_together(
    new_pacer: Callable[..., CatalogPacer], limits: tuple[Limit, ...], requests: int
) -> None:
    times = ask([new_pacer() for _ in range(3)], requests, Pace(limits), threads=9)
    for limit in limits:
        assert most_in(limit.seconds - LATE, times) <= limit.requests + limit.burst - 1
    slowest = max((requests - limit.burst) * limit.seconds / limit.requests for limit in limits)
    assert slowest - LATE <= times[-1] - times[0] < slowest + 2


def test_limits_hold_for_all_processes(catalog: str) -> None:
    pace = Pace((Limit(requests=20, seconds=0.5),))
    source = "Pace((Limit(requests=20, seconds=0.5),))"
    children = [
        subprocess.Popen(
            [sys.executable, "-c", CHILD, catalog, "4", "15", source],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for child in children:
        assert child.stdout
        assert child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin
        child.stdin.write("go\n")
        child.stdin.flush()
    said = [child.communicate(timeout=60)[0] for child in children]
    times = sorted(float(moment) for line in said for moment in line.split())
    assert len(times) == 45
    assert most_in(0.5 - LATE, times) <= pace.limits[0].requests


def test_a_burst_comes_at_once_also_at_the_very_first(new_pacer: Callable[..., CatalogPacer]) -> None:
    pace = Pace((Limit(requests=10, seconds=10, burst=5),))
    times = ask([new_pacer()], 5, pace)
    assert times[-1] - times[0] < 0.5
    with pytest.raises(SourceThrottled):
        new_pacer(longest_wait=0.1).wait(HOST, pace)


def test_no_limit_at_all(new_pacer: Callable[..., CatalogPacer]) -> None:
    times = ask([new_pacer()], 50, Pace(()))
    assert times[-1] - times[0] < 2


def test_a_far_turn_is_refused_and_takes_no_slot(new_pacer: Callable[..., CatalogPacer], catalog: str) -> None:
    pace = Pace((Limit(requests=1, seconds=60),))
    patient, hasty = new_pacer(), new_pacer(longest_wait=10)
    patient.wait(HOST, pace)
    free = _next_free(catalog)
    for _ in range(5):
        with pytest.raises(SourceThrottled, match=r"example.org is asked by others; our turn is at") as caught:
            hasty.wait(HOST, pace)
        assert 50 < (caught.value.until - datetime.now(tz=UTC)).total_seconds() < 61
    assert _next_free(catalog) == free


def _next_free(dsn: str) -> list[object]:
    with psycopg.connect(dsn) as connection:
        return list(connection.execute("select next_free_at from lake.host").fetchall())


def test_slots_that_were_not_used_lapse(new_pacer: Callable[..., CatalogPacer]) -> None:
    pace = Pace((Limit(requests=100, seconds=1),), concurrency=20)
    pacer = new_pacer()
    pacer.wait(HOST, pace)
    time.sleep(2 * AHEAD_SECONDS)
    times = ask([pacer], 20, pace, threads=20)
    assert times[-1] - times[0] > 0.15


@pytest.mark.parametrize(
    ("kind", "error"), [("throttled", SourceThrottled), ("blocked", SourceBlocked)], ids=["throttled", "blocked"]
)
def test_a_stop_is_seen_by_everybody(
    new_pacer: Callable[..., CatalogPacer], kind: str, error: type[SourceThrottled | SourceBlocked]
) -> None:
    pace = Pace((Limit(requests=50, seconds=1),))
    first, second = new_pacer(), new_pacer()
    let_through: list[float] = []
    refused = threading.Event()

    def keep_asking() -> None:
        try:
            while True:
                second.wait(HOST, pace)
                let_through.append(time.monotonic())
        except error:
            refused.set()

    thread = threading.Thread(target=keep_asking, daemon=True)
    thread.start()
    time.sleep(0.2)
    until = datetime.now(tz=UTC) + timedelta(minutes=5)
    first.stop(HOST, until, kind, "status 429")
    stopped = time.monotonic()
    assert refused.wait(timeout=10)
    assert let_through
    assert let_through[-1] <= stopped + AHEAD_SECONDS + LATE
    with pytest.raises(error, match=f"{HOST} is left alone until .* UTC: status 429") as caught:
        first.wait(HOST, pace)
    assert isinstance(caught.value, error)
    assert abs(caught.value.until - until) < timedelta(milliseconds=1)
    first.wait("another.example.org", pace)


def test_a_stop_is_seen_by_who_waits_for_a_far_slot(new_pacer: Callable[..., CatalogPacer]) -> None:
    pace = Pace((Limit(requests=1, seconds=1),))
    first, second = new_pacer(), new_pacer()
    first.wait(HOST, pace)
    threading.Timer(0.3, first.stop, (HOST, datetime.now(tz=UTC) + timedelta(hours=1), "blocked", "403")).start()
    with pytest.raises(SourceBlocked):
        second.wait(HOST, pace)


def test_a_short_stop_is_waited_for(new_pacer: Callable[..., CatalogPacer]) -> None:
    pace = Pace((Limit(requests=100, seconds=1),))
    first, second = new_pacer(), new_pacer()
    started = time.monotonic()
    first.stop(HOST, datetime.now(tz=UTC) + timedelta(seconds=0.5), "throttled", "429")
    second.wait(HOST, pace)
    assert 0.4 < time.monotonic() - started < 3


def test_a_short_block_is_not(new_pacer: Callable[..., CatalogPacer]) -> None:
    pacer = new_pacer()
    pacer.stop(HOST, datetime.now(tz=UTC) + timedelta(seconds=5), "blocked", "403")
    with pytest.raises(SourceBlocked):
        pacer.wait(HOST, Pace(()))


def test_a_later_stop_stays(new_pacer: Callable[..., CatalogPacer]) -> None:
    pacer = new_pacer()
    for minutes in (60, 5):
        pacer.stop(HOST, datetime.now(tz=UTC) + timedelta(minutes=minutes), "blocked", f"{minutes}")
    with pytest.raises(SourceBlocked, match=r"UTC: 60$"):
        pacer.wait(HOST, Pace(()))


def test_what_a_slot_costs(new_pacer: Callable[..., CatalogPacer]) -> None:
    pace = Pace((Limit(requests=1_000_000, seconds=1, burst=1000), Limit(requests=1_000_000, seconds=1)))
    pacer = new_pacer()
    pacer.wait(HOST, pace)
    started = time.perf_counter()
    for _ in range(400):
        pacer.wait(HOST, pace)
    print(f"a slot: {(time.perf_counter() - started) / 400 * 1000:.2f} ms with 4 slots a trip")
