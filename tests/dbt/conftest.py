"""The real dbt on a real Postgres that the engine filled with recordings: a season, and matches event by event."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from fieldhouse import sources
from fieldhouse.config import Settings, SourceSettings
from fieldhouse.embedded import Postgres
from fieldhouse.migrate import migrate
from fieldhouse.sources.statsbomb.discover import BASE_URL
from simulator.server import Config, serve
from tests.cli.conftest import House, call
from tests.conftest import RECORDINGS, ROOT
from tests.processes import settings_environment

DBT = Path(sys.prefix) / "dbt" / "bin" / "dbt"
PROJECT = ROOT / "include" / "dbt"
SOURCE = ("--select", "tag:football_data")
EVERY_SOURCE = ("--select", " ".join(f"tag:{source}" for source in sources.NAMES))
AFTER_THE_SEASON = date(2026, 6, 1)
# Two red cards and one on the bench; own goals; extra time; extra time and a shoot-out
RECORDED_MATCHES = {"11/42": (303615, 303696), "11/90": (3773466,), "43/106": (3857256, 3869685)}

_number = itertools.count(1)


@dataclass
class Marts:
    """A database, and dbt to run on it. dbt writes into ``target`` only."""

    dsn: str = field(repr=False)
    target: Path
    project: Path = field(default=PROJECT)

    def start(self, *words: str) -> subprocess.Popen[str]:
        place = ("--project-dir", str(self.project), "--profiles-dir", str(self.project))
        to = conninfo_to_dict(self.dsn)
        keys = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "DBNAME"}
        environment = {
            "PATH": os.environ["PATH"],
            "DBT_TARGET_PATH": str(self.target),
            "DBT_LOG_PATH": str(self.target),
            **{f"FIELDHOUSE_DBT_{name}": str(to[key]) for key, name in keys.items()},
        }
        return subprocess.Popen(
            [str(DBT), *words, *place],
            env=environment,
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *words: str, code: int = 0) -> dict[str, str]:
        """Run dbt to its end; return {node: status} of its results."""
        process = self.start(*words)
        said, _ = process.communicate(timeout=120)
        assert process.returncode == code, said
        return {result["unique_id"]: result["status"] for result in self.artifact("run_results")["results"]}

    def artifact(self, name: str) -> Any:
        return json.loads((self.target / f"{name}.json").read_text())

    def rows(self, statement: str, *parameters: Any) -> list[Any]:
        with psycopg.connect(self.dsn) as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def digests(self, mart: str) -> dict[str, Any]:
        """Return {division: a digest of all its rows, with all their columns}."""
        return dict(
            self.rows(
                f"select t.division, md5(string_agg(t::text, '' order by t::text)) from marts.{mart} as t group by 1"
            )
        )


@pytest.fixture(scope="session")
def season_2425(postgres: Postgres, recordings: Callable[[str], Path], tmp_path_factory: Any) -> Settings:
    """Load the recorded divisions of 2024/25, and Mexico, by the command line."""
    folder = tmp_path_factory.mktemp("season_2425")
    (folder / "football_data").symlink_to(recordings("football_data"))
    (folder / "index.csv").symlink_to(RECORDINGS / "index.csv")
    dsn = postgres.create_database("season_2425")
    settings = Settings(lake=(folder / "lake").as_uri(), warehouse=dsn, catalog=dsn)
    migrate(settings, sources.NAMES)
    with serve(Config(recordings=folder, as_of=AFTER_THE_SEASON)) as server:
        House(settings, server, AFTER_THE_SEASON).json("run", "football_data", "-p", "seasons=2425")
    return settings


@pytest.fixture(scope="session")
def with_matches(season_2425: Settings, recordings: Callable[[str], Path], tmp_path_factory: Any) -> Settings:
    """Load recorded matches of StatsBomb into the same database."""
    folder = tmp_path_factory.mktemp("statsbomb")
    (folder / "statsbomb").symlink_to(recordings("statsbomb"))
    (folder / "index.csv").symlink_to(RECORDINGS / "index.csv")
    selectors = ";".join(
        "competition_id={}/season_id={}/match_id={}".format(*season.split("/"), ",".join(map(str, matches)))
        for season, matches in RECORDED_MATCHES.items()
    )
    with serve(Config(recordings=folder)) as server:
        url = server.base(BASE_URL.removeprefix("https://"))
        settings = replace(season_2425, sources={"statsbomb": SourceSettings(url=url)})
        environment = settings_environment(settings, "statsbomb")
        ended = call("run", "statsbomb", "-p", f"selectors={selectors}", env=environment)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return settings


@pytest.fixture(scope="session")
def built(with_matches: Settings, tmp_path_factory: pytest.TempPathFactory) -> Marts:
    """Build everything once, as Airflow does. Not to be changed: see ``copy``."""
    marts = Marts(with_matches.warehouse, tmp_path_factory.mktemp("dbt"))
    statuses = marts.run("build", *EVERY_SOURCE)
    assert set(statuses.values()) == {"success", "pass"}
    return marts


@pytest.fixture
def copy(built: Marts, postgres: Postgres, tmp_path: Path) -> Iterator[Marts]:
    """Yield a copy of the built database that a test may change."""
    yield from database(postgres, tmp_path, conninfo_to_dict(built.dsn)["dbname"])


@pytest.fixture
def empty(postgres: Postgres, tmp_path: Path) -> Iterator[Marts]:
    """Yield a migrated database without a row."""
    for marts in database(postgres, tmp_path, "template1"):
        migrate(Settings(lake="", warehouse=marts.dsn, catalog=marts.dsn), sources.NAMES)
        yield marts


def database(postgres: Postgres, target: Path, template: Any) -> Iterator[Marts]:
    """Yield a new database, made as ``template`` is, and dbt to run on it; drop it then."""
    name = f"marts_{next(_number)}"
    statement = sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template))
    with psycopg.connect(postgres.dsn("postgres"), autocommit=True) as connection:
        connection.execute(statement)
    yield Marts(postgres.dsn(name), target)
    postgres.drop_database(name)
