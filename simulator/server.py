"""The simulator on a port of 127.0.0.1: for a test in a thread, for the command in the foreground."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Event, Thread
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from simulator.application import TRANSPORT, Simulator
from simulator.faults import parse_fault
from simulator.generated import DEFAULT_DATE, DEFAULT_SEED, GeneratedWorld
from simulator.recorded import RecordedWorld
from simulator.request_log import Request
from simulator.world import World, tell

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Config:
    """Which world is simulated: the recorded one if ``recordings`` is given, else a generated one.

    :param today: the date of a generated world.
    :param matches: how many matches a generated StatsBomb has; None for its sample of two seasons.
    :param recordings: a recordings folder, unpacked or not; ``index`` its index where that lies elsewhere.
    :param as_of: the date for which captures are chosen; None for the newest.
    :param only: names of sources to answer for; empty for all.
    """

    seed: int = DEFAULT_SEED
    today: date = DEFAULT_DATE
    recordings: Path | None = None
    index: Path | None = None
    as_of: date | None = None
    only: tuple[str, ...] = ()
    matches: int | None = None

    def world(self) -> World:
        """Open the world.

        :raises RecordingsError: the recordings cannot be used.
        :raises UnknownSource: ``only`` names something else.
        """
        if self.recordings:
            return RecordedWorld(self.recordings, index=self.index, as_of=self.as_of, only=self.only)
        return GeneratedWorld(seed=self.seed, today=self.today, only=self.only, matches=self.matches)


class Running:
    """A server that runs: where it is reached, and what a test may do to it without asking it by HTTP."""

    def __init__(self, simulator: Simulator, port: int) -> None:
        self.simulator = simulator
        self.port = port
        self.url = f"http://{HOST}:{port}"

    def base(self, host: str) -> str:
        """Return the URL that stands for ``https://host``; ``host`` may go on with a path."""
        return f"{self.url}/{host}"

    def state(self) -> dict[str, Any]:
        """Return URL, mode, date and the sources' base URLs."""
        return self.simulator.state(self.url)

    def requests(self) -> list[Request]:
        """Return the requests since the start or :meth:`clear`, oldest first."""
        return self.simulator.log.requests()

    def counts(self) -> dict[str, Any]:
        """Return the number of requests: ``total``, ``by_status``, ``by_path``."""
        return self.simulator.log.counts()

    def fault(self, pattern: str, kind: str, **values: Any) -> int:
        """Plan a fault and return its number. Parameters as in :class:`simulator.faults.Fault`."""
        return self.simulator.faults.add(parse_fault({"pattern": pattern, "kind": kind, **values}))

    def faults(self) -> list[dict[str, Any]]:
        """Return the planned faults and how often each has happened."""
        return self.simulator.faults.list()

    def clear(self) -> None:
        """Forget all faults and all requests."""
        self.simulator.faults.remove()
        self.simulator.log.clear()

    def set_date(self, today: date) -> None:
        """Move the world to another date."""
        self.simulator.world.set_date(today)

    def tell(self, source: str, word: str, texts: list[str]) -> None:
        """Hand a source a list of texts, as in :func:`simulator.world.tell`."""
        tell(self.simulator.world, source, word, texts)


def listen(port: int) -> socket.socket:
    """Return a listening socket on 127.0.0.1; port 0 is any free one.

    :raises OSError: the port is taken.
    """
    # Only where the protocol is named does asyncio turn Nagle's algorithm off, which costs 40 ms an answer
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener


def run(simulator: Simulator, listener: socket.socket, ready: Callable[[Running], None]) -> None:
    """Serve until a signal comes (in the main thread), and call ``ready`` once requests are answered."""
    _server(simulator, listener, ready).run(sockets=[listener])


@contextmanager
def serve(world: World | Config | None = None, port: int = 0) -> Iterator[Running]:
    """Serve in a thread for as long as the context lasts; without a world, the generated one of the defaults."""
    opened = world.world() if isinstance(world, Config) else world or Config().world()
    started: list[Running] = []
    up = Event()

    def ready(running: Running) -> None:
        started.append(running)
        up.set()

    listener = listen(port)
    server = _server(Simulator(opened), listener, ready)
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, name="simulator", daemon=True)
    thread.start()
    try:
        if not up.wait(timeout=30):
            raise RuntimeError("the simulator did not start")
        yield started[0]
    finally:
        server.should_exit = True
        thread.join(timeout=30)
        listener.close()


class _Protocol(HttpToolsProtocol):
    """Gives the application its connection, which ASGI hides, so that it can break a transfer."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        cast("dict[str, Any]", self.scope)[TRANSPORT] = self.transport


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, simulator: Simulator, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._simulator = simulator
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._simulator.close()
        await super().shutdown(sockets)


def _server(simulator: Simulator, listener: socket.socket, ready: Callable[[Running], None]) -> _Server:
    running = Running(simulator, listener.getsockname()[1])
    config = uvicorn.Config(
        simulator,
        http=_Protocol,
        # asyncio's transports give their socket away, which a reset needs
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_level="error",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=1,
    )
    return _Server(config, simulator, lambda: ready(running))
