"""Lakes: one in a folder, one in a bucket of a real S3 API on this machine."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from moto.server import ThreadedMotoServer

from fieldhouse.lake import LakeStore, Stored

KEY, SECRET = "AKIAFIELDHOUSE", "hunter2-secret-key"
MATCH = {"competition_id": "11", "match_id": "303516"}


@dataclass(frozen=True)
class S3:
    """A server that speaks S3, and a client of the vendor's own."""

    url: str
    client: Any = field(repr=False)

    def options(self, **changes: Any) -> dict[str, Any]:
        """Return what a lake needs to know of it."""
        return {
            "endpoint": self.url,
            "region": "us-east-1",
            "access_key_id": KEY,
            "secret_access_key": SECRET,
            "client_options": {"allow_http": True},
            **changes,
        }

    def keys(self, bucket: str) -> list[str]:
        """Return the keys of a bucket."""
        return [entry["Key"] for entry in self.client.list_objects_v2(Bucket=bucket).get("Contents", [])]


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    url = f"http://127.0.0.1:{port}"
    client = boto3.client(
        "s3", endpoint_url=url, aws_access_key_id=KEY, aws_secret_access_key=SECRET, region_name="us-east-1"
    )
    yield S3(url, client)
    server.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "the lake"


@pytest.fixture(params=["folder", "bucket"])
def lake(request: pytest.FixtureRequest, folder: Path) -> LakeStore:
    """Return an empty lake, of either kind."""
    if request.param == "folder":
        return LakeStore(folder.as_uri())
    s3 = request.getfixturevalue("s3")
    bucket = f"lake-{hashlib.sha256(str(folder).encode()).hexdigest()[:20]}"
    s3.client.create_bucket(Bucket=bucket)
    return LakeStore(f"s3://{bucket}/some/prefix", s3.options())


def sha256_of(body: bytes) -> str:
    """Return the sha256 of bytes, in hex."""
    return hashlib.sha256(body).hexdigest()


def store(lake: LakeStore, body: bytes, name: str = "events.json", identifier: dict[str, str] | None = None) -> Stored:
    """Keep a file of a match."""
    return lake.store_raw("statsbomb", "match", identifier or MATCH, name, io.BytesIO(body), sha256_of(body))
