"""``verify``, ``gc`` and ``doctor`` as a person calls them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from fieldhouse import sources
from tests.cli.conftest import House, assert_sentence, call

NARROW = ("football_data/season", "-p", "divisions=E0", "-p", "seasons=2526")


@pytest.fixture
def filled(house: House) -> House:
    house.json("run", *NARROW)
    return house


def folder(house: House) -> Path:
    return Path(house.settings.lake.removeprefix("file://"))


def audit(house: House, *words: str, code: int = 0) -> Any:
    """Verify everything, and return what was found of the one source that has anything."""
    reports = {report["source"]: report for report in house.json("verify", *words, code=code)}
    assert set(reports) == set(sources.NAMES)
    return reports["football_data"]


def test_verify_repair_run_verify(filled: House) -> None:
    assert filled("verify").stdout == (
        "basketball_reference: 0 objects, 0 of them read; 0 wrong, 0 left so\n"
        "football_data: 3 objects, 3 of them read; 0 wrong, 0 left so\n"
        "statsbomb: 0 objects, 0 of them read; 0 wrong, 0 left so\n"
    )
    (path,) = filled.rows("select path from lake.file")[0]
    (folder(filled) / path).write_bytes(b"rubbish")
    found = filled("verify", "football_data/season", "division=E0")
    assert found.returncode == 3
    assert f"damaged_file season/division=E0/season=2526 season.csv: revision 1, {path}: it cannot be" in found.stdout
    assert found.stdout in filled("verify", "--repair", "--dry-run").stdout
    assert filled.rows("select 1 from lake.file where lost_at is not null") == []
    report = audit(filled, "--repair", code=3)
    assert (report["left"], report["repaired"][0]["is_mended"]) == (1, False)
    assert (folder(filled) / "damaged" / path).read_bytes() == b"rubbish"
    assert filled.json("run", *NARROW)["outcomes"] == {"unchanged": 1}
    report = audit(filled)
    assert (report["findings"], report["notes"], report["left"]) == ([], [], 0)


def test_rows_of_a_real_table(filled: House) -> None:
    """Keys of several columns and types; the tables of a dataset are mended together."""
    before = filled.rows("select count(*) from football_data.match_odds")
    with psycopg.connect(filled.settings.warehouse) as connection:
        connection.execute(
            "delete from football_data.match_odds where ctid in (select ctid from football_data.match_odds limit 9)"
        )
    report = audit(filled, "--repair")
    assert [(f["kind"], f["what"]) for f in report["findings"]] == [("rows_differ", "match_odds")]
    assert filled.rows("select count(*) from football_data.match_odds") == before
    assert filled("verify").returncode == 0


def test_gc_says_what_it_does(filled: House) -> None:
    (named,) = filled.rows("select path from lake.file")[0]
    path = f"{named}.left"
    (folder(filled) / path).write_bytes(b"left over")
    assert filled("gc").stdout == "removed nothing (0 bytes)\n"
    os.utime(folder(filled) / path, (0, 0))
    assert filled("gc", "--dry-run").stdout == f"would remove 1 stray (9 bytes)\n  {path}\n"
    assert filled.json("gc")["removed"]["stray"] == [path]
    assert not (folder(filled) / path).exists()
    assert filled("verify").returncode == 0


def test_a_lake_or_a_database_that_is_away(filled: House) -> None:
    nowhere = filled.settings.warehouse.rpartition("/")[0].rpartition("@")[0] + "@127.0.0.1:9/nothing"
    for command in ("verify", "gc"):
        assert_sentence(filled(command, FIELDHOUSE_CATALOG=nowhere), 4, "catalog 127.0.0.1:9/nothing cannot be reached")
    assert_sentence(filled("verify", "nonsense"), 2, "there is no source 'nonsense'")
    assert_sentence(
        filled("gc", "--older-than", "1", FIELDHOUSE_LAKE="s3://b@nobody"), 2, "the lake's URL holds a user"
    )


# --- doctor


def checks(house: House, code: int = 0, *words: str, **environment: str) -> dict[str, Any]:
    ended = house("doctor", "--json", "--no-airflow", *words, **environment)
    assert ended.returncode == code, ended.stdout + ended.stderr
    return {check["name"]: check for check in json.loads(ended.stdout)}


def test_doctor_finds_everything_in_order(filled: House) -> None:
    found = checks(filled, 0, "--network", FIELDHOUSE_CONTACT="me@example.org")
    assert {name: check["state"] for name, check in found.items() if check["state"] != "ok"} == {"clock": "warn"}
    for name in ("lake", "lake, put-if-absent", "catalog, session", "warehouse, rights", "warehouse, track_counts"):
        assert name in found
    for name in sources.NAMES:
        assert found[f"host of {name}"]["found"].endswith(" answers")
    text = filled("doctor", "--no-airflow").stdout
    assert "warn  contact: the sites do not learn who asks. To mend it: set Variable `contact`" in text
    assert "ok    warehouse, tables: all " in text


def test_doctor_says_what_is_wrong_and_how_to_mend_it(filled: House, tmp_path: Path) -> None:
    with psycopg.connect(filled.settings.warehouse) as connection:
        connection.execute("update fieldhouse.migration set sha256 = 'old' where file = 'catalog/010_lake.sql'")
        connection.execute("update fieldhouse.dirty set since = now() - interval '2 days'")
        connection.execute(
            "insert into lake.host_block values ('h', now() + interval '1 hour', 'blocked', 'status 403')"
        )
        connection.execute(
            "insert into lake.plan (source, run, scope, created_at) values "
            "('football_data', 'dead one', '{}', now() - interval '2 days'), ('football_data', 'waits', '{}', now())"
        )
        connection.execute("update lake.dataset set state = 'quarantined'")
    found = checks(filled, 1)
    assert "catalog/010_lake.sql" in found["catalog, tables"]["found"]
    assert found["catalog, tables"]["mend"] == "run `fieldhouse migrate`"
    assert found["dead plans"]["found"] == "1 runs ended before their end: football_data dead one"
    assert {
        name: found[name]["state"]
        for name in ("host h", "dead plans", "football_data, marts", "football_data, quarantine")
    } == {
        "host h": "warn",
        "dead plans": "warn",
        "football_data, marts": "warn",
        "football_data, quarantine": "warn",
    }
    file = tmp_path / "file"
    file.touch()
    assert checks(filled, 1, FIELDHOUSE_LAKE=file.as_uri())["lake"]["state"] == "fail"


def test_doctor_without_rights_or_tables(filled: House) -> None:
    with psycopg.connect(filled.settings.warehouse, autocommit=True) as connection:
        connection.execute("drop role if exists reader")
        connection.execute("create role reader login password 'reader'")
        connection.execute("grant usage on schema lake, fieldhouse to reader")
        connection.execute("grant select on all tables in schema lake, fieldhouse to reader")
    reader = make_conninfo(filled.settings.warehouse, user="reader", password="reader")
    found = checks(filled, 1, FIELDHOUSE_WAREHOUSE=reader, FIELDHOUSE_CATALOG=reader)
    assert "insert on lake.dataset" in found["catalog, rights"]["found"]
    assert "usage on lake.plan_plan_id_seq" in found["catalog, rights"]["found"]
    assert "usage on schema football_data" in found["warehouse, rights"]["found"]
    assert "reader" not in found["catalog"]["found"]
    with psycopg.connect(filled.settings.warehouse, autocommit=True) as connection:
        connection.execute("drop owned by reader; drop role reader")
        connection.execute("drop schema fieldhouse cascade")
    assert checks(filled, 1)["warehouse, tables"]["found"] == "there are none of ours"


def test_doctor_where_nothing_is_set() -> None:
    """Neither the environment nor an Airflow says where lake and warehouse are: that is what is wrong."""
    ended = call("doctor", env={"HOME": "/nonexistent"})
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "FAIL  settings: FIELDHOUSE_LAKE and FIELDHOUSE_WAREHOUSE must be set" in ended.stdout
    assert "ok    airflow: " in ended.stdout


def test_doctor_without_settings(house: House) -> None:
    assert_setting = checks(house, 1, FIELDHOUSE_LAKE="")["settings"]
    assert "FIELDHOUSE_LAKE must be set" in assert_setting["found"]
    airflow = house("doctor", AIRFLOW_HOME="", HOME="/nonexistent").stdout
    assert "airflow" in airflow
