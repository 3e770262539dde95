"""The one HTTP client: polite, bounded, and never fooled by a page that is not the file."""

from __future__ import annotations

import gzip
import hashlib
import io
import math
import re
import time
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol
from urllib.parse import urljoin

import httpx
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential,
    wait_random,
)

from fieldhouse import clock
from fieldhouse.addresses import host_of, is_web_address, next_address, public_url
from fieldhouse.config import DEFAULT_CONTACT
from fieldhouse.errors import (
    ConfigurationError,
    NotPublished,
    SourceBlocked,
    SourceError,
    SourceThrottled,
    SourceUnavailable,
)
from fieldhouse.source import Pace, RemoteFile
from fieldhouse.spool import spool

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

VERSION = "0.1.0"
ATTEMPTS = 4
MOST_REDIRECTS = 5
TOTAL_SECONDS = 300.0
TOTAL_BYTES = 300 * 2**20  # what comes in that time at 1 MiB a second; a file that may be longer may take longer
SNIFF_BYTES = 64 * 2**10
CHUNK_BYTES = 2**17
SHORT_WAIT = timedelta(seconds=30)
BLOCKED_FOR = timedelta(hours=1)
LONGEST_RETRY_AFTER = timedelta(days=1)

# Titles of pages that stand where the wanted one should: Cloudflare, Akamai, Incapsula, Sports Reference
BLOCK_TITLE = re.compile(
    r"just a moment|attention required|access denied|rate limited|captcha|are you a (robot|human)|"
    r"pardon our interruption|request (rejected|unsuccessful|blocked)|security check|bot (detection|traffic)",
    re.IGNORECASE,
)
TITLE = re.compile(rb"<title[^>]*>(.{0,300}?)</title>", re.IGNORECASE | re.DOTALL)
HEADER_VALUE = re.compile(r"[\x20-\x7e\t]*")
# A proxy is for the way out, also where NO_PROXY does not say so
DIRECT = ("all://localhost", "all://127.0.0.1", "all://[::1]")


class Pacer(Protocol):
    """Who says when a host may be asked; shared by everybody that asks."""

    def wait(self, host: str, pace: Pace) -> None:
        """Return when it is our turn. :raises SourceThrottled, SourceBlocked: the host is to be left alone."""

    def stop(self, host: str, until: datetime, kind: str, reason: str) -> None:
        """Tell everybody to leave ``host`` alone until then; ``kind`` is ``throttled`` or ``blocked``."""


@dataclass(frozen=True)
class Validators:
    """What the provider gave us to ask whether a file changed."""

    etag: str | None = None
    last_modified: str | None = None

    def headers(self) -> dict[str, str]:
        """Return the conditional headers.

        An ETag goes alone: nginx answers 200 to an unchanged file when both are sent and the date is not its own.
        """
        if self.etag:
            return {"If-None-Match": self.etag}
        return {"If-Modified-Since": self.last_modified} if self.last_modified else {}


@dataclass(frozen=True)
class NotModified:
    """The provider says that the file is what it was."""

    url: str


@dataclass(frozen=True)
class Fetched:
    """A whole answer with status 200.

    :param url: what was asked for, without credentials.
    :param body: the decoded bytes, at position 0; spooled to disk above 8 MiB. The caller closes it.
    :param problem: why the bytes cannot be the wanted file, although the server says that they are.
    """

    url: str
    body: IO[bytes]
    sha256: str
    size: int
    content_type: str | None
    validators: Validators
    fetched_at: datetime
    problem: str | None = None


class _Retry(Exception):
    """An attempt failed in a way that another attempt may mend.

    :param wait: how long the host wants to be left alone before.
    :param last: makes the error that is raised when this was the last attempt.
    """

    def __init__(
        self, message: str, wait: timedelta | None = None, last: Callable[[], SourceError] | None = None
    ) -> None:
        super().__init__(message)
        self.wait = wait
        self.last = last


class PoliteClient:
    """Asks one source's host, at its pace, with retries, and says in our own errors what went wrong.

    :param base_url: what relative URLs are relative to; also names the host for the pacer.
    :param headers: sent to that host alone, not to where it redirects.
    :param total_seconds: how long one attempt may take, from the request to the last byte; more, in proportion, for
        a file that may have more than 300 MiB.
    :raises ConfigurationError: the base URL, a header or the environment's proxy cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        *,
        pace: Pace,
        pacer: Pacer,
        contact: str = DEFAULT_CONTACT,
        headers: Mapping[str, str] | None = None,
        total_seconds: float = TOTAL_SECONDS,
        read_seconds: float = 30.0,
        connect_seconds: float = 10.0,
        first_wait_seconds: float = 0.5,
    ) -> None:
        if not is_web_address(base_url):
            raise ConfigurationError(f"a source's URL must be http://... or https://..., not {public_url(base_url)!r}")
        self.base_url = base_url.rstrip("/") + "/"
        self.host = host_of(base_url)
        self._headers = _checked(headers or {}, self.host)
        self._pace = pace
        self._pacer = pacer
        self._total_seconds = total_seconds
        self._first_wait = first_wait_seconds
        self._client = _open(contact, pace.concurrency, httpx.Timeout(read_seconds, connect=connect_seconds, pool=None))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> PoliteClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get(self, url: str) -> bytes:
        """Return the body at ``url``.

        :raises SourceError: as :meth:`fetch`.
        """
        answer = self.fetch(RemoteFile(name=url, url=url))
        assert isinstance(answer, Fetched)  # noqa: S101 - nothing was sent that it could be unmodified against
        with answer.body as body:
            return body.read()

    def fetch(self, file: RemoteFile, validators: Validators | None = None) -> Fetched | NotModified:
        """Ask for ``file``, conditionally where there are ``validators``.

        :raises NotPublished: 404 or 410.
        :raises SourceThrottled: 429 or a 503 that names a time, too long to wait here, or again and again.
        :raises SourceBlocked: 401, 403, 451, or a block page with whatever status.
        :raises SourceUnavailable: it could not be had after several attempts.
        :raises LakeError: there is no room for what arrives.
        """
        if file.local_path:
            return _read_local(file, Path(file.local_path))
        url = urljoin(self.base_url, unicodedata.normalize("NFC", file.url))
        retrying = Retrying(
            retry=retry_if_exception_type(_Retry), stop=stop_after_attempt(ATTEMPTS), wait=self._wait, reraise=True
        )
        try:
            return retrying(self._attempt, url, file, validators or Validators())
        except _Retry as error:
            if error.last:
                raise error.last() from error
            raise SourceUnavailable(f"{public_url(url)}: {error} ({ATTEMPTS} attempts)") from error

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        jitter = wait_random(0, self._first_wait)(state)
        if isinstance(error, _Retry) and error.wait is not None:
            return error.wait.total_seconds() + jitter
        return wait_exponential(multiplier=self._first_wait, max=30.0)(state) + jitter

    def _attempt(self, url: str, file: RemoteFile, validators: Validators) -> Fetched | NotModified:
        """Ask once, and go where the host points. Every step of the way takes a turn."""
        at = url
        for _ in range(MOST_REDIRECTS + 1):
            self._pacer.wait(host_of(at), self._pace)
            deadline = time.monotonic() + self._total_seconds * max(1.0, file.max_bytes / TOTAL_BYTES)
            with self._ask(at, validators) as response:
                if not response.has_redirect_location:
                    return self._receive(url, file, validators, _Answer(at, response, deadline))
                at = next_address(at, response.headers["location"])
        raise SourceUnavailable(f"{public_url(url)} redirects more than {MOST_REDIRECTS} times")

    @contextmanager
    def _ask(self, url: str, validators: Validators) -> Iterator[httpx.Response]:
        """Send one request; what can go wrong on the way is worth another attempt."""
        own = self._headers if self._is_ours(url) else {}
        try:
            with self._client.stream("GET", url, headers={**own, **validators.headers()}) as response:
                yield response
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise SourceUnavailable(f"{public_url(url)} is not an http or https address, or leads to none") from error
        except httpx.HTTPError as error:
            raise _Retry(f"{type(error).__name__}: {error}".rstrip(": ")) from error

    def _is_ours(self, url: str) -> bool:
        return host_of(url) == self.host and (url.startswith("https:") or self.base_url.startswith("http:"))

    def _receive(self, url: str, file: RemoteFile, validators: Validators, answer: _Answer) -> Fetched | NotModified:
        status = answer.response.status_code
        if status == httpx.codes.OK:
            return self._take(url, file, answer)
        if status == httpx.codes.NOT_MODIFIED and validators.headers():
            return NotModified(public_url(url))
        raise self._refusal(answer, status)

    def _refusal(self, answer: _Answer, status: int) -> Exception:
        """Return the error for an answer that is neither 200 nor an expected 304."""
        if status in {404, 410}:
            return NotPublished(f"{answer.url} does not exist (status {status})")
        wait = _retry_after(answer.response)
        if status == 429:
            return self._patience(answer, status, self._pace.throttled_for if wait is None else wait)
        title = _title(answer.beginning())
        if status in {401, 403, 451} or BLOCK_TITLE.search(title):
            return self._blocked(answer, f"status {status}" + (f", page {title!r}" if title else ""))
        if status >= 500 or status == 408:
            if wait and wait > SHORT_WAIT:
                return self._throttled(answer, status, wait)
            return _Retry(f"status {status}", wait)
        return SourceUnavailable(
            f"{answer.url} answered status {status}, which no retry mends: has the address changed?"
        )

    def _patience(self, answer: _Answer, status: int, wait: timedelta) -> Exception:
        """Wait here if it is short. A host that says so every time means something else."""
        if wait > SHORT_WAIT:
            return self._throttled(answer, status, wait)
        self._stop(answer, wait, "throttled", f"{answer.url} answered status {status}")
        return _Retry(f"status {status}", wait, last=lambda: self._throttled(answer, status, self._pace.throttled_for))

    def _throttled(self, answer: _Answer, status: int, wait: timedelta) -> SourceThrottled:
        reason = f"{answer.url} answered status {status}"
        until = self._stop(answer, wait, "throttled", reason)
        return SourceThrottled(f"{reason}: nobody asks {answer.host} before {until:%Y-%m-%d %H:%M:%S} UTC", until)

    def _blocked(self, answer: _Answer, what: str) -> SourceBlocked:
        reason = f"{answer.url} is blocked ({what})"
        until = self._stop(answer, BLOCKED_FOR, "blocked", reason)
        return SourceBlocked(
            f"{reason}: {answer.host} is left alone until {until:%H:%M} UTC. Open the page in a browser from the same "
            "network; if it opens there, set a contact and a slower pace, else ask from another network",
            until,
        )

    def _stop(self, answer: _Answer, wait: timedelta, kind: str, reason: str) -> datetime:
        until = clock.real_now() + wait
        self._pacer.stop(answer.host, until, kind, reason)
        return until

    def _take(self, url: str, file: RemoteFile, answer: _Answer) -> Fetched:
        """Keep the body, if it is not a block page."""
        headers = answer.response.headers
        content_type = headers.get("content-type", "").partition(";")[0].strip().lower() or None
        with spool() as body:
            sha256, size, head = _copy(answer.chunks(), body, public_url(url), file)
            title = _title(head)
            if _is_html(head) and BLOCK_TITLE.search(title):
                raise self._blocked(answer, f"status 200, page {title!r}")
            body.seek(0)
            return Fetched(
                url=public_url(url),
                body=body,
                sha256=sha256,
                size=size,
                content_type=content_type,
                validators=Validators(headers.get("etag"), headers.get("last-modified")),
                fetched_at=clock.now(),
                problem=_problem(file, content_type, head),
            )


class _Answer:
    """An answer whose body is still to come, until the deadline (monotonic seconds)."""

    def __init__(self, url: str, response: httpx.Response, deadline: float) -> None:
        self.url = public_url(url)
        self.host = host_of(url)
        self.response = response
        self._deadline = deadline

    def chunks(self) -> Iterator[bytes]:
        """Yield the body, decoded. A compressed one has to come to its proper end, length or no length."""
        raw = _Raw(self.response.iter_raw(), self._deadline)
        encoding = self.response.headers.get("content-encoding", "").strip().lower()
        if encoding not in {"", "identity", "gzip", "x-gzip"}:
            raise SourceUnavailable(f"{self.url} came in the encoding {encoding!r}, which was not asked for")
        source = gzip.GzipFile(fileobj=raw) if "gzip" in encoding else raw
        try:
            while chunk := source.read(CHUNK_BYTES):
                yield chunk
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise _Retry(f"the gzip encoding is damaged or cut off ({error})") from error

    def beginning(self) -> bytes:
        """Return the first bytes of the body, as far as they can be had."""
        head = b""
        with suppress(httpx.HTTPError, SourceUnavailable, _Retry):
            for chunk in self.chunks():
                head += chunk
                if len(head) >= SNIFF_BYTES:
                    break
        return head


class _Raw(io.RawIOBase):
    """Bytes as the network gives them, as a file. A host that trickles does not outlive the deadline."""

    def __init__(self, chunks: Iterator[bytes], deadline: float) -> None:
        self._chunks = chunks
        self._deadline = deadline
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        if not self._rest:
            self._rest = next(self._chunks, b"")
            if time.monotonic() > self._deadline:
                raise _Retry("not received in the time that one attempt may take")
        view = memoryview(buffer)
        taken = self._rest[: len(view)]
        self._rest = self._rest[len(taken) :]
        view[: len(taken)] = taken
        return len(taken)


def _open(contact: str, connections: int, timeout: httpx.Timeout) -> httpx.Client:
    """Make the client. Only gzip is asked for, so that an answer does not depend on what else is installed."""
    try:
        return httpx.Client(
            headers={"User-Agent": user_agent(contact), "Accept-Encoding": "gzip"},
            timeout=timeout,
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            follow_redirects=False,
            trust_env=True,
            mounts=dict.fromkeys(DIRECT),
        )
    except (ImportError, ValueError, httpx.InvalidURL):
        raise ConfigurationError(
            "the proxy that HTTP_PROXY, HTTPS_PROXY or ALL_PROXY names cannot be used: it must be http://host:port"
        ) from None


def user_agent(contact: str) -> str:
    """Return who we are. A header is ASCII: of other letters what is left is their base."""
    plain = unicodedata.normalize("NFKD", " ".join(contact.split())).encode("ascii", "ignore").decode()
    return f"fieldhouse/{VERSION} ({plain})"


def _checked(headers: Mapping[str, str], host: str) -> dict[str, str]:
    for name, value in headers.items():
        if not HEADER_VALUE.fullmatch(value) or not re.fullmatch(r"[\w!#$%&'*+.^`|~-]+", name, re.ASCII):
            raise ConfigurationError(f"the header {name!r} for {host} must be one line of ASCII: set it again")
    return dict(headers)


def _copy(chunks: Iterable[bytes], body: IO[bytes], url: str, file: RemoteFile) -> tuple[str, int, bytes]:
    """Write the body, bounded in size, hashing as it comes. Returns sha256, size and the first bytes."""
    digest, size, head = hashlib.sha256(), 0, b""
    for chunk in chunks:
        size += len(chunk)
        if size > file.max_bytes:
            raise SourceUnavailable(f"{url} is larger than the {file.max_bytes:,} bytes that {file.name} may have")
        head += chunk[: max(0, SNIFF_BYTES - len(head))]
        digest.update(chunk)
        body.write(chunk)
    return digest.hexdigest(), size, head


def _problem(file: RemoteFile, content_type: str | None, head: bytes) -> str | None:
    """Return why the bytes cannot be the wanted file."""
    wanted = " or ".join(file.content_types)
    if not wanted:
        return None
    if _is_html(head) and "html" not in wanted:
        return f"an HTML page ({_title(head)!r}) came instead of {wanted}"
    if content_type and content_type not in file.content_types:
        return f"{content_type} came instead of {wanted}"
    return None


def _read_local(file: RemoteFile, path: Path) -> Fetched:
    """Take a user's own file in as if it had been answered."""
    try:
        body = path.open("rb")
        digest = hashlib.file_digest(body, "sha256").hexdigest()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    size = body.tell()
    body.seek(0)
    head = body.read(SNIFF_BYTES)
    body.seek(0)
    return Fetched(file.url, body, digest, size, None, Validators(), clock.now(), _problem(file, None, head))


def _is_html(head: bytes) -> bool:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:512].lower()
    return start.startswith((b"<!doctype html", b"<html")) or (start.startswith(b"<") and b"<html" in start)


def _title(head: bytes) -> str:
    found = TITLE.search(head)
    return " ".join(found.group(1).decode("utf-8", "replace").split()) if found else ""


def _retry_after(response: httpx.Response) -> timedelta | None:
    """Read Retry-After, given in seconds or as a date: at most a day; None if it is absent or says nothing."""
    value = response.headers.get("retry-after", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        seconds = _seconds_until(value)
    if math.isnan(seconds):
        return None
    return timedelta(seconds=min(max(seconds, 0.0), LONGEST_RETRY_AFTER.total_seconds()))


def _seconds_until(http_date: str) -> float:
    try:
        moment = parsedate_to_datetime(http_date)
    except (ValueError, OverflowError):
        return math.nan
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - clock.real_now()).total_seconds()


class NoPacer:
    """A pacer for one process that asks nobody: for tests and for hosts of one's own."""

    def wait(self, host: str, pace: Pace) -> None:
        """Return at once."""

    def stop(self, host: str, until: datetime, kind: str, reason: str) -> None:
        """Forget it."""


__all__ = ["Fetched", "NoPacer", "NotModified", "Pacer", "PoliteClient", "SourceError", "Validators"]
