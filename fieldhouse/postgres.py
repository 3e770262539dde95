"""Connections to Postgres, with errors that a person can act on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import namedtuple_row

from fieldhouse.errors import DatabaseError

OLDEST_SERVER = 150000  # MERGE


def connect(dsn: str, role: str) -> psycopg.Connection[Any]:
    """Open an autocommit connection; rows come as named tuples.

    :param role: ``catalog`` or ``warehouse``, as the user knows it.
    :raises DatabaseError: it cannot be reached, refuses the password, or is too old.
    """
    with translated(dsn, role):
        # UTC, so that a timestamp means the same whoever reads it
        connection = psycopg.connect(
            dsn,
            autocommit=True,
            connect_timeout=10,
            application_name="fieldhouse",
            options="-c timezone=UTC",
            row_factory=namedtuple_row,
        )
    if connection.info.server_version < OLDEST_SERVER:
        version = connection.info.server_version // 10000
        connection.close()
        raise DatabaseError(f"{role} {place(dsn)} is PostgreSQL {version}; Fieldhouse needs 15 or newer")
    return connection


@contextmanager
def translated(dsn: str, role: str) -> Iterator[None]:
    """Turn what psycopg raises into one sentence with what to do. The password is in none of them."""
    try:
        yield
    except (psycopg.errors.InvalidPassword, psycopg.errors.InvalidAuthorizationSpecification) as error:
        raise DatabaseError(f"{role} {place(dsn)} refuses the user or the password: {_first_line(error)}") from error
    except (
        psycopg.errors.UndefinedTable,
        psycopg.errors.InvalidSchemaName,
        psycopg.errors.UndefinedColumn,
    ) as error:
        raise DatabaseError(
            f"{role} {place(dsn)} lacks our tables ({_first_line(error)}): run `fieldhouse migrate`"
        ) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseError(f"{role} {place(dsn)} does not let us: {_first_line(error)}") from error
    except psycopg.errors.DiskFull as error:
        raise DatabaseError(f"{role} {place(dsn)} has no disk space left: {_first_line(error)}") from error
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            raise DatabaseError(f"{role} {place(dsn)} refuses the password of the connection `{role}`") from error
        raise DatabaseError(
            f"{role} {place(dsn)} cannot be reached ({_first_line(error)}): is Postgres up, and is the connection "
            f"`{role}` right?"
        ) from error
    except psycopg.Error as error:
        raise DatabaseError(f"{role} {place(dsn)} refused: {_first_line(error)}") from error


def place(dsn: str) -> str:
    """Return ``host:port/database`` of a connection string, without user and password."""
    try:
        parts = conninfo_to_dict(dsn)
    except psycopg.ProgrammingError as error:
        raise DatabaseError(
            "the connection string of the database is not one that Postgres reads: it should look like "
            "postgresql://user:password@host:5432/database"
        ) from error
    return f"{parts.get('host', 'localhost')}:{parts.get('port', '5432')}/{parts.get('dbname', '')}"


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
