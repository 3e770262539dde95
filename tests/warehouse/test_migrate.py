"""The tables of include/sql: made once, by one of those who try, or not at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from fieldhouse import sources, statements
from fieldhouse.config import Settings
from fieldhouse.errors import DatabaseError
from fieldhouse.migrate import migrate

ROOT = Path(__file__).parents[2]
MIGRATE = """
import sys
from fieldhouse import sources
from fieldhouse.config import Settings
from fieldhouse.migrate import migrate

sys.stdin.readline()
print(len(migrate(Settings(lake="", warehouse=sys.argv[1], catalog=sys.argv[1]), sources.NAMES)))
"""
GOOD = "create schema if not exists sample;\ncreate table if not exists sample.a (x int); -- café\n"


def settings_of(database: str) -> Settings:
    return Settings(lake="", warehouse=database, catalog=database)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that stands for include/sql, with one file of source ``sample``."""
    (tmp_path / "sample").mkdir()
    (tmp_path / "sample" / "010_first.sql").write_text(GOOD, encoding="utf-8")
    monkeypatch.setattr(statements, "FOLDER", tmp_path)
    return tmp_path


def apply(database: str) -> list[str]:
    return [applied.file for applied in migrate(settings_of(database), ["sample"])]


def test_twice(settings: Settings) -> None:
    assert migrate(settings, ["football_data"]) == []


def test_everything_may_be_applied_again(settings: Settings) -> None:
    with psycopg.connect(settings.warehouse) as connection:
        connection.execute("truncate fieldhouse.migration")
        before = connection.execute("select catalog_id from lake.identity").fetchall()
    assert "catalog/010_lake.sql" in [applied.file for applied in migrate(settings, ["football_data"])]
    with psycopg.connect(settings.catalog) as connection:
        assert connection.execute("select catalog_id from lake.identity").fetchall() == before


def test_twice_at_once(database: str) -> None:
    children = [
        subprocess.Popen(
            [sys.executable, "-c", MIGRATE, database],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for child in children:
        assert child.stdin
        child.stdin.write("go\n")
        child.stdin.flush()
    counts = sorted(int(child.communicate(timeout=60)[0]) for child in children)
    files = [file for schema in ("catalog", "warehouse", *sources.NAMES) for file in statements.migrations(schema)]
    assert counts[0] == 0 or sum(counts) == len(files)
    assert counts[1] > 0


def test_a_changed_file_is_applied_again(database: str, folder: Path) -> None:
    assert apply(database) == ["sample/010_first.sql"]
    assert apply(database) == []
    (folder / "sample" / "010_first.sql").write_text(
        GOOD + "alter table sample.a add column if not exists y int;", encoding="utf-8"
    )
    (folder / "sample" / "020_second.sql").write_text("create table if not exists sample.b (x int);", encoding="utf-8")
    assert apply(database) == ["sample/010_first.sql", "sample/020_second.sql"]
    with psycopg.connect(database) as connection:
        connection.execute("select y from sample.a, sample.b")


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("create table sample.b (x int);\ncreate tabel sample.c (x int);", r'syntax error .*"tabel" \(line 2\)'),
        ("create table sample.b (x int); select * from sample.nothing;", 'relation "sample.nothing" does not exist'),
        ("create table sample.b (x int check (x > 0)); insert into sample.b values (-1);", "violates check"),
    ],
)
def test_a_file_that_fails_is_named_and_leaves_nothing(database: str, folder: Path, bad: str, says: str) -> None:
    (folder / "sample" / "020_bad.sql").write_text(bad, encoding="utf-8")
    with pytest.raises(DatabaseError, match=f"refuses include/sql/sample/020_bad.sql: .*{says}.*; nothing of this"):
        apply(database)
    with psycopg.connect(database) as connection:
        assert connection.execute("select to_regclass('sample.b')").fetchone() == (None,)
        assert connection.execute("select file from fieldhouse.migration").fetchall() == [("sample/010_first.sql",)]
    (folder / "sample" / "020_bad.sql").write_text("create table sample.b (x int);", encoding="utf-8")
    assert apply(database) == ["sample/020_bad.sql"]
