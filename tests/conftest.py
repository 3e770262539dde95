"""What all tests share: recorded payloads, a real Postgres, and no way out of this machine."""

from __future__ import annotations

import fcntl
import os
import signal
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_socket import socket_allow_hosts

from fieldhouse import sources
from fieldhouse.config import Settings
from fieldhouse.migrate import migrate

pytest_plugins = ["tests.databases"]

# A shell that runs this in the background has these ignored, and every program that a test starts would inherit it
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)

ROOT = Path(__file__).parents[1]
RECORDINGS = Path(os.environ.get("FIELDHOUSE_RECORDINGS") or ROOT.parent / "shared" / "recordings")


@pytest.fixture(autouse=True)
def _only_localhost() -> None:
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    """Return the settings of a migrated database of its own and of an empty lake."""
    settings = Settings(lake=(tmp_path / "lake").as_uri(), warehouse=database, catalog=database)
    migrate(settings, sources.NAMES)
    return settings


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function from a recordings archive's name to the folder that it was unpacked into.

    All workers of a run share one unpacked copy. Without the recordings the test fails: parsers are not
    proved by samples of our own.
    """
    shared = Path(tempfile.gettempdir()) / f"fieldhouse-recordings-{os.getuid()}"

    def unpack(archive: str) -> Path:
        packed = RECORDINGS / f"{archive}.tar.xz"
        if not packed.exists():
            pytest.fail(f"RECORDINGS ARE ABSENT: {packed} does not exist; set FIELDHOUSE_RECORDINGS to their folder")
        shared.mkdir(exist_ok=True)
        target = shared / f"{archive}-{int(packed.stat().st_mtime)}-{packed.stat().st_size}"
        with (shared / f"{archive}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not target.exists():
                with tempfile.TemporaryDirectory(dir=shared) as scratch, tarfile.open(packed) as tar:
                    tar.extractall(scratch, filter="data")
                    (Path(scratch) / archive).rename(target)
        return target

    return unpack
