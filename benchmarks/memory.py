"""The peak memory of each step in a process of its own, and of Airflow's process that does them all."""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import psutil  # type: ignore[import-untyped]

from benchmarks.figures import Claim, Figures, number
from benchmarks.place import Place, execute, variables
from benchmarks.process import Failed, Measured, measure
from benchmarks.recorded import Site, site
from fieldhouse.config import Settings
from local import contents
from local.airflow import Airflow
from local.guard import Guard

MOST_MB = 400
DAG = "ingest_football_data"
RUN_SECONDS = 300.0
WATCH_SECONDS = 0.2
# the title of a process that runs one task instance
TASK_TITLE = re.compile(r"^airflow worker -- ([0-9a-f-]{36})")
PEAK = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)
STEPS = ("scrape", "archive", "load")


def bench(place: Place) -> list[Figures]:
    """Measure the steps over the largest lanes that the whole history gives, then the tasks of a real Airflow."""
    with site(place.folder) as server:
        steps = _steps(place.settings(), server)
        tasks = _tasks(place, server)
    rows = [
        (step, str(len(found)), number(max(t.peak_mb for t in found)), number(sum(t.seconds for t in found)))
        for step, found in steps.items()
    ]
    rows += [(f"Airflow task {name}", str(len(peaks)), number(max(peaks)), "") for name, peaks in tasks.items()]
    return [
        Figures(
            title="memory: the whole history, step by step",
            header=("process", "processes", "peak MiB", "seconds, all together"),
            rows=rows,
            given=(
                "Steps: `python -m benchmarks.step STEP PLAN LANE` calls the engine's functions as the operators do, a "
                "process for each lane and step; lanes as large as they get. Tasks: the processes of an "
                "Airflow with LocalExecutor that runs ingest_football_data with seasons=all, in the lanes of a usual "
                "run; the kernel's own record of each process's peak, looked at five times a second."
            ),
            claims=(
                Claim(
                    "peak MiB of a step's process",
                    max(t.peak_mb for f in steps.values() for t in f),
                    MOST_MB,
                    at_least=False,
                ),
                Claim(
                    "peak MiB of an Airflow task",
                    max(peak for f in tasks.values() for peak in f),
                    MOST_MB,
                    at_least=False,
                ),
            ),
        )
    ]


def _steps(settings: Settings, server: Site) -> dict[str, list[Measured]]:
    taken: dict[str, list[Measured]] = defaultdict(list)
    extra = {**variables(settings), **server.settings}
    discover = measure([sys.executable, "-m", "benchmarks.step", "discover"], extra)
    taken["discover"].append(discover)
    for lane in json.loads(discover.output):
        for step in STEPS:
            argv = [sys.executable, "-m", "benchmarks.step", step, str(lane["plan"]), str(lane["lane"])]
            taken[step].append(measure(argv, extra))
    return taken


def _tasks(place: Place, server: Site) -> dict[str, list[float]]:
    """Return the peak memory of each task's process, by task, of one run of the Dag."""
    settings, metadata = place.settings(), place.database()
    airflow = Airflow(place.folder / "airflow", metadata, schedules=False, environment=_connections(settings, server))
    with Guard(place.folder / "guard.log") as guard:
        airflow.start(guard, pools=contents.pools())
        airflow.wait_for_dags([DAG])
        with watch_tasks(guard.process.pid) as peaks:
            run = airflow.wait(DAG, airflow.trigger(DAG, {"seasons": "all"}), seconds=RUN_SECONDS)
    if run.state != "success":
        raise Failed(f"run {run.run_id} of {DAG} ended as {run.state}")
    tasks: dict[str, list[float]] = defaultdict(list)
    for number_, task_id in execute(metadata, "select id::text, task_id from task_instance order by start_date"):
        if number_ in peaks:
            tasks[task_id].append(peaks[number_])
    return tasks


@contextmanager
def watch_tasks(ancestor: int) -> Iterator[dict[str, float]]:
    """Note the peak memory, in MiB, of every task process below ``ancestor``, by the task instance's id."""
    peaks: dict[str, float] = {}
    done = Event()

    def look() -> None:
        while not done.wait(WATCH_SECONDS):
            for process in psutil.Process(ancestor).children(recursive=True):
                with suppress(psutil.Error, OSError):
                    status = Path(f"/proc/{process.pid}/status").read_text()
                    task, peak = TASK_TITLE.search(" ".join(process.cmdline())), PEAK.search(status)
                    if task and peak:
                        peaks[task[1]] = max(int(peak[1]) / 1024, peaks.get(task[1], 0))

    watcher = Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield peaks
    finally:
        done.set()
        watcher.join()


def _connections(settings: Settings, server: Site) -> dict[str, str]:
    site_connection = {
        "conn_type": "http",
        "host": server.base_url,
        "extra": {"requests_per_second": 100_000},
    }
    lake = {"conn_type": "generic", "extra": {"path": settings.lake.removeprefix("file://")}}
    return {
        "AIRFLOW_CONN_WAREHOUSE": settings.warehouse,
        "AIRFLOW_CONN_LAKE": json.dumps(lake),
        "AIRFLOW_CONN_FOOTBALL_DATA": json.dumps(site_connection),
        **{name: value for name, value in server.settings.items() if "CLOCK" in name},
    }
