from __future__ import annotations

import socket
import stat
from pathlib import Path

import pytest

from local.airflow import Airflow, Keys, last_line, local_bundle, usable_port, write_secret

DSN = "postgresql://fieldhouse:secret@127.0.0.1:5432/airflow"


@pytest.fixture
def airflow(tmp_path: Path) -> Airflow:
    return Airflow(tmp_path / "airflow", DSN, environment={"FIELDHOUSE_CLOCK_SHIFT": "-86400"})


def test_keys_are_made_once_and_kept_from_others(tmp_path: Path) -> None:
    first = Keys.of(tmp_path / "keys.json")
    assert Keys.of(tmp_path / "keys.json") == first
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600
    assert first.fernet not in repr(first)


def test_settings(airflow: Airflow, tmp_path: Path) -> None:
    settings = airflow.settings()
    assert settings["AIRFLOW_HOME"] == str(tmp_path / "airflow")
    assert settings["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].startswith("postgresql+psycopg2://")
    assert settings["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert settings["AIRFLOW__CORE__PARALLELISM"] == "4"
    assert settings["FIELDHOUSE_CLOCK_SHIFT"] == "-86400"
    assert settings == airflow.settings()


def test_the_environment_holds_nothing_of_another_airflow(airflow: Airflow, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYTHONPATH", "PYTHONSAFEPATH", "AIRFLOW__CORE__DAGS_FOLDER", "AIRFLOW_CONN_X", "FIELDHOUSE_LAKE"):
        monkeypatch.setenv(name, "/elsewhere")
    monkeypatch.setenv("NO_PROXY", "example.org")
    environment = airflow.environment()
    assert not [name for name, value in environment.items() if value == "/elsewhere"]
    assert environment["NO_PROXY"] == "example.org,127.0.0.1,localhost"


def test_the_bundle_is_the_checkout(airflow: Airflow) -> None:
    assert airflow.bundle == local_bundle()
    assert airflow.bundle["kwargs"] == {"path": str(Path(__file__).parents[2])}


def test_a_busy_port_is_replaced() -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        assert usable_port(port) != port
    assert usable_port(port) == port


def test_a_secret_is_written_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "secret"
    write_secret(file, "one")
    file.chmod(0o644)
    write_secret(file, "two")
    assert file.read_text() == "two"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_the_last_words_of_a_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("first\nlast\n\n")
    assert last_line(log) == "last"
    log.write_text("")
    assert last_line(log) == "it says nothing"
