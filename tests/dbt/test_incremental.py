"""Whatever becomes of a dataset, and however a run ends: the marts are those of a build from nothing."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fieldhouse.source import format_identifier
from fieldhouse.sources.football_data import SOURCE as FOOTBALL_DATA
from fieldhouse.warehouse import DatasetRows, Warehouse
from tests.cli.test_recorded import newest_files
from tests.dbt.conftest import PROJECT, SOURCE, Marts
from tests.processes import wait_for

pytestmark = pytest.mark.xdist_group("dbt")

RESULTS, TABLE = MARTS = ("football_data__results", "football_data__league_table")
MODEL = "model.fieldhouse.{}"
WAITING = """
select count(*)
from pg_locks
where not granted and database = (select oid from pg_database where datname = current_database())
"""
UNTOUCHED = {"E1", "E3", "F1", "MEX"}


class Season:
    """The datasets of 2024/25 in a database, to be loaded again with other bytes."""

    def __init__(self, marts: Marts, raw: Path) -> None:
        self._marts = marts
        self._files = newest_files(raw)

    def lines(self, division: str) -> list[bytes]:
        return self._files["2425", division].read_bytes().splitlines(keepends=True)

    def activate(self, division: str, lines: list[bytes]) -> None:
        """Load these lines as the dataset's newest activation, as a commit or a rollback does."""
        identifier = {"division": division, "season": "2425"}
        ((activation, dataset_id),) = self._marts.rows(
            "select nextval('lake.activation_number'), dataset_id from lake.dataset where identifier = %s",
            format_identifier(identifier),
        )
        self.load(dataset_id, activation, division, lines)

    def load(self, dataset_id: int, activation: int, division: str, lines: list[bytes]) -> None:
        """Load these lines of a division as a dataset's."""
        identifier = {"division": division, "season": "2425"}
        tables = FOOTBALL_DATA.parse("season", identifier, {"season.csv": b"".join(lines)})
        rows = DatasetRows(dataset_id, f"season/{division}", 2, activation, as_functions(tables))
        warehouse = Warehouse(self._marts.dsn)
        warehouse.load("football_data", 1, [rows])
        warehouse.close()

    def delete(self, division: str) -> None:
        """Remove the dataset with its rows."""
        for table in ("football_data.match", "football_data.match_odds", "fieldhouse.loaded"):
            column = "dataset_id" if table == "fieldhouse.loaded" else "_dataset_id"
            self._marts.rows(
                f"delete from {table} where {column} = (select distinct _dataset_id from marts.football_data__results "
                "where division = %s and season = '2425')",
                division,
            )


def as_functions(tables: Mapping[str, Any]) -> dict[str, Callable[[], Any]]:
    return {name: lambda table=table: table for name, table in tables.items()}  # type: ignore[misc]


@pytest.fixture
def season(copy: Marts, recordings: Callable[[str], Path]) -> Season:
    return Season(copy, recordings("football_data"))


def digests(marts: Marts) -> dict[str, dict[str, Any]]:
    return {mart: marts.digests(mart) for mart in MARTS}


def places(marts: Marts) -> dict[str, list[Any]]:
    """Return where the untouched divisions' rows lie: it changes when they are written again."""
    return {
        mart: marts.rows(f"select ctid::text from marts.{mart} where division = any(%s) order by 1", list(UNTOUCHED))
        for mart in MARTS
    }


def corrected(lines: list[bytes]) -> list[bytes]:
    """Give the home team of the first match nine goals."""
    header = lines[0].decode("utf-8-sig").split(",")
    cells = lines[1].split(b",")
    cells[header.index("FTHG")] = b"9"
    return [lines[0], b",".join(cells), *lines[2:]]


def change_everything(season: Season) -> None:
    """Correct a match of E0, lose one of D1, add one to E2, roll I1 back, delete SP1."""
    season.activate("E0", corrected(season.lines("E0")))
    season.activate("D1", season.lines("D1")[:-1])
    season.activate("E2", season.lines("E2"))
    season.activate("I1", season.lines("I1"))
    season.delete("SP1")


def test_incremental_equals_full_refresh_also_after_a_kill(copy: Marts, season: Season) -> None:
    original = digests(copy)
    season.activate("I1", corrected(season.lines("I1")))
    season.activate("E2", season.lines("E2")[:-1])
    copy.run("run", *SOURCE)
    between, untouched = digests(copy), places(copy)
    assert changed(original, between) == {"I1", "E2"}

    change_everything(season)
    kill_while_it_writes(copy)
    assert copy.digests(TABLE) == between[TABLE]
    copy.run("run", *SOURCE)
    incremental = digests(copy)
    assert changed(between, incremental) == {"E0", "D1", "E2", "I1", "SP1"}
    assert places(copy) == untouched
    copy.run("run", "--full-refresh", *SOURCE)
    assert digests(copy) == incremental
    assert_what_changed(copy)


def test_a_match_that_moves_to_another_dataset(copy: Marts, season: Season) -> None:
    """Two move, the other dataset loses one, and the first gets that back under the activation that it had."""
    ((owner, held),) = copy.rows(
        "select dataset_id, activation from fieldhouse.loaded where dataset_id = "
        "(select distinct _dataset_id from football_data.match where division = 'E0')"
    )
    lines = season.lines("E0")
    other = 10_000
    moves = {
        "moves": (other, 10**9, corrected(lines)[:3], {owner: 378, other: 2}),
        "is lost": (other, 10**9 + 1, [lines[0], lines[2]], {owner: 378, other: 1}),
        "is mended": (owner, held, lines, {owner: 379, other: 1}),
    }
    for move, (dataset_id, activation, its_lines, expected) in moves.items():
        season.load(dataset_id, activation, "E0", its_lines)
        copy.run("run", "--select", RESULTS)
        found = copy.rows(f"select _dataset_id, count(*) from marts.{RESULTS} where division = 'E0' group by 1")
        assert dict(found) == expected, move
        incremental = copy.digests(RESULTS)
        copy.run("run", "--full-refresh", "--select", RESULTS)
        assert copy.digests(RESULTS) == incremental, move


def test_a_mart_of_an_older_project_is_built_anew(copy: Marts) -> None:
    rows = f"select match_id, home_goals, _dataset_id, _change from marts.{RESULTS} order by match_id"
    before = copy.rows(rows)
    copy.rows(f"alter table marts.{RESULTS} rename column _change to _activation")
    copy.run("run", "--select", RESULTS)
    assert copy.rows(rows) == before


def changed(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> set[str]:
    return {
        division
        for mart in MARTS
        for division in {*before[mart], *after[mart]}
        if before[mart].get(division) != after[mart].get(division)
    }


def assert_what_changed(marts: Marts) -> None:
    results = (
        "select division, count(*), max(home_goals) from marts.football_data__results where season = '2425' group by 1"
    )
    found = {division: (matches, goals) for division, matches, goals in marts.rows(results)}
    assert found["E0"] == (380, 9)
    assert found["D1"][0] == 305
    assert found["E2"][0] == 552
    assert found["I1"] == (380, 6)
    assert "SP1" not in found
    played = (
        "select sum(played) from marts.football_data__league_table where division = 'D1' and match_date = '2025-05-17'"
    )
    assert marts.rows(played) == [(2 * 305,)]


def kill_while_it_writes(marts: Marts) -> None:
    with psycopg.connect(marts.dsn) as connection:
        # both marts have their own connection: the one that is in nobody's way may end or not
        connection.execute("lock table marts.football_data__league_table in share mode")
        process = marts.start("run", *SOURCE)
        wait_for(lambda: marts.rows(WAITING) > [(0,)], 60)
        process.kill()
        process.communicate(timeout=60)


def test_a_failing_model_and_a_changed_seed(copy: Marts, season: Season, tmp_path: Path) -> None:
    """The failing model's old rows stay, the other mart is built; and a changed seed needs no --full-refresh."""
    copy.project = tmp_path / "project"
    shutil.copytree(PROJECT, copy.project)
    season.activate("F1", season.lines("F1"))
    results = copy.project / "models/football_data/marts/football_data__results.sql"
    results.write_text(
        re.sub(
            r"\bm\.kickoff_time,", "m.kickoff_time + (1 / (m.home_goals * 0)) * interval '1 day',", results.read_text()
        )
    )
    seed = copy.project / "seeds/football_data/football_data__points_deduction.csv"
    seed.write_text(seed.read_text() + "E0,2425,Liverpool,15,,a dream of Arsenal's\n")
    before = digests(copy)

    statuses = copy.run(
        "build", *SOURCE, "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test", code=1
    )
    assert statuses[MODEL.format(RESULTS)] == "error"
    assert statuses[MODEL.format(TABLE)] == "success"
    assert copy.digests(RESULTS) == before[RESULTS]
    first = (
        "select team, points from marts.football_data__league_table "
        "where division = 'E0' and match_date = '2025-05-25' and position = 1"
    )
    assert copy.rows(first) == [("Arsenal", 74)]
