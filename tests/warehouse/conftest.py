"""A warehouse with tables of its own kind: one current, one observed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import psycopg
import pyarrow as pa
import pytest
from psycopg.rows import tuple_row

from fieldhouse.config import Settings
from fieldhouse.migrate import migrate
from fieldhouse.warehouse import DatasetRows, Warehouse

TABLES = """
create schema sample;
create table sample.game (
    game_id text collate "C" primary key,
    day date, tip_off time, at timestamptz, points smallint, total bigint, price double precision, line real,
    share numeric, played boolean, note text, extra jsonb,
    _dataset_id bigint not null, _revision integer not null, _loaded_at timestamptz not null default now(),
    constraint points_are_positive check (points >= 0)
);
create index on sample.game (_dataset_id);
create table sample.price (
    observed_at timestamptz, name text not null, price double precision not null,
    _dataset_id bigint not null, _revision integer not null, _loaded_at timestamptz not null default now(),
    primary key (observed_at, name)
);
create table sample.heap (name text);
"""

Row = Mapping[str, Any]


@pytest.fixture
def warehouse_dsn(database: str) -> str:
    migrate(Settings(lake="", warehouse=database, catalog=database), ())
    with psycopg.connect(database) as connection:
        connection.execute(TABLES)
    return database


@pytest.fixture
def warehouse(warehouse_dsn: str) -> Iterator[Warehouse]:
    warehouse = Warehouse(warehouse_dsn)
    yield warehouse
    warehouse.close()


@pytest.fixture
def select(warehouse_dsn: str) -> Callable[..., list[tuple[Any, ...]]]:
    """Return a function from a statement to its rows, as another session sees them."""

    def run(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(warehouse_dsn, row_factory=tuple_row, options="-c timezone=UTC") as connection:
            cursor = connection.execute(statement, parameters)
            return list(cursor.fetchall()) if cursor.description else []

    return run


def dataset(
    number: int, rows: list[Row] | pa.Table, *, activation: int = 1, revision: int = 1, table: str = "game"
) -> DatasetRows:
    """Return a dataset with rows for one table."""
    arrow = rows if isinstance(rows, pa.Table) else pa.Table.from_pylist([dict(row) for row in rows])
    return DatasetRows(number, f"game/day={number}", revision, activation, {table: lambda: arrow})


def games(*names: str, **values: Any) -> list[Row]:
    """Return rows of ``sample.game``."""
    return [{"game_id": name, "note": "first", **values} for name in names]


def two_datasets() -> list[DatasetRows]:
    """Return a batch of 4,000 rows that takes a moment to load."""
    names = [f"game {number:05}" for number in range(4_000)]
    return [
        dataset(1, games(*names[:2_000], note="second"), activation=5, revision=2),
        dataset(2, games(*names[2_000:], note="second"), activation=6, revision=2),
    ]
