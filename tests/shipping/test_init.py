"""The service ``init``, run for real: with the variables of the compose file, a Postgres and an S3 of ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import boto3  # type: ignore[import-untyped]
import psycopg
import pytest
from moto.server import ThreadedMotoServer
from psycopg.conninfo import conninfo_to_dict

from fieldhouse.embedded import Postgres
from tests.shipping import files

pytestmark = pytest.mark.airflow

IMAGE_TREE = "/opt/fieldhouse"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Postgres]:
    """Yield a server of its own: roles are shared by all databases of a server."""
    with Postgres.start(tmp_path / "postgres" / "data", fast=True) as server:
        yield server


@pytest.fixture
def store() -> Iterator[str]:
    """Yield the address of a real S3 API."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


def environment(image: Path, home: Path, postgres: Postgres, store: str, **changes: str) -> dict[str, str]:
    """Return what compose gives ``init``, with our own servers behind the names of the services."""
    admin = {key: str(value) for key, value in conninfo_to_dict(postgres.dsn("postgres")).items()}
    compose = files.environment_of("init", {**files.filled_in(), **changes})
    places = {"@postgres:5432": f"@127.0.0.1:{admin['port']}", "http://lake:8333": store, "/opt/": f"{image}/opt/"}
    for old, new in places.items():
        compose = {name: value.replace(old, new) for name, value in compose.items()}
    launcher = image / IMAGE_TREE.lstrip("/") / "bundle" / "include" / "docker"
    # the image's own launcher, before the checkout's
    path = os.pathsep.join([str(launcher), str(Path(sys.executable).parent), os.environ["PATH"]])
    own = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW_", "FIELDHOUSE_"))}
    server = {
        "PGHOST": admin["host"],
        "PGPORT": admin["port"],
        "PGUSER": admin["user"],
        "PGPASSWORD": admin["password"],
    }
    return {**own, **compose, **server, "PATH": path, "AIRFLOW_HOME": str(home)}


def run(env: Mapping[str, str], *words: str) -> str:
    done = subprocess.run(words, env=dict(env), capture_output=True, text=True, check=False, cwd="/", timeout=200)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    return done.stdout


def test_init_makes_what_airflow_needs_and_keeps_what_its_user_changed(
    image: Path, tmp_path: Path, server: Postgres, store: str
) -> None:
    auth = image / "opt" / "airflow" / "auth"
    auth.mkdir(parents=True, exist_ok=True)
    command = ("python", str(image / "opt/fieldhouse/bundle/include/docker/init.py"))
    env = environment(image, tmp_path / "home", server, store)
    run(env, *command)

    with psycopg.connect(env["FIELDHOUSE_WAREHOUSE"]) as warehouse:
        tables = {f"{row[0]}.{row[1]}" for row in warehouse.execute("select schemaname, tablename from pg_tables")}
    assert {"lake.dataset", "fieldhouse.dirty", "football_data.match"} <= tables
    s3 = boto3.client(
        "s3",
        endpoint_url=store,
        region_name="us-east-1",
        aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
    )
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["lake"]
    passwords = Path(env["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
    assert json.loads(passwords.read_text()) == {"admin": files.filled_in()["AIRFLOW_ADMIN_PASSWORD"]}
    assert passwords.stat().st_mode & 0o777 == 0o600
    metadata = env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg2", "")
    with psycopg.connect(metadata, autocommit=True) as airflow:
        pool = airflow.execute("select slots from slot_pool where pool = 'football_data'").fetchone()
        assert pool == (4,)
        keys = {key for (key,) in airflow.execute("select key from variable")}
        assert keys == set(json.loads((files.ROOT / "include" / "airflow" / "variables.json").read_text()))
        assert "flag__football_data" in keys
        airflow.execute("update slot_pool set slots = 1 where pool = 'football_data'")
        airflow.execute("update variable set val = 'off', is_encrypted = false where key = 'flag__football_data'")

    # passwords that changed in .env, and a user who turned two knobs
    changed = {
        "AIRFLOW_DB_PASSWORD": "another1",
        "WAREHOUSE_PASSWORD": "another2",
        "AIRFLOW_ADMIN_PASSWORD": "another3",
    }
    env = environment(image, tmp_path / "home", server, store, **changed)
    run(env, *command)
    assert json.loads(passwords.read_text()) == {"admin": "another3"}
    with psycopg.connect(env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg2", "")) as airflow:
        assert airflow.execute("select slots from slot_pool where pool = 'football_data'").fetchone() == (1,)
        value = airflow.execute("select val from variable where key = 'flag__football_data'").fetchone()
        assert value == ("off",)
    run(env, "fieldhouse", "status")
