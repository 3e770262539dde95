"""Where objects lie, when the place fails or the writer dies."""

from __future__ import annotations

import errno
import io
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

import pytest
import requests

from fieldhouse import spool
from fieldhouse.errors import LakeError
from fieldhouse.lake import LakeStore
from tests.lake.conftest import KEY, MATCH, S3, SECRET, sha256_of, store

ROOT = Path(__file__).parents[2]
BODY = b"some bytes\n" * 100


# --- a folder


def test_the_same_bytes_are_not_written_twice(folder: Path) -> None:
    lake = LakeStore(folder.as_uri())
    file = folder / store(lake, BODY).path
    before = file.stat()
    store(lake, BODY)
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert list((folder / ".unfinished").iterdir()) == []


WRITER = """
import hashlib, io, os, sys
from fieldhouse.lake import LakeStore

lake = LakeStore(sys.argv[1])
piece = os.urandom(2**20)
print("ready", flush=True)
for number in range(10_000):
    body = piece + str(number).encode()
    lake.store_raw("s", "t", {}, "f.zip", io.BytesIO(body), hashlib.sha256(body).hexdigest())
"""


def test_a_writer_that_is_killed_leaves_no_half_object(folder: Path) -> None:
    """Many kills, each at another moment of the same work."""
    lake = LakeStore(folder.as_uri())
    chance = random.Random(7)
    for _ in range(5):
        argv = [sys.executable, "-c", WRITER, lake.url]
        child = subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert child.stdout
        assert child.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.05, 0.2))
        child.kill()
        child.wait()
        child.stdout.close()
    found = [path for path, *_ in lake._objects.list()]
    assert len(found) > 5
    for path in found:
        assert sha256_of((folder / path).read_bytes())[:12] == path.split(".")[-2], path
    assert lake.size() == (len(found), sum((folder / path).stat().st_size for path in found))


def test_what_is_unfinished_is_no_object(folder: Path) -> None:
    lake = LakeStore(folder.as_uri())
    stored = store(lake, BODY)
    (folder / ".unfinished" / "left").write_bytes(b"half")
    assert lake.size() == (1, stored.stored_bytes)


def test_a_lake_that_nothing_was_written_to_yet_is_empty(folder: Path) -> None:
    assert LakeStore(folder.as_uri()).size() == (0, 0)


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Path:
    """Return a folder on a disk of 256 KiB, where one can be had."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    if os.geteuid() or not shutil.which("mount") or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no right to mount a tmpfs here")
    return disk


def test_a_full_disk(tiny_disk: Path) -> None:
    try:
        lake = LakeStore(tiny_disk.as_uri())
        kept = store(lake, BODY)
        with pytest.raises(LakeError, match=r"the disk of the lake is full: .* make room and retry"):
            store(lake, os.urandom(2**20))
        assert lake.size() == (1, kept.stored_bytes)
        assert lake.read_raw(kept.path, kept.sha256) == BODY
        assert list((tiny_disk / ".unfinished").iterdir()) == []
    finally:
        subprocess.run(["umount", str(tiny_disk)], check=True)


def test_a_full_disk_by_a_made_up_error_of_fsync(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = LakeStore(folder.as_uri())
    kept = store(lake, BODY)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", _no_space)
        with pytest.raises(LakeError, match="the disk of the lake is full"):
            store(lake, b"other")
    assert lake.size() == (1, kept.stored_bytes)
    assert list((folder / ".unfinished").iterdir()) == []


def _no_space(_: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


LIMITED = """
import hashlib, io, os, resource, signal, sys
from fieldhouse.errors import LakeError
from fieldhouse.lake import LakeStore

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2**16, 2**16))
body = os.urandom(2**20)
try:
    LakeStore(sys.argv[1]).store_raw("s", "t", {}, "f.zip", io.BytesIO(body), hashlib.sha256(body).hexdigest())
except LakeError as error:
    print(error)
"""


def test_a_quota_in_mid_file(folder: Path) -> None:
    argv = [sys.executable, "-c", LIMITED, folder.as_uri()]
    done = subprocess.run(argv, cwd=ROOT, check=True, capture_output=True, text=True)
    assert "the lake refuses" in done.stdout
    assert "File too large" in done.stdout
    assert LakeStore(folder.as_uri()).size() == (0, 0)


def test_no_room_for_temporary_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "SPOOL_BYTES", 1)
    monkeypatch.setattr(tempfile, "tempdir", "/proc/nowhere")
    with pytest.raises(LakeError, match="temporary files find no place in /proc/nowhere"):
        store(LakeStore(folder.as_uri()), os.urandom(2**20))


def test_a_file_where_the_folder_should_be(folder: Path) -> None:
    folder.write_text("mine")
    lake = LakeStore(folder.as_uri())
    for act in (lambda: store(lake, BODY), lake.check_writable, lambda: lake.read_raw("raw/x.zst", "")):
        with pytest.raises(LakeError, match=r"the lake refuses .* \((Not a directory|File exists)\): check"):
            act()
    assert folder.read_text() == "mine"


STRANGER = """
import os, sys
os.setgid(65534)
os.setuid(65534)
from fieldhouse.errors import LakeError
from fieldhouse.lake import LakeStore

lake = LakeStore(sys.argv[1])
for act in (lake.check_writable, lake.size, lambda: lake.read_raw(sys.argv[2], "")):
    try:
        act()
    except LakeError as error:
        print(error)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_folder_of_somebody_elses() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as place:
        Path(place).chmod(0o755)
        folder = Path(place) / "lake"
        stored = store(LakeStore(folder.as_uri()), BODY)
        (folder / "raw").chmod(0o700)
        script = f"import sys; sys.path[:0] = {sys.path!r}\nimport fieldhouse.lake, fieldhouse.objects\n{STRANGER}"
        argv = [sys.executable, "-c", script, folder.as_uri(), stored.path]
        done = subprocess.run(argv, cwd=ROOT, check=True, capture_output=True, text=True)
    lines = done.stdout.splitlines()
    assert len(lines) == 3
    assert all("the lake refuses" in line and "(Permission denied)" in line for line in lines)


# --- a bucket


def test_where_a_file_comes_from_stands_beside_it(s3: S3) -> None:
    s3.client.create_bucket(Bucket="metadata")
    lake = LakeStore("s3://metadata/pre fix", s3.options())
    stored = lake.store_raw(
        "statsbomb",
        "match",
        {**MATCH, "team": "Beşiktaş/x"},
        "events.json",
        io.BytesIO(BODY),
        sha256_of(BODY),
        url="https://example.org/é?x=1\n",
        fetched_at="2026-02-21T12:00:00+00:00",
    )
    [key] = s3.keys("metadata")
    assert key == f"pre fix/{stored.path}"
    assert s3.client.head_object(Bucket="metadata", Key=key)["Metadata"] == {
        "source": "statsbomb",
        "url": "https://example.org/\\xe9?x=1",
        "sha256": sha256_of(BODY),
        "fetched_at": "2026-02-21T12:00:00+00:00",
    }
    assert lake.read_raw(stored.path, stored.sha256) == BODY


def test_the_same_bytes_are_not_sent_twice_to_a_bucket(s3: S3) -> None:
    s3.client.create_bucket(Bucket="twice")
    lake = LakeStore("s3://twice", s3.options())
    stored = store(lake, BODY)
    before = s3.client.head_object(Bucket="twice", Key=stored.path)["LastModified"]
    s3.client.put_bucket_versioning(Bucket="twice", VersioningConfiguration={"Status": "Enabled"})
    assert store(lake, BODY) == stored
    after = s3.client.head_object(Bucket="twice", Key=stored.path)
    assert (after["LastModified"], after.get("VersionId", "null")) == (before, "null")


def test_a_bucket_that_is_not_there(s3: S3) -> None:
    lake = LakeStore("s3://no-such-bucket/x", s3.options())
    for act in (lambda: store(lake, BODY), lake.check_writable, lake.size, lambda: lake.read_raw("a", "")):
        started = time.monotonic()
        with pytest.raises(LakeError, match="s3://no-such-bucket/x: there is no such bucket; make it, or correct"):
            act()
        assert time.monotonic() - started < 5


def test_a_bucket_that_cannot_be_reached_is_given_up_soon() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        options = S3(f"http://127.0.0.1:{closed.getsockname()[1]}", None).options()
    lake = LakeStore("s3://bucket/x", options)
    started = time.monotonic()
    for act in (lambda: store(lake, BODY), lambda: lake.read_raw("a", "")):
        with pytest.raises(
            LakeError, match=r"the lake fails at s3://bucket/x/.* check the connection `lake`"
        ) as caught:
            act()
        assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert time.monotonic() - started < 30


@pytest.fixture
def guarded(s3: S3) -> object:
    """Make the server ask for keys."""
    s3.client.create_bucket(Bucket="guarded")
    requests.post(f"{s3.url}/moto-api/reset-auth", data=b"0", timeout=10)
    yield
    requests.post(f"{s3.url}/moto-api/reset-auth", data=b"inf", timeout=10)


@pytest.mark.usefixtures("guarded")
def test_wrong_keys(s3: S3) -> None:
    lake = LakeStore("s3://guarded", s3.options())
    for act in (lambda: store(lake, BODY), lambda: lake.read_raw("a", "")):
        with pytest.raises(LakeError, match=r"does not let us at s3://guarded/.*: .*check the keys") as caught:
            act()
        said = "".join(traceback.format_exception(caught.value))
        assert SECRET not in said
        assert KEY not in said
