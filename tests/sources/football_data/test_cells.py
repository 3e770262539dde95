from __future__ import annotations

from datetime import date

import pytest

from fieldhouse.sources.football_data.cells import (
    read_date,
    read_each,
    read_integers,
    read_lines,
    read_numbers,
    read_time,
)

SPAN = date(2004, 7, 1), date(2005, 6, 30)


@pytest.mark.parametrize(
    ("cells", "numbers", "bad"),
    [
        (["1.5", "", " ", "3", "-.25", "+2.", "4.333"], [1.5, None, None, 3, -0.25, 2, 4.333], []),
        (["1.5", "x", "", "nan", "inf", "1,5", "1e999", "0x1"], [1.5, *[None] * 7], [1, 3, 4, 5, 6, 7]),
        (["nan"], [None], [0]),
        ([], [], []),
    ],
)
def test_numbers(cells: list[str], numbers: list[float | None], bad: list[int]) -> None:
    values, refused = read_numbers(cells)
    assert (values.to_pylist(), refused) == (numbers, bad)


def test_integers() -> None:
    values, refused = read_integers(["2", "2.0", "", "1.2", "40000", "-1", "x"], limit=32767)
    assert values.to_pylist() == [2, 2, None, None, None, -1, None]
    assert refused == [3, 4, 6]


def test_handicaps_in_every_writing() -> None:
    values, refused = read_lines(["-0.25", "-1 1/4", "-1,-1.5", "0,0.5", "1 1/2", "", "half"])
    assert values.to_pylist() == [-0.25, -1.25, -1.25, 0.25, 1.5, None, None]
    assert refused == [6]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("14/08/04", date(2004, 8, 14)),
        ("14/08/2004", date(2004, 8, 14)),
        ("2014/8/4", date(2004, 8, 14)),
        ("2004-08-14", date(2004, 8, 14)),
        ("14/08/05", None),
        ("8/14/04", None),
        ("31/09/04", None),
        ("2014/9/31", None),
        ("14.08.04", None),
        ("", None),
    ],
)
def test_dates_of_2004(text: str, day: date | None) -> None:
    assert read_date(text, *SPAN) == day


@pytest.mark.parametrize(
    ("text", "year"), [("15/08/93", 1993), ("15/08/99", 1999), ("15/08/00", 2000), ("15/08/92", 2092)]
)
def test_two_digits_of_a_year(text: str, year: int) -> None:
    assert read_date(text, date(1900, 1, 1), date(2100, 1, 1)) == date(year, 8, 15)


@pytest.mark.parametrize(
    ("text", "said"), [("9:30", "09:30:00"), ("19:45:10", "19:45:10"), ("24:00", None), ("7pm", None)]
)
def test_times(text: str, said: str | None) -> None:
    value = read_time(text)
    assert (value and value.isoformat()) == said


def test_each_text_is_read_once() -> None:
    asked: list[str] = []

    def read(text: str) -> str | None:
        asked.append(text)
        return text if text == "a" else None

    assert read_each(["a", "", "b", "a"], read) == (["a", None, None, "a"], [2])
    assert sorted(asked) == ["a", "b"]
