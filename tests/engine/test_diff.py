"""Two tables compared: every kind of value, and 100,000 rows."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from fieldhouse.engine.diff import diff_tables, same_rows

NAN = float("nan")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def table(*rows: dict[str, Any], **types: pa.DataType) -> pa.Table:
    found = pa.Table.from_pylist(list(rows))
    for name, type_ in types.items():
        found = found.set_column(found.column_names.index(name), name, found[name].cast(type_))
    return found


def test_rows_come_go_and_change() -> None:
    old = table({"a": 1, "b": "x", "v": 5}, {"a": 1, "b": "y", "v": 6}, {"a": 2, "b": "x", "v": 7})
    new = table({"a": 2, "b": "x", "v": 8}, {"a": 1, "b": "x", "v": 5}, {"a": 3, "b": "z", "v": 9})
    found = diff_tables(["a", "b"], old, new)
    assert found.as_json() == {
        "added": [{"a": 3, "b": "z", "v": 9}],
        "removed": [{"a": 1, "b": "y", "v": 6}],
        "changed": [{"key": {"a": 2, "b": "x"}, "fields": {"v": (7, 8)}}],
    }
    assert found.counts == {"added": 1, "removed": 1, "changed": 1}


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        pytest.param(None, None, None, id="both empty"),
        pytest.param(None, 0, {"v": (None, 0)}, id="filled"),
        pytest.param(0, None, {"v": (0, None)}, id="emptied"),
        pytest.param("", None, {"v": ("", None)}, id="an empty text is no NULL"),
        pytest.param(1.5, 1.5, None, id="float"),
        pytest.param(0.1 + 0.2, 0.3, {"v": (0.1 + 0.2, 0.3)}, id="floats are told apart to the last bit"),
        pytest.param(NAN, NAN, None, id="NaN is NaN"),
        pytest.param(NAN, None, "any", id="NaN is not NULL"),
        pytest.param(NAN, 1.0, "any", id="NaN is no number"),
        pytest.param(Decimal("1.50"), Decimal("1.5"), None, id="decimals"),
        pytest.param(NOON, NOON, None, id="timestamp"),
        pytest.param(NOON, NOON.replace(microsecond=1), "any", id="a microsecond"),
        pytest.param(True, False, {"v": (True, False)}, id="boolean"),
        pytest.param('{"a": 1, "b": 2}', '{"b":2,"a":1}', None, id="the same JSON"),
        pytest.param('{"a": 1, "b": 2}', '{"b": 3, "c": null}', {"v.a": (1, None), "v.b": (2, 3), "v.c": (None, None)}),
        pytest.param('{"a": 1}', None, {"v": ('{"a": 1}', None)}, id="JSON and NULL"),
        pytest.param("{a", "{b", {"v": ("{a", "{b")}, id="no JSON"),
    ],
)
def test_values(old: Any, new: Any, changed: Any) -> None:
    found = diff_tables(["k"], table({"k": 1, "v": old}), table({"k": 1, "v": new}))
    if changed == "any":
        assert len(found.changed) == 1
    else:
        assert [row.fields for row in found.changed] == ([changed] if changed else [])


def test_types_that_differ() -> None:
    plain, packed = table({"k": "a", "v": "x"}), table({"k": "a", "v": "x"}, v=pa.dictionary(pa.int32(), pa.string()))
    assert same_rows(["k"], plain, packed)
    assert same_rows(["k"], table({"k": 1, "v": 5}, v=pa.int16()), table({"k": 1, "v": 5}))
    seconds, millis = table({"k": 1, "v": 5}, v=pa.int32()), table({"k": 1, "v": 5}, v=pa.int32())
    seconds = seconds.set_column(1, "v", seconds["v"].cast(pa.time32("s")))
    millis = millis.set_column(1, "v", pa.chunked_array([pa.array([5000], pa.time32("ms"))]))
    assert same_rows(["k"], seconds, millis)
    assert not same_rows(["k"], table({"k": 1, "v": "x"}), table({"k": 1, "v": 5}))
    assert not same_rows(["k"], table({"k": 1}), table({"k": 1, "v": 5}))


def test_tables_without_rows() -> None:
    rows, none = table({"k": 1, "v": "x"}), pa.table({"k": [], "v": []})
    assert diff_tables(["k"], none, rows).counts == {"added": 1, "removed": 0, "changed": 0}
    assert diff_tables(["k"], rows, none).counts == {"added": 0, "removed": 1, "changed": 0}
    assert same_rows(["k"], none, none)


def test_observations_are_compared_whatever_their_time() -> None:
    old, new = ({"observed_at": NOON.replace(hour=hour), "n": 1, "v": hour // 12} for hour in (12, 13))
    assert diff_tables(["n"], table(old), table(new)).counts == {"added": 0, "removed": 0, "changed": 0}


def test_a_hundred_thousand_rows_in_seconds() -> None:
    rows = 100_000
    numbers = pa.array(range(rows))
    keys = {"a": [f"match {n % 1000}" for n in range(rows)], "b": numbers}
    values = {f"v{n}": numbers for n in range(30)}
    old = pa.table({**keys, **values})
    new = pa.table({**keys, **values, "v7": pa.array(n + (n % 100 == 0) for n in range(rows))})
    started = time.monotonic()
    found = diff_tables(["a", "b"], old, new)
    seconds = time.monotonic() - started
    print(f"{rows:,} rows x 32 columns, 1 % changed: {seconds:.2f} s")
    assert found.counts == {"added": 0, "removed": 0, "changed": 1000}
    assert seconds < 5
