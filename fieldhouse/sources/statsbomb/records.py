"""A match's own record in a season's listing: its bytes, without what it says of other files."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from json import JSONDecoder

DECODER = JSONDecoder()
SPACE = re.compile(r"[ \t\r\n]*")


def without_members(record: str, names: Collection[str]) -> str:
    """Return a JSON object without some of its own members, all else as it is written.

    :param record: the text of one JSON object, from brace to brace.
    :raises json.JSONDecodeError: it is none.
    """
    members = list(_members(record))
    if not members:
        return record
    kept, end = "", 0
    for name, start, stop in members:
        if name not in names:
            # with the comma before it, unless it is now the first
            kept += record[end if kept else start : stop]
        end = stop
    return record[: members[0][1]] + kept + record[end:]


def _members(record: str) -> Iterator[tuple[str, int, int]]:
    """Yield the name of each member of an object, and from where to where it is written."""
    place = _after_space(record, 1)
    while record[place : place + 1] == '"':
        start = place
        name, place = DECODER.raw_decode(record, start)
        place = _expected(record, place, ":")
        _, stop = DECODER.raw_decode(record, place)
        yield name, start, stop
        place = _after_space(record, stop)
        if record[place : place + 1] == ",":
            place = _after_space(record, place + 1)
    _expected(record, place, "}")


def _expected(record: str, place: int, sign: str) -> int:
    place = _after_space(record, place)
    if record[place : place + 1] != sign:
        raise json.JSONDecodeError(f"expected {sign!r}", record, place)
    return _after_space(record, place + 1)


def _after_space(record: str, place: int) -> int:
    found = SPACE.match(record, place)
    return found.end() if found else place
