"""The command as a process: its ready line, its clean end, its refusals."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulator.server import listen
from tests.conftest import ROOT
from tests.simulator.conftest import BASKETBALL, E0, FOOTBALL, STATSBOMB

COMMAND = [sys.executable, "-m", "simulator"]


@contextmanager
def started(*options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """Run the command until the context ends, and yield it with what it said when it was ready."""
    process = subprocess.Popen(
        [*COMMAND, *options], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout
    try:
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        yield process, json.loads(line)
    finally:
        process.kill()
        process.communicate()


def refused(*options: str) -> str:
    """Run the command, which must refuse, and return what it said."""
    done = subprocess.run([*COMMAND, *options], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2, done
    assert "Traceback" not in done.stderr
    assert not done.stdout
    return done.stderr


def test_the_ready_line_of_generated_seasons() -> None:
    with started("--date", "2025-11-01", "--seed", "7") as (_, ready):
        url = ready["url"]
        assert ready == {
            "url": url,
            "mode": "generated",
            "today": "2025-11-01",
            "sources": {
                "basketball_reference": f"{url}/{BASKETBALL}",
                "football_data": f"{url}/{FOOTBALL}",
                "statsbomb": f"{url}/{STATSBOMB}",
            },
        }
        assert httpx.get(f"{ready['sources']['football_data']}{E0}").status_code == 200


def test_two_processes_make_the_same_bytes() -> None:
    with started("--seed", "7") as (_, one), started("--seed", "7") as (_, other), started("--seed", "8") as (_, last):
        paths = (E0, "/fixtures.csv", "/new/MEX.csv")
        made = [
            [httpx.get(ready["sources"]["football_data"] + path).content for path in paths]
            for ready in (one, other, last)
        ]
    assert made[0] == made[1]
    assert made[0] != made[2]


def test_the_ready_line_of_recordings(unpacked: Path) -> None:
    options = ("--recordings", str(unpacked), "--only", "football_data")
    with started(*options) as (_, ready):
        assert (ready["mode"], ready["today"]) == ("recorded", "2026-06-01")
        assert list(ready["sources"]) == ["football_data"]
    with started(*options, "--as-of", "2026-02-24") as (_, ready):
        assert ready["today"] == "2026-02-24"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(number: int) -> None:
    with started() as (process, ready):
        with httpx.Client() as client:  # whose connection stays open
            client.get(f"{ready['url']}/{FOOTBALL}{E0}")
            process.send_signal(number)
            out, err = process.communicate(timeout=10)
        assert (process.returncode, out, err) == (0, "", "")


def test_a_taken_port_is_one_sentence() -> None:
    with listen(0) as taken:
        said = refused("--port", str(taken.getsockname()[1]))
    assert said.startswith("simulator: port ")
    assert "choose another with --port" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--only", "cricket"), "generated sources are: basketball_reference, football_data"),
        (("--as-of", "2026-01-01"), "name their folder with --recordings"),
        (("--recordings", "/nowhere"), "/nowhere/index.csv cannot be read"),
        (("--recordings", "/nowhere", "--date", "2026-01-01"), "say --as-of"),
        (("--date", "soon"), "Invalid value for '--date'"),
        (("--port", "99999"), "port 99999 cannot be used"),
    ],
)
def test_options_that_do_not_fit(options: tuple[str, ...], says: str) -> None:
    assert says in refused(*options)


def test_help_has_examples() -> None:
    done = subprocess.run([*COMMAND, "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert "python -m simulator --recordings" in done.stdout
