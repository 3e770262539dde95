"""Provider bytes to what :mod:`fieldhouse.sources.statsbomb.shapes` says, and the sentence when they are not that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from fieldhouse.errors import PageChanged
from fieldhouse.source import Identifier, format_identifier

T = TypeVar("T")
V = TypeVar("V")
SHOWN = 60
UUID = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
WHAT_TO_DO = "compare it with the provider's file, then fetch it again or teach the parser its new format"


@dataclass(frozen=True)
class Origin:
    """Where bytes come from, in words."""

    dataset_type: str
    identifier: Identifier
    file: str

    def __str__(self) -> str:
        identifier = format_identifier(self.identifier)
        return f"{self.file} of statsbomb/{self.dataset_type}{' ' if identifier else ''}{identifier}"

    def changed(self, expected: str, found: str) -> PageChanged:
        """Return the error of bytes that do not mean what they should; its text begins with the file's name."""
        return PageChanged(f"{self}: expected {expected}, found {found}; {WHAT_TO_DO}")


@dataclass(frozen=True)
class Document:
    """A JSON file without the blanks between its words, which are a third of it."""

    origin: Origin
    data: bytes

    def read(self, shape: Any) -> Any:
        """Return the file as ``shape``. :raises PageChanged: it has another one."""
        return self.read_part(self.data, shape)

    def read_part(self, data: bytes | msgspec.Raw, shape: Any) -> Any:
        """Return a part of the file as ``shape``. :raises PageChanged: it has another one."""
        try:
            return _decoder(shape).decode(data)
        except msgspec.ValidationError as error:
            raise self.origin.changed("the format that the parser knows", shown(str(error))) from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self.origin.changed("JSON", shown(str(error))) from error


def read_document(origin: Origin, data: bytes) -> Document:
    """Return a file as a document.

    :raises PageChanged: it is not whole, is no JSON in UTF-8, or has NUL characters, which no database takes.
    """
    if (place := data.find(b"\0")) >= 0:
        raise origin.changed("JSON", f"a NUL byte at byte {place:,} of {len(data):,}")
    if b"\\u0000" in data:
        raise origin.changed("JSON without NUL characters", "\\u0000 in a text")
    try:
        data.decode()
        return Document(origin, msgspec.json.format(data, indent=-1))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        start = data[:SHOWN].decode(errors="replace")
        raise origin.changed("JSON", f"{error} in {len(data):,} bytes that start {start!r}") from error


@lru_cache
def _decoder(shape: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(shape)


def shown(text: str) -> str:
    """Return a text of the provider's, short enough for a sentence."""
    return text if len(text) <= 3 * SHOWN else f"{text[: 3 * SHOWN]}..."


def text_of(raw: msgspec.Raw) -> str | None:
    """Return JSON as it was written, None for what is absent or null."""
    text = bytes(raw).decode()
    return None if text == "null" else text


@lru_cache
def known_members(shape: Any) -> frozenset[str]:
    """Return the names of a shape's members in the file."""
    return frozenset(field.encode_name for field in msgspec.structs.fields(shape))


def extra_of(members: Mapping[str, msgspec.Raw], shape: Any) -> str | None:
    """Return the members that ``shape`` does not name, as JSON; None if there are none."""
    extra = {name: raw for name, raw in members.items() if name not in known_members(shape)}
    return msgspec.json.encode(extra).decode() if extra else None


@contextmanager
def fitting(origin: Origin) -> Iterator[None]:
    """Raise :class:`PageChanged` for a number that its column cannot hold, or a text that is no date or time."""
    try:
        yield
    except (pa.ArrowInvalid, OverflowError, ValueError) as error:
        raise origin.changed("numbers, dates and times that fit their columns", shown(str(error))) from error


def parsed(text: str | None, read: Callable[[str], V]) -> V | None:
    """Return what ``read`` makes of a text, None for none."""
    return read(text) if text else None


def refuse_doubles(origin: Origin, what: str, keys: Sequence[object]) -> None:
    """Raise :class:`PageChanged` if a key is there twice."""
    if len(set(keys)) < len(keys):
        seen: set[object] = set()
        double = next(key for key in keys if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise origin.changed(f"each {what} once", f"{shown(str(double))} twice")


def uuids(origin: Origin, values: Iterable[str | None]) -> pa.Array:
    """Return texts as a column for a uuid. :raises PageChanged: one of them is none."""
    column = pa.array(values, pa.string())
    good = pc.match_substring_regex(column, UUID)
    if pc.any(pc.invert(good)).as_py():
        bad = column.filter(pc.invert(good))[0].as_py()
        raise origin.changed("a uuid", shown(repr(bad)))
    return column
