"""A dataset's life on the command line, with the simulator's season: for a person, and for a machine."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from fieldhouse.cli import app
from fieldhouse.http import PoliteClient
from fieldhouse.sources.football_data import parse as parser
from tests.cli.conftest import House, assert_sentence
from tests.processes import FIELDHOUSE

SEASON = "football_data/season"
E0 = (SEASON, "division=E0", "season=2526")
SC0 = (SEASON, "division=SC0", "season=2526")
BOTH = ("-p", "divisions=E0,SC0", "-p", "seasons=2526")
DAYS = (date(2026, 1, 10), date(2026, 2, 10), date(2026, 3, 10))


@pytest.fixture
def house(house: House) -> House:
    """Return a house whose two seasons have three revisions each."""
    for day in DAYS:
        house.set_date(day)
        assert house.json("run", SEASON, *BOTH)["outcomes"] == {"fetched": 2}
    house.server.simulator.log.clear()
    return house


def matches(house: House, division: str = "E0") -> int:
    return int(house.rows(f"select count(*) from football_data.match where division = '{division}'")[0][0])


def everything(house: House) -> list[Any]:
    """Return every row of the database, and every object of the lake."""
    tables = house.rows(
        "select format('%I.%I', schemaname, tablename) from pg_tables "
        "where schemaname in ('lake', 'football_data', 'fieldhouse') order by 1"
    )
    rows = [house.rows(f"select t::text from {name} as t order by 1") for (name,) in tables]
    root = Path(house.settings.lake.removeprefix("file://"))
    return [rows, {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}]


def revision(house: House, dataset: tuple[str, ...] = E0) -> int:
    found: int = house.json("list", *dataset)[0]["revision"]
    return found


def test_a_rollback_and_the_runs_after_it(house: House) -> None:
    counts = [row["rows"]["match"] for row in reversed(house.json("history", *E0))]
    ended = house("rollback", *E0)
    assert ended.returncode == 0, ended.stderr
    lines = ended.stdout.splitlines()
    assert lines[:2] == [
        "football_data/season/division=E0/season=2526: revision 3 -> 2",
        "football_data: 1 now at another revision",
    ]
    assert lines[2].startswith("  match: 0 inserted, ")
    assert matches(house) == counts[1] < counts[2]
    assert house.server.requests() == []
    assert house.json("run", *E0)["outcomes"] == {"unchanged": 1}
    (request,) = [r for r in house.server.requests() if r.path.endswith("E0.csv")]
    assert (request.status, list(request.conditional)) == (304, ["if-none-match"])
    assert (revision(house), matches(house)) == (2, counts[1])
    house.set_date(date(2026, 4, 10))
    assert house.json("run", *E0)["outcomes"] == {"fetched": 1}
    assert (revision(house), matches(house) > counts[2]) == (4, True)


def test_a_rollback_for_a_machine_and_of_many(house: House) -> None:
    answer = house.json("rollback", SEASON, "season=2526", "--to", "1")
    names = [f"season/division={division}/season=2526" for division in ("E0", "SC0")]
    assert answer["datasets"] == [{"dataset": name, "from": 3, "to": 1} for name in names]
    assert (answer["report"]["outcomes"], answer["left_out"], answer["dry_run"]) == ({"fetched": 2}, {}, False)
    ended = house("rollback", "football_data", "--to", "3")
    assert "football_data: 2 now at another revision" in ended.stdout
    assert ended.stderr.splitlines() == ["lane 1 of 1, season E0 2526 .. SC0 2526: 2 fetched, 2 loaded"]


def test_a_dry_run_of_everything_changes_nothing(house: House) -> None:
    before = everything(house)
    for words in (("rollback", *E0), ("reparse", SEASON), ("invalidate", SEASON), ("delete", "football_data")):
        ended = house(*words, "--dry-run")
        assert (ended.returncode, "nothing was changed" in ended.stdout) == (0, True), ended.stdout + ended.stderr
        assert "football_data/season/division=E0/season=2526" in ended.stdout
        assert house.json(*words, "--dry-run")["dry_run"] is True
    assert everything(house) == before
    assert house.server.requests() == []


def test_invalidate_and_reparse(house: House) -> None:
    assert house("reparse", SEASON).stdout.splitlines()[-1] == "football_data: 2 with the same rows as before"
    assert house("invalidate", *E0).stdout.splitlines() == [
        "football_data/season/division=E0/season=2526",
        "1 datasets; the next run whose scope has them asks for them again",
    ]
    planned = house.json("plan", SEASON, *BOTH)["planned"]
    assert [row["reason"] for row in planned] == ["invalidated", "running"]
    assert house.json("run", SEASON, *BOTH)["outcomes"] == {"unchanged": 2}
    asked = {r.path[-7:]: (r.status, len(r.conditional)) for r in house.server.requests()}
    assert asked == {"/E0.csv": (200, 0), "SC0.csv": (304, 1)}
    assert house("reparse", "football_data", "--state", "quarantined").stdout == "nothing to do\n"


def test_a_layout_change_heals(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A column is renamed: the file waits in quarantine, until a parser that knows the new name reads it again."""
    rows = matches(house)
    house.set_date(date(2026, 4, 10))
    house.server.fault("*E0.csv", "columns", rename={"HomeTeam": "HostTeam"})
    ended = house("run", *E0)
    assert ended.returncode == 1
    assert "HomeTeam" in ended.stdout
    assert "fieldhouse reparse" in ended.stdout
    assert matches(house) == rows
    ended = house("reparse", *E0)
    assert ended.returncode == 1
    assert "football_data/season/division=E0/season=2526: revision 4 cannot be read" in ended.stdout
    assert house.json("list", "football_data", "--state", "quarantined")[0]["revision"] == 3
    assert_sentence(house("rollback", *E0, "--to", "4"), 2, "revision 4 is in quarantine; `fieldhouse reparse`")
    old = parser.parse

    def mended(dataset_type: str, identifier: Any, files: Any) -> Any:
        return old(dataset_type, identifier, {n: data.replace(b"HostTeam", b"HomeTeam") for n, data in files.items()})

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a request")

    monkeypatch.setattr(parser, "parse", mended)
    monkeypatch.setattr(PoliteClient, "__init__", refuse)
    house.server.simulator.log.clear()
    ended_here = CliRunner().invoke(
        app, ["reparse", "football_data", "--state", "quarantined", "--json"], env=house.environment
    )
    assert ended_here.exit_code == 0, ended_here.output
    assert json.loads(ended_here.stdout)["report"]["outcomes"] == {"fetched": 1}
    assert house.server.requests() == []
    assert (revision(house), matches(house) > rows) == (4, True)
    assert house.json("list", *E0)[0]["state"] == "complete"


def test_diff(house: House) -> None:
    ended = house("diff", *E0, "--limit", "3")
    lines = ended.stdout.splitlines()
    assert lines[0] == "football_data/season/division=E0/season=2526: revision 2 -> 3"
    assert lines[1].startswith("match: rows ")
    assert any("more rows; --limit shows more of them, --json all" in line for line in lines)
    assert len(lines) < 20
    whole = house.json("diff", *E0, "--from", "1", "--to", "3")
    added = whole["tables"]["match"]["added"]
    before, _, after = (row["rows"]["match"] for row in reversed(house.json("history", *E0)))
    assert (len(added), whole["tables"]["match"]["removed"]) == (after - before, [])
    assert {"match_id", "home_team", "home_goals"} <= added[0].keys()
    many = house.json("diff", SEASON)
    assert [(row["from"], row["to"], set(row["tables"])) for row in many] == [(2, 3, {"match", "match_odds"})] * 2
    assert house("diff", SEASON).stdout.splitlines()[1].startswith("football_data/season/division=SC0/season=2526 2 ->")
    assert_sentence(house("diff", *E0, "--from", "9"), 2, "it has no revision 9")


def test_delete_asks_first(house: House) -> None:
    before = everything(house)
    assert_sentence(house("delete", *E0), 2, "nobody is here to answer", "--yes")
    assert (answer(house, "n\n", "delete", *E0), everything(house) == before) == (1, True)
    assert answer(house, "y\n", "delete", *E0) == 0
    assert (matches(house), matches(house, "SC0") > 0) == (0, True)
    assert_sentence(house("delete", *E0, "--yes"), 2, "the catalog knows no dataset football_data/season division=E0")
    deleted = house.json("delete", "football_data", "--yes")
    assert (deleted["datasets"], deleted["held"]["revisions"]) == (["season/division=SC0/season=2526"], 3)
    assert deleted["deleted_rows"]["match"] > 0
    root = Path(house.settings.lake.removeprefix("file://"))
    assert [path for path in root.rglob("*") if path.is_file()] == []
    assert house.json("run", SEASON, *BOTH)["outcomes"] == {"fetched": 2}


def answer(house: House, text: str, *words: str) -> int:
    """Run a command at a terminal and answer its question. Returns its exit code."""
    leader, follower = pty.openpty()
    os.write(leader, text.encode())
    process = subprocess.Popen(
        [*FIELDHOUSE, *words], env=house.environment, stdin=follower, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    os.close(follower)
    out, err = process.communicate(timeout=60)
    os.close(leader)
    assert b"1 datasets with 3 revisions, " in out
    assert b"Delete them for good?" in err
    return process.returncode
