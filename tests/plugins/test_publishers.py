"""Publishers by Connection: real servers at the other end, and the provider's own hook."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3  # type: ignore[import-untyped]
import psycopg
import pytest
from moto.server import ThreadedMotoServer

from fieldhouse.catalog import Catalog
from fieldhouse.config import Settings
from fieldhouse.events import read_events
from plugins import publishers
from tests.receivers import Receiver, receiver_fixture  # noqa: F401 - a fixture

MAKE = "insert into lake.dataset (source, dataset_type, identifier, keys) values ('paper', 'plain', %s, '{}')"
KEY, SECRET = "AKIAFIELDHOUSE", "hunter2-secret-key"


@pytest.fixture
def catalog(settings: Settings) -> Iterator[Catalog]:
    """Yield a catalog with three events."""
    make(settings, 0, 1, 2)
    catalog = Catalog(settings.catalog)
    yield catalog
    catalog.close()


def make(settings: Settings, *numbers: int) -> None:
    with psycopg.connect(settings.catalog, autocommit=True) as connection:
        for number in numbers:
            connection.execute(MAKE, (f"n={number}",))


def connect(monkeypatch: pytest.MonkeyPatch, name: str, **connection: Any) -> None:
    monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(connection))


def test_nothing_is_configured(catalog: Catalog) -> None:
    publishers.publish_events(catalog)
    assert catalog.event_readers() == []


# --- a webhook


def test_a_webhook(catalog: Catalog, settings: Settings, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    connect(
        monkeypatch,
        "events_webhook",
        conn_type="http",
        host=receiver.url,
        password="key",
        extra={"headers": {"X-Own": "mine"}},
    )
    publishers.publish_events(catalog)
    make(settings, 3)
    publishers.publish_events(catalog)
    assert receiver.identifiers == ["n=0", "n=1", "n=2", "n=3"]
    headers, body = receiver.requests[0]
    assert headers["Fieldhouse-Signature"] == f"sha256={hmac.new(b'key', body, hashlib.sha256).hexdigest()}"
    assert headers["X-Own"] == "mine"


def test_one_that_starts_from_now(
    catalog: Catalog, settings: Settings, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(monkeypatch, "events_webhook", conn_type="http", host=receiver.url, extra={"from_now": True})
    publishers.publish_events(catalog)
    make(settings, 3)
    publishers.publish_events(catalog)
    assert receiver.identifiers == ["n=3"]


def test_what_does_not_fit_into_a_run_is_left_to_the_next(
    catalog: Catalog, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(monkeypatch, "events_webhook", conn_type="http", host=receiver.url)
    monkeypatch.setattr(publishers, "MOST_EVENTS", 2)
    publishers.publish_events(catalog)
    assert receiver.identifiers == ["n=0", "n=1"]
    publishers.publish_events(catalog)
    assert receiver.identifiers == ["n=0", "n=1", "n=2"]


def test_a_webhook_that_is_down_fails_nothing(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    connect(monkeypatch, "events_webhook", conn_type="http", host="http://127.0.0.1:9/secret-path", password="key")
    monkeypatch.setattr(publishers, "MOST_EVENTS", 1)
    with caplog.at_level(logging.INFO):
        publishers.publish_events(catalog)
    assert len(list(catalog.dead_letters("events_webhook"))) == 1
    assert "1 events could not be delivered; `fieldhouse events --reader events_webhook --dead-letters`" in caplog.text
    assert "secret-path" not in caplog.text


@pytest.mark.parametrize(
    ("name", "connection", "said"),
    [
        ("events_webhook", {"conn_type": "http"}, "'events_webhook' needs an address as its host"),
        ("events_sns", {"conn_type": "aws"}, "'events_sns' needs extra"),
    ],
)
def test_a_connection_that_lacks_something_fails_nothing(
    catalog: Catalog,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    name: str,
    connection: dict[str, Any],
    said: str,
) -> None:
    connect(monkeypatch, name, **connection)
    publishers.publish_events(catalog)
    assert said in caplog.text


def test_another_task_that_publishes_just_now_is_left_to_it(
    catalog: Catalog, settings: Settings, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(monkeypatch, "events_webhook", conn_type="http", host=receiver.url)
    monkeypatch.setattr(publishers, "WAIT_SECONDS", 0.05)
    other = Catalog(settings.catalog)
    reading = read_events(other, "events_webhook")
    next(reading)
    publishers.publish_events(catalog)
    assert receiver.requests == []
    other.close()
    publishers.publish_events(catalog)
    assert len(receiver.requests) == 3


# --- Amazon SNS


@dataclass(frozen=True)
class Topic:
    """A topic whose messages land in a queue."""

    arn: str
    url: str
    queue: str
    sqs: Any

    def messages(self) -> list[dict[str, Any]]:
        """Return what landed, in its order."""
        found: list[dict[str, Any]] = []
        deadline = time.monotonic() + 10
        while len(found) < 3 and time.monotonic() < deadline:
            answer = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            for message in answer.get("Messages", []):
                found.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return found


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture(params=["standard", "fifo"])
def topic(moto: str, request: pytest.FixtureRequest) -> Topic:
    options = {
        "endpoint_url": moto,
        "aws_access_key_id": KEY,
        "aws_secret_access_key": SECRET,
        "region_name": "us-east-1",
    }
    sns, sqs = boto3.client("sns", **options), boto3.client("sqs", **options)
    fifo = request.param == "fifo"
    name, attributes = f"events-{request.param}{'.fifo' if fifo else ''}", {"FifoTopic": "true"} if fifo else {}
    arn = sns.create_topic(Name=name, Attributes=attributes)["TopicArn"]
    queue = sqs.create_queue(QueueName=name, Attributes={"FifoQueue": "true"} if fifo else {})["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue_arn)
    return Topic(arn, moto, queue, sqs)


def test_a_topic(catalog: Catalog, topic: Topic, monkeypatch: pytest.MonkeyPatch) -> None:
    extra = {"topic_arn": topic.arn, "endpoint_url": topic.url, "region_name": "us-east-1"}
    connect(monkeypatch, "events_sns", conn_type="aws", login=KEY, password=SECRET, extra=extra)
    publishers.publish_events(catalog)
    landed = topic.messages()
    events = [json.loads(message["Message"]) for message in landed]
    assert sorted(event["identifier"] for event in events) == ["n=0", "n=1", "n=2"]
    attributes = landed[0]["MessageAttributes"]
    assert (attributes["kind"]["Value"], attributes["source"]["Value"]) == ("dataset_created", "paper")
    assert list(catalog.dead_letters("events_sns")) == []


def test_a_topic_that_is_not_there(catalog: Catalog, moto: str, monkeypatch: pytest.MonkeyPatch) -> None:
    extra = {"topic_arn": "arn:aws:sns:us-east-1:123456789012:none", "endpoint_url": moto, "region_name": "us-east-1"}
    connect(monkeypatch, "events_sns", conn_type="aws", login=KEY, password=SECRET, extra=extra)
    monkeypatch.setattr(publishers, "MOST_EVENTS", 1)
    publishers.publish_events(catalog)
    (letter,) = catalog.dead_letters("events_sns")
    assert "NotFound" in letter.error
    assert SECRET not in letter.error
