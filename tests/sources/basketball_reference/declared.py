"""The columns of include/sql, as a parser has to fill them."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa

SQL = Path(__file__).parents[3] / "include" / "sql" / "basketball_reference"
TYPES = {
    "text": pa.string(),
    "jsonb": pa.string(),
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "date": pa.date32(),
    "boolean": pa.bool_(),
    "double": pa.float64(),
    "timestamptz": pa.timestamp("us", "UTC"),
}


def declared_schema(table: str) -> dict[str, pa.DataType]:
    """Return {column: Arrow type} of a table, without what the engine fills."""
    (statement,) = [
        found[1]
        for path in sorted(SQL.glob("*.sql"))
        if (
            found := re.search(
                rf"create table if not exists basketball_reference\.{table} \((.*?)\n\);", path.read_text(), re.DOTALL
            )
        )
    ]
    columns = dict(re.findall(r"^    (?!constraint)(\w+) (\w+)", statement, re.MULTILINE))
    engine = {name for name in columns if name.startswith("_")} | {"observed_at"}
    return {name: TYPES[type_] for name, type_ in columns.items() if name not in engine}


def schema_of(table: pa.Table) -> dict[str, pa.DataType]:
    return {field.name: field.type for field in table.schema}
