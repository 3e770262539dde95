"""StatsBomb's recorded files behind HTTP: as they are, as 1,000 matches, and as 10,000 short ones.

A match of the larger worlds is a recorded one under another id. Bodies are kept in memory, once each, and sent by a
thread for each connection, so that the server is not what a client waits for.
"""

from __future__ import annotations

import hashlib
import json
import re
import socket
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import cycle, islice
from threading import Thread
from typing import Any

from benchmarks.process import Failed
from benchmarks.recorded import RECORDINGS
from simulator.recorded import RecordedWorld

HOST, DATA = "raw.githubusercontent.com", "/statsbomb/open-data/master/data"
COMPETITION = 11
SEASONS = (42, 90)
# Sizes of the seasons of 1,000 matches, as the real ones are
THOUSAND = (35, 65, 100, 180, 240, 380)
SEASON = 380
# So many events of a match are its line-ups, its kick-off and half a minute of play
SHORT = 40
NEW_DAY = "2026-11-01T12:00:00.000"

Records = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class World:
    """Matches that are served below a path of their own.

    :param seasons: {season id: how many matches it has}, all of one competition.
    :param files: {path below the base URL: body}.
    :param rows: {match id: how many events it has}.
    """

    name: str
    seasons: Mapping[int, int]
    files: Mapping[str, bytes]
    rows: Mapping[int, int]

    @property
    def matches(self) -> int:
        """How many matches there are."""
        return sum(self.seasons.values())

    @property
    def selector(self) -> str:
        """What selects all of them."""
        return f"competition_id={COMPETITION}/season_id={','.join(map(str, self.seasons))}"


@dataclass
class Mirror:
    """The running server: what it was asked, and a way to change one match."""

    port: int
    files: dict[str, bytes]
    requests: list[tuple[str, int]] = field(default_factory=list)
    _etags: dict[str, str] = field(default_factory=dict)

    def base_url(self, world: World) -> str:
        """What stands for the provider's address."""
        return f"http://127.0.0.1:{self.port}/{world.name}"

    def forget_requests(self) -> None:
        """Begin a new log."""
        self.requests.clear()

    def kinds(self) -> Counter[int]:
        """Count the requests by the status of their answers."""
        return Counter(status for _, status in self.requests)

    def change_one(self, world: World, *, changed: bool) -> int:
        """Revise one event of a match, and say so in its season's listing; or take it back. Return the match's id."""
        listing, match_id = _listing(next(iter(world.seasons))), next(iter(world.rows))
        for path, change in ((f"events/{match_id}.json", _longer), (listing, _dated)):
            body = world.files[path]
            self._put(f"/{world.name}/{path}", change(body) if changed else body)
        return match_id

    def _put(self, path: str, body: bytes) -> None:
        self.files[path] = body
        self._etags.pop(path, None)

    def answer(self, path: str, condition: str | None) -> tuple[bytes, bytes]:
        """Return head and body."""
        body = self.files.get(path)
        if body is None:
            self.requests.append((path, 404))
            return (
                b"HTTP/1.1 404 Not Found\r\ncontent-type: text/plain\r\ncontent-length: 14\r\n\r\n",
                b"404: Not Found",
            )
        etag = self._etags.get(path) or self._etags.setdefault(path, f'"{_sha256(body)}"')
        same = condition == etag
        self.requests.append((path, 304 if same else 200))
        if same:
            return f"HTTP/1.1 304 Not Modified\r\netag: {etag}\r\n\r\n".encode(), b""
        head = f"HTTP/1.1 200 OK\r\netag: {etag}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: "
        return f"{head}{len(body)}\r\n\r\n".encode(), body


@cache
def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _longer(events: bytes) -> bytes:
    """Let the first event that has a duration last ten seconds longer, or more."""
    return re.sub(rb'("duration" : )', rb"\g<1>1", events, count=1)


def _dated(listing: bytes) -> bytes:
    """Say of the first match that its files are new; nothing else of the listing may change."""
    return re.sub(rb'("last_updated" : )"[^"]*"', rb'\g<1>"%s"' % NEW_DAY.encode(), listing, count=1)


def written(document: object) -> bytes:
    """Return JSON in the provider's form."""
    return json.dumps(document, ensure_ascii=False, indent=2, separators=(",", " : ")).encode()


@cache
def real() -> World:
    """Return the recorded matches of two seasons."""
    world = RecordedWorld(RECORDINGS, only=("statsbomb",))

    def body(path: str) -> bytes:
        answer = world.answer(HOST, f"{DATA}/{path}", "")
        if answer is None:
            raise Failed(f"the recordings at {RECORDINGS} have no {path} of StatsBomb")
        return answer.body

    files = {path: body(path) for path in ("competitions.json", *map(_listing, SEASONS))}
    ids = {season: [record["match_id"] for record in json.loads(files[_listing(season)])] for season in SEASONS}
    every = [match_id for season in ids.values() for match_id in season]
    files |= {path: body(path) for m in every for path in (f"lineups/{m}.json", f"events/{m}.json")}
    rows = {m: len(json.loads(files[f"events/{m}.json"])) for m in every}
    return World("real", {season: len(found) for season, found in ids.items()}, files, rows)


@cache
def thousand() -> World:
    """Return 1,000 matches, of which each is a recorded one under another id."""
    return larger("thousand", THOUSAND, _as_recorded(), _entry())


def short(matches: int) -> World:
    """Return so many matches of a few events each: 0:0 after half a minute."""
    templates = [
        (_without_goals(record), lineups, written(json.loads(events)[:SHORT]), SHORT)
        for record, lineups, events, _ in _as_recorded()
    ]
    sizes = [SEASON] * (matches // SEASON)
    return larger("short", [*sizes, matches - sum(sizes)], templates, _entry())


Template = tuple[dict[str, Any], bytes, bytes, int]


def _as_recorded() -> list[Template]:
    found = []
    for season in SEASONS:
        for record in json.loads(real().files[_listing(season)]):
            match_id = record["match_id"]
            lineups, events = (real().files[f"{kind}/{match_id}.json"] for kind in ("lineups", "events"))
            found.append((record, lineups, events, real().rows[match_id]))
    return found


def _entry() -> dict[str, Any]:
    known: Records = json.loads(real().files["competitions.json"])
    return next(entry for entry in known if entry["competition_id"] == COMPETITION)


def _without_goals(record: dict[str, Any]) -> dict[str, Any]:
    return {**record, "home_score": 0, "away_score": 0}


def larger(name: str, sizes: Sequence[int], templates: Sequence[Template], entry: Mapping[str, Any]) -> World:
    """Return a world of seasons of these sizes, made of copies of matches.

    :param templates: for each match its record, its line-ups, its events, and how many those are.
    :param entry: an entry of ``competitions.json``.
    """
    seasons = dict(enumerate(sizes, 1001))
    files: dict[str, bytes] = {
        "competitions.json": written([{**entry, "season_id": season, "season_name": f"{season}"} for season in seasons])
    }
    rows: dict[int, int] = {}
    numbers, endless = iter(range(5_000_000, 6_000_000)), cycle(templates)
    for season, size in seasons.items():
        records = []
        for match_id, (record, lineups, events, count) in zip(islice(numbers, size), endless, strict=False):
            ids = {"match_id": match_id, "season": {**record["season"], "season_id": season}}
            records.append({**record, **ids})
            files[f"lineups/{match_id}.json"], files[f"events/{match_id}.json"] = lineups, events
            rows[match_id] = count
        files[_listing(season)] = written(records)
    return World(name, seasons, files, rows)


def _listing(season: int) -> str:
    return f"matches/{COMPETITION}/{season}.json"


@contextmanager
def mirror(*worlds: World) -> Iterator[Mirror]:
    """Serve worlds for as long as the context lasts, in a thread of this process, which does nothing else."""
    files = {f"/{world.name}/{path}": body for world in worlds for path, body in world.files.items()}
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        server = Mirror(listener.getsockname()[1], files)
        Thread(target=_accept, args=(listener, server), daemon=True).start()
        yield server
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, server: Mirror) -> None:
    with suppress(OSError):  # it is closed when the context ends
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            Thread(target=_converse, args=(connection, server), daemon=True).start()


def _converse(connection: socket.socket, server: Mirror) -> None:
    with suppress(OSError), connection, connection.makefile("rb") as lines:
        while line := lines.readline():
            path, condition = line.split()[1].decode(), None
            while (header := lines.readline()) not in (b"\r\n", b""):
                name, _, value = header.partition(b":")
                if name.lower() == b"if-none-match":
                    condition = value.strip().decode()
            head, body = server.answer(path, condition)
            connection.sendall(head)
            connection.sendall(body)
