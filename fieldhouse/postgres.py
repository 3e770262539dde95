"""Connections to Postgres, with errors that a person can act on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import namedtuple_row

from fieldhouse.errors import DatabaseError

OLDEST_SERVER = 150000  # MERGE
# What a connection string may set otherwise. A server that is gone is noticed within a minute
DEFAULTS = {
    "connect_timeout": "10",
    "application_name": "fieldhouse",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
}
# What it may not: a timestamp means the same whoever reads it, and COPY sends UTF-8
TIMEZONE = "-c timezone=UTC"
ENCODING = "UTF8"

# Kinds of errors, or words where there is only text, and what is to be said and done about them
SENTENCES: tuple[tuple[tuple[type[psycopg.Error], ...], str, str], ...] = (
    (
        (errors.InvalidPassword, errors.InvalidAuthorizationSpecification),
        r"password|no pg_hba.conf entry|role .* does not exist",
        "refuses the user or the password of the connection `{role}`: {said}",
    ),
    (
        (errors.InvalidCatalogName,),
        r"database .* does not exist",
        "has no such database: {said}; create it, or correct the connection `{role}`",
    ),
    (
        (errors.UndefinedTable, errors.InvalidSchemaName, errors.UndefinedColumn),
        "",
        "lacks our tables ({said}): run `fieldhouse migrate`",
    ),
    ((errors.InsufficientPrivilege,), "", "does not let us: {said}; its user needs rights on our schemas"),
    ((errors.DiskFull,), "", "has no disk space left: {said}; make room and retry"),
)
GONE = ("08", "57P")  # connection exceptions, and a server that shuts down or starts up


def connect(dsn: str, role: str) -> psycopg.Connection[Any]:
    """Open an autocommit connection; rows come as named tuples.

    :param role: ``catalog`` or ``warehouse``, as the user knows it.
    :raises DatabaseError: it cannot be reached, refuses the password, or is too old.
    """
    conninfo = _completed(dsn, role)
    with translated(dsn, role):
        connection = psycopg.connect(conninfo, autocommit=True, row_factory=namedtuple_row)
    try:
        refuse_old(connection.info.server_version, dsn, role)
    except DatabaseError:
        connection.close()
        raise
    return connection


def refuse_old(server_version: int, dsn: str, role: str) -> None:
    """Raise :class:`DatabaseError` if the server is older than what our SQL needs."""
    if server_version < OLDEST_SERVER:
        raise DatabaseError(
            f"{role} {place(dsn)} is PostgreSQL {server_version // 10000}; Fieldhouse needs 15 or newer"
        )


def _completed(dsn: str, role: str) -> str:
    given = _parts(dsn, role)
    options = f"{given.get('options') or ''} {TIMEZONE}".strip()
    return make_conninfo(**{**DEFAULTS, **given, "options": options, "client_encoding": ENCODING})


@contextmanager
def translated(dsn: str, role: str) -> Iterator[None]:
    """Turn what psycopg raises into one sentence with what to do. The password is in none of them."""
    try:
        yield
    except psycopg.Error as error:
        raise DatabaseError(f"{role} {place(dsn)} {_what_to_do(error, role)}") from error


def _what_to_do(error: psycopg.Error, role: str) -> str:
    said = first_line(error)
    for kinds, words, sentence in SENTENCES:
        # an error of connecting has no code, only words
        if isinstance(error, kinds) or (words and error.sqlstate is None and re.search(words, said)):
            return sentence.format(role=role, said=said)
    gone = error.sqlstate is None or error.sqlstate.startswith(GONE)
    if isinstance(error, psycopg.OperationalError) and gone:
        return f"cannot be reached ({said}): is Postgres up, and is the connection `{role}` right?"
    return f"refused: {said}"


def place(dsn: str) -> str:
    """Return ``host:port/database`` of a connection string, without user and password."""
    parts = _parts(dsn, "database")
    return f"{parts.get('host', 'localhost')}:{parts.get('port', '5432')}/{parts.get('dbname', '')}"


def _parts(dsn: str, role: str) -> dict[str, Any]:
    try:
        return conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:  # its text quotes the string, password and all
        raise DatabaseError(
            f"the connection string of the {role} is not one that Postgres reads: it should look like "
            "postgresql://user:password@host:5432/database"
        ) from None


def first_line(error: Exception) -> str:
    """Return the first line of an error's text."""
    return str(error).strip().partition("\n")[0]
