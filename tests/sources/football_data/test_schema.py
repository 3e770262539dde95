"""The parser's tables, the declaration and the SQL name the same columns, types and keys."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pytest

from fieldhouse.source import Table
from fieldhouse.sources import football_data
from tests.sources.football_data.conftest import PLAYED, season

SQL = Path(__file__).parents[3] / "include" / "sql" / "football_data"
TYPES = {
    pa.string(): {"text", "jsonb"},
    pa.int16(): {"smallint"},
    pa.int32(): {"integer"},
    pa.float32(): {"real"},
    pa.float64(): {"double precision"},
    pa.date32(): {"date"},
    pa.time32("s"): {"time"},
}
TABLES = {table.name: table for kind in football_data.SOURCE.dataset_types for table in kind.tables}


def arrow(name: str) -> pa.Table:
    if name.startswith("fixture"):
        data = b"Div,Date,HomeTeam,AwayTeam,B365H\nE0,17/08/2024,Arsenal,Chelsea,2\n"
        return football_data.SOURCE.parse("fixtures", {}, {"fixtures.csv": data})[name]
    return season(PLAYED)[name]


def declared(name: str) -> tuple[dict[str, str], tuple[str, ...]]:
    (statement,) = [
        found[1]
        for path in sorted(SQL.glob("*.sql"))
        if (
            found := re.search(
                rf"create table if not exists football_data\.{name} \((.*?)\n\);", path.read_text(), re.DOTALL
            )
        )
    ]
    columns = re.findall(r"^    (\w+) (\w+(?: precision)?)", statement, re.MULTILINE)
    key = re.search(r"primary key \((.*?)\)", statement, re.DOTALL)
    assert key
    types = {column: type_ for column, type_ in columns if column != "constraint"}
    return types, tuple(part.strip() for part in key[1].split(","))


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_parser_declaration_and_sql_agree(table: Table) -> None:
    types, key = declared(table.name)
    schema = arrow(table.name).schema
    expected = [name for name in types if not name.startswith("_") and name != "observed_at"]
    assert sorted(schema.names) == sorted(expected)
    assert [field.name for field in schema if types[field.name] not in TYPES[field.type]] == []
    assert key == table.key
    assert ("observed_at" in types) is (table.kind == "observed")
