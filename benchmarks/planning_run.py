"""Plan a catalog of many datasets in one process: ``python -m benchmarks.planning_run WAY DSN DATASETS CHANGED``.

``plan`` makes plans as discover does, of candidates that are made on the way; ``bare`` copies the same candidates as
ready-made text and joins them to the catalog once: what the server needs at least. Prints the seconds of each.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg

from fieldhouse.catalog import Catalog
from fieldhouse.catalog.plans import _candidate_line
from fieldhouse.engine.discover import MANY, MOST_DATASETS, WANTED_LANES, choose_policies
from fieldhouse.source import Candidate, Listing, RemoteFile
from fieldhouse.sources.statsbomb import SOURCE
from fieldhouse.statements import query

NOW = datetime(2026, 11, 20, tzinfo=UTC)
SETTLED = NOW - timedelta(days=100)
BEFORE, AFTER = "2026-01-02T03:04:05.000", "2026-11-19T03:04:05.000"
FILES = ("events.json", "lineups.json")
SEASON, SEASONS = 400, 20
ROUNDS = 3
# one row for each candidate that the catalog does not have as it is
JOIN = """
select count(*) from candidate as c
where not exists (
    select from lake.dataset as d
    where d.source = 'statsbomb' and d.dataset_type = c.dataset_type and d.identifier = c.identifier
    and d.seen @> c.versions
)
"""


def candidates(datasets: int, changed: int) -> Iterator[Candidate]:
    """Yield matches, of which so many have a new version, spread over all."""
    every = datasets // changed if changed else datasets + 1
    for number in range(datasets):
        version = AFTER if changed and number % every == 0 and number // every < changed else BEFORE
        identifier = {
            "competition_id": str(number // SEASON // SEASONS),
            "season_id": str(number // SEASON),
            "match_id": str(number),
        }
        files = tuple(RemoteFile(name, f"{name[:-5]}/{number}.json", version=version) for name in FILES)
        yield Candidate("match", identifier, files, settled_at=SETTLED, due_at=SETTLED)


def _with_end(found: Iterator[Candidate]) -> Iterator[Candidate | Listing]:
    yield from found
    yield Listing("match")


def main() -> None:
    """Do what the arguments say."""
    way, dsn, *numbers = sys.argv[1:]
    datasets, changed = map(int, numbers)
    print(json.dumps(_plan(dsn, datasets, changed) if way == "plan" else _bare(dsn, datasets, changed)))


def _plan(dsn: str, datasets: int, changed: int) -> dict[str, object]:
    catalog, taken, counts = Catalog(dsn, 0), [], []
    policies = choose_policies(SOURCE, {})
    for number in range(ROUNDS):
        found = _with_end(candidates(datasets, changed))
        started = time.perf_counter()
        plan, count = catalog.make_plan(SOURCE, f"{number}", found, now=NOW, scope={}, notes=[], policies=policies)
        lanes = catalog.make_lanes(plan, SOURCE, most_datasets=MOST_DATASETS, most_files=MANY, wanted=WANTED_LANES)
        taken.append(time.perf_counter() - started)
        counts.append([count.planned, count.withdrawn, sum(lane.datasets for lane in lanes)])
        catalog.finish_plan(plan, {})
    started = time.perf_counter()
    for _ in candidates(datasets, changed):
        pass
    return {"seconds": taken, "counts": counts, "making": time.perf_counter() - started}


def _bare(dsn: str, datasets: int, changed: int) -> dict[str, object]:
    text = "".join(map(_candidate_line, candidates(datasets, changed)))
    taken, counts = [], []
    for _ in range(ROUNDS):
        with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
            started = time.perf_counter()
            cursor.execute("set local work_mem = '256MB'")
            cursor.execute(query("candidate"))
            with cursor.copy("copy candidate from stdin") as copy:
                copy.write(text)
            row = cursor.execute(JOIN).fetchone()
            taken.append(time.perf_counter() - started)
            counts.append(row and row[0])
    return {"seconds": taken, "counts": counts}


if __name__ == "__main__":
    main()
