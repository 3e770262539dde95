from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from local.home import Home, LaunchError, Running, State


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / ".fieldhouse")


def test_one_holds_the_lock(home: Home) -> None:
    other = Home(home.path)
    assert home.lock() is not None
    assert other.lock() is None
    home.unlock()
    assert other.lock() is not None
    other.unlock()


def test_who_inherits_the_lock_holds_it(home: Home) -> None:
    descriptor = home.lock()
    assert descriptor is not None
    heir = subprocess.Popen(["sleep", "60"], pass_fds=[descriptor])
    home.unlock()
    assert Home(home.path).lock() is None
    heir.kill()
    heir.wait()
    assert home.lock() is not None
    home.unlock()


def test_a_run_keeps_its_lock(home: Home) -> None:
    home.lock()
    home.announce(Running("run", 1, "http://127.0.0.1:8080"))
    other = Home(home.path)
    assert other.lock_from_services() is None
    assert other.running() == Running("run", 1, "http://127.0.0.1:8080", [0, 0])
    home.unlock()


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LaunchError, match="cannot be written: Not a directory"):
        Home(tmp_path / "file" / ".fieldhouse").lock()


def test_state_is_kept(home: Home) -> None:
    assert home.state() == State()
    home.keep(State("live", ["--a"], 1, 2, 3))
    assert home.state() == State("live", ["--a"], 1, 2, 3)
    assert stat.S_IMODE((home.path / "state.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"kind": "sample", "of_a_later_version": 1})])
def test_a_state_that_makes_no_sense_is_no_obstacle(home: Home, text: str) -> None:
    home.path.mkdir()
    (home.path / "state.json").write_text(text)
    assert home.state() == State()


def test_logs_of_the_last_start_are_kept_once(home: Home) -> None:
    for words in ("first", "second", "third"):
        home.log("scheduler").write_text(words)
    assert (home.logs / "scheduler.log").read_text() == "third"
    assert (home.logs / "scheduler.log.1").read_text() == "second"


def test_kinds_of_data_never_meet(home: Home) -> None:
    kinds = ("sample", "recorded", "live")
    assert len({home.lake(kind) for kind in kinds} | {home.airflow(kind) for kind in kinds}) == 6


def test_the_make_that_runs_us_is_found(tmp_path: Path) -> None:
    code = "from local import home, processes; print(processes.stat(home.make_pid()).name)"
    # a second command keeps the shell of the recipe between make and us
    (tmp_path / "Makefile").write_text(f"all:\n\t@{sys.executable} -c '{code}'; true\n")
    environment = {"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin"}
    argv = ["make", "-C", str(tmp_path), "-s"]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "make", done.stderr
