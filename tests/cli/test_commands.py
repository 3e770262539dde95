"""What the commands print: for a person, for a pipe and for a machine."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import time
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import zstandard

from tests.cli.conftest import House, assert_sentence
from tests.processes import FIELDHOUSE, wait_for

NARROW = ("-p", "divisions=E0,SC0,MEX", "-p", "seasons=2526")


def test_a_run_and_a_second_one(house: House) -> None:
    ended = house("run", "football_data", *NARROW)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("football_data: 4 fetched\n")
    # in the order in which they end
    said = [line.split(" of 3, ") for line in ended.stderr.splitlines()]
    assert [number for number, _ in said] == ["lane 1", "lane 2", "lane 3"]
    assert sorted(what for _, what in said) == [
        "extra_league MEX: 1 fetched, 1 loaded",
        "fixtures: 1 fetched, 1 loaded",
        "season E0 2526 .. SC0 2526: 2 fetched, 2 loaded",
    ]
    report = house.json("run", "football_data", *NARROW)
    assert (report["outcomes"], report["tables"], report["problems"]) == ({"unchanged": 4}, {}, [])


def test_plan_says_why_and_does_nothing(house: House) -> None:
    before = house.rows("select count(*) from lake.dataset")
    ended = house("plan", "football_data", *NARROW)
    assert [line.split() for line in ended.stdout.splitlines() if ".csv" in line] == [
        ["extra_league", "league=MEX", "new", "new/MEX.csv"],
        ["fixtures", "new", "fixtures.csv"],
        ["season", "division=E0/season=2526", "new", "mmz4281/2526/E0.csv"],
        ["season", "division=SC0/season=2526", "new", "mmz4281/2526/SC0.csv"],
    ]
    assert (
        "4 to look at, 0 fresh, 0 in another run's hands\n4 requests at 1000 a second: about 1 second" in ended.stdout
    )
    assert (house.server.requests(), house.rows("select count(*) from lake.dataset")) == ([], before)
    house.json("run", "football_data", *NARROW, "-p", "seasons=2425,2526")
    planned = house.json("plan", "football_data", *NARROW, "-p", "seasons=2425,2526")
    assert {row["reason"] for row in planned["planned"]} == {"running", "observation"}
    assert planned["fresh"] == 2
    assert (planned["requests"], planned["seconds"]) == (4, pytest.approx(0.004))


def test_off_season_and_off_are_said(house: House) -> None:
    house.set_date(date(2026, 7, 1))
    ended = house("plan", "football_data", "--flag", "flag__football_data__extra_league=off")
    assert "season: nothing_scheduled (the main leagues rest" in ended.stdout
    assert "extra_league: disabled (Variable flag__football_data__extra_league is off)" in ended.stdout
    assert house("run", "football_data/season").returncode == 0


def test_looking_at_what_is_there(house: House, tmp_path: Path) -> None:
    house.json("run", "football_data", *NARROW)
    bad = tmp_path / "bad.csv"
    bad.write_text("Div,Date,HomeTeam,AwayTeam\nE0,17/08/2025,Arsenal,Chelsea\n")
    words = ("football_data/season", "division=E0", "season=2526")
    assert house("run", *words, "--file", str(bad)).returncode == 1
    (dataset,) = house.json("list", *words)
    assert (dataset["state"], dataset["revision"]) == ("quarantined", 1)
    assert len(house.json("list", "football_data")) == 4
    history = house("history", *words).stdout.splitlines()
    reasons = [line for line in history if "quarantine:" in line]
    assert max(len(line) for line in history if line not in reasons) < 120
    assert len(reasons) == 1
    assert "bad.csv" in reasons[0] or "season.csv" in reasons[0]
    revisions = house.json("history", *words)
    assert [(r["revision"], r["state"], r["current"]) for r in revisions] == [
        (2, "quarantined", False),
        (1, "good", True),
    ]
    status = house("status").stdout
    for said in ("complete 3, quarantined 1", "match ", "page_changed 1", "older than the tables", "ended 20"):
        assert said in status
    (state,) = (each for each in house.json("status") if each["source"] == "football_data")
    assert (state["datasets"], state["marts_dirty"]) == ({"complete": 3, "quarantined": 1}, True)


def test_migrate_again_has_nothing_to_do(house: House) -> None:
    assert house("migrate").stdout == "nothing to do\n"
    assert house.json("migrate") == []


def test_a_file_by_the_providers_name(house: House, tmp_path: Path) -> None:
    """A file taken from disk and the same one from the site are one revision."""
    house.json("run", "football_data/season", "-p", "divisions=E0", "-p", "seasons=2526")
    (path,) = house.rows("select path from lake.file")[0]
    packed = Path(house.settings.lake.removeprefix("file://"), path).read_bytes()
    copy = tmp_path / "anything.csv"
    copy.write_bytes(zstandard.ZstdDecompressor().decompressobj().decompress(packed))
    words = ("football_data/season", "division=E0", "season=2526", "--file", str(copy))
    assert house.json("run", *words)["outcomes"] == {"unchanged": 1}


def test_two_runs_at_once_share_the_work(house: House) -> None:
    words = ("run", "football_data", "-p", "seasons=9900", "--json")
    both = [start(house, *words) for _ in range(2)]
    reports = [json.loads(process.communicate(timeout=120)[0]) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    fetched = [report["outcomes"].get("fetched", 0) for report in reports]
    assert sum(fetched) == house.rows("select count(*) from lake.revision")[0][0] > 30
    for report, count in zip(reports, fetched, strict=True):
        assert report["claimed_elsewhere"] + count + report["outcomes"].get("unchanged", 0) >= sum(fetched)
    assert set(Counter(r.path for r in house.server.requests() if r.status == 200).values()) == {1}


def test_a_file_for_a_dataset_that_another_run_works_on(house: House, tmp_path: Path) -> None:
    house.server.fault("*E0.csv", "hang")
    file = tmp_path / "season.csv"
    file.write_text("Div\n")
    words = ("run", "football_data/season", "division=E0", "season=2526")
    process = start(house, *words)
    wait_for(lambda: any(r.path.endswith("E0.csv") for r in house.server.requests()))
    assert_sentence(house(*words, "--file", str(file)), 1, "season/division=E0/season=2526: another run works on it")
    process.kill()
    process.communicate()


def start(house: House, *words: str) -> subprocess.Popen[str]:
    command = [*FIELDHOUSE, *words]
    return subprocess.Popen(command, env=house.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_bars_on_a_terminal(house: House) -> None:
    leader, follower = pty.openpty()
    environment = {**house.environment, "TERM": "xterm", "COLUMNS": "120"}
    command = [*FIELDHOUSE, "run", "football_data", *NARROW]
    process = subprocess.Popen(command, env=environment, stdout=follower, stderr=follower)
    os.close(follower)
    seen = b""
    while chunk := read(leader):
        seen += chunk
    assert process.wait() == 0
    assert "━" in seen.decode()
    assert b"season E0 2526 .. SC0 2526: scrape" in seen
    assert b"football_data: 4 fetched" in seen


def read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # the other end is closed
        return b""


@pytest.mark.parametrize("moment", ["in a request", "in the work"])
def test_ctrl_c_ends_with_a_sentence_and_frees_the_claims(house: House, moment: str) -> None:
    if moment == "in a request":
        house.server.fault("*E0.csv", "hang")
    process = start(house, "run", "football_data/season", "-p", "seasons=2526")
    wait_for(lambda: any(r.path.endswith("2526/E0.csv") for r in house.server.requests()))
    time.sleep(0.2)
    stopped = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert time.monotonic() - stopped < 5
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[-1].startswith("fieldhouse: stopped; ")
    assert "Traceback" not in err
    house.server.clear()
    report = house.json("run", "football_data", *NARROW)
    assert sum(report["outcomes"].values()) == 4
