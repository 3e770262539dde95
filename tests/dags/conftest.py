"""A whole Airflow for the tests of Dags: scheduler, executor, API; the bundle from a git repository; a Slack receiver.

It is started once for all tests that ask for it. Each test gets an empty lake and warehouse, an empty request log
and no messages.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from fieldhouse import clock, sources
from fieldhouse.config import Settings, SourceSettings
from fieldhouse.embedded import Postgres
from fieldhouse.migrate import migrate
from fieldhouse.source import pace_of
from local.airflow import Airflow
from local.api import Run
from local.guard import Guard
from simulator.server import Config, Running, serve
from tests.conftest import RECORDINGS

ROOT = Path(__file__).parents[2]
DAG = "ingest_football_data"
OPEN_DATA = "ingest_statsbomb"
NBA = "ingest_basketball_reference"
TRANSFORM = "transform_dbt"
LATE = "late"
# A Dag that takes longer than its deadline allows, with the alert that all Dags have
LATE_DAG = """
from datetime import timedelta
from airflow.sdk import dag, task
from plugins.arguments import late_alert

@dag(schedule=None, deadline=late_alert(timedelta(seconds=3)))
def late():
    @task.bash
    def wait():
        return "sleep 12"
    wait()

late()

@dag(schedule=None, deadline=late_alert(timedelta(seconds=3)))
def fails_early():
    @task.bash
    def fail():
        return "exit 1"
    fail()

fails_early()
"""
TODAY = date(2026, 3, 1)
SEED = 7
# Airflow asks for this in the process of each task, before the task starts. A shift that it holds lets a season pass
CLOCK = """
import os
from pathlib import Path

def get_airflow_context_vars(context):
    shift = Path(__file__).with_name("clock_shift")
    if shift.exists():
        os.environ["{variable}"] = shift.read_text()
    return {{}}
"""
SCHEMAS = ("lake", "fieldhouse", *sources.NAMES, "marts", "staging", "seeds")
STATSBOMB = "raw.githubusercontent.com/statsbomb/open-data/master/data"


@dataclass
class Slack:
    """A receiver that takes what Slack would."""

    url: str
    payloads: list[dict[str, Any]] = field(default_factory=list)
    broken: bool = False

    @property
    def messages(self) -> list[str]:
        """Return what each message says, title and blocks, as text."""
        return ["\n".join([payload["text"], *_texts(payload["blocks"])]) for payload in self.payloads]


def _texts(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        yield from ([found["text"]] if isinstance(found.get("text"), str) else _texts(list(found.values())))
    elif isinstance(found, list):
        for each in found:
            yield from _texts(each)


@contextmanager
def slack_receiver() -> Iterator[Slack]:
    """Serve a webhook on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if not slack.broken:
                slack.payloads.append(body)
            self.send_response(500 if slack.broken else 200)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    slack = Slack(f"http://127.0.0.1:{server.server_port}/services")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield slack
    server.shutdown()


@dataclass
class Field:
    """Where a test plays: the running Airflow, the simulated site, the databases, Slack.

    :param site: a generated season of football-data.co.uk; ``open_data``: the recorded matches of StatsBomb; ``nba``:
        a generated season of Basketball-Reference.
    """

    airflow: Airflow
    site: Running
    open_data: Running
    nba: Running
    settings: Settings
    slack: Slack
    bundle: Path
    shift: timedelta = timedelta()

    def run(self, conf: Mapping[str, Any], seconds: float = 120, dag_id: str = DAG) -> Run:
        """Trigger the Dag and wait for the end of the run."""
        return self.airflow.wait(dag_id, self.airflow.trigger(dag_id, conf), seconds)

    def transform(self, run: Run, seconds: float = 180) -> Run:
        """Wait for the end of the run of dbt that an ingest run triggered."""
        (run_id,) = [found for found in self.transforms() if found.startswith(f"football_data__{run.run_id}__")]
        return self.airflow.wait(TRANSFORM, run_id, seconds)

    def settings_of_site(self) -> Settings:
        """Return the settings that make the engine ask the simulated site, as the Airflow's tasks do."""
        url = self.site.base("www.football-data.co.uk")
        return replace(self.settings, sources={"football_data": SourceSettings(url=url, pace=pace_of(100))})

    def transforms(self) -> list[str]:
        """Return the ids of all runs of dbt."""
        return [found["dag_run_id"] for found in self.airflow.api.runs(TRANSFORM)]

    def states(self, run: Run) -> dict[str, list[str | None]]:
        """Return the states of a run's task instances by task."""
        states: dict[str, list[str | None]] = {}
        for task in self.airflow.api.tasks(run.dag_id, run.run_id):
            states.setdefault(task.task_id, []).append(task.state)
        return states

    def log(self, run: Run, task_id: str) -> str:
        """Return the whole log of the last try of a task's first instance, exceptions included."""
        task = next(t for t in self.airflow.api.tasks(run.dag_id, run.run_id) if t.task_id == task_id)
        folder = self.airflow.home / "logs" / f"dag_id={run.dag_id}" / f"run_id={run.run_id}" / f"task_id={task_id}"
        return (folder / f"attempt={max(task.tries, 1)}.log").read_text()

    def empty(self) -> None:
        """Empty lake, catalog and warehouse, and forget what the sites were asked and what went wrong there."""
        with psycopg.connect(self.settings.warehouse, autocommit=True) as connection:
            for schema in SCHEMAS:
                connection.execute(f"drop schema if exists {schema} cascade")
        migrate(self.settings, sources.NAMES)
        shutil.rmtree(self.airflow.home.parent / "lake", ignore_errors=True)
        for site in (self.site, self.open_data, self.nba):
            site.clear()
        self.nba.tell("basketball_reference", "held_back", [])

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the warehouse."""
        with psycopg.connect(self.settings.warehouse) as connection:
            return connection.execute(query).fetchall()

    def asked(self) -> list[str]:
        """Return the paths that the site was asked for."""
        return [request.path for request in self.site.requests()]

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run an ``airflow`` command as part of this Airflow."""
        return subprocess.run(
            ["airflow", *words],
            cwd=self.airflow.home,
            env=self.airflow.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Keep the scheduler away from the Dag, whose runs it would otherwise take up, those of ``dags test`` too."""
        self.airflow.api.pause(DAG)
        try:
            yield
        finally:
            self.airflow.api.unpause(DAG)

    @contextmanager
    def time_passes(self) -> Iterator[None]:
        """Let :meth:`set_clock` be called, and have the old time again in the end."""
        try:
            yield
        finally:
            self._shift.unlink(missing_ok=True)

    @property
    def _shift(self) -> Path:
        return self.airflow.home / "config" / "clock_shift"

    def set_clock(self, moment: datetime) -> None:
        """Make it this time for every task that starts from now on, and for the NBA."""
        self.shift = moment - clock.real_now()
        self._shift.write_text(str(self.shift / timedelta(seconds=1)))
        self.nba.set_date(moment.date())

    def set_variable(self, key: str, value: str) -> None:
        """Set an Airflow Variable."""
        self.airflow.api.load("variables", [{"key": key, "value": value}], overwrite=True)


@pytest.fixture(scope="session")
def stack(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    """Start everything; the bundle is a clone of this tree as it is now."""
    home = tmp_path_factory.mktemp("airflow")
    repository = _as_repository(home / "repository")
    warehouse = postgres.create_database("warehouse")
    settings = Settings(lake=(home / "lake").as_uri(), warehouse=warehouse, catalog=warehouse)
    shift = (TODAY - clock.real_now().date()) / timedelta(seconds=1)
    bundle = {
        "name": "fieldhouse",
        "classpath": "airflow.providers.git.bundles.git.GitDagBundle",
        "kwargs": {"repo_url": str(repository), "tracking_ref": "main"},
    }
    airflow = Airflow(
        home / "home",
        postgres.create_database("airflow"),
        bundle=bundle,
        schedules=False,
        environment={
            "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH": str(home / "bundles"),
            "AIRFLOW__FIELDHOUSE__FIRST_RETRY_SECONDS": "1",
            clock.SHIFT_VARIABLE: str(shift),
        },
    )
    (airflow.home / "config").mkdir(parents=True)
    (airflow.home / "config" / "airflow_local_settings.py").write_text(CLOCK.format(variable=clock.SHIFT_VARIABLE))
    recorded = Config(recordings=RECORDINGS, only=("statsbomb",))
    with (
        slack_receiver() as slack,
        serve(Config(seed=SEED, today=TODAY)) as site,
        serve(recorded) as open_data,
        serve(Config(seed=SEED, today=TODAY, only=("basketball_reference",))) as nba,
        Guard(home / "guard.log") as guard,
    ):
        airflow.start(
            guard,
            connections=_connections(settings, site, open_data, nba, slack),
            pools=[{"name": name, "slots": 4} for name in sources.NAMES],
        )
        airflow.wait_for_dags([DAG, OPEN_DATA, NBA, TRANSFORM, LATE])
        for dag_id in (DAG, NBA):
            airflow.api.unpause(dag_id)
        yield Field(airflow, site, open_data, nba, settings, slack, home / "bundles")


@pytest.fixture
def played(stack: Field) -> Field:
    """Return the running stack with everything empty. Runs of dbt that its runs trigger stay queued."""
    stack.empty()
    stack.slack.payloads.clear()
    for run_id in stack.transforms():
        stack.airflow.api._call("DELETE", f"/api/v2/dags/{TRANSFORM}/dagRuns/{run_id}")
    for name in sources.NAMES:
        stack.set_variable(f"flag__{name}", "auto")
    return stack


@pytest.fixture
def built(played: Field) -> Iterator[Field]:
    """Return the running stack in which the runs of dbt that are triggered also run."""
    played.airflow.api.unpause(TRANSFORM)
    yield played
    for run_id in played.transforms():
        played.airflow.wait(TRANSFORM, run_id, 180)
    played.airflow.api.pause(TRANSFORM)


def the_messages_of(field: Field, run: Run, wait: float = 60) -> list[str]:
    """Wait for the messages on a run, which may come after it has ended; then see that no more come."""

    def messages() -> list[str]:
        return [text for text in field.slack.messages if quote(run.run_id, safe="") in text]

    deadline = time.monotonic() + wait
    while not messages() and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(1)
    return messages()


def wait_for_backfill(field: Field, dag_id: str = DAG, seconds: float = 400) -> list[dict[str, Any]]:
    """Return the runs of a Dag's backfills once all have ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        runs = [run for run in field.airflow.api.runs(dag_id) if run["run_type"] == "backfill"]
        if runs and all(run["state"] in {"success", "failed"} for run in runs):
            return runs
        time.sleep(1)
    raise AssertionError("the backfill does not end")


def _as_repository(folder: Path) -> Path:
    """Commit the tree as it is now, ignored files left out, to a repository of its own."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    files = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    for name in filter(None, files):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    (folder / "dags" / f"{LATE}.py").write_text(LATE_DAG)
    author = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], [*author, "commit", "-qm", "the tree"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    return folder


def _connections(
    settings: Settings, site: Running, open_data: Running, nba: Running, slack: Slack
) -> list[dict[str, Any]]:
    place = conninfo_to_dict(settings.warehouse)
    return [
        {
            "connection_id": "warehouse",
            "conn_type": "postgres",
            "host": place["host"],
            "port": int(str(place["port"])),
            "schema": place["dbname"],
            "login": place["user"],
            "password": place["password"],
        },
        {
            "connection_id": "lake",
            "conn_type": "fs",
            "extra": json.dumps({"path": settings.lake.removeprefix("file://")}),
        },
        {
            "connection_id": "football_data",
            "conn_type": "http",
            "host": site.base("www.football-data.co.uk"),
            "extra": json.dumps({"requests_per_second": 100}),
        },
        {
            "connection_id": "statsbomb",
            "conn_type": "http",
            "host": open_data.base(STATSBOMB),
            "extra": json.dumps({"requests_per_second": 100}),
        },
        {
            "connection_id": "basketball_reference",
            "conn_type": "http",
            "host": nba.base("www.basketball-reference.com"),
            "extra": json.dumps({"requests_per_second": 100}),
        },
        {"connection_id": "slack", "conn_type": "slackwebhook", "host": slack.url, "password": "T0/B0/X"},
    ]
