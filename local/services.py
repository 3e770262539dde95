"""What Airflow and the command line stand on: the embedded Postgres and the simulator."""

from __future__ import annotations

import json
import signal
import sys
import time
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from fieldhouse import clock, sources
from fieldhouse.embedded import Postgres
from local.airflow import Airflow, last_line, usable_port
from local.guard import ROOT, Command, Guard, clean_environment, watch_file
from local.home import Home, LaunchError, Running, State

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from fieldhouse import embedded
    from local.guard import Child

SIMULATOR_SECONDS = 60.0
# requests a second: the simulator needs no mercy
SIMULATED_RATE = "50"
LABELS = {"sample": "Fieldhouse (sample data)", "recorded": "Fieldhouse (recorded data)", "live": "Fieldhouse (live)"}


def start_postgres(guard: Guard, data_dir: Path, port: int | None, log: Path, *, fast: bool = False) -> Postgres:
    """Start the embedded Postgres under ``guard``.

    :raises DatabaseError: it does not start.
    """

    def spawn(command: embedded.Command) -> Child:
        return guard.start(
            "postgres",
            Command(
                command.argv,
                str(command.log),
                stage=0,
                stop_signal=signal.SIGINT,  # PostgreSQL's "fast": roll back, flush, end
                stop_seconds=20,
                identity=command.identity,
            ),
        )

    return Postgres.start(data_dir, port, fast=fast, log=log, spawn=spawn)


@dataclass(frozen=True)
class Simulator:
    """A simulator that answers.

    :param today: the date of its world; None if it has none.
    :param sources: base URL of each source.
    """

    url: str
    port: int
    today: date | None
    sources: Mapping[str, str]


def start_simulator(guard: Guard, arguments: list[str], port: int | None, log: Path) -> Simulator:
    """Start the simulator under ``guard`` and wait until it answers.

    :raises LaunchError: it does not.
    """
    port = usable_port(port)
    argv = [sys.executable, "-m", "simulator", "--port", str(port), *arguments]
    child = guard.start("simulator", Command(argv, str(log), str(ROOT), clean_environment(), stage=1))
    deadline = time.monotonic() + SIMULATOR_SECONDS
    while (ready := _ready_line(log)) is None:
        if child.poll() is not None:
            raise LaunchError(last_line(log))
        if time.monotonic() > deadline:
            raise LaunchError(f"the simulator does not answer after {SIMULATOR_SECONDS:.0f} s; see {log}")
        time.sleep(0.05)
    today = date.fromisoformat(ready["today"]) if ready.get("today") else None
    return Simulator(ready["url"], port, today, ready["sources"])


def _ready_line(log: Path) -> dict[str, Any] | None:
    for line in log.read_text(errors="replace").splitlines(keepends=True):
        if line.startswith("{") and line.endswith("\n"):
            found: dict[str, Any] = json.loads(line)
            return found
    return None


@dataclass(frozen=True)
class Services:
    """Postgres and the simulator, up, and what follows from where they are."""

    home: Home
    state: State
    postgres: Postgres
    simulator: Simulator | None

    @property
    def kind(self) -> str:
        """Which kind of data this is about."""
        return self.state.kind

    @property
    def clock_shift(self) -> int:
        """Seconds, in whole days, from the machine's today to the simulator's."""
        if self.simulator is None or self.simulator.today is None:
            return 0
        return (self.simulator.today - clock.real_now().date()).days * 86_400

    @property
    def warehouse(self) -> str:
        """Connection string of the warehouse."""
        return self.postgres.dsn(f"fieldhouse_{self.kind}")

    @property
    def base_urls(self) -> dict[str, str]:
        """Where the simulator stands for which source, of those that the program knows."""
        known = self.simulator.sources if self.simulator else {}
        return {name: url for name, url in known.items() if name in sources.NAMES}

    def settings(self) -> dict[str, str]:
        """Return the variables that make a ``fieldhouse`` command work on this lake and these databases."""
        return {
            "FIELDHOUSE_LAKE": self.home.lake(self.kind).as_uri(),
            "FIELDHOUSE_WAREHOUSE": self.warehouse,
            **{f"FIELDHOUSE_{name.upper()}_URL": url for name, url in self.base_urls.items()},
            **{f"FIELDHOUSE_{name.upper()}_REQUESTS_PER_SECOND": SIMULATED_RATE for name in self.base_urls},
            **self.shared_settings(),
        }

    def shared_settings(self) -> dict[str, str]:
        """Return those of them that Airflow's processes need too; the rest they have from connections."""
        contact = clean_environment().get("FIELDHOUSE_CONTACT")
        return {
            clock.SHIFT_VARIABLE: str(self.clock_shift),
            **({"FIELDHOUSE_CONTACT": contact} if contact else {}),
        }

    def airflow(self, port: int | None = None) -> Airflow:
        """Return the Airflow of this kind of data, not started."""
        return Airflow(
            self.home.airflow(self.kind),
            self.postgres.dsn(f"airflow_{self.kind}"),
            port=port,
            logs=self.home.logs,
            instance_name=LABELS[self.kind],
            # by the machine's clock the sample and recorded seasons are long over
            schedules=self.kind == "live",
            environment=self.shared_settings(),
        )


def start_services(guard: Guard, home: Home, state: State) -> Services:
    """Start Postgres, with both databases, and the simulator unless the data are live.

    :raises LaunchError: one of them does not start.
    """
    postgres = start_postgres(guard, home.postgres, state.postgres_port, home.log("postgres"))
    for name in (f"airflow_{state.kind}", f"fieldhouse_{state.kind}"):
        postgres.create_database(name)
    home.lake(state.kind).mkdir(parents=True, exist_ok=True)
    simulator = None
    if state.kind != "live":
        log = home.log("simulator")
        simulator = start_simulator(guard, list(state.simulator), state.simulator_port, log)
    state = replace(
        state, postgres_port=postgres.port, simulator_port=simulator.port if simulator else state.simulator_port
    )
    home.keep(state)
    return Services(home, state, postgres, simulator)


def announce(home: Home, mode: str, guard: Guard, pid: int, address: str = "") -> None:
    """Say in ``home`` who holds its lock."""
    found = watch_file(home.watched, guard.process.pid).name.split("-")
    home.announce(Running(mode, pid, address, [int(part) for part in found]))
