"""The project as dbt reads it: every name fits its source, and every column is explained."""

from __future__ import annotations

import re
from typing import Any

import pytest

from fieldhouse import sources
from tests.dbt.conftest import PROJECT, Marts

pytestmark = pytest.mark.xdist_group("dbt")


@pytest.fixture(scope="session")
def manifest(built: Marts) -> Any:
    return built.artifact("manifest")


def nodes(manifest: Any, *kinds: str) -> list[Any]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] in kinds]


def columns(marts: Marts, schema: str, table: str) -> set[str]:
    statement = "select column_name from information_schema.columns where table_schema = %s and table_name = %s"
    return {name for (name,) in marts.rows(statement, schema, table)}


def explained(node: Any) -> set[str]:
    return {name for name, column in node["columns"].items() if column["description"].strip()}


def read(staging: Any) -> set[str]:
    """Return the columns that a staging model selects or compares: its names but those that it makes."""
    return set(re.findall(r"\w+", staging["raw_code"])) - set(re.findall(r"\bas (\w+)", staging["raw_code"]))


def test_every_model_and_seed_and_all_their_columns_are_explained(built: Marts, manifest: Any) -> None:
    for node in nodes(manifest, "model", "seed"):
        assert node["description"].strip(), node["name"]
        assert explained(node) == columns(built, node["schema"], node["alias"]), node["name"]


def test_every_source_column_that_is_used_is_explained(built: Marts, manifest: Any) -> None:
    for source_id, source in manifest["sources"].items():
        known = columns(built, source["schema"], source["identifier"])
        assert source["description"].strip()
        assert set(source["columns"]) == explained(source)
        assert explained(source) <= known
        queries = [other.get("loaded_at_query") or "" for other in manifest["sources"].values()]
        reading = [query for query in queries if f"source('{source['source_name']}', '{source['name']}')" in query]
        words = {word for query in reading for word in re.findall(r"\b[a-z]\.(\w+)", query)}
        words |= {
            name for node in nodes(manifest, "model") if source_id in node["depends_on"]["nodes"] for name in read(node)
        }
        assert words & known <= explained(source), source["name"]


def test_names_are_those_of_the_source(manifest: Any) -> None:
    for node in nodes(manifest, "model", "seed"):
        source = node["fqn"][1]
        assert source in sources.NAMES
        assert node["tags"] == [source]
        assert node["name"].startswith((f"{source}__", f"stg_{source}__"))
        assert node["schema"] == ("marts" if node["fqn"][2] == "marts" else "staging")
    described = {source["source_name"]: source["schema"] for source in manifest["sources"].values()}
    assert all(name == schema for name, schema in described.items())
    assert set(described) <= {*sources.NAMES, "fieldhouse"}


def test_comments_reach_the_database(built: Marts) -> None:
    ((comment,),) = built.rows(
        "select col_description('marts.football_data__results'::regclass, attnum) from pg_attribute "
        "where attrelid = 'marts.football_data__results'::regclass and attname = 'overround'"
    )
    assert "margin of the bookmakers" in comment


def test_nobody_is_phoned(manifest: Any) -> None:
    assert manifest["metadata"]["send_anonymous_usage_stats"] is False
    assert not (PROJECT / "packages.yml").exists()
