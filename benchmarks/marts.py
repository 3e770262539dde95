"""dbt on the whole recorded history: from scratch, with nothing new, and with one changed file."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from benchmarks.figures import Claim, Figures, spread
from benchmarks.football_data import COMMAND
from benchmarks.place import Place, execute, variables
from benchmarks.process import BIN, ROOT, Measured, measure
from benchmarks.recorded import files, site
from fieldhouse.config import Settings

ROUNDS = 3
DBT = BIN.parent / "dbt" / "bin" / "dbt"
PROJECT = ROOT / "include" / "dbt"
BUILD = ("build", "--select", "tag:football_data", "--exclude-resource-type", "unit_test")
COUNT = "select count(*) from marts.football_data__results"


def bench(place: Place) -> list[Figures]:
    """Measure the builds, each :data:`ROUNDS` times on tables that hold the whole history."""
    rounds: list[tuple[Measured, ...]] = []
    with site(place.folder) as server:
        for _ in range(ROUNDS):
            server.change_one(changed=False)
            settings = place.settings()
            load = [str(BIN / "fieldhouse"), *COMMAND]
            measure(load, {**variables(settings), **server.settings})
            start = _dbt(settings, "list", *BUILD[1:])
            full, again = _dbt(settings, *BUILD), _dbt(settings, *BUILD)
            server.change_one(changed=True)
            changed = json.loads(measure(load, {**variables(settings), **server.settings}).output)
            assert changed["tables"]["match"]["inserted"]
            rounds.append((start, full, again, _dbt(settings, *BUILD)))
            rows = int(execute(settings.warehouse, COUNT)[0][0])
            place.postgres.drop_database(settings.warehouse.rpartition("/")[2])
    return [_figures(rounds, rows)]


def _dbt(settings: Settings, *words: str) -> Measured:
    found = conninfo_to_dict(settings.warehouse)
    with tempfile.TemporaryDirectory() as scratch:
        own = {
            f"FIELDHOUSE_DBT_{name.upper()}": str(found[name])
            for name in ("host", "port", "user", "password", "dbname")
        }
        paths = {"DBT_TARGET_PATH": f"{scratch}/target", "DBT_LOG_PATH": f"{scratch}/logs"}
        folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
        return measure([str(DBT), *words, *folders], {**own, **paths}, cwd=Path(scratch))


def _figures(rounds: Sequence[tuple[Measured, ...]], rows: int) -> Figures:
    kinds = ("dbt's own start (dbt list)", "everything built", "nothing new", "one file changed")
    columns = list(zip(*rounds, strict=True))
    start, full, again, changed = ([each.seconds for each in column] for column in columns)
    return Figures(
        title="marts: dbt build on the whole recorded history",
        header=("build", "seconds", "peak MiB of dbt"),
        rows=[
            (kind, spread(each.seconds for each in column), spread(each.peak_mb for each in column))
            for kind, column in zip(kinds, columns, strict=True)
        ],
        given=(
            f"`dbt {' '.join(BUILD)}` with its tests, {rows:,} matches of {len(files())} files and their odds; median "
            f"(and range) of {ROUNDS}. Each build is a process of its own and reads the project anew."
        ),
        claims=(
            Claim("one file changed against everything built, without dbt's own start",
                  _median(changed, start) / _median(full, start), 0.6, at_least=False),
            Claim("nothing new against everything built, without dbt's own start",
                  _median(again, start) / _median(full, start), 0.6, at_least=False),
        ),
    )  # fmt: skip


def _median(seconds: Sequence[float], start: Sequence[float]) -> float:
    return sorted(each - begin for each, begin in zip(seconds, start, strict=True))[len(seconds) // 2]
