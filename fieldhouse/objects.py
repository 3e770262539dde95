"""Where the lake's objects lie: a folder, or a bucket of S3, GCS or Azure. Each is written whole or not at all."""

from __future__ import annotations

import errno
import os
import re
import shutil
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Protocol

from fieldhouse.errors import ConfigurationError, LakeError

if TYPE_CHECKING:
    from obstore.store import ObjectStore

CHUNK_BYTES = 2**20
UNFINISHED = ".unfinished"
MISSING = "is not there, although the catalog names it: `fieldhouse verify --repair` mends it, or says how"
# Larger objects go up in parts, so that memory holds some parts and never the whole
PART_BYTES = 8 * 2**20
PARTS_AT_ONCE = 2
# The library's own bounds are ten attempts and three minutes a request
RETRIES = {"max_retries": 3, "retry_timeout": timedelta(seconds=30)}
TIMEOUTS = {"connect_timeout": timedelta(seconds=5), "timeout": timedelta(seconds=120)}


class ObjectDamaged(LakeError):
    """An object does not hold what was stored; another request does not mend it."""


class ObjectMissing(ObjectDamaged):
    """There is no object at a path."""


class Entry(NamedTuple):
    """An object as a listing shows it: path, size in bytes, and when the store took it in (aware datetime, UTC)."""

    path: str
    bytes: int
    changed_at: datetime


class Objects(Protocol):
    """A store of objects by path. Every method raises :class:`LakeError` when the store fails."""

    def create(self, path: str, body: IO[bytes], attributes: Mapping[str, str]) -> bool:
        """Write an object, unless there is one: then return False."""

    def replace(self, path: str, body: IO[bytes], attributes: Mapping[str, str]) -> None:
        """Write an object, whatever is there."""

    def chunks(self, path: str) -> Iterator[bytes]:
        """Yield the bytes of an object."""

    def delete(self, paths: Sequence[str]) -> None:
        """Remove objects, as far as they are there."""

    def list(self, prefix: str = "") -> Iterator[Entry]:
        """Yield every finished object below ``prefix``, a folder."""

    def unfinished(self) -> Iterator[Entry]:
        """Yield what writers that died left behind, as far as the store shows it."""


class Folder:
    """Objects in a local folder: written to a temporary file, synced, then renamed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def create(self, path: str, body: IO[bytes], attributes: Mapping[str, str]) -> bool:
        """Write an object, unless there is one."""
        with self._translated(path):
            if self._place(path).exists():
                return False
        self.replace(path, body, attributes)
        return True

    def replace(self, path: str, body: IO[bytes], attributes: Mapping[str, str]) -> None:  # noqa: ARG002 - no place for them
        """Write an object. A crash leaves the old one, the new one, or none, and at worst an unfinished file."""
        with self._translated(path):
            target = self._place(path)
            unfinished = self._root / UNFINISHED / uuid.uuid4().hex
            _make_folder(target.parent)
            _make_folder(unfinished.parent)
            try:
                _write(unfinished, body)
                unfinished.replace(target)
            finally:
                unfinished.unlink(missing_ok=True)
            _sync_folder(target.parent)

    def chunks(self, path: str) -> Iterator[bytes]:
        """Yield the bytes of an object."""
        with self._translated(path), self._place(path).open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk

    def delete(self, paths: Sequence[str]) -> None:
        """Remove objects, as far as they are there."""
        for path in paths:
            with self._translated(path):
                self._place(path).unlink(missing_ok=True)

    def list(self, prefix: str = "") -> Iterator[Entry]:
        """Yield every finished object below ``prefix``."""
        with self._translated(prefix):
            for folder, subfolders, names in os.walk(self._place(prefix), onerror=_complain):
                subfolders[:] = [name for name in subfolders if name != UNFINISHED]
                yield from self._entries(Path(folder, name) for name in names)

    def unfinished(self) -> Iterator[Entry]:
        """Yield the temporary files: of writers that are at it, and of those that died."""
        with self._translated(UNFINISHED), suppress(FileNotFoundError):
            yield from self._entries((self._root / UNFINISHED).iterdir())

    def _entries(self, files: Iterable[Path]) -> Iterator[Entry]:
        for file in files:
            with suppress(FileNotFoundError):  # removed meanwhile
                found = file.stat()
                changed_at = datetime.fromtimestamp(found.st_mtime, tz=UTC)
                yield Entry(file.relative_to(self._root).as_posix(), found.st_size, changed_at)

    def _place(self, path: str) -> Path:
        parts = PurePosixPath(path).parts
        if ".." in parts or path.startswith("/") or "\0" in path:
            raise LakeError(f"{path!r} is no path of an object: it leads out of the lake")
        return self._root / path

    @contextmanager
    def _translated(self, path: str) -> Iterator[None]:
        where = self._root / path
        try:
            yield
        except FileNotFoundError as error:
            raise ObjectMissing(f"{where} {MISSING}") from error
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise LakeError(
                    f"the disk of the lake is full: {where} was not written; make room and retry"
                ) from error
            reason = error.strerror or str(error)
            raise LakeError(
                f"the lake refuses {where} ({reason}): check that its folder is one, and who may write there"
            ) from error


def _complain(error: OSError) -> None:
    """Raise what os.walk would pass over. A lake that nothing was written to yet has no folder."""
    if not isinstance(error, FileNotFoundError):
        raise error


def _write(path: Path, body: IO[bytes]) -> None:
    with path.open("wb") as file:
        shutil.copyfileobj(body, file, CHUNK_BYTES)
        file.flush()
        os.fsync(file.fileno())


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, each so that it lasts."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    """Make a rename last: until its folder is synced, a crash may undo it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Bucket:
    """Objects in S3, GCS or Azure.

    :param options: what obstore's ``from_url`` takes: configuration, ``client_options``, ``credential_provider``.
    """

    def __init__(self, url: str, options: Mapping[str, Any]) -> None:
        from obstore.exceptions import BaseError  # noqa: PLC0415 - heavy, and a local lake needs none of it
        from obstore.store import from_url  # noqa: PLC0415

        self._url = url.rstrip("/")
        client_options = {**TIMEOUTS, **options.get("client_options", {})}
        try:
            self._store: ObjectStore = from_url(
                url, **{"retry_config": RETRIES, **options, "client_options": client_options}
            )
        except (BaseError, TypeError, ValueError) as error:
            raise ConfigurationError(f"the lake {url} cannot be opened: {_reason(error)}") from None

    def create(self, path: str, body: IO[bytes], attributes: Mapping[str, str]) -> bool:
        """Write an object, unless there is one.

        A store takes "only if there is none" with small objects alone; what it is asked about before a large one
        is enough, because the same path means the same bytes.
        """
        import obstore  # noqa: PLC0415
        from obstore.exceptions import AlreadyExistsError  # noqa: PLC0415

        if _size(body) > PART_BYTES:
            if self._exists(path):
                return False
            self.replace(path, body, attributes)
            return True
        with self._translated(path):
            try:
                obstore.put(self._store, path, body.read(), mode="create", attributes=_metadata(attributes))
            except AlreadyExistsError:
                return False
        return True

    def replace(self, path: str, body: IO[bytes], attributes: Mapping[str, str]) -> None:
        """Write an object; a large one in parts, of which nothing is seen before the last."""
        import obstore  # noqa: PLC0415

        with self._translated(path):
            obstore.put(
                self._store,
                path,
                body,
                attributes=_metadata(attributes),
                use_multipart=_size(body) > PART_BYTES,
                chunk_size=PART_BYTES,
                max_concurrency=PARTS_AT_ONCE,
            )

    def chunks(self, path: str) -> Iterator[bytes]:
        """Yield the bytes of an object."""
        import obstore  # noqa: PLC0415

        with self._translated(path):
            for chunk in obstore.get(self._store, path).stream(min_chunk_size=CHUNK_BYTES):
                yield bytes(chunk)

    def delete(self, paths: Sequence[str]) -> None:
        """Remove objects, as far as they are there."""
        import obstore  # noqa: PLC0415

        with self._translated(paths[0] if paths else ""):
            try:
                obstore.delete(self._store, list(paths))
            except FileNotFoundError:  # not every store takes it well that one of many is gone
                for path in paths:
                    with suppress(FileNotFoundError):
                        obstore.delete(self._store, path)

    def list(self, prefix: str = "") -> Iterator[Entry]:
        """Yield every object below ``prefix``. Uploads that were broken off are none."""
        import obstore  # noqa: PLC0415

        with self._translated(prefix):
            for page in obstore.list(self._store, prefix or None):
                for entry in page:
                    yield Entry(entry["path"], entry["size"], entry["last_modified"])

    def unfinished(self) -> Iterator[Entry]:
        """Yield nothing: uploads that were broken off are the store's to forget, by a rule of the bucket."""
        yield from ()

    def _exists(self, path: str) -> bool:
        import obstore  # noqa: PLC0415

        with self._translated(path):
            try:
                obstore.head(self._store, path)
            except FileNotFoundError:
                return False
        return True

    @contextmanager
    def _translated(self, path: str) -> Iterator[None]:
        """Turn the store's errors into one sentence. Their own text has requests in it, and those may be signed."""
        from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError  # noqa: PLC0415

        where = f"{self._url}/{path}".rstrip("/")
        try:
            yield
        except (PermissionDeniedError, UnauthenticatedError) as error:
            raise LakeError(
                f"the lake does not let us at {where}: {_reason(error)}; check the keys of the connection `lake`, and "
                "what they may do"
            ) from None
        except (FileNotFoundError, BaseError) as error:
            if "NoSuchBucket" in str(error) or "ContainerNotFound" in str(error):
                raise LakeError(f"{self._url}: there is no such bucket; make it, or correct the lake's URL") from None
            if isinstance(error, FileNotFoundError):
                raise ObjectMissing(f"{where} {MISSING}") from None
            raise LakeError(
                f"the lake fails at {where}: {_reason(error)}; check the connection `lake`, and that it can be reached"
            ) from None


def _size(body: IO[bytes]) -> int:
    size = body.seek(0, os.SEEK_END)
    body.seek(0)
    return size


def _metadata(attributes: Mapping[str, str]) -> dict[str, str]:
    """Return object metadata. It travels as HTTP headers: ASCII, one line."""
    return {
        key: " ".join(value.encode("ascii", "backslashreplace").decode().split())[:1024]
        for key, value in attributes.items()
        if value
    }


def _reason(error: Exception) -> str:
    """Return what the server says, or else the first line of the error, without the query of its request."""
    said = re.search(r"<Message>(.*?)</Message>", str(error), re.DOTALL)
    text = said[1] if said else str(error).strip().partition("\n")[0]
    return re.sub(r"\?\S*", "", text)
