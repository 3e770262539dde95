"""The recorded files of football-data.co.uk, and the simulator that answers them."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

import httpx

from benchmarks.process import ROOT, Failed, environment
from fieldhouse import clock
from fieldhouse.sources.football_data import SOURCE
from simulator.recorded import Recordings

RECORDINGS = Path(os.environ.get("FIELDHOUSE_RECORDINGS") or ROOT.parent / "shared" / "recordings")
ARCHIVE = "football_data"
HOST = "www.football-data.co.uk"
# The file that changes: the one of the running season of which several captures were recorded
CHANGING = f"https://{HOST}/mmz4281/2526/E0.csv"
URLS = {
    "season": re.compile(r"/mmz4281/(?P<season>\d{4})/(?P<division>\w+)\.csv$"),
    "extra_league": re.compile(r"/new/(?P<league>\w+)\.csv$"),
    "fixtures": re.compile(r"/fixtures\.csv$"),
}


@dataclass(frozen=True)
class RecordedFile:
    """The newest capture of a URL, and which dataset it is."""

    path: Path
    dataset_type: str
    identifier: dict[str, str]

    def parse(self, data: bytes) -> dict[str, Any]:
        """Read it with the source's own parser."""
        (name,) = SOURCE.dataset_type(self.dataset_type).files
        return dict(SOURCE.parse(self.dataset_type, self.identifier, {name: data}))


def captures() -> list[dict[str, str]]:
    """Return the rows of the recordings' index that answer a URL of the site, the newest of each URL last."""
    index = RECORDINGS / "index.csv"
    if not index.exists():
        raise Failed(f"there are no recordings at {RECORDINGS}: set FIELDHOUSE_RECORDINGS to their folder")
    with index.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["file"].startswith(f"{ARCHIVE}/") and row["replay_url"]]
    return sorted(rows, key=lambda row: (row["replay_url"], row["as_of"], int(row["bytes"])))


@cache
def files() -> tuple[RecordedFile, ...]:
    """Return the newest capture of every URL."""
    recordings = Recordings(RECORDINGS)
    newest = {row["replay_url"]: row["file"] for row in captures()}
    return tuple(_file(url, recordings.path(file)) for url, file in newest.items())


def _file(url: str, path: Path) -> RecordedFile:
    for dataset_type, pattern in URLS.items():
        if found := pattern.search(url):
            keys = SOURCE.dataset_type(dataset_type).key
            return RecordedFile(path, dataset_type, {key: found[key] for key in keys})
    raise Failed(f"{url} is no dataset of {SOURCE.name}")


@dataclass(frozen=True)
class Site:
    """A simulator in a process of its own that answers the newest captures; one file can be changed.

    :param today: the date of its world.
    """

    url: str
    today: date

    @property
    def base_url(self) -> str:
        """What stands for the site."""
        return f"{self.url}/{HOST}"

    @property
    def settings(self) -> dict[str, str]:
        """The variables that make our programs ask this site, as fast as they can, on its date."""
        days = (self.today - clock.real_now().date()).days
        return {
            "FIELDHOUSE_FOOTBALL_DATA_URL": self.base_url,
            "FIELDHOUSE_FOOTBALL_DATA_REQUESTS_PER_SECOND": "100000",
            clock.SHIFT_VARIABLE: str(days * 86_400),
        }

    def change_one(self, *, changed: bool) -> None:
        """Answer the newest capture of :data:`CHANGING`, or the one before it."""
        day = self.today + timedelta(days=1) if changed else self.today
        httpx.post(f"{self.url}/_simulator/date", json={"date": str(day)}).raise_for_status()

    def forget_requests(self) -> None:
        """Begin a new log of requests."""
        httpx.delete(f"{self.url}/_simulator/requests").raise_for_status()

    def requests(self) -> list[dict[str, Any]]:
        """Return the requests of the log."""
        answer = httpx.get(f"{self.url}/_simulator/requests").raise_for_status().json()
        return cast("list[dict[str, Any]]", answer["requests"])


@contextmanager
def site(scratch: Path) -> Iterator[Site]:
    """Serve the recordings for as long as the context lasts."""
    index, today = _write_index(scratch)
    argv = [sys.executable, "-m", "simulator", "--recordings", str(RECORDINGS), "--index", str(index)]
    argv += ["--only", SOURCE.name, "--as-of", str(today)]
    with subprocess.Popen(argv, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline() or "null")
            if ready is None:
                raise Failed("the simulator did not start")
            yield Site(ready["url"], today)
        finally:
            process.terminate()


def _write_index(scratch: Path) -> tuple[Path, date]:
    """Write an index of the newest captures; only of the file that changes, the newest comes a day later."""
    rows = captures()
    newest = {row["replay_url"]: row for row in rows}
    today = max(date.fromisoformat(row["as_of"][:10]) for row in newest.values())
    *_, before, after = (row for row in rows if row["replay_url"] == CHANGING)
    newest.pop(CHANGING)
    chosen = [*newest.values(), before, {**after, "as_of": str(today + timedelta(days=1))}]
    index = scratch / "index.csv"
    with index.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, fieldnames=list(before))
        writer.writeheader()
        writer.writerows(chosen)
    return index, today
