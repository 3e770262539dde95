"""What every source keeps to: one test for each promise, one case for each source or dataset type that there is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from http import HTTPStatus
from importlib import import_module
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urljoin, urlsplit

import jsonschema  # type: ignore[import-untyped]
import psycopg
import pytest

from fieldhouse import sources
from fieldhouse.config import Settings
from fieldhouse.embedded import Postgres
from fieldhouse.engine.archive import read_tables
from fieldhouse.migrate import migrate
from fieldhouse.params import COMMON_PARAMS, all_params, complete_params
from fieldhouse.source import (
    Candidate,
    DatasetType,
    FlagValue,
    Gap,
    Listing,
    RemoteFile,
    Scope,
    Source,
    Table,
    Window,
    format_identifier,
)
from fieldhouse.statements import FOLDER
from fieldhouse.target import BOOKKEEPING, refuse_misfits
from fieldhouse.warehouse import DatasetRows, Warehouse
from simulator.generated import GeneratedWorld

ROOT = Path(__file__).parents[2]
SOURCES = [pytest.param(sources.get(name), id=name) for name in sources.NAMES]
TYPES = [
    pytest.param(sources.get(name), dataset_type, id=f"{name}/{dataset_type.name}")
    for name in sources.NAMES
    for dataset_type in sources.get(name).dataset_types
]
TABLES = [
    pytest.param(sources.get(name), table, id=f"{name}.{table.name}")
    for name in sources.NAMES
    for table in {table.name: table for t in sources.get(name).dataset_types for table in t.tables}.values()
]
MOST_PARSED = 3


@dataclass(frozen=True)
class WorldClient:
    """Answers from the generated world, without a server."""

    source: Source
    world: GeneratedWorld

    def get(self, url: str, *, newer_than: datetime | None = None, max_age: timedelta | None = None) -> bytes:
        found = self.find(url)
        assert found is not None, f"the simulator has no {url}"
        return found

    def find(self, url: str) -> bytes | None:
        parts = urlsplit(urljoin(self.source.base_url.rstrip("/") + "/", url))
        answer = self.world.answer(parts.netloc, parts.path, parts.query)
        return answer.body if answer and answer.status == HTTPStatus.OK else None

    def read(self, file: RemoteFile) -> bytes | None:
        return file.content.encode() if file.content is not None else self.find(file.url)


@cache
def discovered(name: str) -> tuple[WorldClient, list[Candidate | Listing | Gap]]:
    """Return what a source says there is, on the simulator's day."""
    source = sources.get(name)
    client = WorldClient(source, GeneratedWorld(only=(name,)))
    return client, list(source.discover(scope_of(source, client), client))


def scope_of(source: Source, client: WorldClient) -> Scope:
    today = client.world.today
    return Scope(Window(today, today), today, params=complete_params(source, {}))


def candidates(name: str) -> tuple[WorldClient, list[Candidate]]:
    client, found = discovered(name)
    return client, [each for each in found if isinstance(each, Candidate)]


@pytest.fixture(scope="module")
def migrated(postgres: Postgres) -> Iterator[Settings]:
    database = postgres.create_database("contract")
    settings = Settings("file:///nowhere", database, database)
    migrate(settings, sources.NAMES)
    yield settings
    postgres.drop_database("contract")


def rows(settings: Settings, statement: str, *parameters: str) -> list[Any]:
    with psycopg.connect(settings.warehouse) as connection:
        return connection.execute(statement, parameters).fetchall()


def shipped(file: str) -> Mapping[str, Any]:
    values: Mapping[str, Any] = json.loads((ROOT / "include/airflow" / file).read_text())
    return values


# --- one name everywhere -------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", SOURCES)
def test_the_sources_name_is_one_word_everywhere(source: Source) -> None:
    module = import_module(f"fieldhouse.sources.{source.name}")
    flags = {name for name in shipped("variables.json") if name.startswith(f"flag__{source.name}")}
    types = {f"flag__{source.name}__{t.name}" for t in source.dataset_types}
    assert module.SOURCE is source
    assert source.name in shipped("pools.json")
    assert source.name in shipped("connections.json")
    assert f"flag__{source.name}" in flags
    assert flags <= types | {f"flag__{source.name}"}
    assert (ROOT / f"dags/ingest_{source.name}.py").is_file()
    assert source.parser.startswith(f"fieldhouse.sources.{source.name}.")
    assert list((FOLDER / source.name).glob("*.sql"))


def test_every_source_that_is_there_is_named() -> None:
    packages = {path.parent.name for path in (ROOT / "fieldhouse/sources").glob("*/__init__.py")}
    modules = {path.stem for path in (ROOT / "fieldhouse/sources").glob("[!_]*.py")}
    assert packages | modules == set(sources.NAMES)


@pytest.mark.parametrize("source", SOURCES)
def test_names_are_words_of_sql_and_of_a_path(source: Source) -> None:
    names = [source.name, *(t.name for t in source.dataset_types), *(k for t in source.dataset_types for k in t.key)]
    assert all(name.isidentifier() and name == name.lower() for name in names)
    assert len({t.name for t in source.dataset_types}) == len(source.dataset_types)
    assert urlsplit(source.base_url).scheme == "https"


@pytest.mark.parametrize("source", SOURCES)
def test_params_have_defaults_that_fit(source: Source) -> None:
    params = all_params(source)
    assert len({param.name for param in params}) == len(params)
    assert {param.name for param in source.params}.isdisjoint(param.name for param in COMMON_PARAMS)
    for param in params:
        jsonschema.validate(param.default, param.schema)
        for example in param.schema.get("examples", []):
            jsonschema.validate([example] if param.schema["type"] == "array" else example, param.schema)


@pytest.mark.parametrize(("source", "dataset_type"), TYPES)
def test_a_dataset_type_is_whole(source: Source, dataset_type: DatasetType) -> None:
    assert dataset_type.tables
    assert dataset_type.flag in get_args(FlagValue)
    assert dataset_type.parser_version >= 1
    assert len({table.kind for table in dataset_type.tables}) == 1
    assert not (dataset_type.observed and dataset_type.backfill), "the present cannot be fetched for a past date"
    assert list(dataset_type.recheck.after) == sorted(dataset_type.recheck.after)


# --- tables --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("source", "table"), TABLES)
def test_a_declared_table_is_the_databases(migrated: Settings, source: Source, table: Table) -> None:
    warehouse = Warehouse(migrated.warehouse)
    target = warehouse.target(source.name, table.name)
    warehouse.close()
    assert target.key == table.key
    assert set(BOOKKEEPING) <= set(target.columns)
    assert ("observed_at" in table.key) == (table.kind == "observed")


@pytest.mark.parametrize("source", SOURCES)
def test_the_schema_has_the_declared_tables_and_no_other(migrated: Settings, source: Source) -> None:
    found = rows(migrated, "select table_name from information_schema.tables where table_schema = %s", source.name)
    declared = {table.name for t in source.dataset_types for table in t.tables}
    assert {name for (name,) in found} == declared | set(source.reference)
    assert not declared & set(source.reference)


@pytest.mark.parametrize("schema", [*sources.NAMES, "lake", "fieldhouse"])
def test_every_schema_and_table_says_what_it_holds(migrated: Settings, schema: str) -> None:
    tables = rows(
        migrated,
        "select relname, obj_description(oid, 'pg_class') from pg_class "
        "where relnamespace = to_regnamespace(%s) and relkind in ('r', 'v')",
        schema,
    )
    assert [name for name, comment in tables if not comment] == []
    assert rows(migrated, "select obj_description(to_regnamespace(%s), 'pg_namespace')", schema) != [(None,)]


@pytest.mark.parametrize(("source", "table"), TABLES)
def test_where_rows_come_from_can_be_looked_up(migrated: Settings, source: Source, table: Table) -> None:
    """The loader deletes by _dataset_id: without an index it reads the whole table for each batch."""
    indexes = rows(
        migrated, "select indexdef from pg_indexes where schemaname = %s and tablename = %s", source.name, table.name
    )
    assert table.kind == "observed" or any("(_dataset_id" in definition for (definition,) in indexes)


# --- discover and parse --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("source", "dataset_type"), TYPES)
def test_discover_yields_candidates_that_are_whole(source: Source, dataset_type: DatasetType) -> None:
    _, found = candidates(source.name)
    ours = [candidate for candidate in found if candidate.dataset_type == dataset_type.name]
    assert ours, "the simulator's day has none"
    assert len({format_identifier(candidate.identifier) for candidate in ours}) == len(ours)
    for candidate in ours:
        assert tuple(candidate.identifier) == dataset_type.key
        assert all(isinstance(value, str) and value for value in candidate.identifier.values())
        assert_files(dataset_type, candidate)
        moments = (candidate.settled_at, candidate.due_at)
        assert all(moment.tzinfo for moment in moments if isinstance(moment, datetime))
    assert any(candidate.files for candidate in ours), "there is nothing to fetch"


def assert_files(dataset_type: DatasetType, candidate: Candidate) -> None:
    names = [file.name for file in candidate.files]
    assert len(set(names)) == len(names)
    assert set(names) <= set(dataset_type.files)
    # what is announced has none
    assert not names or set(names) >= set(dataset_type.files) - set(dataset_type.optional)
    for file in candidate.files:
        assert file.max_bytes > 0
        assert file.version is None or file.version
        assert urlsplit(file.url).scheme in {"", "https"}
        assert not file.url.startswith("/"), "relative to the base URL, which may have a path"
        assert file.local_path is None


@pytest.mark.parametrize("source", SOURCES)
def test_discover_says_the_same_twice_and_knows_every_type(source: Source) -> None:
    client, found = discovered(source.name)
    assert list(source.discover(scope_of(source, client), client)) == found
    assert {each.dataset_type for each in found} <= {t.name for t in source.dataset_types}
    assert [each for each in found if isinstance(each, Gap)] == []


@pytest.mark.parametrize("source", SOURCES)
def test_a_listing_comes_after_all_that_it_vouches_for(source: Source) -> None:
    """A dataset that is named later would be taken for withdrawn."""
    _, found = discovered(source.name)
    for place, listing in enumerate(found):
        if isinstance(listing, Listing):
            assert set(listing.identifier) <= set(source.dataset_type(listing.dataset_type).key)
            late = [each for each in found[place:] if isinstance(each, Candidate) and vouches(listing, each)]
            assert late == []


def vouches(listing: Listing, candidate: Candidate) -> bool:
    same_type = listing.dataset_type == candidate.dataset_type
    return same_type and listing.identifier.items() <= candidate.identifier.items()


@pytest.mark.parametrize(("source", "dataset_type"), TYPES)
def test_the_parser_gives_rows_that_the_database_takes(
    migrated: Settings, source: Source, dataset_type: DatasetType
) -> None:
    """Generated files, the way of the engine: exactly the declared tables, keys without NULL, columns that fit."""
    client, found = candidates(source.name)
    ours = [candidate for candidate in found if candidate.dataset_type == dataset_type.name]
    warehouse = Warehouse(migrated.warehouse)
    parsed = 0
    for candidate in ours:
        if not candidate.files or parsed == MOST_PARSED:
            continue
        bodies = {file.name: client.read(file) for file in candidate.files}
        files = {name: body for name, body in bodies.items() if body is not None}
        if len(files) < len(bodies):
            continue
        parsed += 1
        tables = read_tables(
            source, dataset_type, candidate.identifier, files, datetime.fromisoformat("2026-02-21T12:00Z")
        )
        again = source.parse(dataset_type.name, candidate.identifier, files)
        assert set(again) == {table.name for table in dataset_type.tables}
        for name, rows_ in tables.items():
            assert not set(rows_.column_names) & set(BOOKKEEPING)
            refuse_misfits(warehouse.target(source.name, name), format_identifier(candidate.identifier), rows_)
        load = {name: lambda rows_=rows_: rows_ for name, rows_ in tables.items()}
        dataset = DatasetRows(parsed, format_identifier(candidate.identifier), 1, parsed, load)
        counts = warehouse.load(source.name, 1, [dataset], {table.name: table.checks for table in dataset_type.tables})
        assert {name: count.inserted for name, count in counts.items()} == {n: t.num_rows for n, t in tables.items()}
    warehouse.close()
    assert parsed, "the simulator has a file for none of them"
