"""Applies ``include/sql`` to catalog and warehouse: safe to repeat, and to run twice at once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from fieldhouse.config import Settings
from fieldhouse.postgres import connect, place, translated
from fieldhouse.statements import FOLDER, migrations

LEDGER = """
create schema if not exists fieldhouse;
create table if not exists fieldhouse.migration (
    file text primary key, sha256 text not null, applied_at timestamptz not null default now()
);
comment on table fieldhouse.migration is 'The files of include/sql that this database has seen, and as which version';
"""


@dataclass(frozen=True)
class Applied:
    """A file of ``include/sql`` that was applied now."""

    file: str
    database: str


def migrate(settings: Settings, sources: Sequence[str]) -> list[Applied]:
    """Bring both databases up to date. Returns what was applied: nothing when there was nothing to do.

    Each file is idempotent and applied once a version (its sha256).

    :raises DatabaseError: a database cannot be reached, or does not let us.
    """
    applied = _apply(settings.catalog, "catalog", ["catalog"])
    return applied + _apply(settings.warehouse, "warehouse", ["warehouse", *sources])


def _apply(dsn: str, role: str, schemas: Sequence[str]) -> list[Applied]:
    applied = []
    connection = connect(dsn, role)
    with connection, translated(dsn, role):
        # held to the end of the session: a second migration waits here, then finds nothing to do
        connection.execute("select pg_advisory_lock(hashtextextended('fieldhouse.migrate', 0))")
        connection.execute(LEDGER)
        ledger = connection.execute("select file, sha256 from fieldhouse.migration").fetchall()
        seen = {row.file: row.sha256 for row in ledger}
        for path in [path for schema in schemas for path in migrations(schema)]:
            file = path.relative_to(FOLDER).as_posix()
            text = path.read_text()
            sha256 = hashlib.sha256(text.encode()).hexdigest()
            if seen.get(file) == sha256:
                continue
            with connection.transaction():
                connection.execute(text)  # a file of ours
                connection.execute(
                    "insert into fieldhouse.migration as m (file, sha256) values (%s, %s) on conflict (file) "
                    "do update set sha256 = excluded.sha256, applied_at = now()",
                    (file, sha256),
                )
            applied.append(Applied(file, place(dsn)))
    return applied
