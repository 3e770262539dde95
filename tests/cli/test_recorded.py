"""The real files, from the web to the warehouse: every recorded division, and the snapshots of one season."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from fieldhouse.config import Settings
from fieldhouse.engine.context import Context
from fieldhouse.source import format_identifier
from fieldhouse.sources.football_data import SOURCE
from fieldhouse.warehouse import DatasetRows
from simulator.server import Config, serve
from tests.cli.conftest import House
from tests.conftest import RECORDINGS

SNAPSHOTS = ("20251221", "20260223", "20260525")
SEEN_ON = (date(2025, 12, 22), date(2026, 2, 24), date(2026, 5, 25))
NEWEST = date(2026, 6, 1)


@pytest.fixture
def raw(recordings: Callable[[str], Path]) -> Path:
    return recordings("football_data")


@pytest.fixture
def recorded(settings: Settings, raw: Path, tmp_path: Path) -> Iterator[House]:
    folder = tmp_path / "recordings"
    folder.mkdir()
    (folder / "football_data").symlink_to(raw)
    (folder / "index.csv").symlink_to(RECORDINGS / "index.csv")
    with serve(Config(recordings=folder, as_of=NEWEST)) as server:
        yield House(settings, server, NEWEST)


def lines_of(path: Path) -> list[dict[str, str]]:
    text = path.read_bytes().decode("utf-8-sig")
    return [line for line in csv.DictReader(io.StringIO(text, newline="")) if line["Div"]]


def newest_files(raw: Path) -> dict[tuple[str, str], Path]:
    """Return the newest recording of each division of 2024/25 and 2025/26, by the index of the recordings."""
    newest: dict[tuple[str, str], tuple[str, int, Path]] = {}
    with (RECORDINGS / "index.csv").open(encoding="utf-8", newline="") as index:
        for row in csv.DictReader(index):
            if found := re.search(r"/mmz4281/(2425|2526)/(\w+)\.csv$", row["replay_url"]):
                capture = (row["as_of"], int(row["bytes"]), raw.joinpath(*row["file"].split("/")[1:]))
                newest[found[1], found[2]] = max(capture, newest.get((found[1], found[2]), capture))
    return {key: path for key, (_, _, path) in newest.items()}


def versions(house: House) -> list[Any]:
    """Return what changes when a row is written, changed or not."""
    tables = ("match", "match_odds", "fixture", "fixture_odds")
    return [
        house.rows(f"select count(*), max(xmin::text::bigint), sum(xmin::text::bigint) from football_data.{table}")
        for table in tables
    ]


def test_every_recorded_division_with_all_its_matches(recorded: House, raw: Path) -> None:
    first = recorded.json("run", "football_data", "-p", "seasons=2425,2526")
    files = newest_files(raw)
    assert first["outcomes"] == {"fetched": len(files) + 2, "not_published": 2 * 22 - len(files) + 15}
    expected = {key: len(lines_of(path)) for key, path in files.items()}
    statement = "select season, division, count(*) from football_data.match where division <> 'MEX' group by 1, 2"
    assert {(season, division): count for season, division, count in recorded.rows(statement)} == expected
    assert expected["2425", "E0"] == 380
    assert_second_run_is_quiet(recorded, files)


def assert_second_run_is_quiet(house: House, files: dict[tuple[str, str], Path]) -> None:
    before = versions(house)
    house.server.simulator.log.clear()
    report = house.json("run", "football_data", "-p", "seasons=2425,2526")
    running = {f"/mmz4281/2526/{division}.csv" for season, division in files if season == "2526"}
    known = {*running, "/new/MEX.csv", "/fixtures.csv"}
    requests = house.server.requests()
    assert report["outcomes"]["unchanged"] == len(known)
    assert {r.path: (r.status, list(r.conditional)) for r in requests if r.path in known} == {
        path: (304, ["if-none-match"]) for path in known
    }
    assert max(Counter(r.path for r in requests).values()) == 1
    assert not [r.path for r in requests if "/2425/" in r.path]
    assert {r.status for r in requests if r.path not in known} == {404}
    assert (versions(house), report["tables"]) == (before, {})


def season(house: House) -> dict[str, Any]:
    statement = "select home_team || ' - ' || away_team, home_goals from football_data.match"
    return dict(house.rows(statement))


def expected_season(raw: Path, snapshot: str) -> dict[str, Any]:
    lines = lines_of(raw / f"snapshots/2526_E0.{snapshot}.csv")
    return {f"{line['HomeTeam']} - {line['AwayTeam']}": int(line["FTHG"]) for line in lines}


def test_snapshots_in_order(recorded: House, raw: Path) -> None:
    for snapshot, day in zip(SNAPSHOTS, SEEN_ON, strict=True):
        recorded.set_date(day)
        assert recorded.json("run", "football_data/season", "division=E0", "season=2526")["outcomes"] == {"fetched": 1}
        assert season(recorded) == expected_season(raw, snapshot)
    history = recorded.json("history", "football_data/season", "division=E0", "season=2526")
    assert [(r["revision"], r["current"], r["rows"]["match"]) for r in history] == [
        (number, number == 3, len(expected_season(raw, SNAPSHOTS[number - 1]))) for number in (3, 2, 1)
    ]
    # a correction is a row that changed, and nothing else was written
    assert recorded.rows("select distinct _revision from football_data.match order by 1") == [(1,), (2,), (3,)]


def run_file(house: House, raw: Path, snapshot: str) -> Any:
    file = raw / f"snapshots/2526_E0.{snapshot}.csv"
    return house("run", "football_data/season", "division=E0", "season=2526", "--file", str(file))


def test_an_older_file_after_a_newer_one(recorded: House, raw: Path) -> None:
    for snapshot, code in (("20260525", 0), ("20260223", 1), ("20251221", 1), ("20260525", 0)):
        ended = run_file(recorded, raw, snapshot)
        assert ended.returncode == code, ended.stderr
        assert season(recorded) == expected_season(raw, "20260525")
    history = recorded("history", "football_data/season", "division=E0", "season=2526").stdout
    assert "revision 3 is in quarantine: football_data/season/division=E0/season=2526: 1" in history
    assert "the file looks cut off" in history


@pytest.mark.parametrize("order", [(1, 0), (0, 1), (1, 0, 0, 1)])
def test_loads_in_any_order_leave_the_later_state(recorded: House, raw: Path, order: tuple[int, ...]) -> None:
    with Context(recorded.settings, SOURCE) as context:
        both = [loadable(raw, number) for number in (0, 1)]
        for number in order:
            context.warehouse.load(SOURCE.name, 1, [both[number]])
    assert season(recorded) == expected_season(raw, SNAPSHOTS[1])


def loadable(raw: Path, number: int) -> DatasetRows:
    identifier = {"division": "E0", "season": "2526"}
    data = (raw / f"snapshots/2526_E0.{SNAPSHOTS[number]}.csv").read_bytes()
    tables = SOURCE.parse("season", identifier, {"season.csv": data})
    return DatasetRows(
        7,
        f"season/{format_identifier(identifier)}",
        number + 1,
        number + 1,
        {name: lambda table=table: table for name, table in tables.items()},  # type: ignore[misc]
    )
