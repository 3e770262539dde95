"""The server on real sockets: answers, conditions, control, and every fault as a client meets it."""

from __future__ import annotations

import socket
import threading
import time
from datetime import date
from email.utils import parsedate_to_datetime

import httpx
import pytest

from simulator.server import Running, serve
from tests.simulator.conftest import BASKETBALL, E0, FOOTBALL, STATSBOMB

ROBOT = {"user-agent": "robot/1"}


def get(running: Running, path: str = E0, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.get(running.base(FOOTBALL) + path, headers=named, timeout=5)


def receive(running: Running, received: bytearray) -> None:
    """Ask for a file and add all bytes of the answer to ``received``, also those before a reset."""
    with socket.create_connection(("127.0.0.1", running.port), timeout=5) as connection:
        connection.sendall(f"GET /{FOOTBALL}{E0} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        while more := connection.recv(65536):
            received += more


def raw(running: Running) -> bytes:
    received = bytearray()
    receive(running, received)
    return bytes(received)


def body_of(received: bytes | bytearray) -> bytes:
    return bytes(received.partition(b"\r\n\r\n")[2])


def test_a_file_has_validators_of_the_simulated_date(generated: Running) -> None:
    answer = get(generated)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv"
    assert answer.headers["etag"].startswith('"')
    changed, now = (parsedate_to_datetime(answer.headers[name]) for name in ("last-modified", "date"))
    assert changed <= now
    assert now.date() == date(2026, 2, 21)


def test_conditional_requests(generated: Running) -> None:
    first = get(generated)
    for condition in (
        {"if_none_match": first.headers["etag"]},
        {"if_modified_since": first.headers["last-modified"]},
    ):
        again = get(generated, **condition)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    assert get(generated, if_none_match='"other"').content == first.content


def test_a_moved_date_ends_the_match(generated: Running) -> None:
    first = get(generated)
    generated.set_date(date(2026, 3, 4))
    later = get(generated, if_none_match=first.headers["etag"])
    assert later.status_code == 200
    assert len(later.content) > len(first.content)


def test_head(generated: Running) -> None:
    answer = httpx.head(generated.base(FOOTBALL) + E0)
    assert answer.content == b""
    assert answer.headers["content-length"] == str(len(get(generated).content))


@pytest.mark.parametrize("path", ["/mmz4281/2627/E0.csv", "/mmz4281/2526/X9.csv", "/nothing", E0 + "?x=y"])
def test_what_there_is_not_is_not_found(generated: Running, path: str) -> None:
    assert get(generated, path).status_code == 404


def test_another_host_is_not_found(generated: Running) -> None:
    assert httpx.get(generated.base("example.org") + "/").status_code == 404
    assert httpx.get(generated.url).status_code == 404


def test_the_log_says_what_was_asked(generated: Running) -> None:
    etag = get(generated).headers["etag"]
    httpx.get(f"{generated.base(FOOTBALL)}{E0}", headers={"if-none-match": etag, **ROBOT})
    httpx.get(f"{generated.base(FOOTBALL)}/none.csv?a=b")
    full, conditional, missing = generated.requests()
    assert (full.status, full.conditional, full.bytes > 1000) == (200, {}, True)
    assert (conditional.status, conditional.conditional) == (304, {"if-none-match": etag})
    assert (conditional.user_agent, conditional.bytes) == ("robot/1", 0)
    assert missing.url == "https://www.football-data.co.uk/none.csv?a=b"
    assert generated.counts() == {
        "total": 3,
        "by_status": {"200": 1, "304": 1, "404": 1},
        "by_path": {f"{FOOTBALL}{E0}": 2, f"{FOOTBALL}/none.csv": 1},
    }


# --- control ----------------------------------------------------------------------------------------------


def test_control_of_date_and_state(generated: Running) -> None:
    control = f"{generated.url}/_simulator"
    assert httpx.get(f"{control}/health").json() == {"status": "ok"}
    assert httpx.post(f"{control}/date", json={"date": "2025-08-01"}).json() == {"today": "2025-08-01"}
    state = httpx.get(f"{control}/state").json()
    assert (state["mode"], state["today"], state["seed"]) == ("generated", "2025-08-01", 1)
    assert state["sources"] == {
        "basketball_reference": f"{generated.url}/{BASKETBALL}",
        "football_data": f"{generated.url}/{FOOTBALL}",
        "statsbomb": f"{generated.url}/{STATSBOMB}",
    }
    assert "E0" in state["football_data"]["seasons"]["2425"]
    assert generated.counts()["total"] == 0, "control requests are not logged"


def test_control_of_faults(generated: Running) -> None:
    faults = f"{generated.url}/_simulator/faults"
    made = httpx.post(faults, json={"pattern": "*E0*", "kind": "status", "status": 503, "count": 1})
    assert made.status_code == 201
    assert get(generated).status_code == 503
    assert get(generated).status_code == 200
    number = made.json()["id"]
    planned = {"id": number, "hits": 1, "pattern": "*E0*", "kind": "status", "status": 503, "count": 1}
    assert httpx.get(faults).json() == [planned]
    assert httpx.delete(f"{faults}/{number}").json() == {"removed": 1}
    assert httpx.delete(faults).json() == {"removed": 0}


def test_control_of_what_a_source_is_told(generated: Running) -> None:
    told = f"{generated.url}/_simulator/sources/basketball_reference"
    assert httpx.post(told, json={"held_back": ["202602200LAL"]}).json() == {"held_back": ["202602200LAL"]}
    state = httpx.get(f"{generated.url}/_simulator/state").json()
    assert state["basketball_reference"]["held_back"] == ["202602200LAL"]
    assert httpx.post(told, json={"held_back": []}).status_code == 200
    assert generated.simulator.world.describe()["basketball_reference"]["held_back"] == []


@pytest.mark.parametrize(
    ("source", "words", "says"),
    [
        ("basketball_reference", {"cheer": []}, "does not know 'cheer', only 'held_back'"),
        ("basketball_reference", {"held_back": "202602200LAL"}, 'send {"word": ["text", ...]}'),
        ("football_data", {"held_back": []}, "those that do: basketball_reference"),
    ],
)
def test_what_no_source_listens_to_is_refused(
    generated: Running, source: str, words: dict[str, object], says: str
) -> None:
    answer = httpx.post(f"{generated.url}/_simulator/sources/{source}", json=words)
    assert (answer.status_code, says in answer.json()["error"]) == (400, True)


def test_control_of_the_log(generated: Running) -> None:
    get(generated)
    log = f"{generated.url}/_simulator/requests"
    told = httpx.get(log).json()
    assert (told["total"], told["by_status"]) == (1, {"200": 1})
    assert told["requests"][0]["path"] == E0
    assert httpx.delete(log).json()["total"] == 0
    assert httpx.get(log).json()["requests"] == []


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("date", b"{}"),
        ("date", b'{"date": "soon"}'),
        ("date", b"no json"),
        ("date", b"[]"),
        ("faults", b'{"pattern": "*", "kind": "explode"}'),
        ("faults", b'{"kind": "hang"}'),
    ],
)
def test_senseless_control_requests_are_refused(generated: Running, path: str, sent: bytes) -> None:
    answer = httpx.post(f"{generated.url}/_simulator/{path}", content=sent)
    assert answer.status_code == 400
    assert answer.json()["error"]


# --- faults -----------------------------------------------------------------------------------------------


def test_status_with_retry_after(generated: Running) -> None:
    generated.fault("*E0.csv", "status", status=429, retry_after=7, body="slow down", count=1)
    answer = get(generated)
    assert (answer.status_code, answer.headers["retry-after"], answer.text) == (429, "7", "slow down")
    assert get(generated).status_code == 200


def test_delay(generated: Running) -> None:
    generated.fault("*", "delay", seconds=0.3)
    started = time.monotonic()
    assert get(generated).status_code == 200
    assert time.monotonic() - started >= 0.3


def test_hang(generated: Running, caplog: pytest.LogCaptureFixture) -> None:
    generated.fault("*", "hang", count=1)
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(generated.base(FOOTBALL) + E0, timeout=0.3)
    (request,) = generated.requests()
    assert (request.status, request.fault) == (None, "hang")
    assert get(generated).status_code == 200
    said = [record for record in caplog.records if record.name.startswith("uvicorn")]
    assert said == [], "nothing of a client that is gone"


def test_reset_before_anything(generated: Running) -> None:
    generated.fault("*", "reset")
    with pytest.raises(ConnectionResetError):
        raw(generated)
    with pytest.raises(httpx.ReadError):
        get(generated)


def test_reset_in_mid_body(generated: Running) -> None:
    whole = get(generated).content
    generated.fault("*", "reset", after_bytes=1000)
    received = bytearray()
    with pytest.raises(ConnectionResetError):
        receive(generated, received)
    assert f"content-length: {len(whole)}".encode() in received
    assert body_of(received) == whole[:1000]


def test_truncated_with_the_right_length(generated: Running) -> None:
    whole = get(generated).content
    generated.fault("*", "truncate")
    received = raw(generated)
    assert f"content-length: {len(whole)}".encode() in received
    assert body_of(received) == whole[: len(whole) // 2]
    with pytest.raises(httpx.RemoteProtocolError):
        get(generated)


def test_truncated_in_chunks(generated: Running) -> None:
    generated.fault("*", "truncate", chunked=True)
    assert b"transfer-encoding: chunked" in raw(generated)
    with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
        get(generated)


@pytest.mark.parametrize("chunked", [False, True])
def test_short_without_a_length(generated: Running, chunked: bool) -> None:
    whole = get(generated).content
    generated.fault("*", "short", chunked=chunked, after_bytes=5000)
    answer = get(generated)
    assert (answer.status_code, answer.content) == (200, whole[:5000])
    assert "content-length" not in answer.headers


def test_broken_transfers_ignore_conditions(generated: Running) -> None:
    etag = get(generated).headers["etag"]
    generated.fault("*", "truncate")
    with pytest.raises(httpx.RemoteProtocolError):
        get(generated, if_none_match=etag)


def test_half_a_file(generated: Running) -> None:
    whole = get(generated)
    generated.fault("*", "half")
    half = get(generated, if_none_match=whole.headers["etag"])
    assert half.status_code == 200
    assert half.content == whole.content[: len(whole.content) // 2]
    assert half.headers["content-length"] == str(len(half.content))


def test_no_bytes(generated: Running) -> None:
    generated.fault("*", "empty")
    answer = get(generated)
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "0")


def test_block_page(generated: Running) -> None:
    generated.fault("*", "block_page")
    answer = get(generated)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "<html" in answer.text


def test_changed_columns(generated: Running) -> None:
    whole = get(generated)
    generated.fault("*", "columns", rename={"FTHG": "HomeGoals"}, drop=["Referee"], add={"xG": "1.2"})
    changed = get(generated, if_none_match=whole.headers["etag"])
    header, first = (line.split(",") for line in changed.text.splitlines()[:2])
    assert "HomeGoals" in header
    assert not {"FTHG", "Referee"} & set(header)
    assert (header[-1], first[-1]) == ("xG", "1.2")
    assert len(header) == len(whole.text.splitlines()[0].split(","))


def test_wrong_content_type(generated: Running) -> None:
    generated.fault("*", "content_type", content_type="application/json")
    assert get(generated).headers["content-type"] == "application/json"


def test_redirect(generated: Running) -> None:
    elsewhere = f"{generated.base(FOOTBALL)}/fixtures.csv"
    generated.fault("*E0*", "redirect", location=elsewhere)
    answer = get(generated)
    assert (answer.status_code, answer.headers["location"]) == (302, elsewhere)
    assert httpx.get(generated.base(FOOTBALL) + E0, follow_redirects=True).status_code == 200


def test_a_server_stops_while_requests_hang() -> None:
    failures: list[httpx.HTTPError] = []

    def ask() -> None:
        try:
            get(running)
        except httpx.HTTPError as error:
            failures.append(error)

    with serve() as running:
        running.fault("*", "hang")
        thread = threading.Thread(target=ask)
        thread.start()
        while not running.requests():
            time.sleep(0.01)
        started = time.monotonic()
    assert time.monotonic() - started < 5
    thread.join(5)
    assert len(failures) == 1


def test_many_requests_on_one_connection(generated: Running) -> None:
    with httpx.Client() as client:
        for _ in range(200):
            assert client.get(generated.base(FOOTBALL) + E0).status_code == 200
    assert generated.counts()["by_status"] == {"200": 200}
