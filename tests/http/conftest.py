"""Hosts that answer as they like: a socket that sends given bytes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from fieldhouse.http import PoliteClient
from fieldhouse.source import Limit, Pace

PACE = Pace((Limit(requests=1000, seconds=1),))
Script = Callable[[socket.socket], None]


class Host:
    """A host on 127.0.0.1 that plays one script a connection, the last one for ever."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.scripts: list[Script] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._closing = threading.Event()
        self.port = self._listener.getsockname()[1]
        self.name = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.name}"
        threading.Thread(target=self._serve, daemon=True).start()

    def answers(self, *answers: bytes | Script) -> None:
        """Plan the answers of the next connections."""
        self.scripts = [_sends(answer) if isinstance(answer, bytes) else answer for answer in answers]

    def hang(self, connection: socket.socket) -> None:
        """Say nothing until the end."""
        self._closing.wait()

    def trickle(self, connection: socket.socket) -> None:
        """Send a byte at a time, for ever."""
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while not self._closing.wait(0.02):
            connection.sendall(b"x")

    def close(self) -> None:
        """Answer no more."""
        self._closing.set()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._play, args=(connection,), daemon=True).start()

    def _play(self, connection: socket.socket) -> None:
        with connection:
            asked = b""
            while b"\r\n\r\n" not in asked:
                piece = connection.recv(65536)
                if not piece:
                    return
                asked += piece
            self.requests.append(asked.decode("latin-1"))
            try:
                (self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0])(connection)
            except OSError:
                return


def _sends(answer: bytes) -> Script:
    return lambda connection: connection.sendall(answer)


def answer(body: bytes = b"", status: int = 200, length: int | None = None, **headers: str) -> bytes:
    """Return an answer's bytes. A header's underscores are hyphens."""
    named = {"content-length": str(len(body) if length is None else length), "connection": "close"}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{name}: {value}" for name, value in named.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


class NotingPacer:
    """Notes who waited for which host, and who was stopped."""

    def __init__(self) -> None:
        self.waits: list[str] = []
        self.stops: list[tuple[str, datetime, str, str]] = []

    def wait(self, host: str, pace: Pace) -> None:
        """Note it."""
        self.waits.append(host)

    def stop(self, host: str, until: datetime, kind: str, reason: str) -> None:
        """Note it."""
        self.stops.append((host, until, kind, reason))


@pytest.fixture
def host() -> Iterator[Host]:
    host = Host()
    yield host
    host.close()


@pytest.fixture
def other_host() -> Iterator[Host]:
    host = Host()
    yield host
    host.close()


@pytest.fixture
def pacer() -> NotingPacer:
    return NotingPacer()


@pytest.fixture
def client(host: Host, pacer: NotingPacer) -> Iterator[PoliteClient]:
    with quick_client(f"{host.url}/data", pacer) as client:
        yield client


def quick_client(url: str, pacer: NotingPacer, **options: object) -> PoliteClient:
    """Return a client that does not wait long between attempts; for an answer it waits as a busy machine needs."""
    quick = {"first_wait_seconds": 0.01, "read_seconds": 20.0, "total_seconds": 60.0, **options}
    return PoliteClient(url, pace=PACE, pacer=pacer, **quick)  # type: ignore[arg-type]
