"""The polite client, before hosts that misbehave on the wire."""

from __future__ import annotations

import gzip
import hashlib
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from fieldhouse import spool
from fieldhouse.addresses import public_url
from fieldhouse.errors import (
    ConfigurationError,
    LakeError,
    NotPublished,
    SourceBlocked,
    SourceError,
    SourceThrottled,
    SourceUnavailable,
)
from fieldhouse.http import (
    ATTEMPTS,
    BLOCKED_FOR,
    LONGEST_RETRY_AFTER,
    TOTAL_BYTES,
    Fetched,
    NotModified,
    PoliteClient,
    Validators,
)
from fieldhouse.source import RemoteFile
from tests.http.conftest import PACE, Host, NotingPacer, answer, quick_client

ROOT = Path(__file__).parents[2]
CSV = b"Div,Date\r\nE0,15/08/2025\r\n"
HTML = b"\xef\xbb\xbf \n<!DOCTYPE html><html><head><title>All\n Results</title></head></html>"
THROTTLED_FOR = PACE.throttled_for
BLOCK_PAGE = b"<html><head><title>Just a moment...</title></head></html>"
FILE = RemoteFile("E0.csv", "2526/E0.csv", ("text/csv",))


def fetched(client: PoliteClient, file: RemoteFile = FILE) -> Fetched:
    found = client.fetch(file)
    assert isinstance(found, Fetched)
    return found


# --- a good answer


def test_a_file(client: PoliteClient, host: Host, pacer: NotingPacer) -> None:
    host.answers(answer(CSV, content_type="Text/CSV; charset=x", etag='"1"', last_modified="yesterday"))
    found = fetched(client)
    assert found.body.read() == CSV
    assert (found.size, found.sha256) == (len(CSV), hashlib.sha256(CSV).hexdigest())
    assert (found.content_type, found.problem) == ("text/csv", None)
    assert found.validators == Validators('"1"', "yesterday")
    assert found.url == f"{host.url}/data/2526/E0.csv"
    assert host.requests[0].startswith("GET /data/2526/E0.csv HTTP/1.1\r\n")
    assert pacer.waits == [host.name]


@pytest.mark.parametrize(
    ("contact", "sent"),
    [("mail@example.org", "mail@example.org"), ("Zoë\r\nX-Evil: 1", "Zoe X-Evil: 1"), ("\u65e5\u672c", "")],
)
def test_who_asks(host: Host, pacer: NotingPacer, contact: str, sent: str) -> None:
    host.answers(answer(CSV))
    with quick_client(host.url, pacer, contact=contact) as client:
        client.get("/")
    assert f"\r\nUser-Agent: fieldhouse/0.1.0 ({sent})\r\n" in host.requests[0]


def test_headers_override(host: Host, pacer: NotingPacer) -> None:
    host.answers(answer(CSV))
    with quick_client(host.url, pacer, headers={"user-agent": "mine", "X-Key": "k"}) as client:
        client.get("/")
    assert "fieldhouse" not in host.requests[0]
    assert "\r\nuser-agent: mine\r\n" in host.requests[0]
    assert "\r\nX-Key: k\r\n" in host.requests[0]


@pytest.mark.parametrize(
    ("validators", "sent", "not_sent"),
    [
        (Validators(), "GET", "If-"),
        (Validators('"1"', "yesterday"), '\r\nIf-None-Match: "1"\r\n', "If-Modified-Since"),
        (Validators(None, "yesterday"), "\r\nIf-Modified-Since: yesterday\r\n", "If-None-Match"),
    ],
)
def test_conditions(client: PoliteClient, host: Host, validators: Validators, sent: str, not_sent: str) -> None:
    host.answers(answer(CSV))
    client.fetch(FILE, validators)
    assert sent in host.requests[0]
    assert not_sent not in host.requests[0]


def test_not_modified(client: PoliteClient, host: Host) -> None:
    host.answers(answer(status=304))
    assert client.fetch(FILE, Validators('"1"')) == NotModified(f"{host.url}/data/2526/E0.csv")
    with pytest.raises(SourceUnavailable, match="status 304"):
        client.fetch(FILE)


@pytest.mark.parametrize("name", ["caf\u00e9.csv", "cafe\u0301.csv"])
def test_a_name_is_asked_for_in_one_form(client: PoliteClient, host: Host, name: str) -> None:
    host.answers(answer(CSV))
    client.get(name)
    assert host.requests[0].startswith("GET /data/caf%C3%A9.csv ")


def test_gzip_is_undone(client: PoliteClient, host: Host) -> None:
    packed = gzip.compress(CSV[:9]) + gzip.compress(CSV[9:])
    host.answers(answer(packed, content_encoding="gzip"))
    found = fetched(client)
    assert found.body.read() == CSV
    assert (found.size, found.sha256) == (len(CSV), hashlib.sha256(CSV).hexdigest())
    assert "\r\nAccept-Encoding: gzip\r\n" in host.requests[0]


# --- a bad one


@pytest.mark.parametrize(
    "broken",
    [
        answer(CSV, length=len(CSV) + 1),
        answer(gzip.compress(CSV)[:-5], content_encoding="gzip"),
        b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(CSV)[:-9],
        answer(CSV, content_encoding="gzip"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nDiv,D\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"nonsense\r\n\r\n",
        b"",
        answer(status=500),
        answer(status=408),
        answer(status=503, retry_after="0"),
    ],
    ids=["short", "gzip", "gzip-1.0", "no-gzip", "chunked", "headers", "nonsense", "nothing", "500", "408", "503"],
)
def test_what_another_attempt_may_mend(client: PoliteClient, host: Host, pacer: NotingPacer, broken: bytes) -> None:
    host.answers(broken, broken, answer(CSV))
    assert fetched(client).body.read() == CSV
    assert (len(host.requests), len(pacer.waits)) == (3, 3)
    host.requests.clear()
    host.answers(broken)
    with pytest.raises(SourceUnavailable, match=rf"^http://\S+/2526/E0.csv: .+ \({ATTEMPTS} attempts\)$"):
        client.fetch(FILE)
    assert len(host.requests) == ATTEMPTS
    assert pacer.stops == []


def test_a_reset_is_tried_again(client: PoliteClient, host: Host) -> None:
    def reset(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    host.answers(reset, answer(CSV))
    assert client.get("x") == CSV


@pytest.mark.parametrize("how", ["hang", "trickle"])
def test_a_host_that_gives_nothing_is_given_up(host: Host, pacer: NotingPacer, how: str) -> None:
    host.answers(getattr(host, how))
    started = time.monotonic()
    with (
        quick_client(host.url, pacer, read_seconds=0.3, total_seconds=0.3) as client,
        pytest.raises(SourceUnavailable, match=r"ReadTimeout|not received in the time"),
    ):
        client.fetch(FILE)
    assert ATTEMPTS * 0.3 <= time.monotonic() - started < ATTEMPTS * 0.3 + 5


@pytest.mark.parametrize(("most_bytes", "comes"), [(FILE.max_bytes, False), (20 * TOTAL_BYTES, True)])
def test_a_file_that_may_be_large_may_take_longer(host: Host, pacer: NotingPacer, most_bytes: int, comes: bool) -> None:
    def slowly(connection: socket.socket) -> None:
        connection.sendall(answer(length=3))
        for letter in b"abc":
            time.sleep(0.2)
            connection.sendall(bytes([letter]))

    host.answers(slowly)
    with quick_client(host.url, pacer, total_seconds=0.3) as client, ExitStack() as stack:
        if not comes:
            stack.enter_context(pytest.raises(SourceUnavailable, match="not received in the time"))
        found = client.fetch(RemoteFile("film.mp4", "film.mp4", max_bytes=most_bytes))
        assert isinstance(found, Fetched)
        with found.body as body:
            assert body.read() == b"abc"


def test_a_host_that_takes_no_connection_is_given_up(pacer: NotingPacer) -> None:
    with ExitStack() as stack:
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):  # more than the queue holds: the next one gets no answer at all
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}"
        with (
            quick_client(url, pacer, connect_seconds=0.2, read_seconds=30, total_seconds=30) as client,
            pytest.raises(SourceUnavailable, match=r"ConnectTimeout.* \(4 attempts\)"),
        ):
            client.fetch(FILE)


def test_waits_grow_and_vary(client: PoliteClient, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    naps: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", naps.append)
    host.answers(answer(status=500))
    for _ in range(5):
        with pytest.raises(SourceUnavailable):
            client.fetch(FILE)
    assert len(naps) == 5 * (ATTEMPTS - 1)
    for nap, shortest in zip(naps, [0.01, 0.02, 0.04] * 5, strict=True):
        assert shortest <= nap <= shortest + 0.01
    assert len(set(naps[::3])) > 1


def test_too_large(client: PoliteClient, host: Host) -> None:
    bomb = gzip.compress(bytes(50 * 2**20))
    for sent in (answer(bytes(2001)), answer(bomb, content_encoding="gzip")):
        host.answers(sent)
        with pytest.raises(SourceUnavailable, match=r"larger than the 2,000 bytes that E0.csv may have"):
            client.fetch(RemoteFile("E0.csv", "x", max_bytes=2000))
    assert len(host.requests) == 2


def test_an_encoding_that_was_not_asked_for(client: PoliteClient, host: Host) -> None:
    host.answers(answer(CSV, content_encoding="br"))
    with pytest.raises(SourceUnavailable, match="encoding 'br', which was not asked for"):
        client.fetch(FILE)


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        (answer(HTML, content_type="text/csv"), "an HTML page ('All Results') came instead of text/csv"),
        (answer(b"{}", content_type="application/json"), "application/json came instead of text/csv"),
        (answer(CSV), None),
    ],
)
def test_what_is_not_the_file(client: PoliteClient, host: Host, sent: bytes, problem: str | None) -> None:
    host.answers(sent)
    assert fetched(client).problem == problem
    assert fetched(client, RemoteFile("page", "x")).problem is None


@pytest.mark.parametrize("status", [404, 410])
def test_not_published(client: PoliteClient, host: Host, status: int) -> None:
    host.answers(answer(status=status))
    with pytest.raises(NotPublished, match=f"E0.csv does not exist .status {status}."):
        client.fetch(FILE)
    assert len(host.requests) == 1


@pytest.mark.parametrize("status", [204, 300, 302, 400, 418])
def test_a_status_that_no_retry_mends(client: PoliteClient, host: Host, status: int) -> None:
    host.answers(answer(status=status))
    with pytest.raises(SourceUnavailable, match=f"status {status}, which no retry mends"):
        client.fetch(FILE)
    assert len(host.requests) == 1


# --- a host that wants to be left alone


@pytest.mark.parametrize(
    "sent",
    [
        answer(status=403),
        answer(status=401),
        answer(status=451),
        answer(BLOCK_PAGE),
        answer(BLOCK_PAGE, status=503),
        answer(BLOCK_PAGE, length=999, status=403),
    ],
)
def test_blocked(client: PoliteClient, host: Host, pacer: NotingPacer, sent: bytes) -> None:
    host.answers(sent)
    with pytest.raises(SourceBlocked, match="Open the page in a browser") as caught:
        client.fetch(FILE)
    assert len(host.requests) == 1
    [(stopped, until, kind, reason)] = pacer.stops
    assert (stopped, until, kind) == (host.name, caught.value.until, "blocked")
    assert "is blocked (status" in reason
    _assert_about(until, BLOCKED_FOR)


@pytest.mark.parametrize(
    ("status", "retry_after", "wait"),
    [
        (429, None, THROTTLED_FOR),
        (429, "soon", THROTTLED_FOR),
        (429, "nan", THROTTLED_FOR),
        (429, "120", timedelta(seconds=120)),
        (429, "99999999999999999999", LONGEST_RETRY_AFTER),
        (429, "inf", LONGEST_RETRY_AFTER),
        (429, "a date", timedelta(hours=2)),
        (429, "Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_RETRY_AFTER),
        (429, "Fri, 31 Foo 99999 23:59:59", THROTTLED_FOR),
        (503, "3600", timedelta(hours=1)),
    ],
)
def test_throttled(
    client: PoliteClient, host: Host, pacer: NotingPacer, status: int, retry_after: str | None, wait: timedelta
) -> None:
    if retry_after == "a date":
        retry_after = format_datetime(datetime.now(tz=UTC) + wait, usegmt=True)
    headers = {} if retry_after is None else {"retry_after": retry_after}
    host.answers(answer(b"", status, None, **headers))
    with pytest.raises(SourceThrottled, match=f"status {status}: nobody asks {host.name} before") as caught:
        client.fetch(FILE)
    assert len(host.requests) == 1
    [(stopped, until, kind, _)] = pacer.stops
    assert (stopped, until, kind) == (host.name, caught.value.until, "throttled")
    _assert_about(until, wait)


@pytest.mark.parametrize("season", ["2000", "2011", "2023"])
def test_the_page_of_a_rate_limit_is_a_throttle_and_with_status_200_a_block(
    host: Host, pacer: NotingPacer, recordings: Callable[[str], Path], season: str
) -> None:
    page = recordings("basketball_reference") / "errors" / f"429_rate_limited_{season}.html"
    an_hour = replace(PACE, throttled_for=timedelta(hours=1))
    host.answers(answer(page.read_bytes(), 429), answer(page.read_bytes(), 429, retry_after="7200"))
    with PoliteClient(host.url, pace=an_hour, pacer=pacer) as client:
        for wait in (an_hour.throttled_for, timedelta(hours=2)):
            with pytest.raises(SourceThrottled) as throttled:
                client.get("x")
            _assert_about(throttled.value.until, wait)
        host.answers(answer(page.read_bytes()))
        with pytest.raises(SourceBlocked, match="Rate Limited Request"):
            client.get("x")
    assert len(host.requests) == 3
    assert [kind for _, _, kind, _ in pacer.stops] == ["throttled", "throttled", "blocked"]


def _assert_about(until: datetime, wait: timedelta) -> None:
    assert timedelta(0) <= datetime.now(tz=UTC) + wait - until < timedelta(seconds=60)


@pytest.mark.parametrize("retry_after", ["0.2", "0", "-5", "Thu, 01 Jan 2015 00:00:00 GMT"])
def test_a_short_wait_is_waited(client: PoliteClient, host: Host, pacer: NotingPacer, retry_after: str) -> None:
    host.answers(answer(status=429, retry_after=retry_after), answer(CSV))
    started = time.monotonic()
    assert client.get("x") == CSV
    assert time.monotonic() - started >= (0.2 if retry_after == "0.2" else 0)
    assert [(stopped, kind) for stopped, _, kind, _ in pacer.stops] == [(host.name, "throttled")]


def test_short_waits_without_end_are_a_throttle(client: PoliteClient, host: Host, pacer: NotingPacer) -> None:
    host.answers(answer(status=429, retry_after="0"))
    with pytest.raises(SourceThrottled, match="status 429"):
        client.fetch(FILE)
    assert len(host.requests) == ATTEMPTS
    _assert_about(pacer.stops[-1][1], THROTTLED_FOR)


# --- redirects


def test_a_redirect_is_followed_at_the_pace_of_the_host_that_it_leads_to(
    host: Host, other_host: Host, pacer: NotingPacer
) -> None:
    host.answers(answer(status=302, location="moved?x=1"), answer(status=301, location=f"{other_host.url}/there"))
    other_host.answers(answer(CSV))
    with quick_client(host.url.replace("//", "//u:hunter2@"), pacer, headers={"X-Key": "k"}) as client:
        found = fetched(client)
    assert found.body.read() == CSV
    assert found.url == f"{host.url}/2526/E0.csv"
    assert [request.partition(" HTTP")[0] for request in host.requests + other_host.requests] == [
        "GET /2526/E0.csv",
        "GET /2526/moved?x=1",
        "GET /there",
    ]
    assert pacer.waits == [host.name, host.name, other_host.name]
    assert all("X-Key: k" in request and "Authorization: Basic" in request for request in host.requests)
    assert "X-Key" not in other_host.requests[0]
    assert "Authorization" not in other_host.requests[0]


def test_who_is_redirected_to_is_who_blocks(
    client: PoliteClient, host: Host, other_host: Host, pacer: NotingPacer
) -> None:
    host.answers(answer(status=302, location=other_host.url))
    other_host.answers(answer(status=403))
    with pytest.raises(SourceBlocked, match=other_host.name):
        client.fetch(FILE)
    assert [stop[0] for stop in pacer.stops] == [other_host.name]


def test_redirects_without_end(client: PoliteClient, host: Host) -> None:
    host.answers(answer(status=302, location="again"))
    with pytest.raises(SourceUnavailable, match="redirects more than 5 times"):
        client.fetch(FILE)
    assert len(host.requests) == 6


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher:x", "data:,x"])
def test_a_redirect_out_of_the_web_is_refused(client: PoliteClient, host: Host, location: str) -> None:
    host.answers(answer(status=302, location=location))
    with pytest.raises(SourceUnavailable, match=r"where nobody should follow|or leads to none"):
        client.fetch(FILE)


# --- what is set wrong, and what is said about it


@pytest.mark.parametrize("url", ["example.org", "ftp://example.org", "http://", "file:///etc", "https:///x"])
def test_a_base_that_is_no_web_address(pacer: NotingPacer, url: str) -> None:
    with pytest.raises(ConfigurationError, match="must be http://"):
        quick_client(url, pacer)


@pytest.mark.parametrize("headers", [{"X-Key": "hunter2\r\nX: y"}, {"X-Key": "hunter2 é"}, {"X Key": "hunter2"}])
def test_a_header_that_is_none(pacer: NotingPacer, headers: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="must be one line of ASCII") as caught:
        quick_client("http://example.org", pacer, headers=headers)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "sent",
    [
        answer(status=404),
        answer(status=403),
        answer(status=500),
        answer(status=429),
        answer(status=400),
        b"",
        b"x\r\n\r\n",
    ],
    ids=["404", "403", "500", "429", "400", "nothing", "nonsense"],
)
def test_no_error_shows_a_secret(host: Host, pacer: NotingPacer, sent: bytes) -> None:
    host.answers(sent)
    secret = "hunter2"
    url = host.url.replace("//", f"//user:{secret}@")
    with quick_client(url, pacer) as client, pytest.raises(SourceError) as caught:
        client.fetch(RemoteFile("x", f"a?season=1&api_key={secret}&token={secret}"))
    assert "season=1&api_key=***" in str(caught.value)
    assert secret not in "".join(traceback.format_exception(caught.value))
    assert secret not in repr(pacer.stops) + repr(pacer.waits)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://u:p@h:8/a?x=1#f", "https://h:8/a?x=1"),
        (
            "https://h/a?keyword=b&key=b&X-Amz-Signature=s&sig=s",
            "https://h/a?keyword=b&key=***&X-Amz-Signature=***&sig=***",
        ),
        ("http://u:p@[::1/a?token=1", "[::1/a"),
    ],
)
def test_public_url(url: str, shown: str) -> None:
    assert public_url(url) == shown


@pytest.mark.parametrize(
    ("variable", "proxy", "asked"),
    [
        ("HTTP_PROXY", "proxy", True),
        ("ALL_PROXY", "proxy", True),
        ("HTTPS_PROXY", "proxy", False),
    ],
)
def test_a_proxy_of_the_environment(
    host: Host,
    other_host: Host,
    pacer: NotingPacer,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    proxy: str,
    asked: bool,
) -> None:
    """It is asked for hosts out there, and never for this machine's own."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv(variable, other_host.url)
    host.answers(answer(b"direct"))
    other_host.answers(answer(b"by proxy"))
    with quick_client(host.url, pacer) as client:
        assert client.get("x") == b"direct"
    if asked:
        with quick_client("http://no.such.host.invalid", pacer) as client:
            assert client.get("x") == b"by proxy"
        assert other_host.requests[0].startswith("GET http://no.such.host.invalid/x HTTP")


@pytest.mark.parametrize("proxy", ["socks5://u:hunter2@127.0.0.1:1", "nonsense://hunter2"])
def test_a_proxy_that_cannot_be_used(pacer: NotingPacer, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(ConfigurationError, match="proxy that HTTP_PROXY") as caught:
        quick_client("http://example.org", pacer)
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


# --- bytes on this side


def test_no_room_for_what_arrives(client: PoliteClient, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "SPOOL_BYTES", 1)
    monkeypatch.setenv("TMPDIR", "/dev/full")
    monkeypatch.setattr("tempfile.tempdir", "/proc/nowhere")
    host.answers(answer(CSV))
    with pytest.raises(LakeError, match="temporary files find no place in /proc/nowhere"):
        client.fetch(FILE)


LARGE = """
import resource, sys
from fieldhouse.http import NoPacer, PoliteClient
from fieldhouse.source import Pace, RemoteFile

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

client = PoliteClient(sys.argv[1], pace=Pace(()), pacer=NoPacer())
client.get("small")
before = peak()
answer = client.fetch(RemoteFile("x", "large", max_bytes=2**30))
assert answer.size == 200 * 2**20, answer.size
print(peak() - before)
"""


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_large_body_takes_little_memory(host: Host, encoding: str) -> None:
    piece = bytes(2**20)

    def large(connection: socket.socket) -> None:
        if encoding == "gzip":
            connection.sendall(answer(gzip.compress(bytes(200 * 2**20), 1), content_encoding="gzip"))
            return
        connection.sendall(answer(length=200 * 2**20))
        for _ in range(200):
            connection.sendall(piece)

    host.answers(answer(b"x"), large)
    done = subprocess.run([sys.executable, "-c", LARGE, host.url], cwd=ROOT, check=True, capture_output=True, text=True)
    assert int(done.stdout) < 40, "MB more than for a small body"


def test_a_file_of_ones_own(client: PoliteClient, tmp_path: Path) -> None:
    for content, problem in ((CSV, None), (HTML, "an HTML page ('All Results') came instead of text/csv")):
        (tmp_path / "mine.csv").write_bytes(content)
        found = fetched(client, RemoteFile("E0.csv", "x", ("text/csv",), local_path=str(tmp_path / "mine.csv")))
        assert found.body.read() == content
        assert (found.sha256, found.size, found.problem) == (hashlib.sha256(content).hexdigest(), len(content), problem)
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        client.fetch(RemoteFile("E0.csv", "x", local_path=str(tmp_path / "none.csv")))
