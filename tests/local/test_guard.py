"""Every way in which Fieldhouse can end, tried with processes that do not want to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from fieldhouse import embedded
from local import processes
from local.guard import Command, Guard, GuardError, watch_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Launch = Callable[[str], tuple[subprocess.Popen[str], int]]

# a tree that leaves its session and its group, ignores every polite signal, and orphans its grandchild
STUBBORN = """
import os, signal, sys, time
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
    signal.signal(number, signal.SIG_IGN)
def note():
    with open(os.path.join(sys.argv[1], str(os.getpid())), "w"):
        pass
note()
if os.fork() == 0:
    os.setsid()
    note()
    if os.fork():
        os._exit(0)
    os.setsid()
    note()
time.sleep(600)
"""

# a launcher: starts two stubborn trees under a guard, says so, then does what its second argument says
LAUNCHER = """
import os, signal, sys, time
from pathlib import Path
from local.guard import Command, Guard
folder, ending, stubborn = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
for number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.default_int_handler)
with Guard(folder / "guard.log", grace_seconds=0.3) as guard:
    for name in ("one", "two"):
        argv = [sys.executable, "-c", stubborn, str(folder / "pids")]
        guard.start(name, Command(argv, str(folder / f"{name}.log"), stop_seconds=0.5))
    while len(list((folder / "pids").iterdir())) < 6:
        time.sleep(0.02)
    print(guard.process.pid, flush=True)
    try:
        if ending == "wait":
            while True:
                guard.ended()
                time.sleep(0.1)
        if ending == "crash":
            raise RuntimeError("as a test")
    except KeyboardInterrupt:
        pass
"""


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    """Start a launcher; give it and its guard's pid. Whatever is left is killed at the end."""
    (tmp_path / "pids").mkdir()

    def start(ending: str) -> tuple[subprocess.Popen[str], int]:
        argv = [sys.executable, "-c", LAUNCHER, str(tmp_path), ending, STUBBORN]
        launcher = subprocess.Popen(
            argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
        )
        assert launcher.stdout
        return launcher, int(launcher.stdout.readline())

    yield start
    processes.send(left(tmp_path), signal.SIGKILL)


def left(folder: Path) -> list[int]:
    """Return which of the noted processes still live."""
    return [int(file.name) for file in (folder / "pids").iterdir() if processes.alive(int(file.name))]


def none_left(folder: Path, guard: int, seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not left(folder) and not processes.alive(guard):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("ending", ["return", "crash"])
def test_none_is_left_when_the_launcher_ends_by_itself(launch: Launch, tmp_path: Path, ending: str) -> None:
    launcher, guard = launch(ending)
    launcher.wait(15)
    assert len(list((tmp_path / "pids").iterdir())) == 6
    assert not left(tmp_path)
    assert not processes.alive(guard)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_none_is_left_when_the_launcher_gets(launch: Launch, tmp_path: Path, number: int) -> None:
    launcher, guard = launch("wait")
    launcher.send_signal(number)
    launcher.wait(15)
    assert none_left(tmp_path, guard)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_none_is_left_when_the_guard_gets(launch: Launch, tmp_path: Path, number: int) -> None:
    launcher, guard = launch("wait")
    os.kill(guard, number)
    launcher.wait(15)
    assert none_left(tmp_path, guard)


def test_none_is_left_when_the_whole_group_is_killed(launch: Launch, tmp_path: Path) -> None:
    launcher, guard = launch("wait")
    os.killpg(launcher.pid, signal.SIGKILL)
    launcher.wait(15)
    assert none_left(tmp_path, guard)


def test_a_guard_survives_what_a_closed_terminal_sends(launch: Launch, tmp_path: Path) -> None:
    launcher, guard = launch("wait")
    for number in (signal.SIGINT, signal.SIGHUP):
        os.kill(guard, number)
    time.sleep(0.3)
    assert len(left(tmp_path)) >= 4
    launcher.kill()
    launcher.wait()
    assert none_left(tmp_path, guard)


def test_polite_processes_end_by_stage(tmp_path: Path) -> None:
    order = tmp_path / "order"
    script = f"trap 'echo \"$0\" >> {order}; exit 0' TERM; echo up; while :; do sleep 0.05; done"
    with Guard(tmp_path / "guard.log") as guard:
        for stage in (2, 3, 1):
            command = Command(["sh", "-c", script, f"stage {stage}"], str(tmp_path / f"{stage}.log"), stage=stage)
            guard.start(f"{stage}", command)
        while not all((tmp_path / f"{stage}.log").read_text() for stage in (1, 2, 3)):
            time.sleep(0.02)
    assert order.read_text().splitlines() == ["stage 3", "stage 2", "stage 1"]


def test_one_is_stopped_and_another_ends_by_itself(tmp_path: Path) -> None:
    with Guard(tmp_path / "guard.log") as guard:
        sleeper = guard.start("sleeper", Command(["sleep", "600"], str(tmp_path / "log")))
        short = guard.start("short", Command(["sh", "-c", "exit 7"], str(tmp_path / "log")))
        while short.poll() is None:
            time.sleep(0.02)
        assert short.poll() == 7
        assert sleeper.poll() is None
        guard.stop("sleeper")
        assert not processes.alive(sleeper.pid)


def test_a_program_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with (
        Guard(tmp_path / "guard.log") as guard,
        pytest.raises(GuardError, match=r"simulator cannot be started: .*No such file"),
    ):
        guard.start("simulator", Command([str(tmp_path / "absent")], str(tmp_path / "log")))


def test_children_inherit_no_ignored_signal(tmp_path: Path) -> None:
    with Guard(tmp_path / "guard.log") as guard:
        child = guard.start("child", Command(["sleep", "600"], str(tmp_path / "log")))
        ignored = next(
            line for line in Path(f"/proc/{child.pid}/status").read_text().splitlines() if line.startswith("SigIgn")
        )
        # those above 31 are the C library's own
        assert int(ignored.split()[1], 16) & 0x7FFF_FFFF == 0


def test_a_detached_guard_ends_with_what_it_watches(tmp_path: Path) -> None:
    watched = tmp_path / "watched"
    watched.mkdir()
    shells = [subprocess.Popen(["sleep", "600"]) for _ in range(2)]
    guard = Guard(tmp_path / "guard.log")
    child = guard.start("child", Command(["sleep", "600"], str(tmp_path / "log")))
    for shell in shells:
        watch_file(watched, shell.pid).touch()
    guard.watch(watched)
    guard.detach()
    guard.close()
    for shell in shells:
        time.sleep(0.6)
        assert processes.alive(child.pid)
        shell.kill()
        shell.wait()
    guard.process.wait(10)
    assert not processes.alive(child.pid)


def test_another_process_with_the_same_number_is_not_watched(tmp_path: Path) -> None:
    assert processes.alive(os.getpid())
    assert not processes.alive(os.getpid(), started=1)
    with pytest.raises(GuardError, match="there is no process"):
        watch_file(tmp_path, 2**22 + 1)


POSTGRES_LAUNCHER = """
import sys, time
from pathlib import Path
from fieldhouse.embedded import Postgres
from local.guard import Guard
from local.services import start_postgres
with Guard(Path(sys.argv[1]) / "guard.log") as guard:
    server = start_postgres(guard, Path(sys.argv[1]) / "data", None, Path(sys.argv[1]) / "log", fast=True)
    print(server.pid, flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_real_postgres_is_shut_down_in_order(tmp_path: Path, number: int) -> None:
    argv = [sys.executable, "-c", POSTGRES_LAUNCHER, str(tmp_path)]
    launcher = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert launcher.stdout
    pid = int(launcher.stdout.readline())
    server = embedded.running_server(tmp_path / "data")
    assert server
    assert server.pid == pid
    connection = psycopg.connect(server.dsn("postgres"))  # an open one must not hold it up
    launcher.send_signal(number)
    launcher.wait(15)
    deadline = time.monotonic() + 15
    while processes.alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    connection.close()
    assert not processes.alive(pid)
    assert "database system is shut down" in (tmp_path / "log").read_text()
