"""Where a notebook's lake and catalog are: as its arguments say, or the environment, or a home on this machine."""

from __future__ import annotations

import os
import subprocess
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from fieldhouse.config import Settings
from fieldhouse.errors import ConfigurationError, LakeError

if TYPE_CHECKING:
    from fieldhouse.embedded import Command, Postgres

DATABASE = "fieldhouse"
PLACES = ("FIELDHOUSE_LAKE", "FIELDHOUSE_WAREHOUSE", "FIELDHOUSE_CATALOG")


@dataclass(frozen=True)
class Place:
    """Where everything is.

    :param has_warehouse: False where only a catalog was named: then what is here can be read, and nothing fetched.
    :param home: the folder of an embedded Postgres, if that is where the catalog is.
    """

    settings: Settings
    has_warehouse: bool
    home: Path | None = None


def find_place(
    environ: Mapping[str, str],
    *,
    lake: str | Path | None = None,
    warehouse: str | None = None,
    catalog: str | None = None,
    home: str | Path | None = None,
) -> Place | Path:
    """Return the place that is named, or else the folder to make one in.

    :raises ConfigurationError: it is named in part only, or twice.
    """
    given = {"FIELDHOUSE_LAKE": lake and _url(lake), "FIELDHOUSE_WAREHOUSE": warehouse, "FIELDHOUSE_CATALOG": catalog}
    named = {name: value for name, value in given.items() if value}
    if home is not None:
        if named:
            raise ConfigurationError("home= is a lake and a catalog of its own: name it, or lake= and warehouse=")
        return Path(home).expanduser()
    around = {name: environ[name] for name in PLACES if environ.get(name)}
    if "FIELDHOUSE_WAREHOUSE" in named or "FIELDHOUSE_CATALOG" in named:
        # one of the two databases of an argument with the other of the environment would be two strangers
        around = {name: value for name, value in around.items() if name == "FIELDHOUSE_LAKE"}
    places = {**around, **named}
    return _named_place(environ, places) if places else default_home(environ)


def _named_place(environ: Mapping[str, str], places: Mapping[str, str]) -> Place:
    database = places.get("FIELDHOUSE_WAREHOUSE") or places.get("FIELDHOUSE_CATALOG")
    if "FIELDHOUSE_LAKE" not in places or not database:
        raise ConfigurationError(
            "a lake and the database that knows it belong together: name lake= and warehouse= (or catalog=), or set "
            "FIELDHOUSE_LAKE and FIELDHOUSE_WAREHOUSE; without any of them Lake.open() makes a home of its own"
        )
    settings = Settings.from_environment({**environ, "FIELDHOUSE_WAREHOUSE": database, **places})
    return Place(settings, "FIELDHOUSE_WAREHOUSE" in places)


def _url(lake: str | Path) -> str:
    text = str(lake)
    return text if "://" in text else Path(text).expanduser().resolve().as_uri()


def default_home(environ: Mapping[str, str]) -> Path:
    """Return ``$FIELDHOUSE_HOME``, or the folder that this machine's user keeps such data in."""
    if home := environ.get("FIELDHOUSE_HOME"):
        return Path(home).expanduser()
    data = environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(data).expanduser() / "fieldhouse"


def home_place(environ: Mapping[str, str], home: Path, dsn: str) -> Place:
    """Return the place of a home whose Postgres answers at ``dsn``."""
    own = {"FIELDHOUSE_LAKE": (home / "lake").as_uri(), "FIELDHOUSE_WAREHOUSE": dsn, "FIELDHOUSE_CATALOG": dsn}
    return Place(Settings.from_environment({**environ, **own}), has_warehouse=True, home=home)


class HomePostgres:
    """The embedded Postgres of a home. Several notebooks may use it at once, and the last that leaves stops it.

    A process that is killed cannot stop it: the next that opens the home finds it running.

    :raises ConfigurationError: what it takes is not installed.
    :raises DatabaseError: it does not start.
    """

    def __init__(self, home: Path) -> None:
        try:
            import fcntl  # noqa: PLC0415 - Windows has none

            from fieldhouse.embedded import Postgres  # noqa: PLC0415 - so do the modules that it needs
        except ImportError as error:
            raise ConfigurationError(
                f"a catalog on this machine needs {error.name}: pip install 'fieldhouse[notebook]' on Linux or macOS, "
                "or name a lake and its catalog: Lake.open(lake=..., catalog=...)"
            ) from error
        users = _open_users(home)
        fcntl.flock(users, fcntl.LOCK_SH)
        try:
            server = Postgres.start(home / "postgres", spawn=_spawn_apart)
        except BaseException:
            users.close()
            raise
        self.close = weakref.finalize(self, _leave, users, server, os.getpid())
        self.dsn = server.create_database(DATABASE)


def _open_users(home: Path) -> IO[str]:
    try:
        home.mkdir(parents=True, exist_ok=True)
        return (home / "postgres.users").open("w")
    except OSError as error:
        raise LakeError(
            f"{home} cannot be written ({error.strerror}): name another folder, Lake.open(home=...) or FIELDHOUSE_HOME"
        ) from error


def _leave(users: IO[str], server: Postgres, opened_by: int) -> None:
    """Stop the server unless others use it: they share the lock, and only who is alone gets all of it."""
    import fcntl  # noqa: PLC0415

    if os.getpid() != opened_by:  # a fork that ends does not speak for the notebook
        return
    with users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        server.stop()


def _spawn_apart(command: Command) -> subprocess.Popen[bytes]:
    """Start the server in a session of its own: who interrupts a cell does not mean the database."""
    with command.log.open("ab") as log:
        return subprocess.Popen(
            list(command.argv),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=command.identity.assume if command.identity else None,  # noqa: PLW1509 - it takes no lock
        )
