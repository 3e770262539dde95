"""The lake: bytes in, bytes out. Untouched provider files, zstd-compressed and named by their content, and Parquet.

Layout below the lake's URL::

    raw/<source>/<dataset_type>/<key=value>/.../<stem>.<sha256, 12 digits>.<ext>.zst
    raw/.../<stem>.<sha256, 12 digits>.<ext>    a file that is compressed already, byte for byte
    tables/<source>/<table>/<key=value of the last key>/<dataset>-a<activation>.parquet
    listings/<source>/<host>/<path>.zst    what discover read last, written over
    damaged/<path>    what an object held that was found damaged
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import unicodedata
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import SplitResult, unquote, urlsplit

import zstandard

from fieldhouse.errors import ConfigurationError, LakeError
from fieldhouse.objects import Bucket, Entry, Folder, ObjectDamaged, ObjectMissing, Objects
from fieldhouse.source import Identifier, format_identifier
from fieldhouse.spool import spool

if TYPE_CHECKING:
    import pyarrow as pa

LEVEL = 3
PIECE_BYTES = 64 * 2**10  # of packed bytes, which may hold many times as much
LONGEST_SEGMENT = 120  # bytes, of the 255 that a file's name may have
LONGEST_EXTENSION = 16
DAMAGED = "damaged"
# Kinds that zstd cannot shrink: they are stored as they came
_KINDS = """
    7z br bz2 gz lz4 lzma rar tbz2 tgz txz xz zip zst
    avif gif heic jp2 jpeg jpg jxl png webp
    3gp avi flv m2ts m4v mkv mov mp4 mpeg mpg mts ogv webm wmv
    aac flac m4a mp3 ogg opus wma
    docx epub kmz ods odt parquet pdf pptx woff2 xlsm xlsx
"""
COMPRESSED = frozenset(f".{kind}" for kind in _KINDS.split())
PACKED = ".zst"  # what an object's name ends with if the compression is ours


@dataclass(frozen=True)
class Stored:
    """An object of the lake: its path, its size there, and the sha256 of what it holds uncompressed."""

    path: str
    sha256: str
    stored_bytes: int


class LakeStore:
    """A lake at a URL: ``file:///...``, ``s3://bucket/prefix``, ``gs://...`` or ``az://...``.

    Any object is written whole or not at all, and an object that is there is written again only if it is damaged.

    :raises ConfigurationError: the URL or the options are wrong.
    """

    def __init__(self, url: str, options: Mapping[str, Any] | None = None) -> None:
        self._objects: Objects = _open(url, options or {})
        self.url = url.rstrip("/")

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
        if not path.endswith(PACKED):
            return self._put(path, body, sha256, attributes)
        with spool() as packed, packed:
            zstandard.ZstdCompressor(level=LEVEL).copy_stream(body, packed)
            return self._put(path, packed, sha256, attributes)

    def store_listing(self, source: str, url: str, body: IO[bytes], sha256: str, *, fetched_at: str) -> Stored:
        """Keep what a provider lists at ``url``, in place of what it listed there before.

        :param body: the bytes, at position 0, whose sha256 is ``sha256``.
        :raises LakeError: they could not be kept.
        """
        path = "/".join(["listings", _segment(source), *map(_segment, url.split("/")[2:])]) + PACKED
        with spool() as packed, packed:
            zstandard.ZstdCompressor(level=LEVEL).copy_stream(body, packed)
            size = packed.seek(0, os.SEEK_END)
            packed.seek(0)
            self._objects.replace(
                path, packed, {"source": source, "url": url, "sha256": sha256, "fetched_at": fetched_at}
            )
        return Stored(path, sha256, size)

    def read_raw(self, path: str, sha256: str) -> bytes:
        """Return a provider file's bytes.

        :raises ObjectDamaged: the object is gone, or does not hold what was stored.
        :raises LakeError: the store fails.
        """
        return self._read(path, sha256)

    def write_table(self, path: str, table: pa.Table) -> Stored:
        """Keep typed rows as Parquet."""
        import pyarrow.parquet as pq  # noqa: PLC0415 - heavy, and not needed to fetch

        buffer = io.BytesIO()
        # whoever reads a part of it, as a notebook's SQL does, cannot hold the whole against its sha256
        pq.write_table(table, buffer, compression="zstd", compression_level=1, write_page_checksum=True)
        sha256 = hashlib.sha256(buffer.getbuffer()).hexdigest()
        return self._put(path, buffer, sha256, {"sha256": sha256})

    def read_table(self, path: str, sha256: str) -> pa.Table:
        """Return the rows of a Parquet object. :raises LakeError: it is gone or damaged."""
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.parquet as pq  # noqa: PLC0415

        # a thread for each column of a few rows costs more than the rows
        return pq.ParquetFile(pa.BufferReader(self._read(path, sha256))).read(use_threads=False)

    def check_writable(self) -> None:
        """Write and remove a small object. :raises LakeError: that does not work; the text says why."""
        path = f"raw/.writable-{uuid.uuid4().hex}"
        self._objects.create(path, io.BytesIO(b"x"), {})
        self._objects.delete([path])

    def check_exclusive(self) -> bool:
        """Return whether the store refuses to create an object where one is. :raises LakeError: it fails."""
        path = f"raw/.exclusive-{uuid.uuid4().hex}"
        try:
            first = self._objects.create(path, io.BytesIO(b"1"), {})
            second = self._objects.create(path, io.BytesIO(b"2"), {})
            return first and not second and b"".join(self._objects.chunks(path)) == b"1"
        finally:
            self._objects.delete([path])

    def size(self) -> tuple[int, int]:
        """Return the number of objects and their bytes."""
        sizes = [entry.bytes for entry in self._objects.list()]
        return len(sizes), sum(sizes)

    def entries(self, prefix: str) -> Iterator[Entry]:
        """Yield every object below the folder ``prefix``. :raises LakeError: the store fails."""
        return self._objects.list(prefix)

    def unfinished(self) -> Iterator[Entry]:
        """Yield what is being written at the moment, and what writers that died left behind."""
        return self._objects.unfinished()

    def problem(self, path: str, sha256: str) -> str | None:
        """Return why an object does not hold what it should, or None if it does. Memory holds a piece at a time.

        :raises LakeError: the store fails.
        """
        try:
            found, _ = self._digest(path)
        except ObjectMissing:
            return "it is not there"
        except zstandard.ZstdError as error:
            return f"it cannot be unpacked ({error})"
        return None if found == sha256 else f"its sha256 is {found[:12]} and should be {sha256[:12]}"

    def set_aside(self, path: str) -> None:
        """Move a damaged object to ``damaged/<path>``, so that a good one can take its place."""
        with spool() as body, body:
            for chunk in self._objects.chunks(path):
                body.write(chunk)
            body.seek(0)
            self._objects.replace(f"{DAMAGED}/{path}", body, {})
        self._objects.delete([path])

    def delete(self, paths: Sequence[str]) -> None:
        """Remove objects, as far as they are there."""
        self._objects.delete(paths)

    def _put(self, path: str, body: IO[bytes], sha256: str, attributes: Mapping[str, str]) -> Stored:
        """Write an object where none is, or where the one that is there does not hold what its name says."""
        size = body.seek(0, os.SEEK_END)
        body.seek(0)
        if self._objects.create(path, body, attributes):
            return Stored(path, sha256, size)
        there = self._size_if_good(path, sha256)
        if there is None:
            body.seek(0)
            self._objects.replace(path, body, attributes)
        return Stored(path, sha256, there or size)

    def _size_if_good(self, path: str, sha256: str) -> int | None:
        """Return the size of an object if it holds what it should."""
        try:
            found, size = self._digest(path)
        except zstandard.ZstdError:
            return None
        return size if found == sha256 else None

    def _digest(self, path: str) -> tuple[str, int]:
        """Return the sha256 of what an object holds, and the object's own size."""
        digest, packed = hashlib.sha256(), _Packed(self._objects.chunks(path))
        for piece in _unpacked(path, packed):
            digest.update(piece)
        return digest.hexdigest(), packed.size

    def _read(self, path: str, sha256: str) -> bytes:
        try:
            data = b"".join(_unpacked(path, _Packed(self._objects.chunks(path))))
        except zstandard.ZstdError as error:
            raise self._damaged(path, str(error)) from error
        found = hashlib.sha256(data).hexdigest()
        if found != sha256:
            raise self._damaged(path, f"its sha256 is {found[:12]}, the catalog says {sha256[:12]}")
        return data

    def _damaged(self, path: str, what: str) -> LakeError:
        return ObjectDamaged(
            f"{self.url}/{path} is damaged ({what}): `fieldhouse verify --repair` mends it, or says how"
        )


def _open(url: str, options: Mapping[str, Any]) -> Objects:
    parts = urlsplit(url)
    if parts.username is not None:
        raise ConfigurationError("the lake's URL holds a user or a password: they belong into the lake's options")
    if parts.scheme == "file":
        return Folder(_folder(url, parts))
    if parts.scheme in {"s3", "gs", "az"} and parts.netloc:
        return Bucket(url, options)
    raise ConfigurationError(
        f"the lake's URL is {url!r}; it must be file:///folder, s3://bucket/prefix, gs://... or az://..."
    )


def _folder(url: str, parts: SplitResult) -> Path:
    path = Path(unquote(parts.path))
    if parts.netloc not in {"", "localhost"} or not path.is_absolute():
        raise ConfigurationError(f"the lake's URL is {url!r}; a folder's is file:///..., with three slashes")
    return path


class _Packed:
    """An object's chunks as a file, and how many bytes of it were read."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self.size = 0

    def read(self, _: int = -1) -> bytes:
        """Return the next chunk, empty at the end."""
        chunk = next(self._chunks, b"")
        self.size += len(chunk)
        return chunk


def _unpacked(path: str, packed: _Packed) -> Iterator[bytes]:
    """Yield what an object holds: our own compression is undone, a piece at a time.

    :raises ZstdError: it is not one whole frame, even if all that it should hold comes out.
    """
    if not path.endswith(PACKED):
        yield from iter(packed.read, b"")
        return
    frame = zstandard.ZstdDecompressor().decompressobj()
    for chunk in iter(packed.read, b""):
        for start in range(0, len(chunk), PIECE_BYTES):
            if frame.eof:
                raise zstandard.ZstdError("something follows its end")
            yield frame.decompress(chunk[start : start + PIECE_BYTES])
    if not frame.eof or frame.unused_data:
        raise zstandard.ZstdError("something follows its end" if frame.eof else "it is cut off")


def raw_path(source: str, dataset_type: str, identifier: Identifier, name: str, sha256: str) -> str:
    """Return the path of a provider file.

    Nothing that comes from the web can leave its segment: values are percent-encoded, and a long one is cut
    and completed by a part of its own sha256.
    """
    stem, extension = os.path.splitext(name)  # noqa: PTH122 - a name, not a path
    if len(extension) > LONGEST_EXTENSION:
        stem, extension = name, ""
    file = f"{_segment(stem)}.{sha256[:12]}{_segment(extension)}"
    if extension.lower() not in COMPRESSED:
        file += PACKED
    elif extension == PACKED:
        file += ".raw"  # the provider's own compression is not to be undone
    return "/".join(["raw", _segment(source), _segment(dataset_type), *_segments(identifier), file])


def table_path(source: str, table: str, identifier: Identifier, activation: int) -> str:
    """Return the path of an activation's Parquet: partitioned by the dataset's last key."""
    segments = _segments(identifier)
    dataset = "_".join(segment.partition("=")[2] for segment in segments) or table
    return "/".join(["tables", source, table, *segments[-1:], f"{_segment(dataset)}-a{activation}.parquet"])


def _segments(identifier: Identifier) -> list[str]:
    formatted = format_identifier(identifier)
    return [_segment(part) for part in formatted.split("/")] if formatted else []


def _segment(text: str) -> str:
    safe = unicodedata.normalize("NFC", text).encode("utf-8", "replace").decode()
    safe = re.sub(r"[\x00-\x1f\x7f/\\]", lambda found: f"%{ord(found[0]):02X}", safe)
    if safe.strip(".") == "":
        safe = safe.replace(".", "%2E")
    if len(safe.encode()) <= LONGEST_SEGMENT:
        return safe
    digest = hashlib.sha256(safe.encode()).hexdigest()[:12]
    return f"{safe.encode()[: LONGEST_SEGMENT - 13].decode(errors='ignore')}~{digest}"
