"""What becomes of a dbt run's failures, and which Connection dbt gets."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from airflow.sdk.exceptions import AirflowFailException

from fieldhouse.errors import DatabaseError
from fieldhouse.marts import Built, Failure
from plugins import dbt_with_parent
from plugins.operators.dbt import DbtBuildOperator, _as_loaded

AWAY = 'connection to server at "127.0.0.1", port 5432 failed: Connection refused'


def refuse(*messages: str) -> None:
    failures = [Failure(f"model_{number}", "error", message) for number, message in enumerate(messages)]
    DbtBuildOperator(task_id="build")._refuse_failures(Built(failures=failures, skipped=3))


@pytest.mark.parametrize(
    "message", [AWAY, "server closed the connection unexpectedly", "FATAL: sorry, too many clients"]
)
def test_a_database_that_was_away_is_worth_a_retry(message: str) -> None:
    with pytest.raises(DatabaseError, match="model_0"):
        refuse(message)


def test_a_model_that_is_wrong_is_not() -> None:
    with pytest.raises(AirflowFailException, match=r"dbt: model_0 \(error\): .*\(and 1 more\); 3 nodes were left out"):
        refuse('column "x" does not exist', AWAY)


def test_nothing_failed() -> None:
    refuse()


def test_dbt_gets_the_certificates_and_the_database_that_a_load_gets(monkeypatch: pytest.MonkeyPatch) -> None:
    extra = {"sslmode": "verify-full", "sslrootcert": "/etc/ca.pem", "other": "x"}
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", json.dumps({"conn_type": "postgres", "host": "db", "extra": extra}))
    assert _as_loaded() == {"dbname": "postgres", "sslmode": "verify-full", "sslrootcert": "/etc/ca.pem"}


@pytest.mark.skipif(sys.platform != "linux", reason="plain dbt elsewhere")
def test_dbt_does_not_begin_when_its_task_has_ended() -> None:
    environment = {**os.environ, dbt_with_parent.EXECUTABLE: "echo", dbt_with_parent.PARENT: str(os.getpid())}
    command = [sys.executable, dbt_with_parent.__file__, "built"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "built\n"
    gone = {**environment, dbt_with_parent.PARENT: "1"}
    done = subprocess.run(command, env=gone, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "has ended" in done.stderr
