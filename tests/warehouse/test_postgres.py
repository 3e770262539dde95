"""What a person reads when the database cannot be used. The password is in none of it."""

from __future__ import annotations

import socket
import traceback

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from fieldhouse.errors import DatabaseError
from fieldhouse.postgres import connect, place, refuse_old, translated
from fieldhouse.warehouse import Warehouse
from tests.warehouse.conftest import dataset, games

SECRET = "hunter2"


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"password": SECRET}, "refuses the user or the password of the connection `warehouse`"),
        ({"user": "stranger", "password": SECRET}, "refuses the user or the password"),
        ({"dbname": "nothing"}, 'has no such database.*"nothing"'),
        ({"port": "closed", "password": SECRET}, "cannot be reached .*refused.*is Postgres up"),
        ({"host": "no.such.host.invalid", "password": SECRET}, "no.such.host.invalid.* cannot be reached"),
    ],
)
def test_no_connection(database: str, changes: dict[str, str], says: str) -> None:
    parts = {**conninfo_to_dict(database), **changes}
    if parts["port"] == "closed":
        parts["port"] = _free_port()
    with pytest.raises(DatabaseError, match=says) as caught:
        connect(make_conninfo(**{key: str(value) for key, value in parts.items()}), "warehouse")
    _assert_discreet(caught.value, str(parts["password"]))


@pytest.mark.parametrize("dsn", [f"host=x password={SECRET} nonsense", f"postgresql://u:{SECRET}@h/d?what=1", SECRET])
def test_no_connection_string(dsn: str) -> None:
    with pytest.raises(DatabaseError, match="connection string of the warehouse is not one") as caught:
        connect(dsn, "warehouse")
    _assert_discreet(caught.value, SECRET)


def _assert_discreet(error: Exception, password: str) -> None:
    assert password not in "".join(traceback.format_exception(error))


def test_a_host_that_says_nothing_is_given_up(database: str) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        dsn = make_conninfo(database, port=silent.getsockname()[1], connect_timeout=2)
        with pytest.raises(DatabaseError, match=r"cannot be reached .*timeout"):
            connect(dsn, "warehouse")


def test_the_session_is_in_utc_and_utf8_whatever_the_connection_string_says(database: str) -> None:
    dsn = make_conninfo(database, options="-c search_path=pg_catalog -c timezone=Asia/Tokyo", client_encoding="latin1")
    with connect(dsn, "warehouse") as connection:
        settings = [
            connection.execute(f"select current_setting('{name}') as value").fetchall()[0].value
            for name in ("timezone", "client_encoding", "search_path", "application_name")
        ]
    assert settings == ["UTC", "UTF8", "pg_catalog", "fieldhouse"]


def test_a_made_up_old_version_number_is_refused() -> None:
    with pytest.raises(DatabaseError, match="warehouse db:5432/d is PostgreSQL 14; Fieldhouse needs 15 or newer"):
        refuse_old(140_011, "host=db dbname=d", "warehouse")
    refuse_old(150_000, "host=db", "warehouse")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (psycopg.errors.DiskFull("no space left"), "has no disk space left: no space left"),
        (psycopg.errors.AdminShutdown("terminating"), "cannot be reached .terminating."),
        (psycopg.errors.DeadlockDetected("deadlock"), "refused: deadlock"),
        (psycopg.errors.QueryCanceled("too long\nDETAIL: x"), "refused: too long$"),
        (psycopg.errors.UndefinedTable("no t"), "lacks our tables .no t.: run `fieldhouse migrate`"),
        (psycopg.errors.InsufficientPrivilege("not you"), "does not let us: not you"),
        (psycopg.OperationalError("server closed the connection"), "cannot be reached"),
    ],
)
def test_made_up_errors_are_told_apart(error: psycopg.Error, says: str) -> None:
    with pytest.raises(DatabaseError, match=says), translated("host=db", "catalog"):
        raise error


def test_a_warehouse_without_our_tables(database: str) -> None:
    warehouse = Warehouse(database)
    with psycopg.connect(database) as connection:
        connection.execute(
            "create schema sample; create table sample.game (game_id text primary key, note text, "
            "_dataset_id bigint, _revision int, _loaded_at timestamptz)"
        )
    with pytest.raises(DatabaseError, match=r"no table sample.price: run `fieldhouse migrate`"):
        warehouse.load("sample", 1, [dataset(1, games("a"), table="price")])
    with pytest.raises(DatabaseError, match=r"lacks our tables .*fieldhouse.loaded.*run `fieldhouse migrate`"):
        warehouse.load("sample", 1, [dataset(1, games("a"))])
    with pytest.raises(DatabaseError, match="lacks our tables"):
        warehouse.is_dirty("sample")
    warehouse.close()


def test_a_warehouse_that_goes_down_in_between(warehouse: Warehouse, warehouse_dsn: str) -> None:
    with psycopg.connect(warehouse_dsn, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and application_name = 'fieldhouse'"
        )
    with pytest.raises(DatabaseError, match="cannot be reached"):
        warehouse.load("sample", 1, [dataset(1, games("a"))])


def test_a_user_without_rights(warehouse_dsn: str, postgres: object) -> None:
    name = f"reader_{conninfo_to_dict(warehouse_dsn)['dbname']}"
    with psycopg.connect(warehouse_dsn, autocommit=True) as connection:
        connection.execute(f"create role {name} login password '{SECRET}'")
    warehouse = Warehouse(make_conninfo(warehouse_dsn, user=name, password=SECRET))
    try:
        with pytest.raises(DatabaseError, match="does not let us: permission denied") as caught:
            warehouse.load("sample", 1, [dataset(1, games("a"))])
        _assert_discreet(caught.value, SECRET)
    finally:
        warehouse.close()
        with psycopg.connect(warehouse_dsn, autocommit=True) as connection:
            connection.execute(f"drop role {name}")


@pytest.mark.parametrize(
    ("dsn", "expected"),
    [
        (f"postgresql://u:{SECRET}@db.example:5433/sports", "db.example:5433/sports"),
        (f"host=db password={SECRET}", "db:5432/"),
    ],
)
def test_place(dsn: str, expected: str) -> None:
    assert place(dsn) == expected
