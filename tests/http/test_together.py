"""The client and the pace together: what one is told, all keep to. And the client before the simulator."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from fieldhouse.config import Settings
from fieldhouse.errors import SourceBlocked, SourceError, SourceThrottled, SourceUnavailable
from fieldhouse.http import Fetched, NoPacer, NotModified, PoliteClient, Validators
from fieldhouse.pace import CatalogPacer
from fieldhouse.source import RemoteFile
from simulator.server import Running, serve
from tests.http.conftest import PACE, Host, answer

FILE = RemoteFile("E0.csv", "mmz4281/2526/E0.csv", ("text/csv",))


@pytest.fixture
def clients(settings: Settings, host: Host) -> Iterator[list[PoliteClient]]:
    """Yield two clients, each with a pacer of its own, as in two tasks on two machines."""
    with ExitStack() as stack:
        pacers = [CatalogPacer(settings.catalog) for _ in range(2)]
        for pacer in pacers:
            stack.callback(pacer.close)
        yield [stack.enter_context(PoliteClient(host.url, pace=PACE, pacer=pacer)) for pacer in pacers]


@pytest.mark.parametrize(
    ("sent", "error"), [(answer(status=429), SourceThrottled), (answer(status=403), SourceBlocked)], ids=["429", "403"]
)
def test_nobody_asks_a_host_that_refused_one(
    clients: list[PoliteClient], host: Host, sent: bytes, error: type[SourceError]
) -> None:
    host.answers(sent)
    for client in [*clients, *clients]:
        with pytest.raises(error):
            client.get("x")
    assert len(host.requests) == 1


def test_a_short_wait_is_everybodys(clients: list[PoliteClient], host: Host) -> None:
    host.answers(answer(status=429, retry_after="1"), answer(b"good"))
    started = time.monotonic()
    assert [client.get("x") for client in clients] == [b"good", b"good"]
    assert time.monotonic() - started >= 1
    assert len(host.requests) == 3


@pytest.fixture(scope="module")
def _running() -> Iterator[Running]:
    with serve() as running:
        yield running


@pytest.fixture
def simulator(_running: Running) -> Iterator[Running]:
    _running.clear()
    yield _running
    _running.clear()


@pytest.fixture
def football(simulator: Running) -> Iterator[PoliteClient]:
    base = simulator.base("www.football-data.co.uk")
    with PoliteClient(base, pace=PACE, pacer=NoPacer(), read_seconds=2.0, first_wait_seconds=0.01) as client:
        yield client


def test_an_unchanged_file_is_asked_for_and_not_sent(football: PoliteClient, simulator: Running) -> None:
    first = football.fetch(FILE)
    assert isinstance(first, Fetched)
    assert first.body.read().count(b"\n") > 100
    validators = first.validators
    for asked in (validators, Validators(None, validators.last_modified)):
        assert isinstance(football.fetch(FILE, asked), NotModified)
    assert [request.status for request in simulator.requests()] == [200, 304, 304]
    assert [sorted(request.conditional) for request in simulator.requests()] == [
        [],
        ["if-none-match"],
        ["if-modified-since"],
    ]


@pytest.mark.parametrize("kind", ["hang", "reset", "truncate", "status"])
def test_a_fault_that_passes(football: PoliteClient, simulator: Running, kind: str) -> None:
    simulator.fault("*E0.csv", kind, count=2)
    assert isinstance(football.fetch(FILE), Fetched)
    assert simulator.counts()["total"] == 3


def test_a_fault_that_stays(football: PoliteClient, simulator: Running) -> None:
    simulator.fault("*E0.csv", "truncate", after_bytes=100, chunked=True)
    with pytest.raises(SourceUnavailable, match=r"4 attempts"):
        football.fetch(FILE)


def test_a_block_page_with_status_200(football: PoliteClient, simulator: Running) -> None:
    simulator.fault("*E0.csv", "block_page")
    with pytest.raises(SourceBlocked, match=r"Just a moment"):
        football.fetch(FILE)
    assert simulator.counts()["total"] == 1
