"""``.fieldhouse``: where everything that a local Fieldhouse keeps lies, and who may use it at a time.

    env              to be sourced by a shell (0600)
    state.json       the ports and the kind of data of the last start
    running.json     who holds the lock, and where it is reached
    postgres/        the one server, with two databases a kind of data: airflow_<kind>, fieldhouse_<kind>
    airflow/<kind>/  AIRFLOW_HOME
    lake/<kind>/     the lake
    logs/            what each process prints

Sample, recorded and live data never meet: each kind has its own databases, lake and Airflow.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

from local import processes
from local.airflow import write_secret

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

T = TypeVar("T", "Running", "State")
HANDOVER_SECONDS = 60.0


class LaunchError(RuntimeError):
    """Something cannot be started. The text is a sentence."""


@dataclass(frozen=True)
class State:
    """What a later start takes over from the last one.

    :param kind: ``sample``, ``recorded`` or ``live``.
    :param simulator: arguments of the simulator without its port.
    """

    kind: str = "sample"
    simulator: Sequence[str] = ()
    postgres_port: int | None = None
    simulator_port: int | None = None
    airflow_port: int | None = 8080


@dataclass(frozen=True)
class Running:
    """Who holds the lock.

    :param mode: ``run`` (all of it, for ``make run``) or ``services`` (Postgres and simulator, for a shell).
    :param address: the UI's address; empty where there is none.
    :param guard: pid and start of the guard.
    """

    mode: str
    pid: int
    address: str = ""
    guard: Sequence[int] = field(default=(0, 0))


class Home:
    """A folder ``.fieldhouse``, by default that of the checkout."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._lock: IO[str] | None = None

    @property
    def env(self) -> Path:
        """The file that a shell sources."""
        return self.path / "env"

    @property
    def postgres(self) -> Path:
        """The server's data folder."""
        return self.path / "postgres"

    @property
    def watched(self) -> Path:
        """A file for each process that the services stay up for."""
        return self.path / "watched"

    @property
    def logs(self) -> Path:
        """What each process prints."""
        return self.path / "logs"

    def airflow(self, kind: str) -> Path:
        """AIRFLOW_HOME for a kind of data."""
        return self.path / "airflow" / kind

    def lake(self, kind: str) -> Path:
        """The lake for a kind of data."""
        return self.path / "lake" / kind

    def log(self, name: str) -> Path:
        """Return the log file for ``name``, new for each start."""
        self.logs.mkdir(parents=True, exist_ok=True)
        file = self.logs / f"{name}.log"
        if file.exists():
            file.replace(file.with_suffix(".log.1"))
        return file

    # --- the lock

    def lock(self) -> int | None:
        """Take the lock and return its descriptor, or None if another process holds it.

        A process that inherits the descriptor holds the lock too, until it ends.

        :raises LaunchError: the folder cannot be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = (self.path / "lock").open("w")
        except OSError as error:
            raise LaunchError(f"{self.path} cannot be written: {error.strerror}") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            self._lock = None
            return None
        (self.path / "running.json").unlink(missing_ok=True)
        return self._lock.fileno()

    def unlock(self) -> None:
        """Give the lock back."""
        if self._lock:
            self._lock.close()
            self._lock = None

    def announce(self, running: Running) -> None:
        """Say who holds the lock."""
        write_secret(self.path / "running.json", json.dumps(asdict(running)))

    def running(self) -> Running | None:
        """Return who holds the lock, as far as it has said so."""
        found = _read(self.path / "running.json")
        return _made(Running, found) if found else None

    def lock_from_services(self) -> int | None:
        """Take the lock, from the services of a shell if they hold it; None if a ``make run`` does.

        :raises LaunchError: the services do not end.
        """
        descriptor, deadline = self.lock(), time.monotonic() + HANDOVER_SECONDS
        while descriptor is None:
            running = self.running()
            if running and running.mode == "run":
                return None
            if running and processes.alive(*running.guard):
                processes.send([running.guard[0]], signal.SIGTERM)
            if time.monotonic() > deadline:
                raise LaunchError(f"another process uses {self.path} and does not end")
            time.sleep(0.1)
            descriptor = self.lock()
        return descriptor

    # --- what the last start left

    def state(self) -> State:
        """Return what the last start left, or the defaults."""
        found = _read(self.path / "state.json")
        return _made(State, found) if found else State()

    def keep(self, state: State) -> None:
        """Leave ``state`` for the next start."""
        write_secret(self.path / "state.json", json.dumps(asdict(state)))


def _read(file: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(file.read_text())
    except (OSError, ValueError):
        return None
    return found


def _made(kind: type[T], values: Mapping[str, Any]) -> T:
    """Make a dataclass of what another version of this program may have written."""
    return kind(**{name: values[name] for name in kind.__dataclass_fields__ if name in values})


def make_pid(limit: int = 3) -> int | None:
    """Return the pid of the ``make`` that runs us: with it gone, nobody waits for us any more."""
    if not os.environ.get("MAKELEVEL"):
        return None
    for level, ancestor in enumerate(processes.ancestors(os.getpid())):
        if ancestor.name in {"make", "gmake"}:
            return ancestor.pid
        if level >= limit:
            break
    return None
