"""What the lake promises, in a folder and in a bucket alike."""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldhouse.errors import ConfigurationError, LakeError
from fieldhouse.lake import LakeStore, raw_path, table_path
from fieldhouse.objects import ObjectDamaged, ObjectMissing
from fieldhouse.source import parse_identifier
from tests.lake.conftest import MATCH, S3, sha256_of, store

ROOT = Path(__file__).parents[2]
BODY = b'{"id": 1}' * 1000


def overwrite(lake: LakeStore, path: str, body: bytes) -> None:
    lake._objects.replace(path, io.BytesIO(body), {})


@pytest.mark.parametrize("body", [BODY, b"", bytes(range(256)) * 9000], ids=["text", "nothing", "binary"])
def test_bytes_come_back(lake: LakeStore, body: bytes) -> None:
    stored = store(lake, body)
    digest = sha256_of(body)
    assert stored.path == f"raw/statsbomb/match/competition_id=11/match_id=303516/events.{digest[:12]}.json.zst"
    assert lake.read_raw(stored.path, digest) == body
    assert lake.size() == (1, stored.stored_bytes)


@pytest.mark.parametrize(
    ("name", "packed"),
    [("a.csv", True), ("a.zip", False), ("a.ZIP", False), ("a.zst", False), ("a.webp", False), ("a.txt", True)],
)
def test_what_is_compressed_already_is_stored_as_it_came(lake: LakeStore, name: str, packed: bool) -> None:
    stored = store(lake, BODY, name)
    assert stored.path.endswith(".zst") is packed
    assert (stored.stored_bytes < len(BODY)) is packed
    assert lake.read_raw(stored.path, stored.sha256) == BODY


def test_the_same_bytes_again_are_the_same_object(lake: LakeStore) -> None:
    assert store(lake, BODY) == store(lake, BODY)
    assert store(lake, BODY + b" ") != store(lake, BODY)
    assert lake.size()[0] == 2


def test_many_writers_of_the_same_bytes_at_once(lake: LakeStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        stored = set(pool.map(lambda _: store(lake, BODY), range(24)))
    assert len(stored) == 1
    assert lake.size() == (1, stored.pop().stored_bytes)


@pytest.mark.parametrize(
    "damage",
    [lambda good: good[:-1], lambda good: good[:-9] + b"x" + good[-8:], lambda good: b"", lambda good: b"x" + good],
    ids=["cut", "changed", "empty", "shifted"],
)
def test_damage_is_noticed_and_mended_by_storing_again(lake: LakeStore, damage: Callable[[bytes], bytes]) -> None:
    stored = store(lake, BODY)
    good = b"".join(lake._objects.chunks(stored.path))
    overwrite(lake, stored.path, damage(good))
    with pytest.raises(LakeError, match=r"events\S+ is damaged \(.*\): `fieldhouse verify --repair`"):
        lake.read_raw(stored.path, stored.sha256)
    assert store(lake, BODY) == stored
    assert lake.read_raw(stored.path, stored.sha256) == BODY


def test_an_object_that_is_missing(lake: LakeStore) -> None:
    store(lake, BODY)
    for read in (lake.read_raw, lake.read_table):
        with pytest.raises(LakeError, match=r"raw/nothing.zst is not there, although the catalog names it"):
            read("raw/nothing.zst", "0" * 64)


def test_a_table(lake: LakeStore) -> None:
    rows = pa.table({"a": [1, None], "b": ["x", ""]})
    path = table_path("statsbomb", "event", MATCH, 7)
    assert path == "tables/statsbomb/event/match_id=303516/11_303516-a7.parquet"
    stored = lake.write_table(path, rows)
    assert lake.write_table(path, rows) == stored
    assert lake.read_table(path, stored.sha256).equals(rows)
    other = lake.write_table(path, rows.slice(0, 1))
    assert lake.read_table(path, other.sha256).num_rows == 1
    with pytest.raises(LakeError, match="is damaged"):
        lake.read_table(path, stored.sha256)


def test_check_writable_leaves_nothing(lake: LakeStore) -> None:
    lake.check_writable()
    assert lake.size() == (0, 0)


@pytest.mark.parametrize(
    ("url", "options", "says"),
    [
        ("/srv/lake", {}, "must be file:///folder"),
        ("file://srv/lake", {}, "with three slashes"),
        ("file:lake", {}, "with three slashes"),
        ("ftp://host/x", {}, "must be file:///folder"),
        ("s3:///x", {}, "must be file:///folder"),
        ("s3://key:hunter2@bucket", {}, "holds a user or a password"),
        ("s3://bucket", {"colour": "red"}, "Configuration key: 'colour' is not valid"),
        ("s3://bucket", {"client_options": {"colour": "red"}}, "cannot be opened"),
    ],
)
def test_a_lake_that_is_set_wrong(url: str, options: dict[str, object], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says) as caught:
        LakeStore(url, options)
    assert "hunter2" not in str(caught.value)


# --- names that want to be somewhere else

NAMES = [
    "../../etc/passwd",
    "/etc/passwd",
    "..",
    ".",
    "a\0b",
    "a\nb",
    "C:\\x\\y",
    "x" * 500,
    "é" * 300,
    "x." + "y" * 400,
    "",
]


@pytest.mark.parametrize("name", NAMES)
def test_no_name_leaves_its_folder(lake: LakeStore, name: str) -> None:
    for stored in (store(lake, BODY, name or "."), store(lake, BODY, "x", {"key": name or "."})):
        assert stored.path.startswith("raw/statsbomb/match/")
        assert lake.read_raw(stored.path, stored.sha256) == BODY
    assert all(path.startswith("raw/statsbomb/match/") for path, *_ in lake._objects.list())
    assert lake.size()[0] == 2


@given(st.text(), st.text(), st.text())
def test_paths_stay_inside_and_short(value: str, other: str, name: str) -> None:
    encodable = value.encode("utf-8", "replace").decode()
    path = raw_path("source", "type", {"key": encodable}, name, "0" * 64)
    parts = path.split("/")
    assert parts[:3] == ["raw", "source", "type"]
    assert len(parts) == 5
    assert all(part not in {"", ".", ".."} and len(part.encode()) <= 255 for part in parts)
    assert not any(ord(character) < 32 or character == "\\" for character in path)


def test_long_names_that_begin_alike_stay_apart() -> None:
    paths = {raw_path("s", "t", {"key": "x" * 300 + end}, "f", "0" * 64) for end in "abc"}
    assert len(paths) == 3


def test_one_name_in_two_unicode_forms_is_one() -> None:
    assert raw_path("s", "t", {}, "caf\u00e9.csv", "0" * 64) == raw_path("s", "t", {}, "cafe\u0301.csv", "0" * 64)


def test_an_identifier_can_be_read_back_from_its_path() -> None:
    identifier = {"league": "a/b", "season": "2012/13", "team": "Beşiktaş ..", "dots": ".."}
    path = raw_path("s", "t", identifier, "f.csv", "0" * 64)
    assert parse_identifier("/".join(path.split("/")[3:-1])) == identifier


@pytest.mark.parametrize("path", ["../x", "raw/../../x", "/etc/x", "raw/\0"])
def test_a_path_out_of_the_lake_is_refused(folder: Path, path: str) -> None:
    lake = LakeStore(folder.as_uri())
    for act in (lambda: lake.read_raw(path, ""), lambda: overwrite(lake, path, b"")):
        with pytest.raises(LakeError, match="leads out of the lake"):
            act()
    assert not folder.exists()


# --- memory

LARGE = """
import hashlib, io, json, resource, sys, tempfile
from fieldhouse.lake import LakeStore

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

class Zeros:
    def __init__(self, size): self.left = size
    def read(self, size=-1):
        piece = min(self.left, size if size >= 0 else self.left)
        self.left -= piece
        return bytes(piece)

url, options, kind, size = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3], int(sys.argv[4])
lake = LakeStore(url, options)
lake.store_raw("s", "t", {}, "small", io.BytesIO(b"x"), hashlib.sha256(b"x").hexdigest())
lake.store_raw("s", "t", {}, "small.zip", io.BytesIO(b"x"), hashlib.sha256(b"x").hexdigest())
with tempfile.TemporaryFile() as body:
    digest = hashlib.sha256()
    source = open("/dev/urandom", "rb") if kind == "zip" else Zeros(size * 2**20)
    for _ in range(size):
        piece = source.read(2**20)
        digest.update(piece)
        body.write(piece)
    body.seek(0)
    before = peak()
    stored = lake.store_raw("s", "t", {}, f"large.{kind}", body, digest.hexdigest())
    again = lake.store_raw("s", "t", {}, f"large.{kind}", (body.seek(0), body)[1], digest.hexdigest())
    assert again == stored
    print(peak() - before, stored.stored_bytes)
"""


@pytest.mark.parametrize("kind", ["zip", "csv"])
def test_a_large_body_takes_little_memory(folder: Path, kind: str) -> None:
    grown, _ = _store_large(folder.as_uri(), "{}", kind)
    assert grown < 40, "MB"


def test_a_large_body_goes_up_in_parts_and_takes_little_memory(s3: S3) -> None:
    s3.client.create_bucket(Bucket="large")
    grown, stored = _store_large("s3://large", json.dumps(s3.options()), "zip", 80)
    assert grown < 60, "MB"
    key = next(key for key in s3.keys("large") if "/large." in key)
    head = s3.client.head_object(Bucket="large", Key=key)
    assert head["ETag"].strip('"').endswith("-10")
    assert (head["ContentLength"], head["Metadata"]["source"]) == (stored, "s")


def _store_large(url: str, options: str, kind: str, megabytes: int = 200) -> tuple[int, int]:
    argv = [sys.executable, "-c", LARGE, url, options, kind, str(megabytes)]
    done = subprocess.run(argv, cwd=ROOT, check=True, capture_output=True, text=True)
    grown, stored = done.stdout.split()
    return int(grown), int(stored)


# --- what an audit and a gc ask


def test_a_large_object_comes_back(lake: LakeStore) -> None:
    """Larger, packed, than what is read at once."""
    body = random.Random(1).randbytes(3 * 2**20)
    stored = store(lake, body)
    assert stored.stored_bytes > 3 * 2**20
    assert lake.read_raw(stored.path, stored.sha256) == body
    assert lake.problem(stored.path, stored.sha256) is None


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda good: good[:-1], "it cannot be unpacked (it is cut off)"),
        (lambda good: good + b"x", "it cannot be unpacked (something follows its end)"),
        (lambda good: b"x" + good, "it cannot be unpacked"),
        (lambda good: b"", "it cannot be unpacked (it is cut off)"),
    ],
    ids=["cut", "longer", "shifted", "empty"],
)
def test_damage_is_described(lake: LakeStore, damage: Callable[[bytes], bytes], said: str) -> None:
    stored = store(lake, BODY)
    assert lake.problem(stored.path, stored.sha256) is None
    good = b"".join(lake._objects.chunks(stored.path))
    overwrite(lake, stored.path, damage(good))
    assert said in (lake.problem(stored.path, stored.sha256) or "")
    with pytest.raises(ObjectDamaged):
        lake.read_raw(stored.path, stored.sha256)


def test_other_bytes_and_none_are_described(lake: LakeStore) -> None:
    stored = store(lake, BODY)
    assert lake.problem(stored.path, "0" * 64) == f"its sha256 is {stored.sha256[:12]} and should be 000000000000"
    assert lake.problem("raw/nothing", stored.sha256) == "it is not there"


def test_a_listing_says_path_size_and_time(lake: LakeStore) -> None:
    before = datetime.now(tz=UTC) - timedelta(seconds=2)
    stored = store(lake, BODY)
    lake.write_table("tables/s/t/x.parquet", pa.table({"a": [1]}))
    (entry,) = lake.entries("raw/statsbomb")
    assert (entry.path, entry.bytes) == (stored.path, stored.stored_bytes)
    assert before <= entry.changed_at <= datetime.now(tz=UTC) + timedelta(seconds=2)
    assert [e.path for e in lake.entries("tables")] == ["tables/s/t/x.parquet"]
    assert list(lake.entries("raw/stats")) == list(lake.entries("nothing")) == list(lake.unfinished()) == []


def test_what_is_set_aside_makes_room(lake: LakeStore) -> None:
    stored = store(lake, BODY)
    overwrite(lake, stored.path, b"rubbish")
    lake.set_aside(stored.path)
    assert b"".join(lake._objects.chunks(f"damaged/{stored.path}")) == b"rubbish"
    assert lake.problem(stored.path, stored.sha256) == "it is not there"
    with pytest.raises(ObjectMissing):
        lake.set_aside(stored.path)


def test_many_are_removed_at_once_and_some_of_them_twice(lake: LakeStore) -> None:
    paths = [store(lake, str(number).encode()).path for number in range(7)]
    lake.delete(paths[:2])
    lake.delete(paths[:6])
    lake.delete([])
    assert [entry.path for entry in lake.entries("raw")] == paths[6:]


def test_put_if_absent_is_tried(lake: LakeStore) -> None:
    assert lake.check_exclusive()
    assert lake.size() == (0, 0)
