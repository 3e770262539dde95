"""The lake: bytes in, bytes out. Untouched provider files, zstd-compressed and named by their content, and Parquet.

Layout below the lake's URL::

    raw/<source>/<dataset_type>/<key=value>/.../<stem>.<sha256, 12 digits>.<ext>.zst
    tables/<source>/<table>/<key=value of the last key>/<dataset>-a<activation>.parquet
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import zstandard

from fieldhouse.errors import ConfigurationError, LakeError
from fieldhouse.source import Identifier, format_identifier

if TYPE_CHECKING:
    import pyarrow as pa
    from obstore.store import ObjectStore

LEVEL = 3
LONGEST_SEGMENT = 120
# Kinds that zstd cannot shrink: they are stored as they came
COMPRESSED = {
    ".zip",
    ".gz",
    ".bz2",
    ".xz",
    ".zst",
    ".7z",
    ".png",
    ".jpg",
    ".jpeg",
    ".mp4",
    ".webm",
    ".pdf",
    ".parquet",
}


@dataclass(frozen=True)
class Stored:
    """An object of the lake: its path, its size there, and the sha256 of what it holds uncompressed."""

    path: str
    sha256: str
    stored_bytes: int


class Lake:
    """A lake at a URL: ``file:///...``, ``s3://bucket/prefix``, ``gs://...`` or ``az://...``.

    Any object is written whole or not at all, and an object that is there is not written again.
    """

    def __init__(self, url: str, options: Mapping[str, Any] | None = None) -> None:
        self.url = url
        parts = urlsplit(url)
        if parts.scheme == "file":
            self._objects: _Folder | _Bucket = _Folder(Path(unquote(parts.path)))
        elif parts.scheme in {"s3", "gs", "az"}:
            self._objects = _Bucket(url, options or {})
        else:
            raise ConfigurationError(f"the lake's URL is {url!r}; it must start with file://, s3://, gs:// or az://")

    def store_raw(
        self,
        source: str,
        dataset_type: str,
        identifier: Identifier,
        name: str,
        body: IO[bytes],
        sha256: str,
        *,
        url: str = "",
        fetched_at: str = "",
    ) -> Stored:
        """Keep a provider file's bytes.

        :param body: the bytes, at position 0, whose sha256 is ``sha256``.
        :raises LakeError: they could not be kept.
        """
        path = raw_path(source, dataset_type, identifier, name, sha256)
        attributes = {"source": source, "url": url, "sha256": sha256, "fetched_at": fetched_at}
        if not path.endswith(".zst") or Path(name).suffix == ".zst":
            return Stored(path, sha256, self._put(path, body, attributes))
        with tempfile.SpooledTemporaryFile(max_size=8 * 2**20) as packed:
            zstandard.ZstdCompressor(level=LEVEL).copy_stream(body, packed)
            packed.seek(0)
            return Stored(path, sha256, self._put(path, packed, attributes))

    def read_raw(self, path: str, sha256: str) -> bytes:
        """Return a provider file's bytes.

        :raises LakeError: the object is gone, or does not hold what was stored.
        """
        data = self._get(path)
        if path.endswith(".zst"):
            try:
                data = zstandard.ZstdDecompressor().decompressobj().decompress(data)
            except zstandard.ZstdError as error:
                raise LakeError(f"{self.url}/{path} is damaged ({error}): run the dataset again with force") from error
        self._check(path, data, sha256)
        return data

    def write_table(self, path: str, table: pa.Table) -> Stored:
        """Keep typed rows as Parquet."""
        import pyarrow.parquet as pq  # noqa: PLC0415 - heavy, and not needed to fetch

        buffer = io.BytesIO()
        pq.write_table(table, buffer, compression="zstd", compression_level=1)
        data = buffer.getvalue()
        sha256 = hashlib.sha256(data).hexdigest()
        return Stored(path, sha256, self._put(path, io.BytesIO(data), {"sha256": sha256}))

    def read_table(self, path: str, sha256: str) -> pa.Table:
        """Return the rows of a Parquet object. :raises LakeError: it is gone or damaged."""
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.parquet as pq  # noqa: PLC0415

        data = self._get(path)
        self._check(path, data, sha256)
        return pq.ParquetFile(pa.BufferReader(data)).read()

    def check_writable(self) -> None:
        """Write and remove a small object. :raises LakeError: that does not work; the text says why."""
        path = f"raw/.writable-{uuid.uuid4().hex}"
        self._put(path, io.BytesIO(b"x"), {})
        with self._translated(path):
            self._objects.delete(path)

    def size(self) -> tuple[int, int]:
        """Return the number of objects and their bytes."""
        with self._translated(""):
            sizes = [size for _, size in self._objects.list("")]
        return len(sizes), sum(sizes)

    def _put(self, path: str, body: IO[bytes], attributes: Mapping[str, str]) -> int:
        with self._translated(path):
            return self._objects.put(path, body, attributes)

    def _get(self, path: str) -> bytes:
        with self._translated(path):
            return self._objects.get(path)

    def _check(self, path: str, data: bytes, sha256: str) -> None:
        found = hashlib.sha256(data).hexdigest()
        if found != sha256:
            raise LakeError(
                f"{self.url}/{path} is damaged: its sha256 is {found[:12]}, the catalog says {sha256[:12]}; "
                "run the dataset again with force"
            )

    @contextmanager
    def _translated(self, path: str) -> Iterator[None]:
        """Turn the file system's and the object store's errors into one sentence."""
        from obstore.exceptions import BaseError  # noqa: PLC0415

        where = f"{self.url}/{path}".rstrip("/")
        try:
            yield
        except FileNotFoundError as error:
            raise LakeError(f"{where} is not there, although the catalog names it") from error
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise LakeError(
                    f"the disk of the lake is full: {where} was not written; make room and retry"
                ) from error
            raise LakeError(
                f"the lake refuses {where}: {error.strerror or error}; check the folder's rights"
            ) from error
        except BaseError as error:
            text = str(error).strip().partition("\n")[0]
            raise LakeError(f"the lake refuses {where}: {text}; check the connection `lake`") from error


class _Folder:
    """Objects in a local folder: written to a temporary file, synced, then renamed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, path: str, body: IO[bytes], attributes: Mapping[str, str]) -> int:  # noqa: ARG002
        target = self._root / path
        size = body.seek(0, os.SEEK_END)
        body.seek(0)
        if target.exists() and target.stat().st_size == size:
            return size
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = self._root / ".unfinished"
        scratch.mkdir(exist_ok=True)
        unfinished = scratch / uuid.uuid4().hex
        try:
            with unfinished.open("wb") as file:
                shutil.copyfileobj(body, file, 2**20)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
        _sync_folder(target.parent)
        return size

    def get(self, path: str) -> bytes:
        return (self._root / path).read_bytes()

    def delete(self, path: str) -> None:
        (self._root / path).unlink(missing_ok=True)

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        for folder, _, names in os.walk(self._root / prefix):
            for name in names:
                file = Path(folder, name)
                yield str(file.relative_to(self._root)), file.stat().st_size


def _sync_folder(folder: Path) -> None:
    """Make a rename last: until its folder is synced, a crash may undo it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _Bucket:
    """Objects in S3, GCS or Azure through obstore, put only where none is."""

    def __init__(self, url: str, options: Mapping[str, Any]) -> None:
        from obstore.store import from_url  # noqa: PLC0415

        self._store: ObjectStore = from_url(url, **options)

    def put(self, path: str, body: IO[bytes], attributes: Mapping[str, str]) -> int:
        import obstore  # noqa: PLC0415
        from obstore.exceptions import AlreadyExistsError  # noqa: PLC0415

        size = body.seek(0, os.SEEK_END)
        body.seek(0)
        try:
            obstore.put(
                self._store,
                path,
                body.read(),
                mode="create",
                attributes={key: _header(value) for key, value in attributes.items() if value},
                use_multipart=False,
            )
        except AlreadyExistsError:
            if obstore.head(self._store, path)["size"] != size:
                body.seek(0)
                obstore.put(self._store, path, body.read(), mode="overwrite")
        return size

    def get(self, path: str) -> bytes:
        import obstore  # noqa: PLC0415

        return bytes(obstore.get(self._store, path).bytes())

    def delete(self, path: str) -> None:
        import obstore  # noqa: PLC0415

        obstore.delete(self._store, path)

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        import obstore  # noqa: PLC0415

        for page in obstore.list(self._store, prefix or None):
            for entry in page:
                yield entry["path"], entry["size"]


def _header(value: str) -> str:
    """Object metadata travels as an HTTP header: ASCII, one line."""
    return value.encode("ascii", "backslashreplace").decode().replace("\n", " ")[:1024]


def raw_path(source: str, dataset_type: str, identifier: Identifier, name: str, sha256: str) -> str:
    """Return the path of a provider file.

    Nothing that comes from the web can leave its segment: values are percent-encoded, and a long one is cut
    and completed by a part of its own sha256.
    """
    stem, extension = os.path.splitext(name)  # noqa: PTH122 - a name, not a path
    file = f"{_segment(stem)}.{sha256[:12]}{_segment(extension)}"
    if extension.lower() not in COMPRESSED:
        file += ".zst"
    return "/".join(["raw", source, dataset_type, *_segments(identifier), file])


def table_path(source: str, table: str, identifier: Identifier, activation: int) -> str:
    """Return the path of an activation's Parquet: partitioned by the dataset's last key."""
    segments = _segments(identifier)
    dataset = "_".join(segment.partition("=")[2] for segment in segments) or table
    return "/".join(["tables", source, table, *segments[-1:], f"{_segment(dataset)}-a{activation}.parquet"])


def _segments(identifier: Identifier) -> list[str]:
    formatted = format_identifier(identifier)
    return [_segment(part) for part in formatted.split("/")] if formatted else []


def _segment(text: str) -> str:
    safe = text.replace("/", "%2F").replace("\\", "%5C").replace("\0", "%00")
    if safe.strip(".") == "" and safe:
        safe = safe.replace(".", "%2E")
    if len(safe) <= LONGEST_SEGMENT:
        return safe
    return f"{safe[: LONGEST_SEGMENT - 13]}~{hashlib.sha256(text.encode()).hexdigest()[:12]}"
