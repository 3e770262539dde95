"""The one HTTP client: polite, bounded, and never fooled by a page that is not the file."""

from __future__ import annotations

import hashlib
import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO, Protocol
from urllib.parse import urljoin, urlsplit

import httpx
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential_jitter,
)

from fieldhouse import clock
from fieldhouse.config import DEFAULT_CONTACT
from fieldhouse.errors import NotPublished, SourceBlocked, SourceError, SourceThrottled, SourceUnavailable
from fieldhouse.source import Pace, RemoteFile

VERSION = "0.1.0"
ATTEMPTS = 4
TOTAL_SECONDS = 300.0
SPOOL_BYTES = 8 * 2**20
SNIFF_BYTES = 64 * 2**10
SHORT_WAIT = timedelta(seconds=30)
THROTTLED_FOR = timedelta(minutes=10)
BLOCKED_FOR = timedelta(hours=1)
LONGEST_RETRY_AFTER = timedelta(days=1)

# Titles of pages that stand where the wanted one should: Cloudflare, Akamai, Incapsula, Sports Reference
BLOCK_TITLE = re.compile(
    r"just a moment|attention required|access denied|rate limited|captcha|are you a (robot|human)|"
    r"pardon our interruption|request (rejected|unsuccessful|blocked)|security check|bot (detection|traffic)",
    re.IGNORECASE,
)
TITLE = re.compile(rb"<title[^>]*>(.{0,300}?)</title>", re.IGNORECASE | re.DOTALL)


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
    """An attempt failed in a way that another attempt may mend."""

    def __init__(self, message: str, wait: timedelta | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class PoliteClient:
    """Asks one source's host, at its pace, with retries, and says in our own errors what went wrong.

    :param base_url: what relative URLs are relative to; also names the host for the pacer.
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
        first_wait_seconds: float = 0.5,
    ) -> None:
        self.base_url = base_url.rstrip("/") + "/"
        self.host = urlsplit(base_url).netloc
        self._pace = pace
        self._pacer = pacer
        self._total_seconds = total_seconds
        self._first_wait = first_wait_seconds
        self._client = httpx.Client(
            headers={"User-Agent": f"fieldhouse/{VERSION} ({contact})", **(headers or {})},
            timeout=httpx.Timeout(read_seconds, connect=10.0, pool=None),
            limits=httpx.Limits(max_connections=pace.concurrency, max_keepalive_connections=pace.concurrency),
            follow_redirects=True,
            max_redirects=5,
            trust_env=True,
        )

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
        if isinstance(answer, NotModified):  # we sent nothing that it could be unmodified against
            raise SourceUnavailable(f"{url} answered 304 to an unconditional request")
        with answer.body as body:
            return body.read()

    def fetch(self, file: RemoteFile, validators: Validators | None = None) -> Fetched | NotModified:
        """Ask for ``file``, conditionally where there are ``validators``.

        :raises NotPublished: 404 or 410.
        :raises SourceThrottled: 429 or a 503 that names a time, too long to wait here.
        :raises SourceBlocked: 401, 403, 451, or a block page with whatever status.
        :raises SourceUnavailable: it could not be had after several attempts.
        """
        if file.local_path:
            return _read_local(file.url, Path(file.local_path))
        url = urljoin(self.base_url, file.url)
        retrying = Retrying(
            retry=retry_if_exception_type(_Retry),
            stop=stop_after_attempt(ATTEMPTS),
            wait=self._wait,
            reraise=True,
        )
        try:
            return retrying(self._attempt, url, file, validators or Validators())
        except _Retry as error:
            raise SourceUnavailable(f"{url}: {error} ({ATTEMPTS} attempts)") from error

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, _Retry) and error.wait is not None:
            return error.wait.total_seconds()
        return wait_exponential_jitter(initial=self._first_wait, max=30.0, jitter=self._first_wait)(state)

    def _attempt(self, url: str, file: RemoteFile, validators: Validators) -> Fetched | NotModified:
        self._pacer.wait(self.host, self._pace)
        try:
            with self._client.stream("GET", url, headers=validators.headers()) as response:
                if response.status_code == httpx.codes.NOT_MODIFIED:
                    return NotModified(url)
                if response.status_code != httpx.codes.OK:
                    raise self._refusal(url, response)
                return self._receive(url, file, response)
        except httpx.TooManyRedirects as error:
            raise SourceUnavailable(f"{url} redirects for ever") from error
        except httpx.UnsupportedProtocol as error:
            raise SourceUnavailable(f"{url} is not an http or https address") from error
        except httpx.HTTPError as error:
            raise _Retry(f"{type(error).__name__}: {error}".rstrip(": ")) from error

    def _refusal(self, url: str, response: httpx.Response) -> Exception:
        """Return the error for an answer that is neither 200 nor 304."""
        status = response.status_code
        if status in {404, 410}:
            return NotPublished(f"{url} does not exist (status {status})")
        if status == 429:
            return self._throttled(url, status, _retry_after(response) or THROTTLED_FOR)
        title = _title(_beginning(response))
        if status in {401, 403, 451} or BLOCK_TITLE.search(title):
            return self._blocked(url, f"status {status}" + (f", page {title!r}" if title else ""))
        if status >= 500 or status == 408:
            wait = _retry_after(response)
            if wait and wait > SHORT_WAIT:
                return self._throttled(url, status, wait)
            return _Retry(f"status {status}", wait)
        return SourceUnavailable(f"{url} answered status {status}, which no retry mends: has the address changed?")

    def _throttled(self, url: str, status: int, wait: timedelta) -> Exception:
        until = clock.real_now() + wait
        reason = f"{url} answered status {status}"
        self._pacer.stop(self.host, until, "throttled", reason)
        if wait <= SHORT_WAIT:
            return _Retry(f"status {status}", wait)
        return SourceThrottled(f"{reason}: nobody asks {self.host} before {until:%Y-%m-%d %H:%M:%S} UTC", until)

    def _blocked(self, url: str, what: str) -> SourceBlocked:
        until = clock.real_now() + BLOCKED_FOR
        reason = f"{url} is blocked ({what})"
        self._pacer.stop(self.host, until, "blocked", reason)
        return SourceBlocked(
            f"{reason}: {self.host} is left alone until {until:%H:%M} UTC. Open the page in a browser from the same "
            "network; if it opens there, set a contact and a slower pace, else ask from another network",
            until,
        )

    def _receive(self, url: str, file: RemoteFile, response: httpx.Response) -> Fetched:
        """Read the body, bounded in size and time, hashing as it comes."""
        digest, size, head = hashlib.sha256(), 0, b""
        deadline = time.monotonic() + self._total_seconds
        with _spool() as body:
            for chunk in response.iter_bytes(2**17):
                size += len(chunk)
                if size > file.max_bytes:
                    raise SourceUnavailable(
                        f"{url} is larger than the {file.max_bytes:,} bytes that {file.name} may have"
                    )
                if time.monotonic() > deadline:
                    raise _Retry(f"not received within {self._total_seconds:.0f} s")
                if len(head) < SNIFF_BYTES:
                    head += chunk[: SNIFF_BYTES - len(head)]
                digest.update(chunk)
                body.write(chunk)
            problem = self._sniff(url, file, head)
            body.seek(0)
            return Fetched(
                url=url,
                body=body,
                sha256=digest.hexdigest(),
                size=size,
                content_type=_media_type(response),
                validators=Validators(response.headers.get("etag"), response.headers.get("last-modified")),
                fetched_at=clock.now(),
                problem=problem,
            )

    def _sniff(self, url: str, file: RemoteFile, head: bytes) -> str | None:
        """Return what is wrong with an HTML page that came where none was asked for.

        :raises SourceBlocked: the page is a block page.
        """
        if not _is_html(head):
            return None
        title = _title(head)
        if BLOCK_TITLE.search(title):
            raise self._blocked(url, f"status 200, page {title!r}")
        if not file.content_types or any("html" in wanted for wanted in file.content_types):
            return None
        return f"an HTML page ({title!r}) came instead of {' or '.join(file.content_types)}"


@contextmanager
def _spool() -> Iterator[IO[bytes]]:
    """Give a spooled file that outlives the block only when the block succeeds."""
    body = tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115 - handed to the caller
    try:
        yield body
    except BaseException:
        body.close()
        raise


def _read_local(url: str, path: Path) -> Fetched:
    """Take a user's own file in as if it had been answered."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    body = path.open("rb")
    return Fetched(url, body, digest, path.stat().st_size, None, Validators(), clock.now())


def _media_type(response: httpx.Response) -> str | None:
    return response.headers.get("content-type", "").partition(";")[0].strip().lower() or None


def _beginning(response: httpx.Response) -> bytes:
    head = b""
    for chunk in response.iter_bytes(2**14):
        head += chunk
        if len(head) >= SNIFF_BYTES:
            break
    return head


def _is_html(head: bytes) -> bool:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:512].lower()
    return start.startswith((b"<!doctype html", b"<html")) or (start.startswith(b"<") and b"<html" in start)


def _title(head: bytes) -> str:
    found = TITLE.search(head)
    return " ".join(found.group(1).decode("utf-8", "replace").split()) if found else ""


def _retry_after(response: httpx.Response) -> timedelta | None:
    """Read Retry-After, given in seconds or as a date; unreadable or absurd values count as absent or a day."""
    value = response.headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        wait = timedelta(seconds=float(value))
    except (ValueError, OverflowError):
        try:
            wait = parsedate_to_datetime(value).astimezone(UTC) - clock.real_now()
        except ValueError:
            return None
    return min(max(wait, timedelta(0)), LONGEST_RETRY_AFTER)


class NoPacer:
    """A pacer for one process that asks nobody: for tests and for hosts of one's own."""

    def wait(self, host: str, pace: Pace) -> None:
        """Return at once."""

    def stop(self, host: str, until: datetime, kind: str, reason: str) -> None:
        """Forget it."""


__all__ = ["Fetched", "NoPacer", "NotModified", "Pacer", "PoliteClient", "SourceError", "Validators"]
