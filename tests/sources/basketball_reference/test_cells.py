"""Cells to values: NULL is an empty cell and nothing else."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from fieldhouse.errors import PageChanged
from fieldhouse.sources.basketball_reference.cells import (
    read_dollars,
    read_integers,
    read_numbers,
    read_seconds,
    read_texts,
)
from fieldhouse.sources.basketball_reference.page import Grid, Origin

ORIGIN = Origin("contracts", {}, "contracts.html", "https://example.org/contracts/players.html")


def column(*texts: str) -> Grid:
    rows = "".join(f'<tr><td data-stat="x">{text}</td></tr>' for text in texts)
    return Grid("t", f'<table id="t"><tbody>{rows}</tbody></table>'.encode(), ORIGIN)


@pytest.mark.parametrize(
    ("read", "texts", "values", "type_"),
    [
        (read_texts, ["a b", "", " "], ["a b", None, None], pa.string()),
        (read_integers, ["12", "", "-3", "0"], [12, None, -3, 0], pa.int16()),
        (read_integers, ["+12", "", "-3", "19,812"], [12, None, -3, 19812], pa.int16()),
        (read_numbers, [".571", "", "29.1", "-0.2", "1.000", "4"], [0.571, None, 29.1, -0.2, 1.0, 4.0], pa.float64()),
        (read_numbers, ["+3.5", "18,306.5"], [3.5, 18306.5], pa.float64()),
        (read_numbers, ["", ""], [None, None], pa.float64()),
        (read_seconds, ["39:56", "", "0:00", "60:30"], [2396, None, 0, 3630], pa.int32()),
        (read_dollars, ["$55,761,217", "", "$500"], [55761217, None, 500], pa.int64()),
    ],
)
def test_what_a_cell_says(read: Any, texts: list[str], values: list[object], type_: pa.DataType) -> None:
    found = read(column(*texts), "x")
    assert (found.to_pylist(), found.type) == (values, type_)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        *((read_integers, text) for text in ("1.5", "x", "--", "1,2", "40000", "nan", "1 2", "\u0662")),
        *((read_numbers, text) for text in ("nan", "inf", "1e", ".", "12%", "1.2.3", "-")),
        *((read_seconds, text) for text in ("39", "39:60", "39:5", "-1:00", "1:00:00")),
        *((read_dollars, text) for text in ("55", "$", "$5.5", "$1,00", "-$5")),
    ],
)
def test_what_does_not_fit_is_an_error_that_names_it(read: Any, text: str) -> None:
    with pytest.raises(PageChanged, match="in x of the table t") as caught:
        read(column("", text), "x")
    assert text in str(caught.value)


def test_the_row_is_counted_from_one() -> None:
    with pytest.raises(PageChanged, match="found 'x' in row 3"):
        read_integers(column("1", "", "x"), "x")


def test_a_larger_type_holds_more() -> None:
    assert read_integers(column("632,608"), "x", pa.int32()).to_pylist() == [632608]
