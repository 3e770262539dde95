"""Runs of the command line on every recorded file: the whole history, nothing changed, one file changed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.figures import Claim, Figures, spread
from benchmarks.place import Place, execute, variables
from benchmarks.process import BIN, Measured, measure
from benchmarks.recorded import Site, files, site
from fieldhouse.config import Settings
from fieldhouse.sources.football_data.seasons import running

ROUNDS = 3
COMMAND = ("run", "football_data", "-p", "seasons=all", "--json")
# every row that was ever inserted, updated or deleted in our tables, as the server counts them
ROWS_WRITTEN = """
select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint from pg_stat_user_tables
where schemaname = 'football_data'
"""


@dataclass(frozen=True)
class Run:
    """One run: what it took, what it asked and what it wrote."""

    taken: Measured
    report: dict[str, Any]
    requests: list[dict[str, Any]]
    rows_written: int


def bench(place: Place) -> list[Figures]:
    """Measure the three kinds of runs, each :data:`ROUNDS` times on an empty lake and database of its own."""
    rounds: list[tuple[Run, Run, Run]] = []
    with site(place.folder) as server:
        for _ in range(ROUNDS):
            settings = place.settings()
            rounds.append(_round(server, settings))
            place.postgres.drop_database(settings.warehouse.rpartition("/")[2])
        first, unchanged, changed = zip(*rounds, strict=True)
        finished = _finished(server, unchanged[-1].requests)
    return [_figures(first, unchanged, changed, finished)]


def _round(server: Site, settings: Settings) -> tuple[Run, Run, Run]:
    server.change_one(changed=False)
    first = _run(server, settings)
    unchanged = _run(server, settings)
    server.change_one(changed=True)
    return first, unchanged, _run(server, settings)


def _run(server: Site, settings: Settings) -> Run:
    server.forget_requests()
    before = _rows_written(settings)
    taken = measure([str(BIN / "fieldhouse"), *COMMAND], {**variables(settings), **server.settings})
    return Run(taken, json.loads(taken.output), server.requests(), _rows_written(settings) - before)


def _rows_written(settings: Settings) -> int:
    return int(execute(settings.warehouse, ROWS_WRITTEN)[0][0])


def _finished(server: Site, requests: Sequence[dict[str, Any]]) -> int:
    """Count the requests for files of seasons that are over."""
    paths = [request["path"].split("/") for request in requests]
    return sum(path[1] == "mmz4281" and path[2] != running(server.today).code for path in paths)


def _kinds(run: Run) -> Counter[str]:
    return Counter(("conditional " if r["conditional"] else "") + str(r["status"]) for r in run.requests)


def _figures(first: Sequence[Run], unchanged: Sequence[Run], changed: Sequence[Run], finished_asked: int) -> Figures:
    kinds = ("first run", "nothing changed", "one file changed")
    of: Callable[[Run], Counter[str]] = _kinds
    rows = []
    for name, runs in zip(kinds, (first, unchanged, changed), strict=True):
        last = runs[-1]
        rows.append(
            (
                name,
                spread(run.taken.seconds for run in runs),
                spread(run.taken.cpu_seconds for run in runs),
                str(len(last.requests)),
                ", ".join(f"{count} {kind}" for kind, count in sorted(of(last).items())),
                spread(run.taken.peak_mb for run in runs),
                f"{last.rows_written:,}",
            )
        )
    quiet = of(unchanged[-1])
    current = unchanged[-1].report["outcomes"]["unchanged"]
    return Figures(
        title="football_data: every recorded file through the command line",
        header=("run", "seconds", "CPU s", "requests", "by kind", "peak MiB", "rows written"),
        rows=rows,
        given=(
            f"`fieldhouse {' '.join(COMMAND)}` in a process of its own, {len(files())} files at a local simulator in "
            f"another process, pace lifted; median (and range) of {ROUNDS}. 404 are files that the recordings lack: "
            "of seasons that are over they are asked for once, of the running one and of extra leagues every time."
        ),
        claims=(
            Claim("nothing changed: conditional requests per current file", quiet["conditional 304"] / current, 1),
            Claim("nothing changed: requests for finished seasons", finished_asked, 0, at_least=False),
            Claim("nothing changed: files fetched again", quiet["200"] + quiet["conditional 200"], 0, at_least=False),
            Claim("nothing changed: rows written", max(run.rows_written for run in unchanged), 0, at_least=False),
            Claim("one file changed: files fetched", of(changed[-1])["conditional 200"], 1, at_least=False),
            Claim("peak MiB of a whole run", max(r.taken.peak_mb for r in first), 400, at_least=False),
        ),
    )
