"""An Airflow on this machine: its settings, its four components, and what one asks of it.

The launcher uses it, and so do tests that need the real thing on a scratch home::

    with Guard(log) as guard:
        airflow = Airflow(home, metadata_dsn, environment={"FIELDHOUSE_LAKE": ...})
        airflow.start(guard, connections=[...])
        run = airflow.wait("ingest_football_data", airflow.trigger("ingest_football_data"))
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil  # type: ignore[import-untyped]
import psycopg

from fieldhouse.embedded import free_port, port_is_free
from local.api import AirflowError, Api, Run
from local.guard import ROOT, Command, clean_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from local.guard import Guard

COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")
BIN = Path(sys.executable).parent
START_SECONDS = 180.0

# nobody is told that this runs
NO_TELEMETRY = {
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    "AIRFLOW__COSMOS__ENABLE_TELEMETRY": "False",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "0",
    "DO_NOT_TRACK": "1",
    "SCARF_ANALYTICS": "false",
    "SCARF_NO_ANALYTICS": "true",
}


def local_bundle(path: Path = ROOT) -> dict[str, Any]:
    """Return the configuration of a Dag bundle that is a folder of this machine."""
    return {
        "name": "fieldhouse",
        "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
        "kwargs": {"path": str(path)},
    }


@dataclass(frozen=True)
class Keys:
    """The secrets that Airflow's components share."""

    fernet: str = field(repr=False)
    jwt: str = field(repr=False)
    session: str = field(repr=False)

    @classmethod
    def of(cls, file: Path) -> Keys:
        """Return those in ``file``, which is made (0600) if it is not there."""
        if not file.exists():
            fresh = cls(
                base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
                secrets.token_urlsafe(64),
                secrets.token_urlsafe(32),
            )
            write_secret(file, json.dumps(vars(fresh)))
        return cls(**json.loads(file.read_text()))


def write_secret(file: Path, text: str) -> None:
    """Write ``file``, all of it or nothing, readable by its owner alone."""
    file.parent.mkdir(parents=True, exist_ok=True)
    scratch = file.with_name(f".{file.name}.{os.getpid()}")
    scratch.unlink(missing_ok=True)
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
        output.write(text)
    scratch.rename(file)


def usable_port(preferred: int | None) -> int:
    """Return ``preferred`` if nobody uses it, else a free one."""
    return preferred if preferred and port_is_free(preferred) else free_port()


class Airflow:
    """An Airflow whose home is ``home`` and whose metadata lie at ``metadata_dsn`` (``postgresql://...``).

    :param bundle: configuration of the one Dag bundle; default: this checkout.
    :param port: preferred port of the API server and UI.
    :param logs: folder for what the components print; default: ``<home>/components``.
    :param instance_name: what the UI calls itself.
    :param schedules: whether the scheduler starts runs by the Dags' own schedules.
    :param environment: further variables for the components.
    """

    def __init__(
        self,
        home: Path,
        metadata_dsn: str,
        *,
        bundle: Mapping[str, Any] | None = None,
        port: int | None = None,
        logs: Path | None = None,
        instance_name: str = "Fieldhouse",
        schedules: bool = True,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.home = home.resolve()
        self.metadata_dsn = metadata_dsn
        self.bundle = dict(bundle or local_bundle())
        self.port = usable_port(port)
        self.logs = logs or self.home / "components"
        self.instance_name = instance_name
        self.schedules = schedules
        self.extra = dict(environment or {})
        self.api = Api(self.url)
        self.started = datetime.now(tz=UTC)
        self._guard: Guard | None = None
        self._server = 0

    @property
    def url(self) -> str:
        """Where the UI and the API are."""
        return f"http://127.0.0.1:{self.port}"

    def settings(self) -> dict[str, str]:
        """Return the variables that make an ``airflow`` command part of this Airflow."""
        keys = Keys.of(self.home / "keys.json")
        return {
            **NO_TELEMETRY,
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__PARALLELISM": "4",
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__FERNET_KEY": keys.fernet,
            "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            # one user on one machine: no login, and nobody else reaches 127.0.0.1
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self.port),
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__API__INSTANCE_NAME": self.instance_name,
            "AIRFLOW__API__SECRET_KEY": keys.session,
            "AIRFLOW__API_AUTH__JWT_SECRET": keys.jwt,
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": self.metadata_dsn.replace("://", "+psycopg2://", 1),
            "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps([self.bundle]),
            "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "30",
            "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": str(self.schedules),
            "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "False",
            # a slot stays taken for as long as this after its task has ended; the default is 5 s
            "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
            # dbt has an environment of its own beside Airflow's
            "AIRFLOW__FIELDHOUSE__DBT_EXECUTABLE": str(BIN.parent / "dbt" / "bin" / "dbt"),
            **self.extra,
        }

    def environment(self) -> dict[str, str]:
        """Return the whole environment of a component: nothing of another Airflow, no Python path."""
        own = {
            name: value
            for name, value in clean_environment().items()
            if not name.startswith(("AIRFLOW_", "FIELDHOUSE_"))
        }
        hosts = [part for part in (own.get("NO_PROXY") or own.get("no_proxy") or "").split(",") if part]
        bypass = ",".join([*hosts, "127.0.0.1", "localhost"])
        path = f"{BIN}{os.pathsep}{own.get('PATH', os.defpath)}"
        return {**own, "PATH": path, "NO_PROXY": bypass, "no_proxy": bypass, **self.settings()}

    def migrate(self) -> bool:
        """Make or upgrade the metadata tables; return whether there was anything to do.

        :raises AirflowError: it fails.
        """
        stamp = self.home / "migrated"
        wanted = version("apache-airflow-core")
        if stamp.exists() and stamp.read_text() == wanted and self._has_tables():
            return False
        self.home.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(parents=True, exist_ok=True)
        log = self.logs / "migrate.log"
        with log.open("wb") as output:
            done = subprocess.run(
                [str(BIN / "airflow"), "db", "migrate"],
                cwd=self.home,
                env=self.environment(),
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        if done.returncode:
            raise AirflowError(f"Airflow's tables cannot be made: {last_line(log)} (all of it in {log})")
        stamp.write_text(wanted)
        return True

    def _has_tables(self) -> bool:
        try:
            with psycopg.connect(self.metadata_dsn) as connection:
                return connection.execute("select to_regclass('dag_run')").fetchone() != (None,)
        except psycopg.Error as error:
            raise AirflowError(f"Airflow's database cannot be read: {error}") from error

    def start(
        self,
        guard: Guard,
        *,
        connections: Sequence[Mapping[str, Any]] = (),
        variables: Sequence[Mapping[str, Any]] = (),
        pools: Sequence[Mapping[str, Any]] = (),
        said: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Start the components under ``guard``, wait until all are healthy, and load what they need.

        Connections are replaced; Variables and pools that exist keep the values that their user gave them.

        :param said: told what is being waited for.
        :raises AirflowError: a component ends, or is not healthy within three minutes.
        """
        self._guard = guard
        self.migrate()
        self.started = datetime.now(tz=UTC)
        environment = self.environment()
        children = {name: guard.start(name, self._command(name, environment)) for name in COMPONENTS}
        self._server = children["api-server"].pid
        self._wait(self._unhealthy, "is not up", said)
        self.api.load("connections", connections, overwrite=True)
        self.api.load("variables", variables, overwrite=False)
        self.api.load("pools", pools, overwrite=False)

    def stop(self) -> None:
        """Stop the components."""
        if self._guard:
            for name in COMPONENTS:
                self._guard.stop(name)

    def _command(self, name: str, environment: Mapping[str, str]) -> Command:
        log = self.logs / f"{name}.log"
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        # no log servers: they listen on every address, and whoever reads the logs here has the files
        options = ["--skip-serve-logs"] if name in {"scheduler", "triggerer"} else []
        # the working folder is not the checkout: what lies there could shadow the bundle's code
        argv = [str(BIN / "airflow"), name, *options]
        # the scheduler would wait for its tasks: any of them may be killed at any point
        return Command(argv, str(log), str(self.home), environment, stage=2, stop_seconds=5)

    def _unhealthy(self) -> list[str]:
        health = self.api.health()
        if not health or not self._is_ours():
            return ["api-server"]
        return [
            name.replace("_", "-")
            for name in ("scheduler", "dag_processor", "triggerer")
            if not self._beats(health.get(name) or {}, name)
        ]

    def _is_ours(self) -> bool:
        """Whether it is our server that answers: between the choice of a port and its use, somebody may take it."""
        try:
            server = psutil.Process(self._server)
            return any(
                connection.status == psutil.CONN_LISTEN and connection.laddr.port == self.port
                for process in (server, *server.children(recursive=True))
                for connection in process.net_connections(kind="tcp")
            )
        except psutil.NoSuchProcess:
            return False

    def _beats(self, component: Mapping[str, str | None], name: str) -> bool:
        # a killed predecessor's last heartbeat counts as healthy for half a minute
        beat = component.get(f"latest_{name}_heartbeat")
        return bool(component.get("status") == "healthy" and beat and datetime.fromisoformat(beat) > self.started)

    def check(self) -> None:
        """Raise :class:`AirflowError` if a component has ended."""
        for name, code in (self._guard.ended() if self._guard else {}).items():
            if name in COMPONENTS:
                log = self.logs / f"{name}.log"
                raise AirflowError(f"Airflow's {name} ended with code {code}: {last_line(log)} (all of it in {log})")

    def wait_for_dags(self, dag_ids: Sequence[str], said: Callable[[str], None] = lambda _: None) -> None:
        """Wait until the Dags have been parsed by the components that :meth:`start` started.

        :raises AirflowError: a Dag file cannot be imported, or a Dag does not appear.
        """
        self._wait(lambda: self._unparsed(dag_ids), "does not appear in Airflow", said)

    def _unparsed(self, dag_ids: Sequence[str]) -> list[str]:
        dags = self.api.dags()
        missing = [dag_id for dag_id in dag_ids if not self._is_parsed(dags.get(dag_id))]
        if missing:
            for file, reason in self.api.import_errors().items():
                if Path(file).stem in missing:
                    raise AirflowError(f"{file} cannot be imported: {reason}")
        return missing

    def _is_parsed(self, dag: Mapping[str, Any] | None) -> bool:
        return dag is not None and datetime.fromisoformat(dag["last_parsed_time"]) > self.started

    def _wait(self, lacking: Callable[[], list[str]], what: str, said: Callable[[str], None]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while names := lacking():
            self.check()
            said(", ".join(names))
            if time.monotonic() > deadline:
                raise AirflowError(f"{', '.join(names)} {what} after {START_SECONDS:.0f} s; see {self.logs}")
            time.sleep(0.3)

    def trigger(
        self,
        dag_id: str,
        conf: Mapping[str, Any] | None = None,
        *,
        logical_date: datetime | None = None,
        note: str | None = None,
    ) -> str:
        """Unpause ``dag_id``, start a run and return its id."""
        self.api.unpause(dag_id)
        return self.api.trigger(dag_id, conf, logical_date=logical_date, note=note)

    def wait(self, dag_id: str, run_id: str, seconds: float = 300) -> Run:
        """Wait until a run has finished and return it.

        :raises AirflowError: it takes longer, or a component ends meanwhile.
        """
        deadline = time.monotonic() + seconds
        while True:
            run = self.api.run(dag_id, run_id)
            if run.finished:
                return run
            self.check()
            if time.monotonic() > deadline:
                raise AirflowError(f"run {run_id} of {dag_id} is still {run.state} after {seconds:.0f} s")
            time.sleep(0.3)


def last_line(log: Path) -> str:
    """Return the last line of ``log`` that says something."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it says nothing"
