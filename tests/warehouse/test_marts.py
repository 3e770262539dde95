"""Marks of old marts, and what is read of a dbt run."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fieldhouse.marts import Built, Failure, clear_dirty, find_run, newest_run, note_run, read_dirty, read_results
from fieldhouse.warehouse import Warehouse
from tests.warehouse.conftest import dataset, games

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_mark_that_a_load_renewed_meanwhile_stays(warehouse: Warehouse) -> None:
    warehouse.load("sample", 1, [dataset(1, games("a"))])
    seen = read_dirty(warehouse, ["sample", "other"])
    assert list(seen) == ["sample"]
    warehouse.load("sample", 2, [dataset(2, games("b"))])  # while dbt builds
    assert clear_dirty(warehouse, seen) == []
    assert clear_dirty(warehouse, read_dirty(warehouse, ["sample"])) == ["sample"]
    assert read_dirty(warehouse, ["sample"]) == {}


def test_a_load_that_changes_nothing_leaves_no_mark(warehouse: Warehouse) -> None:
    warehouse.load("sample", 1, [dataset(1, games("a"))])
    clear_dirty(warehouse, read_dirty(warehouse, ["sample"]))
    warehouse.load("sample", 2, [dataset(1, games("a"), activation=2)])
    assert read_dirty(warehouse, ["sample"]) == {}


def test_a_rerun_replaces_what_is_known_of_a_run(warehouse: Warehouse) -> None:
    note_run(warehouse, "transform_dbt/1", ["sample"], NOW, Built(failures=[Failure("model", "error", "no column")]))
    note_run(warehouse, "transform_dbt/1", ["sample"], NOW, Built(models=2, tests=3, marts=["mart"]))
    row = find_run(warehouse, "transform_dbt/1")
    assert row is not None
    assert (row.models, row.tests, row.marts, row.failures) == (2, 3, ["mart"], [])
    assert newest_run(warehouse, "sample") == row
    assert newest_run(warehouse, "other") is None
    assert find_run(warehouse, "transform_dbt/2") is None


def result(node: str, status: str, relation: str | None = None, message: str | None = None) -> dict[str, Any]:
    return {"unique_id": node, "status": status, "relation_name": relation, "message": message}


def test_what_a_dbt_run_did(tmp_path: Path) -> None:
    file = tmp_path / "run_results.json"
    results = [
        result("model.fieldhouse.stg", "success", '"db"."staging"."stg"'),
        result("model.fieldhouse.mart", "success", '"db"."marts"."mart"'),
        result("seed.fieldhouse.seed", "success", '"db"."staging"."seed"'),
        result("test.fieldhouse.unique.1", "pass"),
        result("test.fieldhouse.few.2", "warn"),
        result("test.fieldhouse.sum.3", "fail", message="Got 2 results,\n  expected 0"),
        result("model.fieldhouse.bad", "error", '"db"."marts"."bad"', 'column "x" does not exist'),
        result("model.fieldhouse.after", "skipped", '"db"."marts"."after"'),
    ]
    file.write_text(json.dumps({"results": results}))
    built = read_results(file)
    assert built is not None
    assert (built.models, built.tests, built.skipped, built.marts) == (3, 2, 1, ["mart"])
    assert [str(failure) for failure in built.failures] == [
        "sum.3 (fail): Got 2 results, expected 0",
        'bad (error): column "x" does not exist',
    ]


def test_a_dbt_that_stopped_early_left_nothing(tmp_path: Path) -> None:
    assert read_results(tmp_path / "run_results.json") is None


@pytest.mark.parametrize("status", ["runtime error", "error"])
def test_a_message_is_one_line_of_bounded_length(tmp_path: Path, status: str) -> None:
    file = tmp_path / "run_results.json"
    file.write_text(json.dumps({"results": [result("model.fieldhouse.m", status, message="x\n" * 5_000)]}))
    built = read_results(file)
    assert built is not None
    assert "\n" not in built.failures[0].message
    assert len(built.failures[0].message) <= 1_000
