"""``source .fieldhouse/env``, in the shells that there are."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import socket
import stat
import subprocess
import time
from pathlib import Path

import pytest

from fieldhouse import embedded
from local import processes, shell
from local.guard import ROOT, Guard
from local.home import Home, LaunchError, Running, State
from local.options import Options
from local.services import announce, start_services

SHELLS = [name for name in ("bash", "zsh", "sh") if shutil.which(name)]
SERVED = "Fieldhouse (sample data): Postgres and the simulator are up for as long as this shell lives."
CONNECT = "import os, psycopg; psycopg.connect(os.environ['FIELDHOUSE_WAREHOUSE'])"
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONPATH": "/elsewhere"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Return a home as a ``make run`` leaves it behind."""
    home = Home(tmp_path_factory.mktemp("home") / "it's .fieldhouse")
    descriptor = home.lock()
    assert descriptor is not None
    with Guard(home.log("guard"), keep=[descriptor], grace_seconds=0.3) as guard:
        services = start_services(guard, home, State(simulator=Options().simulator()))
        shell.write_env(home, shell.settings(services, services.airflow().settings()))
    home.unlock()
    assert embedded.running_server(home.postgres) is None
    return home


def source(home: Home, name: str, then: str) -> subprocess.CompletedProcess[str]:
    command = f". {shlex.quote(str(home.env))}; {then}"
    return subprocess.run([name, "-c", command], env=ENVIRONMENT, cwd="/", capture_output=True, text=True, check=False)


def wait_until_down(home: Home) -> None:
    deadline = time.monotonic() + 30
    while home.lock() is None:
        assert time.monotonic() < deadline, "the services outlive their shell"
        time.sleep(0.05)
    home.unlock()
    assert embedded.running_server(home.postgres) is None


def test_the_file_is_for_its_owner_alone(home: Home) -> None:
    assert stat.S_IMODE(home.env.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", SHELLS)
def test_sourcing_brings_the_services_up_for_as_long_as_the_shell_lives(home: Home, name: str) -> None:
    code = "import os, psycopg; print(psycopg.connect(os.environ['FIELDHOUSE_WAREHOUSE']).info.dbname)"
    done = source(home, name, f'command -v airflow; python -c "{code}"; echo $AIRFLOW__API__INSTANCE_NAME')
    assert done.stdout.splitlines() == [
        f"{ROOT}/.venv/bin/airflow",
        "fieldhouse_sample",
        "Fieldhouse (sample data)",
    ], done.stderr
    assert done.stderr == f"{SERVED}\n"
    wait_until_down(home)


def test_twice_in_one_shell_changes_nothing(home: Home) -> None:
    show = "env | grep -v -e ^_= -e ^first= | sort"
    again = f". {shlex.quote(str(home.env))}"
    done = source(home, "bash", f'first=$({show}); {again}; diff <(echo "$first") <({show})')
    assert done.stdout == ""
    assert done.stderr.splitlines() == [SERVED, "Fieldhouse (sample data): Postgres and the simulator are up."]
    wait_until_down(home)


def test_it_holds_under_strict_shell_options(home: Home) -> None:
    argv = ["bash", "-euo", "pipefail", "-c", f". {shlex.quote(str(home.env))}; echo on"]
    done = subprocess.run(argv, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.stdout == "on\n", done.stderr
    wait_until_down(home)


def test_a_second_shell_shares_and_the_last_one_ends_them(home: Home) -> None:
    env = shlex.quote(str(home.env))
    command = f". {env}; echo up; sleep 600"
    first = subprocess.Popen(["bash", "-c", command], env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
    assert first.stdout
    first.stdout.readline()
    second = source(home, "bash", "echo done")
    assert "shared with another shell" in second.stderr
    server = embedded.running_server(home.postgres)
    assert server
    time.sleep(0.6)
    assert server.running()
    below = [entry.pid for entry in processes.descendants(first.pid)]
    first.kill()
    first.wait()
    processes.send(below, signal.SIGKILL)
    wait_until_down(home)


def test_a_shell_that_comes_as_another_leaves_is_served(home: Home) -> None:
    for _ in range(3):
        done = source(home, "sh", f'python -c "{CONNECT}"')
        assert done.returncode == 0, done.stderr
    wait_until_down(home)


def test_a_port_that_is_taken_meanwhile_is_replaced_in_the_shell(home: Home) -> None:
    port = home.state().postgres_port
    assert port
    with socket.socket() as busy:
        busy.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        busy.bind(("127.0.0.1", port))
        busy.listen()
        done = source(home, "bash", "echo $FIELDHOUSE_WAREHOUSE")
    assert f":{port}/" not in done.stdout
    assert done.stdout.strip() in home.env.read_text()
    wait_until_down(home)


def test_a_run_takes_over_from_services(home: Home) -> None:
    process = subprocess.Popen(["sleep", "600"])
    shell.serve_shell(home, process.pid)
    taker = Home(home.path)
    assert taker.lock_from_services() is not None
    assert embedded.running_server(home.postgres) is None
    taker.unlock()
    process.kill()
    process.wait()


def test_a_run_that_is_up_is_used(home: Home) -> None:
    home.lock()
    home.announce(Running("run", os.getpid(), "http://127.0.0.1:8080"))
    try:
        assert shell.serve_shell(Home(home.path), os.getpid()) == (
            "",
            "Fieldhouse (sample data) is up at http://127.0.0.1:8080.",
        )
    finally:
        home.unlock()


def test_before_any_run_there_is_nothing_to_source(tmp_path: Path) -> None:
    with pytest.raises(LaunchError, match="`make run` comes first"):
        shell.serve_shell(Home(tmp_path / "new"), os.getpid())


def test_live_data_need_no_simulator_and_no_shift(tmp_path: Path) -> None:
    home = Home(tmp_path / "live")
    home.path.mkdir()
    with Guard(home.log("guard"), grace_seconds=0.3) as guard:
        services = start_services(guard, home, State(kind="live"))
        assert services.clock_shift == 0
        assert services.base_urls == {}
        assert services.airflow().settings()["AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE"] == "True"
        announce(home, "run", guard, os.getpid())
        assert home.running()


def test_a_simulator_that_refuses_says_why(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.path.mkdir()
    state = State(kind="recorded", simulator=["--recordings", str(tmp_path / "absent")])
    with Guard(home.log("guard"), grace_seconds=0.3) as guard, pytest.raises(LaunchError, match="simulator: "):
        start_services(guard, home, state)
