"""The generated pages: that they say what the code says, all of it, and the same each time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

from fieldhouse import sources
from fieldhouse.config import Settings
from local.reference import dags, markdown, tables

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("docs")
    # another language, another day's order of hashes: the pages are the same
    environment = {**os.environ, "LANG": "de_DE.UTF-8", "PYTHONHASHSEED": "7"}
    words = [sys.executable, "-m", "local.reference", str(folder)]
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]
    return (folder / "dags.md").read_text(), (folder / "tables.md").read_text()


def test_every_dag_has_a_section(pages: tuple[str, str]) -> None:
    page, _ = pages
    for file in (ROOT / "dags").glob("*.py"):
        assert f"\n## {file.stem}\n" in page
    assert "At 06:00, only on Sunday and Wednesday, UTC (`0 6 * * SUN,WED`)" in page


def test_a_dag_shows_its_tasks_in_order_flags_and_params(pages: tuple[str, str]) -> None:
    page, _ = pages
    section = page.split("\n## ingest_football_data\n")[1].split("\n## ")[0]
    words = ("`discover`", "`ingest.scrape`", "`ingest.archive`", "`ingest.load`", "`publish`", "`verdict`")
    places = [section.index(f"| {word} |") for word in words]
    assert places == sorted(places)
    source = sources.get("football_data")
    for each in source.dataset_types:
        assert f"| `flag__football_data__{each.name}` | {each.flag} |" in section
    for param in source.params:
        assert f"| `{param.name}` | " in section
    assert "| no: it shows the present only |" in section
    assert "Backfill" in section


def test_every_table_of_a_source_is_there_with_kind_key_and_checks(pages: tuple[str, str]) -> None:
    _, page = pages
    for name in sources.NAMES:
        for each in (table for kind in sources.get(name).dataset_types for table in kind.tables):
            section = page.split(f"\n### {name}.{each.name}\n")[1].split("\n### ")[0]
            assert f"Kind: **{each.kind}**. Primary key: {markdown.codes(each.key)}." in section
            assert [check.name for check in each.checks if check.name not in section] == []


def test_dbts_models_are_there(pages: tuple[str, str]) -> None:
    _, page = pages
    for file in (ROOT / "include" / "dbt" / "models").rglob("*.sql"):
        assert f"\n### {file.stem}\n" in page


def test_every_column_of_a_source_and_every_table_has_a_comment(settings: Settings) -> None:
    with psycopg.connect(settings.warehouse) as connection:
        bare = connection.execute(
            """
            select format('%%I.%%I.%%I', n.nspname, c.relname, a.attname)
            from pg_class as c
            inner join pg_namespace as n on c.relnamespace = n.oid
            inner join pg_attribute as a on c.oid = a.attrelid
            where
                n.nspname = any(%(sources)s) and c.relkind in ('r', 'p', 'v') and a.attnum > 0 and not a.attisdropped
                and col_description(c.oid, a.attnum) is null
            union all
            select format('%%I.%%I', n.nspname, c.relname)
            from pg_class as c
            inner join pg_namespace as n on c.relnamespace = n.oid
            where n.nspname = any(%(all)s) and c.relkind in ('r', 'p', 'v') and obj_description(c.oid) is null
            """,
            {"sources": list(sources.NAMES), "all": [*sources.NAMES, *tables.SCHEMAS]},
        ).fetchall()
    assert bare == []


def test_a_table_that_no_source_declares_is_shown_without_a_kind(settings: Settings, tmp_path: Path) -> None:
    with psycopg.connect(settings.warehouse) as connection:
        connection.execute("create table football_data.left_behind (a int primary key, b text[])")
        connection.execute("comment on column football_data.left_behind.b is 'one | two'")
    page = tables.page(settings.warehouse, tmp_path / "no dbt")
    section = page.split("\n### football_data.left_behind\n")[1].split("\n## ")[0]
    assert "Kind" not in section
    assert "Primary key: `a`." in section
    assert "| `b` | text[] |  | one \\| two |" in section
    assert "dbt's models" not in page


def test_dbts_tests_are_named(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "some.yml").write_text(
        "models: [{name: m, description: d, data_tests: [{always: {x: 1}}], "
        "columns: [{name: c, description: e, data_tests: [unique, {always_true: {name: n}}, {name: own, test: t}]}]}]"
    )
    found = next(tables._read_models(tmp_path))
    assert tables._model(found).splitlines()[-1] == "| `c` | unique, always_true, own | e |"
    assert "Tests: always." in tables._model(found)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string"}, "string"),
        ({"type": ["null", "string"], "format": "date"}, "string (date)"),
        ({"type": "array", "items": {"type": "string"}}, "array of string"),
        ({}, "any"),
    ],
)
def test_the_type_of_a_param(schema: dict[str, object], words: str) -> None:
    assert dags._type(schema) == words


def test_a_dag_without_a_schedule_or_a_source() -> None:
    dag = SimpleNamespace(dag_id="transform_dbt", timetable=object(), schedule=None)
    assert dags._schedule(dag) == "when triggered"
    assert dags._source(dag) is None


def test_markdown_survives_any_text() -> None:
    assert markdown.table(("a",), [("x | y\nz",)]).splitlines()[-1] == "| x \\| y z |"
    assert markdown.demoted("# One\n\ntext # no heading\n## Two", 2) == "### One\n\ntext # no heading\n#### Two"
