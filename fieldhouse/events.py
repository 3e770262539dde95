"""Events: every visible change of a dataset, in the order of the commits, for readers that each have a cursor.

An event is delivered at least once: a reader is done with it when its handler returned, and reads it again if it died
before that. ``Event.event_id`` tells one that was seen already.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice

import httpx
import psycopg
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from fieldhouse.catalog import Catalog, DeadLetter, Event
from fieldhouse.errors import ConfigurationError, DatabaseError, FieldhouseError

READER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
ATTEMPTS = 3
FIRST_WAIT_SECONDS = 0.5
POLL_SECONDS = 1.0
WEBHOOK_SECONDS = 10.0
MOST_ANSWER_BYTES = 2**16
GONE = 410

Handler = Callable[[Event], object]


class ReaderBusy(FieldhouseError):
    """Somebody else reads as this reader just now."""


class DeliveryStopped(FieldhouseError):
    """Raised by a handler when no event can be delivered any more: this one is neither done with nor a dead letter."""


@dataclass
class Delivered:
    """What came of a delivery: events that were handled and events that became dead letters.

    :param stopped: why the handler took no more, in its own words.
    """

    delivered: int = 0
    failed: int = 0
    stopped: str | None = None


def check_reader(name: str) -> str:
    """Return the name of a reader. :raises ConfigurationError: it is none."""
    if not READER_NAME.fullmatch(name):
        raise ConfigurationError(
            f"{name!r} cannot name a reader of events: letters, digits, _ . and -, at most 63, such as my-notebook"
        )
    return name


def read_events(
    catalog: Catalog, reader: str, *, limit: int | None = None, from_now: bool = False
) -> Generator[Event, None, None]:
    """Yield the events that a reader has not read, to the last that there is.

    An event is read when the next one is asked for, or the end: one in whose midst the caller failed comes again.

    :param from_now: a reader that is new starts behind the last event, and not at the first.
    :raises ConfigurationError: the name of the reader is none.
    :raises ReaderBusy: somebody else reads as this reader.
    """
    with _held(catalog, reader, from_now=from_now) as reader_id:
        for event in islice(catalog.events_above(catalog.event_cursor(reader_id)), limit):
            yield event
            catalog.move_cursor(reader_id, event.event_id)


def deliver(
    catalog: Catalog,
    reader: str,
    handler: Handler,
    *,
    limit: int | None = None,
    seconds: float | None = None,
    from_now: bool = False,
    wait_seconds: float = 0.0,
    first_wait_seconds: float = FIRST_WAIT_SECONDS,
) -> Delivered:
    """Hand the events that a reader has not read to ``handler``, one after the other.

    One that it fails at three times becomes a dead letter of the reader, and the next one follows.

    :param limit: how many at most; ``seconds``: after how long none is begun any more.
    :param wait_seconds: how long to wait for somebody else who reads as this reader.
    :param first_wait_seconds: between the first two attempts; doubled for the third.
    :raises ReaderBusy: somebody else still does.
    """
    ends_at = float("inf") if seconds is None else time.monotonic() + seconds
    with _held(catalog, reader, from_now=from_now, wait_seconds=wait_seconds) as reader_id:
        return _hand_over(
            catalog, reader_id, handler, limit=limit, ends_at=ends_at, first_wait_seconds=first_wait_seconds
        )


def retry_dead_letters(
    catalog: Catalog,
    reader: str,
    handler: Handler,
    *,
    limit: int | None = None,
    first_wait_seconds: float = FIRST_WAIT_SECONDS,
) -> Delivered:
    """Hand a reader's dead letters to ``handler`` again; those that it takes are none any more.

    :raises ReaderBusy: somebody else reads as this reader.
    """
    result = Delivered()
    known_reader(catalog, reader)
    with _held(catalog, reader) as reader_id:
        for letter in islice(catalog.dead_letters(reader), limit):
            try:
                error = _attempt(handler, letter.event, first_wait_seconds)
            except DeliveryStopped as stop:
                result.stopped = str(stop)
                break
            if error is None:
                catalog.remove_dead_letter(reader_id, letter.event.event_id)
                result.delivered += 1
            else:
                catalog.bury_event(reader_id, letter.event.event_id, error, ATTEMPTS)
                result.failed += 1
    return result


def follow(dsn: str, reader: str, handler: Handler, *, from_now: bool = False, say: Callable[[str], None]) -> Delivered:
    """Hand events to ``handler`` as they come, until it raises :class:`DeliveryStopped`.

    A catalog that goes away is waited for, and so is somebody else who reads as this reader.

    :param say: told why nothing comes.
    """
    total, last_said = Delivered(), ""
    check_reader(reader)
    catalog = Catalog(dsn, claim_seconds=0)
    try:
        while total.stopped is None:
            try:
                if catalog.closed:
                    catalog = Catalog(dsn, claim_seconds=0)
                with _held(catalog, reader, from_now=from_now) as reader_id:
                    last_said = ""
                    _keep_handing_over(catalog, reader_id, handler, total)
            except (ReaderBusy, DatabaseError) as error:
                if not (isinstance(error, ReaderBusy) or isinstance(error.__cause__, psycopg.OperationalError)):
                    raise
                if str(error) != last_said:
                    say(f"{error}; waiting")
                last_said = str(error)
                time.sleep(POLL_SECONDS)
    finally:
        catalog.close()
    return total


def _keep_handing_over(catalog: Catalog, reader_id: int, handler: Handler, total: Delivered) -> None:
    while True:
        batch = _hand_over(catalog, reader_id, handler)
        total.delivered += batch.delivered
        total.failed += batch.failed
        total.stopped = batch.stopped
        if total.stopped is not None:
            return
        time.sleep(POLL_SECONDS)


def _hand_over(
    catalog: Catalog,
    reader_id: int,
    handler: Handler,
    *,
    limit: int | None = None,
    ends_at: float = float("inf"),
    first_wait_seconds: float = FIRST_WAIT_SECONDS,
) -> Delivered:
    result = Delivered()
    for event in islice(catalog.events_above(catalog.event_cursor(reader_id)), limit):
        if time.monotonic() >= ends_at:
            break
        try:
            error = _attempt(handler, event, first_wait_seconds)
        except DeliveryStopped as stop:
            result.stopped = str(stop)
            break
        if error is None:
            catalog.move_cursor(reader_id, event.event_id)
            result.delivered += 1
        else:
            catalog.bury_event(reader_id, event.event_id, error, ATTEMPTS)
            result.failed += 1
    return result


def known_reader(catalog: Catalog, reader: str) -> None:
    """Do nothing if a reader is known. :raises ConfigurationError: it is not; the text names those that are."""
    names = [row.name for row in catalog.event_readers()]
    if check_reader(reader) not in names:
        known = f"there are {', '.join(names)}" if names else "there is none"
        raise ConfigurationError(f"there is no reader of events {reader!r}; {known}")


def forget_reader(catalog: Catalog, reader: str) -> None:
    """Forget a reader, its cursor and its dead letters.

    :raises ConfigurationError: there is none of this name. :raises ReaderBusy: somebody reads as it just now.
    """
    known_reader(catalog, reader)
    with _held(catalog, reader):
        catalog.remove_event_reader(reader)


@contextmanager
def _held(catalog: Catalog, reader: str, *, from_now: bool = False, wait_seconds: float = 0.0) -> Iterator[int]:
    reader_id = catalog.add_event_reader(check_reader(reader), from_now=from_now)
    if not catalog.hold_event_reader(reader_id, wait_seconds):
        raise ReaderBusy(f"another process reads the events as {reader!r}: end it, or choose another name")
    try:
        yield reader_id
    finally:
        catalog.release_event_reader(reader_id)


def _attempt(handler: Handler, event: Event, first_wait_seconds: float) -> str | None:
    """Hand an event over, three times at most. Returns what went wrong at last, or None."""
    attempts = Retrying(
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_exponential(multiplier=first_wait_seconds),
        # Ctrl-C is nobody's failure
        retry=retry_if_exception(lambda error: isinstance(error, Exception) and not isinstance(error, DeliveryStopped)),
        reraise=True,
    )
    try:
        attempts(handler, event)
    except DeliveryStopped:
        raise
    except FieldhouseError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - whatever a handler raises: the next event is none the worse for it
        return f"{type(error).__name__}: {error}"
    return None


class Webhook:
    """A handler that posts each event as JSON to an address; an answer of 2xx is success.

    Header ``Fieldhouse-Event-Id`` tells an event that comes a second time. With a secret, ``Fieldhouse-Signature`` is
    ``sha256=`` and the HMAC of the body in hex. 410 ends the delivery: the address is given up. Neither address nor
    secret is in any message, for an address may be a secret too; its host is.

    :param headers: to send along.
    :raises ConfigurationError: the address is none.
    """

    def __init__(
        self,
        url: str,
        *,
        secret: str | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float = WEBHOOK_SECONDS,
    ) -> None:
        self._url = _address(url)
        self.host = self._url.host
        self._secret = secret
        self._seconds = seconds
        self._client = httpx.Client(timeout=seconds, headers={"User-Agent": "fieldhouse", **(headers or {})})

    def __call__(self, event: Event) -> None:
        """Post an event. :raises DeliveryStopped: the address is gone for good."""
        body = json.dumps(event.as_json(), ensure_ascii=False).encode()
        try:
            with self._client.stream("POST", self._url, content=body, headers=self._headers(event, body)) as answer:
                status = answer.status_code
                self._drain(answer)
        except httpx.HTTPError as error:
            # the text of others may quote a header
            said = f": {error}" if isinstance(error, httpx.NetworkError) else ""
            raise FieldhouseError(f"webhook {self.host}: {type(error).__name__}{said}") from error
        if status == GONE:
            raise DeliveryStopped(f"webhook {self.host} answered 410: it wants no more events; correct its address")
        if not httpx.codes.is_success(status):
            raise FieldhouseError(f"webhook {self.host} answered {status}")

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _headers(self, event: Event, body: bytes) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Fieldhouse-Event-Id": str(event.event_id)}
        if self._secret:
            digest = hmac.new(self._secret.encode(), body, hashlib.sha256).hexdigest()
            headers["Fieldhouse-Signature"] = f"sha256={digest}"
        return headers

    def _drain(self, answer: httpx.Response) -> None:
        """Read a short answer, so that the connection is used again; a long or slow one is left."""
        size, ends_at = 0, time.monotonic() + self._seconds
        # the status has come, and only that counts
        with suppress(httpx.HTTPError):
            for chunk in answer.iter_raw():
                size += len(chunk)
                if size > MOST_ANSWER_BYTES or time.monotonic() > ends_at:
                    return


def _address(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
        if url.scheme in {"http", "https"} and url.host:
            return url
    except httpx.InvalidURL:
        pass
    raise ConfigurationError("a webhook needs an address such as https://example.org/hook")


__all__ = [
    "DeadLetter",
    "Delivered",
    "DeliveryStopped",
    "Event",
    "ReaderBusy",
    "Webhook",
    "deliver",
    "follow",
    "forget_reader",
    "known_reader",
    "read_events",
    "retry_dead_letters",
]
