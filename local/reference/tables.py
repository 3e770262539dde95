"""``docs/tables.md``: every table as a migrated Postgres has it, what its source declares of it, and dbt's models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row

from fieldhouse import sources
from fieldhouse.source import Source, Table
from local.reference.markdown import GENERATED, code, codes, join, table

SCHEMAS = ("lake", "fieldhouse")

COLUMNS = """
select
    n.nspname as schema,
    c.relname as relation,
    c.relkind = 'v' as is_view,
    obj_description(n.oid, 'pg_namespace') as schema_comment,
    obj_description(c.oid, 'pg_class') as comment,
    a.attname as name,
    format_type(a.atttypid, a.atttypmod) as type,
    a.attnotnull as required,
    col_description(c.oid, a.attnum) as column_comment,
    array_position(i.indkey::smallint[], a.attnum) as key_place
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
inner join pg_attribute as a on c.oid = a.attrelid
left join pg_index as i on c.oid = i.indrelid and i.indisprimary
where n.nspname = any(%s) and c.relkind in ('r', 'p', 'v') and a.attnum > 0 and not a.attisdropped
order by n.nspname, c.relname, a.attnum
"""


def page(dsn: str, dbt: Path) -> str:
    """Return the page.

    :param dsn: a migrated database that holds warehouse and catalog.
    :param dbt: the dbt project; there may be none.
    """
    by_schema = {schema: list(rows) for schema, rows in groupby(_columns(dsn), lambda row: row.schema)}
    parts = [_schema(name, by_schema[name], sources.get(name)) for name in sources.NAMES]
    parts += [_models(dbt)]
    parts += [_schema(name, by_schema[name], None) for name in SCHEMAS if name in by_schema]
    intro = (
        "A table is **current**, its rows those of each dataset's current revision, or **observed**: every look at "
        "the provider adds rows under its own time, and nothing vanishes. Checks run before a dataset is loaded; one "
        "that fails is quarantined, and the last good rows stay. Schema `lake` is the catalog, schema `fieldhouse` the "
        "loader's own."
    )
    return join("# Tables", GENERATED, intro, *parts) + "\n"


def _columns(dsn: str) -> list[Any]:
    with psycopg.connect(dsn, row_factory=namedtuple_row) as connection:
        return connection.execute(COLUMNS, [[*sources.NAMES, *SCHEMAS]]).fetchall()


def _schema(name: str, rows: Sequence[Any], source: Source | None) -> str:
    declared = _declared(source) if source else {}
    relations = {relation: list(columns) for relation, columns in groupby(rows, lambda row: row.relation)}
    # the source's own order first: it is the one that explains
    order = [*(table for table in declared if table in relations), *(r for r in relations if r not in declared)]
    sections = (_relation(name, relations[relation], declared.get(relation)) for relation in order)
    return join(f"## Schema `{name}`", rows[0].schema_comment or "", source.attribution if source else "", *sections)


def _declared(source: Source) -> dict[str, Table]:
    return {table.name: table for each in source.dataset_types for table in each.tables}


def _relation(schema: str, columns: Sequence[Any], declared: Table | None) -> str:
    first = columns[0]
    key = [c.name for c in sorted((c for c in columns if c.key_place is not None), key=lambda c: c.key_place)]
    kind = "View." if first.is_view else f"Kind: **{declared.kind}**." if declared else ""
    checks = [f"- {each.of}: {each.name}" for each in declared.checks] if declared else []
    return join(
        f"### {schema}.{first.relation}",
        first.comment or "",
        " ".join(filter(None, [kind, f"Primary key: {codes(key)}." if key else ""])),
        "Checks, each the thing that must not be:" if checks else "",
        "\n".join(checks),
        table(
            ("column", "type", "", "what"),
            ((code(c.name), c.type, "not null" if c.required else "", c.column_comment or "") for c in columns),
        ),
    )


def _models(dbt: Path) -> str:
    models = sorted(_read_models(dbt), key=lambda model: str(model["name"]))
    return join("## dbt's models", *map(_model, models)) if models else ""


def _read_models(dbt: Path) -> Iterator[dict[str, Any]]:
    import yaml  # type: ignore[import-untyped]  # noqa: PLC0415 - comes with Airflow

    for file in sorted((dbt / "models").rglob("*.yml")):
        yield from (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("models", [])


def _model(model: dict[str, Any]) -> str:
    columns = [
        (code(column["name"]), _tests(column), column.get("description", "")) for column in model.get("columns", [])
    ]
    return join(
        f"### {model['name']}",
        " ".join(str(model.get("description", "")).split()),
        f"Tests: {_tests(model)}." if _tests(model) else "",
        table(("column", "tests", "what"), columns) if columns else "",
    )


def _tests(of: dict[str, Any]) -> str:
    """Return the names of the data tests of a model or a column."""
    found = of.get("data_tests", of.get("tests", []))
    return ", ".join(each if isinstance(each, str) else str(each.get("name") or next(iter(each))) for each in found)
