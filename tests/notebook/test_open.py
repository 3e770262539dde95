"""Where a notebook's lake is, and the home that it makes where nobody says."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fieldhouse import Lake
from fieldhouse.config import Settings
from fieldhouse.embedded import running_server
from fieldhouse.errors import ConfigurationError, DatabaseError, LakeError
from fieldhouse.notebook.home import Place, default_home, find_place
from tests.conftest import ROOT

ENVIRONMENT = {"FIELDHOUSE_LAKE": "file:///theirs", "FIELDHOUSE_WAREHOUSE": "dbname=theirs", "FIELDHOUSE_CONTACT": "me"}


def places(environ: dict[str, str], **named: str) -> tuple[str, str, str, bool]:
    place = find_place(environ, **named)
    assert isinstance(place, Place)
    return place.settings.lake, place.settings.warehouse, place.settings.catalog, place.has_warehouse


def test_arguments_come_before_the_environment() -> None:
    assert places(ENVIRONMENT) == ("file:///theirs", "dbname=theirs", "dbname=theirs", True)
    assert places({}, lake="s3://b/p", warehouse="dbname=w") == ("s3://b/p", "dbname=w", "dbname=w", True)
    assert places(ENVIRONMENT, lake="/mine") == ("file:///mine", "dbname=theirs", "dbname=theirs", True)
    assert places(ENVIRONMENT, warehouse="dbname=w", catalog="dbname=c") == (
        "file:///theirs",
        "dbname=w",
        "dbname=c",
        True,
    )
    # a catalog is enough to read, and is never joined with the warehouse of somebody else
    assert places(ENVIRONMENT, catalog="dbname=c") == ("file:///theirs", "dbname=c", "dbname=c", False)
    assert places({"FIELDHOUSE_LAKE": "file:///l", "FIELDHOUSE_CATALOG": "dbname=c"})[-1] is False


def test_what_is_named_in_part_or_twice_is_refused() -> None:
    for environ, named in (
        ({}, {"lake": "/mine"}),
        ({}, {"catalog": "dbname=c"}),
        ({"FIELDHOUSE_LAKE": "file:///l"}, {}),
        ({}, {"lake": "/mine", "home": "/home"}),
    ):
        with pytest.raises(ConfigurationError, match="lake="):
            find_place(environ, **named)


def test_a_home_is_where_nothing_else_is_named() -> None:
    assert find_place({}) == default_home({}) == Path("~/.local/share/fieldhouse").expanduser()
    assert default_home({"XDG_DATA_HOME": "/data"}) == Path("/data/fieldhouse")
    assert find_place({"FIELDHOUSE_HOME": "~/mine"}) == Path("~/mine").expanduser()
    assert find_place({**ENVIRONMENT}, home="/mine") == Path("/mine")


def test_a_new_database_takes_its_tables(database: str, tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="fieldhouse migrate"):
        Lake.open(tmp_path, catalog=database)
    for _ in range(2):
        with Lake.open(tmp_path, warehouse=database) as lake:
            assert lake.datasets() == []
            assert repr(lake) == f"<Lake {tmp_path.as_uri()}: no datasets yet>"
    assert repr(lake) == f"<Lake {tmp_path.as_uri()}, closed>"


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LakeError, match="FIELDHOUSE_HOME"):
        Lake.open(home=tmp_path / "file")


# opens the home, says so, and ends without a word to anybody
DIES = """
import os, sys
from fieldhouse import Lake
lake = Lake.open()
print(lake, flush=True)
os._exit(9)
"""


def test_a_home_lasts_and_the_last_who_leaves_stops_its_postgres(tmp_path: Path) -> None:
    home, server = tmp_path / "home", tmp_path / "home" / "postgres"
    ended = subprocess.run(
        [sys.executable, "-c", DIES],
        env={"PATH": os.environ["PATH"], "FIELDHOUSE_HOME": str(home)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (9, f"<Lake {(home / 'lake').as_uri()}: no datasets yet>\n"), (
        ended.stderr
    )
    left = running_server(server)
    assert left is not None
    with Lake.open(home=home) as first:
        assert os.getsid(left.pid) != os.getsid(0)  # who interrupts a cell does not mean the database
        with Lake.open(home=home) as second:
            assert second.datasets() == []
        assert first.datasets() == []
    assert running_server(server) is None


LIGHT = """
import sys
import fieldhouse
before = set(sys.modules)
from fieldhouse import Lake
for modules in (before, sys.modules):
    print(*{name.partition(".")[0] for name in modules})
"""


def test_importing_it_is_light() -> None:
    ended = subprocess.run([sys.executable, "-c", LIGHT], cwd=ROOT, capture_output=True, text=True, check=True)
    package, lake = (set(names.split()) for names in ended.stdout.splitlines())
    assert package.isdisjoint({"psycopg", "httpx", "pyarrow", "obstore"})
    assert lake.isdisjoint({"pyarrow", "duckdb", "pandas", "polars", "kloppy", "obstore", "airflow", "typer"})


def test_the_environment_is_enough(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, open_lake: Callable[[], Lake]
) -> None:
    monkeypatch.setenv("FIELDHOUSE_LAKE", settings.lake)
    monkeypatch.setenv("FIELDHOUSE_WAREHOUSE", settings.warehouse)
    with Lake.open() as lake:
        assert (lake.settings.lake, lake.settings.catalog) == (settings.lake, settings.catalog)
