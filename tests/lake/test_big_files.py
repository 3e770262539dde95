"""Files of any size: what a host streams goes through scrape and archive in bounded memory, byte for byte."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from fieldhouse.config import Settings
from fieldhouse.lake import LakeStore
from tests.lake.conftest import S3

ROOT = Path(__file__).parents[2]
BLOCK = os.urandom(2**20)  # no compression makes it smaller
MOST_GROWN = 64

# A process of its own, whose peak is its own: one dataset of two files and no tables
CHILD = """
import json, sys
from fieldhouse import clock
from fieldhouse.config import Settings, SourceSettings
from fieldhouse.engine.archive import archive
from fieldhouse.engine.context import Context
from fieldhouse.engine.discover import Request, discover
from fieldhouse.engine.load import load
from fieldhouse.engine.report import make_report
from fieldhouse.engine.scrape import scrape
from fieldhouse.source import Candidate, DatasetType, RemoteFile, Source, Window, pace_of
import pyarrow, obstore

database, lake, options, url, names = sys.argv[1:5] + [json.loads(sys.argv[5])]

def peak():
    # not ru_maxrss: that one remembers the process that started this one
    return next(int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))

def look(_, client):
    yield Candidate("film", {"film": "1"}, tuple(RemoteFile(n, n, max_bytes=8 * 2**30) for n in names))

film = DatasetType("film", "Film", ("film",), (), files=tuple(names))
source = Source("films", "Films", url, pace_of(1000), (film,), look, "no:parser")
settings = Settings(lake, database, database, lake_options=json.loads(options), sources={})
with Context(settings, source, claim_seconds=0) as context:
    context.catalog, context.warehouse, context.lake, context.client
    before = peak()
    plan = discover(context, "big", Request(Window(clock.today(), clock.today())))
    for lane in plan.lanes:
        scrape(context, lane.plan, lane.lane)
        scraped = peak()
        archive(context, lane.plan, lane.lane)
        load(context, lane.plan, lane.lane)
    report = make_report(context, plan.plan)
    files = context.catalog.rows("select f.name, f.path, f.sha256, f.bytes, f.stored_bytes from lake.file as f")
    print(json.dumps({
        "outcomes": {str(k): v for k, v in report.outcomes.items()},
        "states": [row.state for row in context.catalog.rows("select state from lake.dataset")],
        "files": {row.name: [row.path, row.sha256, row.bytes, row.stored_bytes] for row in files},
        "start": before, "scrape": scraped - before, "whole": peak() - before,
    }))
"""


class Theatre:
    """A host that streams ``/<megabytes>.<kind>``: blocks that no two of are the same, and no file anywhere."""

    def __init__(self) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                size = megabytes(self.path)
                self.send_response(200)
                self.send_header("content-length", str(size * len(BLOCK)))
                self.end_headers()
                for block in blocks(size):
                    self.wfile.write(block)

            def log_message(self, *_: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def megabytes(name: str) -> int:
    return int(name.strip("/").partition(".")[0])


def blocks(count: int) -> Iterator[bytes]:
    for number in range(count):
        yield number.to_bytes(8, "big") + BLOCK[8:]


def digest(name: str) -> str:
    sha256 = hashlib.sha256()
    for block in blocks(megabytes(name)):
        sha256.update(block)
    return sha256.hexdigest()


@pytest.fixture(scope="module")
def theatre() -> Iterator[Theatre]:
    theatre = Theatre()
    yield theatre
    theatre.server.shutdown()
    theatre.server.server_close()


def take_in(settings: Settings, theatre: Theatre, *names: str) -> dict[str, Any]:
    """Take the files in as one dataset, in a process of its own."""
    words = [settings.catalog, settings.lake, json.dumps(dict(settings.lake_options)), theatre.url, json.dumps(names)]
    ended = subprocess.run(
        [sys.executable, "-c", CHILD, *words], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    told: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return told


def assert_taken_in(told: dict[str, Any], lake: LakeStore, *names: str) -> None:
    assert told["outcomes"] == {"fetched": 1}
    assert told["states"] == ["complete"]
    assert set(told["files"]) == set(names)
    for name, (path, sha256, size, stored) in told["files"].items():
        assert size == stored == megabytes(name) * len(BLOCK), "compressed already: stored as it came"
        assert sha256 == digest(name)
        assert lake.problem(path, sha256) is None
    assert told["whole"] < MOST_GROWN, f"MB, of which scrape {told['scrape']}"


def test_a_film_and_an_archive_in_a_folder(settings: Settings, theatre: Theatre) -> None:
    told = take_in(settings, theatre, "300.mp4", "40.zip")
    assert_taken_in(told, LakeStore(settings.lake), "300.mp4", "40.zip")
    path = told["files"]["40.zip"][0]
    stored = Path(settings.lake.removeprefix("file://")) / path
    with stored.open("rb") as file:
        assert all(file.read(len(BLOCK)) == block for block in blocks(40))
        assert file.read() == b""


def test_a_film_in_a_bucket(settings: Settings, theatre: Theatre, s3: S3) -> None:
    s3.client.create_bucket(Bucket="films")
    settings = replace(settings, lake="s3://films/some", lake_options=s3.options())
    told = take_in(settings, theatre, "100.mkv")
    assert_taken_in(told, LakeStore(settings.lake, settings.lake_options), "100.mkv")
    (key,) = s3.keys("films")
    head = s3.client.head_object(Bucket="films", Key=key)
    assert head["ContentLength"] == 100 * len(BLOCK)
    assert "-" in head["ETag"], "it went up in parts"


@pytest.mark.parametrize("name", ["60.csv"])
def test_a_large_text_is_packed_in_little_memory(settings: Settings, theatre: Theatre, name: str) -> None:
    told = take_in(settings, theatre, name)
    path, sha256, size, _ = told["files"][name]
    assert path.endswith(".csv.zst")
    assert (sha256, size) == (digest(name), 60 * len(BLOCK))
    assert LakeStore(settings.lake).problem(path, sha256) is None
    assert told["whole"] < MOST_GROWN
