"""Applies ``include/sql``, and what outside sources bring: safe to repeat, and to run twice at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from fieldhouse.config import Settings
from fieldhouse.errors import DatabaseError
from fieldhouse.postgres import connect, first_line, place, translated
from fieldhouse.statements import Migration, migrations

LEDGER = """
create schema if not exists fieldhouse;
create table if not exists fieldhouse.migration (
    file text primary key, sha256 text not null, applied_at timestamptz not null default now()
);
comment on table fieldhouse.migration is 'The files of include/sql that this database has seen, and as which version';
"""
NOTE = """
insert into fieldhouse.migration as m (file, sha256) values (%s, %s)
on conflict (file) do update set sha256 = excluded.sha256, applied_at = now()
"""


@dataclass(frozen=True)
class Applied:
    """A file that was applied now: ``<schema>/<name>.sql``."""

    file: str
    database: str


def migrate(settings: Settings, sources: Sequence[str]) -> list[Applied]:
    """Bring both databases up to date. Returns what was applied: nothing when there was nothing to do.

    Each file is idempotent and applied once a version (its sha256).

    :raises ConfigurationError: a source is not there, or its SQL.
    :raises DatabaseError: a database cannot be reached, or does not let us; or a file cannot be applied, of which
        then nothing is. Files before it stay applied.
    """
    applied = _apply(settings.catalog, "catalog", ["catalog"])
    return applied + _apply(settings.warehouse, "warehouse", ["warehouse", *sources])


def _apply(dsn: str, role: str, schemas: Sequence[str]) -> list[Applied]:
    files = [file for schema in schemas for file in migrations(schema)]
    connection = connect(dsn, role)
    with connection, translated(dsn, role):
        # held to the end of the session: a second migration waits here, then finds nothing to do
        connection.execute("select pg_advisory_lock(hashtextextended('fieldhouse.migrate', 0))")
        connection.execute(LEDGER)
        ledger = connection.execute("select file, sha256 from fieldhouse.migration").fetchall()
        seen = {row.file: row.sha256 for row in ledger}
        return [Applied(name, place(dsn)) for name in _apply_new(connection, files, seen, f"{role} {place(dsn)}")]


def _apply_new(connection: Any, files: Sequence[Migration], seen: Mapping[str, str], where: str) -> Iterator[str]:
    """Apply each file that is not what the database has seen, in a transaction of its own."""
    for each in files:
        text = each.path.read_text(encoding="utf-8")
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        if seen.get(each.file) == sha256:
            continue
        try:
            with connection.transaction():
                connection.execute(text)
                connection.execute(NOTE, (each.file, sha256))
        except psycopg.OperationalError:
            raise
        except psycopg.Error as error:
            raise DatabaseError(f"{where} refuses {each.shown}: {_position(text, error)}") from error
        yield each.file


def _position(text: str, error: psycopg.Error) -> str:
    """Return what Postgres says, and about which line of the file."""
    place_in_text = error.diag.statement_position
    line = f" (line {text.count(chr(10), 0, int(place_in_text) - 1) + 1})" if place_in_text else ""
    return f"{first_line(error)}{line}; nothing of this file was applied"
