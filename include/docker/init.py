# ruff: noqa: INP001 - a script of the image, not a package
"""What has to be there before Airflow starts; the service ``init`` of ``docker-compose.yaml`` runs it.

Databases and their owners, the bucket, the tables of Airflow and of Fieldhouse, pools, Variables, the UI's password.
Each step may run again, and after a kill it does what was left: passwords follow the environment, pools and Variables
that exist keep the values that their user gave them.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

AIRFLOW = Path(__file__).parents[1] / "airflow"
# role and database have the same name
PASSWORDS = {"airflow": "AIRFLOW_DB_PASSWORD", "warehouse": "WAREHOUSE_PASSWORD"}


def main() -> None:
    """Do all of it, in order; the first failure ends it."""
    make_databases()
    make_bucket(os.environ["FIELDHOUSE_LAKE"])
    run("airflow", "db", "migrate")
    add_pools()
    run("airflow", "variables", "import", str(AIRFLOW / "variables.json"), "--action-on-existing-key", "skip")
    run("fieldhouse", "migrate")
    write_password(Path(os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"]))


def make_databases() -> None:
    """Make a role and a database for Airflow and for the warehouse, as the superuser that PG* names."""
    with psycopg.connect(dbname="postgres", autocommit=True) as connection:
        for name, variable in PASSWORDS.items():
            role = sql.Identifier(name)
            if not connection.execute("select 1 from pg_roles where rolname = %s", [name]).fetchone():
                connection.execute(sql.SQL("create role {} login").format(role))
            password = sql.Literal(os.environ[variable])
            connection.execute(sql.SQL("alter role {} password {}").format(role, password))
            if not connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("create database {} owner {}").format(role, role))


def make_bucket(url: str) -> None:
    """Make the bucket of a lake in S3, unless it is there."""
    import boto3  # noqa: PLC0415 - heavy, and a lake may be a folder
    from botocore.exceptions import ClientError  # noqa: PLC0415

    if not url.startswith("s3://"):
        return
    client, bucket = boto3.client("s3"), urlsplit(url).netloc
    try:
        client.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] != "404":
            raise SystemExit(f"the bucket {bucket} of the lake cannot be reached: {error}") from error
        client.create_bucket(Bucket=bucket)


def add_pools() -> None:
    """Add the pools that Airflow does not have yet: its own import would overwrite the others."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pools.json"
        run("airflow", "pools", "export", str(file))
        known = json.loads(file.read_text())
        wanted = json.loads((AIRFLOW / "pools.json").read_text())
        file.write_text(json.dumps({name: pool for name, pool in wanted.items() if name not in known}))
        run("airflow", "pools", "import", str(file))


def write_password(file: Path) -> None:
    """Write the password of the UI's user ``admin``, whole and for its owner alone."""
    scratch = file.with_name(f".{file.name}.new")
    scratch.unlink(missing_ok=True)
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
        json.dump({"admin": os.environ["AIRFLOW_ADMIN_PASSWORD"]}, output)
    scratch.replace(file)


def run(*command: str) -> None:
    """Run a command of the image and end with its code if it fails."""
    print("init:", *command, flush=True)
    ended = subprocess.run(command, check=False)
    if ended.returncode:
        raise SystemExit(ended.returncode)


if __name__ == "__main__":
    main()
