"""Text cells to typed columns. A cell that cannot be read becomes NULL and is named, never dropped silently."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from fieldhouse.sources.football_data.seasons import full_year

NUMBER = r"^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)$"
T = TypeVar("T")


@dataclass(frozen=True)
class Unreadable:
    """A filled cell that is not ``expected``: its column's position and the sheet's row."""

    position: int
    row: int
    expected: str


def read_numbers(cells: Sequence[str]) -> tuple[pa.Array, list[int]]:
    """Return the cells as doubles, empty ones as NULL, and the indexes of those that are no number."""
    texts = pc.utf8_trim_whitespace(pa.array(cells, pa.string()))
    texts = pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
    try:
        numbers = texts.cast(pa.float64())
    except pa.ArrowInvalid:
        return _read_some_numbers(texts)
    # Arrow reads "nan" and "inf" as numbers
    if pc.all(pc.is_finite(numbers)).as_py() is False:
        return _read_some_numbers(texts)
    return numbers, []


def _read_some_numbers(texts: pa.Array) -> tuple[pa.Array, list[int]]:
    good = pc.fill_null(pc.match_substring_regex(texts, NUMBER), True)
    numbers = pc.if_else(good, texts, pa.scalar(None, pa.string())).cast(pa.float64())
    good = pc.and_(good, pc.fill_null(pc.is_finite(numbers), True))
    numbers = pc.if_else(good, numbers, pa.scalar(None, pa.float64()))
    return numbers, pc.indices_nonzero(pc.invert(good)).to_pylist()


def read_integers(cells: Sequence[str], limit: int) -> tuple[pa.Array, list[int]]:
    """Return the cells as integers, empty ones as NULL, and the indexes of those that are none within ``limit``.

    A spreadsheet's ``2.0`` is the integer 2.
    """
    numbers, bad = read_numbers(cells)
    good = pc.and_(pc.equal(pc.floor(numbers), numbers), pc.less_equal(pc.abs(numbers), limit))
    good = pc.fill_null(good, True)
    integers = pc.if_else(good, numbers, pa.scalar(None, pa.float64())).cast(pa.int32())
    return integers, sorted({*bad, *pc.indices_nonzero(pc.invert(good)).to_pylist()})


def read_lines(cells: Sequence[str]) -> tuple[pa.Array, list[int]]:
    """Return handicap sizes as floats, which hold their quarters exactly, and the indexes of those that are none.

    A quarter is also written as ``-1 1/4`` (2004/05) or as its two halves, ``-1,-1.5`` (2009/10).
    """
    numbers, bad = read_numbers(cells)
    readable = {n: size for n in bad if (size := _read_written_line(cells[n].strip())) is not None}
    if readable:
        values = numbers.to_pylist()
        numbers = pa.array([readable.get(n, value) for n, value in enumerate(values)], pa.float64())
    return numbers.cast(pa.float32(), safe=False), [n for n in bad if n not in readable]


def _read_written_line(text: str) -> float | None:
    if mixed := re.fullmatch(r"([+-]?)([0-9]{1,2}) ([1-3])/([24])", text):
        size = int(mixed[2]) + int(mixed[3]) / int(mixed[4])
        return -size if mixed[1] == "-" else size
    if halves := re.fullmatch(r"([+-]?[0-9]{1,2}(?:\.5)?) ?, ?([+-]?[0-9]{1,2}(?:\.5)?)", text):
        return (float(halves[1]) + float(halves[2])) / 2
    return None


def read_each(texts: Sequence[str], read: Callable[[str], T | None]) -> tuple[list[T | None], list[int]]:
    """Return each text read by ``read``, which is asked once per different text, and the indexes that it refuses."""
    known = {text: read(text) for text in set(texts) if text}
    values = [known.get(text) for text in texts]
    return values, [n for n, (text, value) in enumerate(zip(texts, values, strict=True)) if text and value is None]


def read_time(text: str) -> time | None:
    """Return a time of day, ``HH:MM`` with or without seconds."""
    parts = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?", text)
    if not parts:
        return None
    hour, minute, second = (int(part or 0) for part in parts.groups())
    return time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def read_result(text: str) -> str | None:
    """Return H, D or A."""
    return text if text in {"H", "D", "A"} else None


@lru_cache(maxsize=2**14)
def read_date(text: str, earliest: date, latest: date) -> date | None:
    """Return the one date between two others that ``text`` can mean: dd/mm/yy, dd/mm/yyyy or a spreadsheet's form.

    A spreadsheet that took 14/08/04 for the year 2014 saved it as 2014/8/4: year and day changed places, which
    can be undone where the season is known.
    """
    readings = {day for day in _readings(text) if day and earliest <= day <= latest}
    return readings.pop() if len(readings) == 1 else None


def _readings(text: str) -> list[date | None]:
    if british := re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}|[0-9]{2})", text):
        day, month, year = (int(part) for part in british.groups())
        return [_date(year if len(british[3]) == 4 else full_year(year), month, day)]
    if resaved := re.fullmatch(r"([0-9]{4})[/-]([0-9]{1,2})[/-]([0-9]{1,2})", text):
        year, month, day = (int(part) for part in resaved.groups())
        return [_date(year, month, day), _date(full_year(day), month, year % 100)]
    return []


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
