"""StatsBomb's matches, from the same mirror, by us and by ingestify."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.figures import Claim, Figures, median_ratio, number, spread
from benchmarks.place import Place
from benchmarks.process import environment
from benchmarks.statsbomb_mirror import Mirror, World, mirror, real, thousand
from benchmarks.statsbomb_sides import Ours, Run, Theirs

ROUNDS = 3
MOST_MB = 300
RAW, WHOLE, PEER = "fieldhouse, fetch + archive", "fieldhouse, + parse, Parquet, load", "ingestify, fetch"
BARE_CLIENT = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
import httpx
urls = sys.stdin.read().split()
with httpx.Client() as client, ThreadPoolExecutor(8) as pool:
    started = time.perf_counter()
    for answer in pool.map(client.get, urls):
        answer.raise_for_status()
    print(time.perf_counter() - started)
"""
NAMES = {"raw": RAW, "whole": WHOLE, "peer": PEER}
# of a whole run the lanes overlap
STEPS = ("discover", "scrape", "archive", "load", "lanes", "report")


@dataclass(frozen=True)
class Round:
    """The runs of one side: on nothing, with nothing changed, and with one match changed."""

    first: Run
    unchanged: Run
    changed: Run
    revised: int = 0


def bench(place: Place) -> list[Figures]:
    """Measure both sides in turns, on the recorded matches and on 1,000."""
    small, large = real(), thousand()
    with mirror(small, large) as server:
        return [*_small(place, server, small), _large(place, server, large)]


# --- the recorded matches ---------------------------------------------------------------------------------------


def _small(place: Place, server: Mirror, world: World) -> list[Figures]:
    bare, rounds = [], []
    for number_ in range(ROUNDS):
        bare.append(fetch_alone(server, world))
        peer = Theirs.begin(place, server, world, f"small_{number_}")
        rounds.append(
            {
                "peer": _round(peer, server, world),
                "raw": _our_round(Ours.begin(place, server, world, "raw"), server, world),
                "whole": _our_round(Ours.begin(place, server, world, "whole"), server, world),
            }
        )
        shutil.rmtree(peer.job.parent)
    sides = {side: [each[side] for each in rounds] for side in NAMES}
    return [_first(world, sides, bare), _again(world, sides), _steps(world, sides)]


def fetch_alone(server: Mirror, world: World) -> float:
    """Return the seconds in which a bare client gets every file and throws it away: the server's share."""
    urls = "\n".join(f"{server.base_url(world)}/{path}" for path in world.files)
    done = subprocess.run(
        [sys.executable, "-c", BARE_CLIENT], input=urls, env=environment(), check=True, capture_output=True, text=True
    )
    return float(done.stdout)


def _round(side: Ours | Theirs, server: Mirror, world: World) -> Round:
    server.change_one(world, changed=False)
    first, unchanged = side.run(), side.run()
    server.change_one(world, changed=True)
    changed = side.run()
    server.change_one(world, changed=False)
    return Round(first, unchanged, changed, side.revised_datasets() if isinstance(side, Ours) else 0)


def _our_round(side: Ours, server: Mirror, world: World) -> Round:
    found = _round(side, server, world)
    side.end()
    return found


def _first(world: World, sides: dict[str, list[Round]], bare: Sequence[float]) -> Figures:
    runs = {side: [each.first for each in found] for side, found in sides.items()}
    megabytes = sum(map(len, world.files.values())) / 1e6
    return Figures(
        title=f"StatsBomb: {world.matches} recorded matches, for the first time",
        header=HEADER,
        rows=[*(_row(side, runs) for side in NAMES), ("the files alone, by a bare client", spread(bare), *[""] * 4)],
        given=(
            f"{len(world.files)} files of {number(megabytes)} MB and, of one season, promised 360 files that are not "
            "there, from a mirror in another process that answers from memory. ingestify 0.19.1 with its own source, "
            f"its catalog in SQLite, files in a folder. Ours: catalog in Postgres, folder, pace lifted, 8 at a time. "
            f"Whole processes, {ROUNDS} rounds in turns, each on nothing. Times: the median of the pairs' ratios."
        ),
        claims=(
            _faster(f"{world.matches} matches, fetch + archive", runs["peer"], runs["raw"], 5),
            _faster(f"{world.matches} matches, everything", runs["peer"], runs["whole"], 1),
            _memory(f"{world.matches} matches", [*runs["raw"], *runs["whole"]]),
        ),
    )


HEADER = ("run", "seconds", "CPU s with server", "requests", "peak MiB", "times ingestify's speed")


def _row(side: str, runs: dict[str, list[Run]]) -> tuple[str, ...]:
    found = runs[side]
    return (
        NAMES[side],
        spread(run.taken.seconds for run in found),
        spread(run.cpu_seconds for run in found),
        _requests(found[-1].requests),
        number(max(run.taken.peak_mb for run in found)),
        number(_times(runs["peer"], found)),
    )


def _requests(kinds: Counter[int]) -> str:
    return f"{sum(kinds.values()):,}: " + ", ".join(f"{count:,} of {status}" for status, count in sorted(kinds.items()))


def _times(theirs: Sequence[Run], ours: Sequence[Run]) -> float:
    return median_ratio([run.taken.seconds for run in theirs], [run.taken.seconds for run in ours])


def _faster(what: str, theirs: Sequence[Run], ours: Sequence[Run], bound: float) -> Claim:
    return Claim(f"{what}: times the speed of ingestify's fetch", _times(theirs, ours), bound)


def _memory(what: str, runs: Sequence[Run]) -> Claim:
    return Claim(f"{what}: peak MiB of a process", max(run.taken.peak_mb for run in runs), MOST_MB, at_least=False)


def _again(world: World, sides: dict[str, list[Round]]) -> Figures:
    kinds: dict[str, Callable[[Round], Run]] = {
        "nothing changed": lambda each: each.unchanged,
        "one match changed": lambda each: each.changed,
    }
    rows = [
        (f"{what}: {NAMES[side]}", *_row(side, {s: [pick(each) for each in f] for s, f in sides.items()})[1:], *written)
        for what, pick in kinds.items()
        for side, found in sides.items()
        for written in [_written(side, pick(found[-1]))]
    ]
    ours = sides["whole"]
    changed = next(iter(world.rows))
    unchanged = [each.unchanged for each in ours]
    return Figures(
        title=f"StatsBomb: {world.matches} recorded matches, again",
        header=(*HEADER, "revisions", "rows written"),
        rows=rows,
        given=(
            "The same, directly afterwards. The match that changes: one event's duration, and the time of its last "
            f"update in the season's listing. It has {world.rows[changed]:,} events."
        ),
        claims=(
            Claim("nothing changed: requests", _most(unchanged), 3, at_least=False),
            Claim(
                "nothing changed: share of ingestify's seconds",
                1 / _times([each.unchanged for each in sides["peer"]], unchanged),
                1,
                at_least=False,
            ),
            Claim(
                "nothing changed: revisions and rows written",
                max(run.revisions + run.rows_written for run in unchanged),
                0,
                at_least=False,
            ),
            Claim("one match changed: requests", _most([each.changed for each in ours]), 5, at_least=False),
            Claim("one match changed: revisions", max(each.changed.revisions for each in ours), 1, at_least=False),
            Claim("one match changed: datasets of changed rows", max(each.revised for each in ours), 1, at_least=False),
            Claim(
                "one match changed: rows written, of the one that differs",
                max(each.changed.rows_written for each in ours),
                1,
                at_least=False,
            ),
        ),
    )


def _written(side: str, run: Run) -> tuple[str, str]:
    return ("", "") if side == "peer" else (f"{run.revisions:,}", f"{run.rows_written:,}")


def _most(runs: Sequence[Run]) -> int:
    return max(sum(run.requests.values()) for run in runs)


def _steps(world: World, sides: dict[str, list[Round]]) -> Figures:
    def seconds(side: str, step: str) -> str:
        return spread(each.first.said["steps"].get(step, 0.0) for each in sides[side])

    return Figures(
        title=f"StatsBomb: {world.matches} recorded matches, where our time goes",
        header=("run", *STEPS),
        rows=[(NAMES[side], *(seconds(side, step) for step in STEPS)) for side in ("raw", "whole")],
        given="Seconds of the first run by step, without the start of Python and the imports.",
    )


# --- 1,000 matches ----------------------------------------------------------------------------------------------


def _large(place: Place, server: Mirror, world: World) -> Figures:
    runs: dict[str, list[Run]] = {side: [] for side in NAMES}
    for number_ in range(ROUNDS):
        peer = Theirs.begin(place, server, world, f"large_{number_}")
        runs["peer"].append(peer.run())
        shutil.rmtree(peer.job.parent)
        runs["raw"].append(_our_run(place, server, world, "raw"))
    runs["whole"].append(_our_run(place, server, world, "whole"))
    return Figures(
        title=f"StatsBomb: {world.matches:,} matches",
        header=HEADER[:-1],
        rows=[_row_alone(side, found) for side, found in runs.items()],
        given=(
            f"The recorded matches under {world.matches:,} ids, in {len(world.seasons)} seasons of "
            f"{min(world.seasons.values())} to {max(world.seasons.values())}. As above; {ROUNDS} rounds in turns, and "
            f"one with parse and load of {sum(world.rows.values()):,} events."
        ),
        claims=(
            _faster(f"{world.matches:,} matches, fetch + archive", runs["peer"], runs["raw"], 8),
            _memory(f"{world.matches:,} matches", [*runs["raw"], *runs["whole"]]),
        ),
    )


def _row_alone(side: str, found: list[Run]) -> tuple[str, ...]:
    return _row(side, {"peer": found, side: found})[:-1]


def _our_run(place: Place, server: Mirror, world: World, kind: str) -> Run:
    side = Ours.begin(place, server, world, kind)
    run = side.run()
    side.end()
    return run
