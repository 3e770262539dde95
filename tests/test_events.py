"""Delivery: at least once, in order; what cannot be delivered becomes a dead letter and holds up nothing."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

import psycopg
import pytest

from fieldhouse.catalog import Catalog
from fieldhouse.config import Settings
from fieldhouse.errors import ConfigurationError
from fieldhouse.events import (
    Delivered,
    DeliveryStopped,
    Event,
    Webhook,
    deliver,
    follow,
    forget_reader,
    read_events,
    retry_dead_letters,
)
from tests.processes import wait_for
from tests.receivers import Receiver, receiver_fixture  # noqa: F401 - a fixture

MAKE = "insert into lake.dataset (source, dataset_type, identifier, keys) values ('paper', 'plain', %s, '{}')"


@pytest.fixture
def catalog(settings: Settings) -> Iterator[Catalog]:
    catalog = Catalog(settings.catalog, claim_seconds=0)
    yield catalog
    catalog.close()


@pytest.fixture
def three(settings: Settings) -> None:
    make(settings, 0, 1, 2)


def make(settings: Settings, *numbers: int) -> None:
    with psycopg.connect(settings.catalog, autocommit=True) as connection:
        for number in numbers:
            connection.execute(MAKE, (f"n={number}",))


@dataclass
class Handler:
    """Takes events; refuses an identifier so many times."""

    refused: dict[str, int] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)
    calls: int = 0

    def __call__(self, event: Event) -> None:
        self.calls += 1
        if self.refused.get(event.identifier, 0) > 0:
            self.refused[event.identifier] -= 1
            raise ValueError("not this one")
        self.taken.append(event.identifier)


@pytest.mark.usefixtures("three")
def test_three_failures_make_a_dead_letter_and_the_next_event_follows(catalog: Catalog) -> None:
    handler = Handler({"n=0": 2, "n=1": 3})
    assert deliver(catalog, "test", handler, first_wait_seconds=0) == Delivered(2, 1)
    assert (handler.taken, handler.calls) == (["n=0", "n=2"], 7)
    (letter,) = catalog.dead_letters("test")
    assert (letter.event.identifier, letter.attempts, letter.error) == ("n=1", 3, "ValueError: not this one")
    assert deliver(catalog, "test", handler) == Delivered()


@pytest.mark.usefixtures("three")
def test_dead_letters_are_delivered_again(catalog: Catalog) -> None:
    handler = Handler({"n=0": 3, "n=1": 6})
    deliver(catalog, "test", handler, first_wait_seconds=0)
    assert retry_dead_letters(catalog, "test", handler, first_wait_seconds=0) == Delivered(1, 1)
    (letter,) = catalog.dead_letters("test")
    assert (letter.event.identifier, letter.attempts) == ("n=1", 6)
    assert retry_dead_letters(catalog, "test", handler, first_wait_seconds=0) == Delivered(1, 0)
    assert (list(catalog.dead_letters("test")), handler.taken) == ([], ["n=2", "n=0", "n=1"])


@pytest.mark.usefixtures("three")
def test_a_handler_that_stops_keeps_its_event(catalog: Catalog) -> None:
    def stop(event: Event) -> None:
        if event.identifier == "n=1":
            raise DeliveryStopped("enough")

    assert deliver(catalog, "test", stop) == Delivered(1, 0, "enough")
    assert [event.identifier for event in read_events(catalog, "test")] == ["n=1", "n=2"]


@pytest.mark.usefixtures("three")
def test_a_delivery_is_bounded(catalog: Catalog) -> None:
    handler = Handler()
    assert deliver(catalog, "test", handler, limit=2).delivered == 2
    assert deliver(catalog, "test", handler, seconds=0).delivered == 0
    assert deliver(catalog, "test", handler, seconds=60).delivered == 1


def test_a_reader_is_forgotten(catalog: Catalog, settings: Settings) -> None:
    make(settings, 0)
    deliver(catalog, "test", Handler({"n=0": 3}), first_wait_seconds=0)
    forget_reader(catalog, "test")
    assert (catalog.event_readers(), list(catalog.dead_letters("test"))) == ([], [])
    with pytest.raises(ConfigurationError, match="no reader of events 'test'; there is none"):
        forget_reader(catalog, "test")


@pytest.mark.parametrize("name", ["", "a b", "x" * 64, "-x", "a/b", "'; drop"])
def test_a_name_that_is_none(catalog: Catalog, name: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot name a reader"):
        next(read_events(catalog, name))


# --- follow


def test_follow_waits_for_events_and_for_a_catalog_that_went_away(settings: Settings, catalog: Catalog) -> None:
    handler, said = Handler(), list[str]()

    def take(event: Event) -> None:
        handler(event)
        if event.identifier == "n=2":
            raise DeliveryStopped("end")

    thread = threading.Thread(target=lambda: follow(settings.catalog, "test", take, say=said.append))
    thread.start()
    make(settings, 0)
    wait_for(lambda: handler.taken == ["n=0"])
    kill = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = %s"
    with psycopg.connect(settings.catalog, autocommit=True) as connection:
        connection.execute(kill, (connection.info.dbname,))
    make(settings, 1, 2)
    thread.join(20)
    assert handler.taken[-2:] == ["n=1", "n=2"]
    assert len(said) == 1
    assert said[0].endswith("; waiting")


# --- webhook


def post(catalog: Catalog, webhook: Webhook) -> Delivered:
    with closing(webhook):
        return deliver(catalog, "test", webhook, first_wait_seconds=0)


@pytest.mark.usefixtures("three")
def test_a_webhook_gets_one_request_an_event(catalog: Catalog, receiver: Receiver) -> None:
    webhook = Webhook(receiver.url, secret="key", headers={"X-Own": "mine"})
    assert post(catalog, webhook).delivered == 3
    assert receiver.identifiers == ["n=0", "n=1", "n=2"]
    headers, body = receiver.requests[0]
    event = json.loads(body)
    assert (event["kind"], event["keys"], headers["Fieldhouse-Event-Id"]) == (
        "dataset_created",
        {"n": "0"},
        str(event["event_id"]),
    )
    signature = hmac.new(b"key", body, hashlib.sha256).hexdigest()
    assert (headers["Fieldhouse-Signature"], headers["X-Own"]) == (f"sha256={signature}", "mine")


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("status", [500, 404, 302])
def test_an_address_that_refuses_an_event(catalog: Catalog, receiver: Receiver, status: int) -> None:
    receiver.statuses["n=1"] = status
    webhook = Webhook(receiver.url)
    assert post(catalog, webhook) == Delivered(2, 1)
    assert receiver.identifiers == ["n=0", "n=1", "n=1", "n=1", "n=2"]
    (letter,) = catalog.dead_letters("test")
    assert letter.error == f"webhook 127.0.0.1 answered {status}"


@pytest.mark.usefixtures("three")
def test_an_address_that_is_given_up_keeps_its_events(catalog: Catalog, receiver: Receiver) -> None:
    receiver.statuses["n=1"] = 410
    done = post(catalog, Webhook(receiver.url))
    assert (done.delivered, done.failed, receiver.identifiers) == (1, 0, ["n=0", "n=1"])
    assert "410" in str(done.stopped)
    receiver.statuses.clear()
    assert post(catalog, Webhook(receiver.url)).delivered == 2


def test_nothing_secret_is_kept(catalog: Catalog, settings: Settings) -> None:
    make(settings, 0)
    webhook = Webhook("http://me:hunter2@127.0.0.1:9/secret-path", secret="key")
    assert post(catalog, webhook).failed == 1
    (letter,) = catalog.dead_letters("test")
    assert letter.error.startswith("webhook 127.0.0.1: ConnectError: ")
    for secret in ("hunter2", "secret-path", "key"):
        assert secret not in letter.error


@pytest.mark.parametrize("url", ["", "example.org/hook", "ftp://example.org", "http://", "http://[::1"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(ConfigurationError, match="such as https"):
        Webhook(url)


def test_a_server_that_does_not_answer_is_left(catalog: Catalog, settings: Settings) -> None:
    make(settings, 0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        webhook = Webhook(f"http://127.0.0.1:{silent.getsockname()[1]}/", seconds=0.1)
        assert post(catalog, webhook).failed == 1
    (letter,) = catalog.dead_letters("test")
    assert letter.error == "webhook 127.0.0.1: ReadTimeout"
