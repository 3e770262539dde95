"""What doctor finds in an Airflow: its metadata in a database of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from fieldhouse.config import Settings
from fieldhouse.embedded import Postgres
from fieldhouse.sources import NAMES
from tests.processes import ROOT

SQL_ALCHEMY_CONN = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
AIRFLOW = Path(sys.executable).parent / "airflow"


@pytest.fixture(scope="module")
def template(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Yield the environment of an Airflow whose database is empty but migrated."""
    home = tmp_path_factory.mktemp("airflow")
    environment = {
        "PATH": os.environ["PATH"],
        "AIRFLOW_HOME": str(home),
        SQL_ALCHEMY_CONN: postgres.create_database("doctor").replace("postgresql:", "postgresql+psycopg2:"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    subprocess.run([AIRFLOW, "db", "migrate"], env=environment, cwd=home, check=True, capture_output=True)
    yield environment
    postgres.drop_database("doctor")


@pytest.fixture
def metadata(template: dict[str, str], postgres: Postgres) -> Iterator[dict[str, str]]:
    """Yield the same with a database of one's own."""
    with psycopg.connect(postgres.dsn("postgres"), autocommit=True) as connection:
        connection.execute("create database patient template doctor")
    yield {**template, SQL_ALCHEMY_CONN: template[SQL_ALCHEMY_CONN].replace("/doctor", "/patient")}
    postgres.drop_database("patient")


def examine(environment: dict[str, str], *words: str) -> dict[str, dict[str, str]]:
    ended = subprocess.run(
        [sys.executable, "-m", "plugins.doctor", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return {check["name"]: check for check in json.loads(ended.stdout.strip().splitlines()[-1])}


def test_an_airflow_without_anything(metadata: dict[str, str]) -> None:
    found = examine(metadata)
    of_sources = {
        name: state
        for source in NAMES
        for name, state in {
            f"airflow, settings of {source}": "fail",
            f"airflow, flags of {source}": "ok",
            f"airflow, pool {source}": "fail",
            f"airflow, ingest_{source}": "fail",
        }.items()
    }
    assert {name: check["state"] for name, check in found.items()} == of_sources | {
        "airflow, alerts": "warn",
        "airflow, transform_dbt": "fail",
        "airflow, dbt": "fail",
        "airflow, scheduler": "fail",
        "airflow, dag-processor": "fail",
        "airflow, triggerer": "fail",
    }
    assert "there is no Connection 'warehouse'" in found["airflow, settings of football_data"]["found"]
    assert all(check["mend"] or "add a" in check["found"] for check in found.values() if check["state"] == "fail")


def test_an_airflow_as_it_should_be(metadata: dict[str, str], settings: Settings) -> None:
    """Connections and Variables of the metadata database and of the environment; rows as its components write them."""
    dsn = metadata[SQL_ALCHEMY_CONN].replace("+psycopg2", "")
    lake = {"conn_type": "fs", "extra": {"path": settings.lake.removeprefix("file://")}}
    environment = {
        **metadata,
        "AIRFLOW_CONN_WAREHOUSE": settings.warehouse.replace("postgresql:", "postgres:"),
        "AIRFLOW_CONN_LAKE": json.dumps(lake),
        "AIRFLOW_VAR_FLAG__FOOTBALL_DATA__SEASON": "off",
        "AIRFLOW__FIELDHOUSE__DBT_EXECUTABLE": sys.executable,
    }
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "insert into connection (conn_id, conn_type, is_encrypted, is_extra_encrypted) "
            "values ('slack', 'slackwebhook', false, false)"
        )
        connection.execute(
            "insert into slot_pool (pool, slots, include_deferred) select unnest(%s::text[]), 4, false", (list(NAMES),)
        )
        jobs = ["SchedulerJob", "DagProcessorJob", "TriggererJob"]
        connection.execute(
            "insert into job (job_type, state, latest_heartbeat) select unnest(%s::text[]), 'running', now()", (jobs,)
        )
        connection.execute(
            "insert into import_error (filename, stacktrace, timestamp) values ('dags/x.py', %s, now())",
            ("...\nNameError: y",),
        )
    found = examine(environment, "--deep")
    failed = {name for name, check in found.items() if check["state"] == "fail"}
    dags = {f"airflow, ingest_{source}" for source in NAMES}
    assert failed == dags | {"airflow, transform_dbt", "airflow, dags/x.py"}
    assert found["airflow, dbt"]["state"] == "ok"
    assert found["airflow, dags/x.py"]["found"].endswith("NameError: y")
    assert "football_data__season off" in found["airflow, flags of football_data"]["found"]
    assert found["airflow, alerts"]["state"] == "ok"
    assert (found["lake"]["state"], found["warehouse, rights"]["state"]) == ("ok", "ok")


def test_flags_that_mean_nothing(metadata: dict[str, str]) -> None:
    flags = {
        "AIRFLOW_VAR_FLAG__FOOTBALL_DATA__SEASONS": "on",
        "AIRFLOW_VAR_FLAG__BASEBALL": "on",
    }
    found = examine({**metadata, **flags})
    assert "there is no flag football_data__seasons" in found["airflow, flags of football_data"]["found"]
    assert found["airflow, flags"]["found"] == "Variable flag__baseball is no source's"
    found = examine({**metadata, "AIRFLOW_VAR_FLAG__FOOTBALL_DATA": "maybe"})
    assert "must be on, off or auto" in found["airflow, flags of football_data"]["found"]


def test_fetch_policies_that_mean_nothing(metadata: dict[str, str]) -> None:
    variables = {
        "AIRFLOW_VAR_FETCH_POLICY__FOOTBALL_DATA__SEASON": "once",
        "AIRFLOW_VAR_FETCH_POLICY__FOOTBALL_DATA__FIXTURES": "hourly",
        "AIRFLOW_VAR_FETCH_POLICY__FOOTBALL_DATA__SEASONS": "once",
        "AIRFLOW_VAR_FETCH_POLICY__BASEBALL__GAME": "once",
    }
    found = examine({**metadata, **variables})
    named = "airflow, fetch_policy__football_data"
    assert (found[f"{named}__season"]["state"], found[f"{named}__season"]["found"]) == ("ok", "once")
    assert "there is no fetch policy 'hourly'" in found[f"{named}__fixtures"]["found"]
    assert "no dataset type 'seasons'" in found[f"{named}__seasons"]["found"]
    assert found["airflow, fetch policies"]["found"] == "Variable fetch_policy__baseball__game is no source's"


def test_an_airflow_whose_database_is_away(metadata: dict[str, str], tmp_path: Path) -> None:
    away = {**metadata, SQL_ALCHEMY_CONN: f"sqlite:///{tmp_path}/nothing.db"}
    found = examine(away)
    assert found["airflow"]["state"] == "fail"
    assert "airflow db migrate" in found["airflow"]["mend"]


def test_the_command_asks_airflow_too(metadata: dict[str, str]) -> None:
    from tests.cli.conftest import call  # noqa: PLC0415

    ended = call("doctor", env={**metadata, "HOME": metadata["AIRFLOW_HOME"]})
    assert ended.returncode == 1, ended.stderr
    assert (
        "FAIL  airflow, pool football_data: there is none, and no scrape task starts. To mend it: `airflow pools"
        in ended.stdout
    )
    assert "FAIL  settings: there is no Connection 'warehouse'" in ended.stdout
