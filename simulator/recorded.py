"""The recorded world: answers the ``replay_url``s of a recordings folder, byte for byte, and nothing else."""

from __future__ import annotations

import csv
import fcntl
import json
import mimetypes
import os
import re
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from simulator.answer import Answer, midnight
from simulator.sources import SimulatedSource, chosen

Key = tuple[str, str, tuple[tuple[str, str], ...]]

CONTENT_TYPES = {
    ".csv": "text/csv",
    ".html": "text/html; charset=UTF-8",
    ".json": "application/json",
    ".jsonStream": "application/octet-stream",
    ".txt": "text/plain; charset=utf-8",
}
# Of the connection that was recorded and not of its content; the length is counted anew because recorders
# stored decoded bodies.
NOT_REPLAYED = {
    "alt-svc",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "etag",
    "keep-alive",
    "last-modified",
    "set-cookie",
    "transfer-encoding",
}
SEASON_URL = re.compile(r"^/mmz4281/(\d{4})/(\w+)\.csv$")


class RecordingsError(ValueError):
    """The recordings cannot be used. The text is one sentence that says what to do."""


@dataclass(frozen=True)
class Capture:
    """One recorded payload: its path as the index names it, when it was captured, and its bytes' checksum."""

    file: str
    url: str
    as_of: date
    size: int
    sha256: str

    @property
    def archive(self) -> str:
        """The archive that holds it."""
        return self.file.split("/", 1)[0]


@dataclass(frozen=True)
class Recorded:
    """The status and headers of one capture, as far as they were recorded."""

    status: int
    headers: Mapping[str, str]


class Recordings:
    """A recordings folder: unpacked archives side by side, or the archives themselves.

    Packed archives are unpacked when the first of their payloads is asked for, once for all processes of a user.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._opened = cache(self._open)
        self._headers = cache(self._read_headers)

    def path(self, file: str) -> Path:
        """Return where a file of the index lies."""
        archive, _, rest = file.partition("/")
        return self._opened(archive) / rest

    def recorded(self, capture: Capture) -> Recorded | None:
        """Return a capture's status and headers, None if none were recorded."""
        beside = self.path(capture.file).with_suffix(".headers.json")
        if beside.exists():
            return _recorded(json.loads(beside.read_text("utf-8")))
        known = self._headers(capture.archive)
        # Some header files name their payloads by a former folder: there the URL says which one is meant
        return known.get(capture.file) or known.get(capture.url)

    def has(self, archive: str) -> bool:
        """Whether the folder holds this archive, packed or not."""
        return (self.folder / archive).is_dir() or self._packed(archive).is_file()

    def _packed(self, archive: str) -> Path:
        return self.folder / f"{archive}.tar.xz"

    def _open(self, archive: str) -> Path:
        unpacked = self.folder / archive
        return unpacked if unpacked.is_dir() else _unpack(self._packed(archive), archive)

    def _read_headers(self, archive: str) -> dict[str, Recorded]:
        known = {}
        for lines in sorted(self._opened(archive).glob("RESPONSE_HEADERS*.jsonl")):
            for line in lines.read_text("utf-8").splitlines():
                row = json.loads(line)
                known[row["file"]] = known[row["url"]] = _recorded(row)
        return known


def _recorded(row: Mapping[str, Any]) -> Recorded:
    headers = row.get("response_headers") or row.get("headers") or {}
    joined = {name: ", ".join(value) if isinstance(value, list) else value for name, value in headers.items()}
    return Recorded(int(row["status"]), {name.lower(): value for name, value in joined.items()})


def _unpack(packed: Path, archive: str) -> Path:
    shared = Path(tempfile.gettempdir()) / f"fieldhouse-simulator-{os.getuid()}"
    shared.mkdir(mode=0o700, exist_ok=True)
    if shared.stat().st_uid != os.getuid():
        raise RecordingsError(f"{shared} belongs to somebody else: unpack the archives and name their folder")
    status = packed.stat()
    target = shared / f"{archive}-{int(status.st_mtime)}-{status.st_size}"
    with (shared / f"{archive}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            with tempfile.TemporaryDirectory(dir=shared) as scratch, tarfile.open(packed) as tar:
                tar.extractall(scratch, filter="data")
                (Path(scratch) / archive).rename(target)
    return target


class RecordedWorld:
    """A world that is the recordings as they were known on a date.

    :param folder: the recordings; ``index`` is its ``index.csv`` unless given.
    :param as_of: of several captures of one URL, the latest not after this date answers; None for the newest.
    :param only: names of the sources to answer for; empty for all.
    :raises RecordingsError: the folder or its index cannot be used.
    """

    mode = "recorded"

    def __init__(
        self, folder: Path, *, index: Path | None = None, as_of: date | None = None, only: tuple[str, ...] = ()
    ) -> None:
        self._recordings = Recordings(folder)
        self._captures = _read_index(index or folder / "index.csv", self._archives(chosen(only)))
        if not self._captures:
            raise RecordingsError(f"{folder} has no recordings that its index gives a URL for")
        answered = {capture.archive for known in self._captures.values() for capture in known}
        self._sources = tuple(s for s in chosen(only) if answered.intersection(s.archives))
        self._today = as_of or max(capture.as_of for known in self._captures.values() for capture in known)

    def _archives(self, sources: Iterable[SimulatedSource]) -> set[str]:
        return {archive for s in sources for archive in s.archives if self._recordings.has(archive)}

    @property
    def today(self) -> date:
        """The date that the captures are chosen for."""
        return self._today

    @property
    def bases(self) -> dict[str, str]:
        """{source: base} of the sources that have recordings here."""
        return {source.name: source.base for source in self._sources}

    def set_date(self, today: date) -> None:
        """Choose the captures for another date."""
        self._today = today

    def answer(self, host: str, path: str, query: str) -> Answer | None:
        """Return the capture for today, None if there is none."""
        capture = self._choose(_key(host, path, query))
        return self._replay(capture) if capture else None

    def _choose(self, key: Key) -> Capture | None:
        known = [capture for capture in self._captures.get(key, ()) if capture.as_of <= self._today]
        # Captures of one day: the whole page rather than a fragment of it
        return max(known, key=lambda capture: (capture.as_of, capture.size), default=None)

    def _replay(self, capture: Capture) -> Answer:
        file = self._recordings.path(capture.file)
        body = file.read_bytes()
        recorded = self._recordings.recorded(capture)
        guessed = _content_type(capture.url, file)
        if recorded:
            return _as_recorded(body, recorded, guessed)
        return Answer(body, guessed, etag=f'"{capture.sha256[:32]}"', last_modified=midnight(capture.as_of))

    def describe(self) -> dict[str, Any]:
        """Return how many URLs answer today, and which football seasons are among them."""
        answered = [key for key in self._captures if self._choose(key)]
        return {"urls": len(answered), "football_data": {"seasons": _football_seasons(answered)}}


def _as_recorded(body: bytes, recorded: Recorded, content_type: str) -> Answer:
    headers = recorded.headers
    etag, modified = headers.get("etag"), headers.get("last-modified")
    return Answer(
        body,
        headers.get("content-type", content_type),
        status=recorded.status,
        headers=tuple((name, value) for name, value in headers.items() if name not in NOT_REPLAYED),
        etag=etag,
        last_modified=_parse_http_date(modified),
        # A host without ETags gave the time of its answer as Last-Modified: it answers in full every time
        conditional=etag is not None,
    )


def _content_type(url: str, file: Path) -> str:
    suffix = Path(urlsplit(url).path).suffix or file.suffix
    return CONTENT_TYPES.get(suffix) or mimetypes.guess_type(f"page{suffix}")[0] or "text/html; charset=UTF-8"


def _parse_http_date(text: str | None) -> datetime | None:
    return parsedate_to_datetime(text).astimezone(UTC) if text else None


def _football_seasons(keys: Iterable[Key]) -> dict[str, list[str]]:
    seasons: dict[str, list[str]] = {}
    for _, path, _ in sorted(keys):
        if match := SEASON_URL.match(path):
            seasons.setdefault(match[1], []).append(match[2])
    return seasons


def _key(host: str, path: str, query: str) -> Key:
    return host.lower(), path, tuple(sorted(parse_qsl(query, keep_blank_values=True)))


def _read_index(index: Path, archives: set[str]) -> dict[Key, list[Capture]]:
    captures: dict[Key, list[Capture]] = {}
    for capture in _rows(index):
        if capture.archive in archives:
            parts = urlsplit(capture.url)
            key = _key(parts.netloc, unquote(parts.path), parts.query)
            captures.setdefault(key, []).append(capture)
    return captures


def _capture_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        # A few captures are known by a span of years only: they count from the span's beginning
        return date(int(text[:4]), 1, 1)


def _rows(index: Path) -> Iterator[Capture]:
    try:
        with index.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                if row["replay_url"] and row["as_of"]:
                    as_of = _capture_date(row["as_of"])
                    url = row["replay_url"]
                    yield Capture(row["file"], url, as_of, int(row["bytes"]), row["sha256"])
    except OSError as error:
        raise RecordingsError(
            f"{index} cannot be read ({error.strerror}): name the recordings' index with --index"
        ) from error
    except (KeyError, ValueError) as error:
        raise RecordingsError(f"{index} is not an index of recordings ({error})") from error
