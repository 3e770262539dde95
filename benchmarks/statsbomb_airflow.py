"""The recorded matches through a running Airflow, from trigger to success, beside ingestify's fetch alone."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from benchmarks.figures import Claim, Figures, number, spread
from benchmarks.memory import watch_tasks
from benchmarks.place import Place, execute
from benchmarks.process import Failed
from benchmarks.statsbomb_mirror import Mirror, World, mirror, real
from benchmarks.statsbomb_sides import EVENTS, Theirs
from fieldhouse.config import Settings
from local import contents
from local.airflow import Airflow
from local.guard import Guard

ROUNDS = 3
DAG = "ingest_statsbomb"
RUN_SECONDS = 300.0
MOST_MB = 300
PACE = {"requests_per_second": 1000, "concurrency": 8}
TOOK = "select extract(epoch from end_date - queued_at)::float from dag_run where run_id = '{}'"
TASKS = "select id::text, task_id, extract(epoch from end_date - start_date)::float from task_instance"


@dataclass(frozen=True)
class Triggered:
    """One run of the Dag: its seconds, and those and the peak MiB of its tasks by name."""

    seconds: float
    tasks: dict[str, list[float]]
    peaks: dict[str, list[float]]


def bench(place: Place) -> list[Figures]:
    """Measure both in turns, each on nothing."""
    world = real()
    metadata = place.database()
    airflow = Airflow(place.folder / "airflow", metadata, schedules=False)
    theirs, ours = [], []
    with mirror(world) as server, Guard(place.folder / "guard.log") as guard:
        airflow.start(guard, pools=contents.pools())
        airflow.wait_for_dags([DAG])
        _trigger(place, airflow, guard, server, world)  # what a scheduler does but once
        for number_ in range(ROUNDS):
            peer = Theirs.begin(place, server, world, f"airflow_{number_}")
            theirs.append(peer.run().taken.seconds)
            shutil.rmtree(peer.job.parent)
            ours.append(_trigger(place, airflow, guard, server, world))
    return [_figures(world, theirs, ours)]


def _trigger(place: Place, airflow: Airflow, guard: Guard, server: Mirror, world: World) -> Triggered:
    settings = place.settings()
    airflow.api.load("connections", _connections(settings, server.base_url(world)), overwrite=True)
    with watch_tasks(guard.process.pid) as peaks:
        run_id = airflow.trigger(DAG, {"selectors": world.selector, "with_360": True})
        run = airflow.wait(DAG, run_id, seconds=RUN_SECONDS)
    events = execute(settings.warehouse, EVENTS)[0][0]
    if run.state != "success" or events != sum(world.rows.values()):
        raise Failed(f"run {run_id} of {DAG} ended as {run.state} with {events:,} events")
    place.postgres.drop_database(settings.warehouse.rpartition("/")[2])
    took = execute(airflow.metadata_dsn, TOOK.format(run_id))[0][0]
    tasks: dict[str, list[float]] = defaultdict(list)
    found: dict[str, list[float]] = defaultdict(list)
    for id_, name, seconds in execute(airflow.metadata_dsn, f"{TASKS} where run_id = '{run_id}'"):
        if seconds is not None:
            tasks[name].append(seconds)
        if id_ in peaks:
            found[name].append(peaks[id_])
    return Triggered(took, tasks, found)


def _connections(settings: Settings, url: str) -> list[dict[str, Any]]:
    found = conninfo_to_dict(settings.warehouse)
    warehouse = {
        "conn_type": "postgres",
        "host": found["host"],
        "port": int(found["port"] or 5432),
        "login": found["user"],
        "password": found.get("password"),
        "schema": found["dbname"],
    }
    lake = {"conn_type": "fs", "extra": json.dumps({"path": settings.lake.removeprefix("file://")})}
    site = {"conn_type": "http", "host": url, "extra": json.dumps(PACE)}
    return [
        {"connection_id": name, **fields}
        for name, fields in (("warehouse", warehouse), ("lake", lake), ("statsbomb", site))
    ]


def _figures(world: World, theirs: Sequence[float], ours: Sequence[Triggered]) -> Figures:
    last = ours[-1]
    shares = sorted(run.seconds / seconds for run, seconds in zip(ours, theirs, strict=True))
    share = shares[len(shares) // 2]
    most = max(peak for run in ours for peaks in run.peaks.values() for peak in peaks)
    rows = [
        ("ingestify, fetch", "1", spread(theirs), ""),
        (f"{DAG}, trigger to success", "", spread(run.seconds for run in ours), ""),
        *(
            (f"task {name}, the last run", str(len(seconds)), spread(seconds), _most(last.peaks.get(name)))
            for name, seconds in last.tasks.items()
        ),
    ]
    return Figures(
        title=f"StatsBomb: {world.matches} recorded matches through Airflow",
        header=("what", "processes", "seconds", "peak MiB"),
        rows=rows,
        given=(
            "A running Airflow with LocalExecutor and the settings of `make run`: from the moment the run was queued "
            f"to its end, with discover, fetch, archive, parse, Parquet and load of {sum(world.rows.values()):,} "
            f"events in usual lanes, publish and verdict. {ROUNDS} rounds in turns with ingestify's fetch, each on "
            "nothing, after one that does not count. dbt's Dag stays paused."
        ),
        claims=(
            Claim("trigger to success, times ingestify's fetch alone", share, 1.25, at_least=False),
            Claim("peak MiB of a task", most, MOST_MB, at_least=False),
        ),
    )


def _most(peaks: Sequence[float] | None) -> str:
    return number(max(peaks)) if peaks else ""
