"""10,000 matches in one run: when the first rows can be read, and whether memory stays what it was."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import psycopg

from benchmarks.figures import Claim, Figures, number
from benchmarks.place import Place
from benchmarks.statsbomb_mirror import mirror, short
from benchmarks.statsbomb_sides import Ours, Run
from fieldhouse.engine.discover import MOST_DATASETS

MATCHES = 10_000
LOOK_SECONDS = 0.2
FIRST_ROWS_SECONDS = 60
MOST_GROWTH = 1.25
MOST_MB = 300
ANY = "select exists (select from statsbomb.event)"


def bench(place: Place) -> list[Figures]:
    """Measure one run."""
    world = short(MATCHES)
    with mirror(world) as server:
        ours = Ours.begin(place, server, world, "whole")
        with _first_rows(ours.settings.warehouse) as seconds:
            run = ours.run()
        ours.end()
    return [_figures(world.matches, sum(world.rows.values()), run, seconds)]


@contextmanager
def _first_rows(dsn: str) -> Iterator[list[float]]:
    """Note after how many seconds another connection can read an event."""
    found: list[float] = []
    started, done = time.perf_counter(), Event()

    def look() -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            while not done.wait(LOOK_SECONDS):
                row = connection.execute(ANY).fetchone()
                if row and row[0]:
                    found.append(time.perf_counter() - started)
                    return

    watcher = Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield found
    finally:
        done.set()
        watcher.join()


def _figures(matches: int, rows: int, run: Run, first: list[float]) -> Figures:
    held: list[float] = run.said["held"]
    fifth = max(1, len(held) // 5)
    fifths = [max(held[start : start + fifth]) for start in range(0, fifth * 5, fifth) if held[start : start + fifth]]
    growth = fifths[-1] / fifths[0]
    lanes: list[int] = run.said["lanes"]
    steps: dict[str, float] = run.said["steps"]
    return Figures(
        title=f"StatsBomb: {matches:,} matches in one run",
        header=("figure", "value"),
        rows=[
            ("seconds until another connection reads the first events", number(first[0]) if first else "never"),
            ("seconds, all of it", number(run.taken.seconds)),
            ("seconds by step", ", ".join(f"{name} {number(seconds)}" for name, seconds in steps.items())),
            ("matches a second", number(matches / run.taken.seconds)),
            ("MiB held, most in each fifth of the time", ", ".join(map(number, fifths))),
            ("peak MiB", number(run.taken.peak_mb)),
            ("lanes, and datasets in the largest", f"{len(lanes)}, {max(lanes)}"),
        ],
        given=(
            f"Recorded matches under {matches:,} ids, each cut to the {rows // matches} events of its first half "
            "minute: there is little to parse, and what is done for each match counts. Fetch, archive, parse, Parquet "
            "and load in one process, lane by lane, from a local mirror. Once."
        ),
        claims=(
            Claim("seconds until the first rows", first[0] if first else 1e9, FIRST_ROWS_SECONDS, at_least=False),
            Claim("memory, the last fifth of the time to the first", growth, MOST_GROWTH, at_least=False),
            Claim("peak MiB", run.taken.peak_mb, MOST_MB, at_least=False),
            Claim("datasets in the largest lane", max(lanes), MOST_DATASETS, at_least=False),
        ),
    )
