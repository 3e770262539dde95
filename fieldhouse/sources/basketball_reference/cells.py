"""A column of a page's table to typed values. An empty cell is NULL; one that does not fit is an error, never NULL."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from fieldhouse.errors import PageChanged
from fieldhouse.sources.basketball_reference.page import Grid, shown

_WHOLE = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)")
_NUMBER = re.compile(r"[+-]?(?:(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]*)?|\.[0-9]+)")
_CLOCK = re.compile(r"([0-9]+):([0-5][0-9])")
_MONEY = re.compile(r"\$[0-9]+|\$[0-9]{1,3}(?:,[0-9]{3})+")


def read_texts(grid: Grid, stat: str) -> pa.Array:
    """Return what a column shows, empty cells as NULL."""
    return _without_empty(grid.texts(stat))


def read_integers(grid: Grid, stat: str, type_: pa.DataType | None = None) -> pa.Array:
    """Return whole numbers, also signed (+7) or with thousands (19,812).

    :param type_: an integer type; ``int16`` if not given.
    :raises PageChanged: a cell is none, or too large for the type.
    """
    return _cast(grid, stat, type_ or pa.int16(), _WHOLE, "a whole number")


def read_numbers(grid: Grid, stat: str) -> pa.Array:
    """Return decimal numbers (.571, 29.1, -0.2, +3.5) as doubles.

    :raises PageChanged: a cell is none.
    """
    return _cast(grid, stat, pa.float64(), _NUMBER, "a number")


def read_seconds(grid: Grid, stat: str) -> pa.Array:
    """Return minutes and seconds (39:56) as seconds, ``int32``.

    :raises PageChanged: a cell is none.
    """
    return _read(grid, stat, _seconds, "minutes and seconds", pa.int32())


def read_dollars(grid: Grid, stat: str) -> pa.Array:
    """Return money ($55,761,217) as whole dollars, ``int64``.

    :raises PageChanged: a cell is none.
    """
    return _read(grid, stat, _dollars, "dollars", pa.int64())


def refuse(grid: Grid, stat: str, row: int, expected: str, found: str) -> PageChanged:
    """Return the error of a cell that does not fit; ``row`` counts from 0."""
    return grid.origin.changed(f"{expected} in {stat} of the table {grid.id}", f"{shown(found)} in row {row + 1}")


def _cast(grid: Grid, stat: str, type_: pa.DataType, pattern: re.Pattern[str], expected: str) -> pa.Array:
    texts = grid.texts(stat)
    try:
        values = _without_empty(texts).cast(type_)
    except pa.ArrowInvalid:
        _refuse_first(grid, stat, texts, pattern, expected)
        plain = [text.lstrip("+").replace(",", "") for text in texts]
        try:
            return _without_empty(plain).cast(type_)
        except pa.ArrowInvalid as error:
            raise grid.origin.changed(f"{expected} in {stat} of the table {grid.id}", str(error)) from None
    # Arrow reads "nan" and "inf" as numbers
    if pa.types.is_floating(type_) and pc.all(pc.is_finite(values)).as_py() is False:
        _refuse_first(grid, stat, texts, pattern, expected)
    return values


def _refuse_first(grid: Grid, stat: str, texts: Sequence[str], pattern: re.Pattern[str], expected: str) -> None:
    for row, text in enumerate(texts):
        if text and not pattern.fullmatch(text):
            raise refuse(grid, stat, row, expected, text)


def _read(grid: Grid, stat: str, read: Callable[[str], int | None], expected: str, type_: pa.DataType) -> pa.Array:
    values = []
    for row, text in enumerate(grid.texts(stat)):
        value = read(text) if text else None
        if text and value is None:
            raise refuse(grid, stat, row, expected, text)
        values.append(value)
    return pa.array(values, type_)


def _seconds(text: str) -> int | None:
    found = _CLOCK.fullmatch(text)
    return 60 * int(found[1]) + int(found[2]) if found else None


def _dollars(text: str) -> int | None:
    return int(text[1:].replace(",", "")) if _MONEY.fullmatch(text) else None


def _without_empty(texts: Sequence[str]) -> pa.Array:
    return pa.array([text or None for text in texts] if "" in texts else texts, pa.string())
