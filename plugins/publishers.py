"""Publishers: who outside is told of the events (``fieldhouse.events``), by Connections.

======================  =====================================================================================
Connection              what it gives
======================  =====================================================================================
``events_webhook``      type ``http``: the address, as a whole in the host; password: signs each event;
                        extra ``headers``
``events_sns``          type ``aws``: extra ``topic_arn``, ``endpoint_url``, ``region_name``
======================  =====================================================================================

Each is a reader of the events, named as its Connection, and starts at the first event; extra ``from_now`` lets it start
behind the last.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from airflow.sdk import Connection

from fieldhouse.errors import ConfigurationError
from plugins.settings import base_url, find_connection

if TYPE_CHECKING:
    from fieldhouse.catalog import Catalog
    from fieldhouse.events import Event, Handler

WEBHOOK = "events_webhook"
SNS = "events_sns"
# The rest is left to the next run, of whichever source
MOST_EVENTS = 2_000
MOST_SECONDS = 60.0
# The publish of another source ends within its own time
WAIT_SECONDS = 20.0
CALL_SECONDS = 10
# boto3 tries again by itself; so do we
AWS_CALLS: Mapping[str, Any] = {
    "connect_timeout": CALL_SECONDS,
    "read_timeout": CALL_SECONDS,
    "retries": {"total_max_attempts": 1},
}

log = logging.getLogger(__name__)


def publish_events(catalog: Catalog) -> None:
    """Hand what is new to every publisher that has a Connection. Nothing that goes wrong here fails anything."""
    for name, make in PUBLISHERS.items():
        try:
            connection = find_connection(name)
            if connection is not None:
                _publish(catalog, connection, make)
        except Exception:
            log.exception("the events could not be handed to %s; the next run does it", name)


def _publish(catalog: Catalog, connection: Connection, make: Callable[[Connection], Any]) -> None:
    from fieldhouse.events import deliver  # noqa: PLC0415 - Dag files import us

    with make(connection) as handler:
        done = deliver(
            catalog,
            connection.conn_id,
            handler,
            limit=MOST_EVENTS,
            seconds=MOST_SECONDS,
            from_now=bool(connection.extra_dejson.get("from_now")),
            wait_seconds=WAIT_SECONDS,
        )
    log.info("%s: %s events delivered", connection.conn_id, done.delivered)
    if done.failed:
        command = f"fieldhouse events --reader {connection.conn_id} --dead-letters"
        log.error("%s: %s events could not be delivered; `%s` says why", connection.conn_id, done.failed, command)
    if done.stopped:
        log.error("%s: %s", connection.conn_id, done.stopped)


@contextmanager
def webhook(connection: Connection) -> Iterator[Handler]:
    """Yield a handler that posts events to the address of a Connection."""
    from fieldhouse.events import Webhook  # noqa: PLC0415 - Dag files import us

    url = base_url(connection)
    if url is None:
        raise ConfigurationError(f"Connection {connection.conn_id!r} needs an address as its host")
    handler = Webhook(url, secret=connection.password or None, headers=connection.extra_dejson.get("headers"))
    try:
        yield handler
    finally:
        handler.close()


@contextmanager
def sns(connection: Connection) -> Iterator[Handler]:
    """Yield a handler that publishes events to a topic of Amazon SNS.

    The message is the event as JSON; ``event_id``, ``kind``, ``source`` and ``dataset_type`` are attributes too, for
    filters. A FIFO topic gets them in order, each once.
    """
    from airflow.providers.amazon.aws.hooks.sns import SnsHook  # noqa: PLC0415 - heavy
    from botocore.config import Config  # type: ignore[import-untyped]  # noqa: PLC0415

    topic = connection.extra_dejson.get("topic_arn")
    if not topic:
        raise ConfigurationError(f'Connection {connection.conn_id!r} needs extra {{"topic_arn": "arn:aws:sns:..."}}')
    hook: Any = SnsHook(  # type: ignore[no-untyped-call]
        aws_conn_id=connection.conn_id, config=Config(**AWS_CALLS)
    )
    fifo = str(topic).endswith(".fifo")

    def publish(event: Event) -> None:
        attributes = {name: getattr(event, name) for name in ("event_id", "kind", "source", "dataset_type")}
        order = {"message_deduplication_id": str(event.event_id), "message_group_id": "fieldhouse"} if fifo else {}
        message = json.dumps(event.as_json(), ensure_ascii=False)
        hook.publish_to_target(topic, message, message_attributes=attributes, **order)

    yield publish


PUBLISHERS: Mapping[str, Callable[[Connection], Any]] = {WEBHOOK: webhook, SNS: sns}
