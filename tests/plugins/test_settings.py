"""Settings from Connections and Variables."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from psycopg.conninfo import conninfo_to_dict

from fieldhouse.errors import ConfigurationError
from fieldhouse.source import Limit
from fieldhouse.sources.football_data import SOURCE
from fieldhouse.sources.statsbomb import SOURCE as STATSBOMB
from plugins.settings import read_fetch_policies, read_flags, read_lanes, read_selectors, read_settings

WAREHOUSE = {
    "conn_type": "postgres",
    "host": "db",
    "port": 5433,
    "schema": "sports",
    "login": "me",
    "password": "p'w 1",
    "extra": {"sslmode": "require", "cursor": "dictcursor"},
}


@pytest.fixture(autouse=True)
def _connections(monkeypatch: pytest.MonkeyPatch) -> None:
    connect(monkeypatch, "warehouse", WAREHOUSE)
    connect(monkeypatch, "lake", {"conn_type": "fs", "extra": {"path": "/srv/lake"}})


def connect(monkeypatch: pytest.MonkeyPatch, name: str, connection: dict[str, object]) -> None:
    monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(connection))


def test_the_catalog_is_the_warehouse_where_it_has_no_connection() -> None:
    settings = read_settings(SOURCE)
    assert settings.catalog == settings.warehouse
    assert conninfo_to_dict(settings.warehouse) == {
        "host": "db",
        "port": "5433",
        "dbname": "sports",
        "user": "me",
        "password": "p'w 1",
        "sslmode": "require",
    }


def test_a_catalog_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    connect(monkeypatch, "catalog", {**WAREHOUSE, "schema": "catalog"})
    assert conninfo_to_dict(read_settings(SOURCE).catalog)["dbname"] == "catalog"


def test_no_secret_in_the_text_of_settings() -> None:
    assert "p'w" not in repr(read_settings(SOURCE))


def test_a_folder_as_lake() -> None:
    assert read_settings(SOURCE).lake == "file:///srv/lake"


def test_a_bucket_as_lake(monkeypatch: pytest.MonkeyPatch) -> None:
    extra = {"bucket": "b", "prefix": "/p/", "endpoint_url": "http://127.0.0.1:9", "region_name": "eu-west-1"}
    connect(monkeypatch, "lake", {"conn_type": "aws", "login": "key", "password": "secret", "extra": extra})
    settings = read_settings(SOURCE)
    assert settings.lake == "s3://b/p"
    assert settings.lake_options["endpoint"] == "http://127.0.0.1:9"
    assert settings.lake_options["credential_provider"]()["access_key_id"] == "key"


@pytest.mark.parametrize(
    ("lake", "hint"),
    [
        pytest.param({"conn_type": "fs"}, "absolute", id="no path"),
        pytest.param({"conn_type": "fs", "extra": {"path": "lake"}}, "absolute", id="relative path"),
        pytest.param({"conn_type": "aws"}, "bucket", id="no bucket"),
    ],
)
def test_a_wrong_lake_is_refused(lake: dict[str, object], hint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    connect(monkeypatch, "lake", lake)
    with pytest.raises(ConfigurationError, match=hint):
        read_settings(SOURCE)


def test_a_source_is_overridden_by_its_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    extra = {"requests_per_second": 50, "concurrency": 2, "headers": {"X-Key": "k"}}
    connect(monkeypatch, "football_data", {"conn_type": "http", "host": "http://127.0.0.1:9/x", "extra": extra})
    found = read_settings(SOURCE).of(SOURCE)
    assert (found.url, found.headers) == ("http://127.0.0.1:9/x", {"X-Key": "k"})
    pace = read_settings(SOURCE).pace(SOURCE)
    assert pace.concurrency == 2
    assert pace.seconds_per_request == pytest.approx(0.02)


def test_a_connection_that_is_too_fast_for_the_host_is_refused_before_anything_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = replace(SOURCE, pace=replace(SOURCE.pace, ceiling=Limit(20, 60), throttled_for=timedelta(hours=1)))
    connect(monkeypatch, SOURCE.name, {"conn_type": "http", "extra": {"requests_per_minute": 12}})
    pace = read_settings(source).pace(source)
    assert (pace.limits, pace.throttled_for) == ((Limit(12, 60, burst=1),), timedelta(hours=1))
    connect(monkeypatch, SOURCE.name, {"conn_type": "http", "extra": {"requests_per_second": 1}})
    with pytest.raises(ConfigurationError, match="football_data: its pace is set to 1 a second, and 20 a minute"):
        read_settings(source)


def test_two_paces_in_a_connection_are_one_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    extra = {"requests_per_second": 1, "requests_per_minute": 8}
    connect(monkeypatch, SOURCE.name, {"conn_type": "http", "extra": extra})
    with pytest.raises(ConfigurationError, match="requests_per_minute of Connection 'football_data' are both set"):
        read_settings(SOURCE)


def test_flags_and_lanes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_VAR_FLAG__FOOTBALL_DATA__SEASON", "off")
    monkeypatch.setenv("AIRFLOW_VAR_LANES__FOOTBALL_DATA", "2")
    assert read_flags(SOURCE) == {"football_data__season": "off"}
    assert read_lanes(SOURCE, 4) == 2


def test_fetch_policies(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_fetch_policies(SOURCE) == {}
    monkeypatch.setenv("AIRFLOW_VAR_FETCH_POLICY__FOOTBALL_DATA__SEASON", "once")
    monkeypatch.setenv("AIRFLOW_VAR_FETCH_POLICY__FOOTBALL_DATA__FIXTURES", "")
    assert read_fetch_policies(SOURCE) == {"season": "once"}


@pytest.mark.parametrize("value", ["none", "0", "-1"])
def test_wrong_lanes_are_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_VAR_LANES__FOOTBALL_DATA", value)
    with pytest.raises(ConfigurationError, match="lanes__football_data"):
        read_lanes(SOURCE, 4)


def test_selectors_of_a_source_that_takes_some(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_selectors(STATSBOMB) == ""
    monkeypatch.setenv("AIRFLOW_VAR_STATSBOMB_SELECTORS", "competition_id=11\ncompetition_id=43")
    assert read_selectors(STATSBOMB) == "competition_id=11\ncompetition_id=43"
    monkeypatch.setenv("AIRFLOW_VAR_FOOTBALL_DATA_SELECTORS", "division=E0")
    assert read_selectors(SOURCE) == ""
