"""``make run``: everything up, every ingest Dag once, and what came of it."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from threading import Thread
from typing import TYPE_CHECKING

from local import contents, shell, summary
from local.api import AirflowError, Run
from local.guard import Guard, watch_file
from local.home import Home, LaunchError, make_pid
from local.options import Options, dag_sources
from local.progress import follow
from local.services import LABELS, Services, announce, start_services
from local.signals import Ended

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rich.console import Console

    from local.airflow import Airflow
    from local.api import Task
    from local.progress import Progress

RUN_FAILED = 1
TRANSFORM_DAG = "transform_dbt"
# Tasks whose log says why a run failed, and the word that its lines hold
JUDGES = {"verdict": "PROBLEM", "build": "dbt: "}
NOTES = {
    "sample": "Sample data: a generated season from the simulator, not real results.",
    "recorded": "Recorded data: answers of the real sites, kept on disk.",
    "live": "Started by make run.",
}


@dataclass(frozen=True)
class Launch:
    """One ``make run``: what is wanted, where, and for whom it speaks."""

    options: Options
    home: Home
    console: Console

    def run(self) -> int:
        """Do it, and return the exit code: 0, or 1 if a Dag run failed.

        :raises LaunchError: something cannot be started, or ends early.
        """
        descriptor = self.home.lock_from_services()
        if descriptor is None:
            raise LaunchError(_already(self.home))
        try:
            with Guard(self.home.log("guard"), keep=[descriptor]) as guard:
                self._watch_make(guard)
                failed = self._guarded_work(guard)
                if not self.options.once:
                    self._stay(guard)
                self._say("Everything stops.")
        finally:
            self.home.unlock()
        return RUN_FAILED if failed else 0

    def _watch_make(self, guard: Guard) -> None:
        shutil.rmtree(self.home.watched, ignore_errors=True)
        self.home.watched.mkdir()
        if pid := make_pid():
            watch_file(self.home.watched, pid).touch()
            guard.watch(self.home.watched)

    def _guarded_work(self, guard: Guard) -> bool:
        try:
            return self._work(guard, time.monotonic())
        except AirflowError:
            guard.ended()  # raises if the guard is gone: then that is why Airflow does not answer
            raise

    def _work(self, guard: Guard, started: float) -> bool:
        """Start all, run all, sum up; return whether a run failed."""
        services = self._start_services(guard)
        airflow = services.airflow(services.state.airflow_port)
        self.home.keep(replace(services.state, airflow_port=airflow.port))
        announce(self.home, "run", guard, os.getpid(), airflow.url)
        shell.write_env(self.home, shell.settings(services, airflow.settings()))
        self._start_airflow(guard, airflow, services)
        self._say(f"Airflow is up at {airflow.url} after {time.monotonic() - started:.0f} s; no login.")
        progress = self._run_dags(airflow)
        statuses = summary.read_status(services.settings())
        ingests = [each for each in progress if each.run.dag_id != TRANSFORM_DAG]
        sources = summary.summarise(ingests, statuses)
        marts = summary.built([each.run for each in progress if each.run.dag_id == TRANSFORM_DAG], statuses)
        lake = self.home.lake(services.kind)
        summary.show(self.console, sources, marts, lake, time.monotonic() - started, LABELS[services.kind])
        for each in progress:
            self._explain(airflow, each)
        return any(each.run.state != "success" for each in progress)

    def _start_services(self, guard: Guard) -> Services:
        state = replace(self.home.state(), kind=self.options.kind, simulator=self.options.simulator())
        services = start_services(guard, self.home, state)
        if services.simulator:
            today = f", whose today is {services.simulator.today}" if services.simulator.today else ""
            self._say(
                f"Postgres is up on port {services.postgres.port}, the simulator on {services.simulator.url}{today}."
            )
        else:
            self._say(f"Postgres is up on port {services.postgres.port}; the sources are the real sites.")
        return services

    def _start_airflow(self, guard: Guard, airflow: Airflow, services: Services) -> None:
        # both take seconds of one core each
        migration = _Background(lambda: summary.fieldhouse(["migrate"], services.settings()))
        with self.console.status("Airflow starts") if self.console.is_terminal else nullcontext():
            airflow.start(
                guard,
                connections=contents.connections(services),
                variables=contents.variables(services.kind, os.environ.get("FIELDHOUSE_CONTACT")),
                pools=contents.pools(),
            )
        migration.finish()

    def _run_dags(self, airflow: Airflow) -> list[Progress]:
        dag_ids = [f"ingest_{name}" for name in self.options.only or dag_sources()]
        if not dag_ids:
            raise LaunchError("there is no ingest Dag in dags/")
        airflow.wait_for_dags([*dag_ids, TRANSFORM_DAG])
        airflow.api.unpause(TRANSFORM_DAG)
        note = NOTES[self.options.kind]
        runs = [Run(dag_id, airflow.trigger(dag_id, self.options.conf, note=note), "queued") for dag_id in dag_ids]

        def look(run: Run) -> tuple[Run, list[Task]]:
            # the run first: a run that has ended has no task that still changes
            return airflow.api.run(run.dag_id, run.run_id), airflow.api.tasks(run.dag_id, run.run_id)

        progress = follow(self.console, runs, look, airflow.check)
        ours = tuple(f"{run.dag_id.removeprefix('ingest_')}__{run.run_id}__" for run in runs)
        triggered = [each["dag_run_id"] for each in airflow.api.runs(TRANSFORM_DAG)]
        marts = [Run(TRANSFORM_DAG, run_id, "queued") for run_id in triggered if run_id.startswith(ours)]
        return progress + (follow(self.console, marts, look, airflow.check) if marts else [])

    def _explain(self, airflow: Airflow, progress: Progress) -> None:
        run = progress.run
        if run.state == "success":
            return
        address = f"{airflow.url}/dags/{run.dag_id}/runs/{run.run_id}"
        tasks = sorted({task.task_id for task in progress.tasks if task.state == "failed"})
        self._say(f"{run.dag_id} failed in {', '.join(tasks) or 'no task'}: {address}")
        judge = next((task for task in progress.tasks if task.task_id in JUDGES and task.state == "failed"), None)
        if judge:
            lines = airflow.api.log(run.dag_id, run.run_id, judge).splitlines()
            for line in [line for line in lines if JUDGES[judge.task_id] in line][:10]:
                self._say(f"  {line.strip()}")

    def _stay(self, guard: Guard) -> None:
        running = self.home.running()
        self._say(f"The UI is at {running.address if running else ''}. Ctrl-C stops everything.")
        self._say("In another shell, `source .fieldhouse/env` sets up `airflow` and `fieldhouse`.")
        with suppress(Ended):
            while True:
                for name, code in guard.ended().items():
                    raise LaunchError(f"{name} ended with code {code}; see {self.home.logs / f'{name}.log'}")
                time.sleep(1)

    def _say(self, text: str) -> None:
        with suppress(OSError):  # the terminal may be gone
            self.console.print(text, highlight=False, markup=False, soft_wrap=True)


def launch(environ: Mapping[str, str], home: Home, console: Console) -> int:
    """Read the options and run. Errors are for the caller to tell."""
    return Launch(Options.read(environ, dag_sources()), home, console).run()


def _already(home: Home) -> str:
    running = home.running()
    address = f" at {running.address}" if running and running.address else ""
    process = f" (process {running.pid})" if running else ""
    return f"Fieldhouse is already up{address}{process}: stop that one with Ctrl-C first"


class _Background:
    """A call in a thread, whose error comes out of :meth:`finish`."""

    def __init__(self, call: Callable[[], object]) -> None:
        self._call = call
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._call()
        except BaseException as error:  # noqa: BLE001 - raised again by finish
            self._error = error

    def finish(self) -> None:
        """Wait for the call to end."""
        self._thread.join()
        if self._error:
            raise self._error
