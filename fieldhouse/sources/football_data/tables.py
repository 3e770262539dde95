"""A sheet of known matches to typed tables; what no column takes goes to ``extra``."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fieldhouse.errors import PageChanged
from fieldhouse.sources.football_data.cells import Unreadable, read_each, read_integers, read_result, read_time
from fieldhouse.sources.football_data.columns import (
    COUNTS,
    GOALS,
    LARGE_COUNTS,
    OFFER,
    RESULTS,
    TEXTS,
    TIMES,
    Layout,
    column_name,
    is_nameless,
)
from fieldhouse.sources.football_data.odds import orphan_lines, unpivot
from fieldhouse.sources.football_data.sheet import Sheet, shown

# A slip of the keyboard now and then is kept beside its match; more of them in a column mean that it changed
TOLERATED = 2
SMALL, LARGE = 2**15 - 1, 2**31 - 1
UNKNOWN_COLUMNS = b"fieldhouse.unknown_columns"
UNREADABLE_CELLS = b"fieldhouse.unreadable_cells"

Arrays = dict[str, pa.Array]


def build_tables(
    sheet: Sheet, layout: Layout, identity: Mapping[str, pa.Array], schema: pa.Schema, key: Sequence[str]
) -> tuple[pa.Table, pa.Table]:
    """Return the table of a sheet's matches, with the columns of ``schema``, and that of their odds.

    :param identity: the columns that say which matches these are, a value for each row of the sheet.
    :param key: those of them that the odds name their match by.
    :raises PageChanged: a score cannot be read, or more of any other column than a slip of the keyboard.
    """
    typed, unreadable = _typed_columns(sheet, layout)
    prices, row, bad_prices = unpivot(sheet, layout.odds)
    unreadable = [*unreadable, *bad_prices]
    _refuse_changed_columns(sheet, unreadable)
    extra, unknown = _extra(sheet, layout, unreadable)
    metadata = {
        UNKNOWN_COLUMNS: json.dumps(unknown),
        UNREADABLE_CELLS: json.dumps([_described(sheet, cell) for cell in unreadable]),
    }
    matches = _table({**identity, **typed, "extra": extra}, schema, len(sheet.rows))
    keys = [(schema.field(name), identity[name].take(row)) for name in key]
    offers = pa.schema([*(field for field, _ in keys), *OFFER])
    return matches.replace_schema_metadata(metadata), pa.Table.from_arrays(
        [*(values for _, values in keys), *prices.columns], schema=offers
    )


def clean_texts(texts: Sequence[str]) -> pa.Array:
    """Return texts with single blanks, empty ones as NULL."""
    known = {text: " ".join(text.split()) or None for text in set(texts)}
    return pa.array([known[text] for text in texts], pa.string())


def _table(arrays: Mapping[str, pa.Array], schema: pa.Schema, height: int) -> pa.Table:
    return pa.Table.from_arrays(
        [arrays[field.name] if field.name in arrays else pa.nulls(height, field.type) for field in schema],
        schema=schema,
    )


def _typed_columns(sheet: Sheet, layout: Layout) -> tuple[Arrays, list[Unreadable]]:
    rest = {name: column for name, column in COUNTS.items() if name not in GOALS}
    parts = (
        _counts(sheet, _present(rest, layout), SMALL, pa.int16()),
        _counts(sheet, _present(LARGE_COUNTS, layout), LARGE, pa.int32()),
        _readings(sheet, _present(TIMES, layout), read_time, pa.time32("s"), "a time as HH:MM"),
        _readings(sheet, _present(RESULTS, layout), read_result, pa.string(), "H, D or A"),
    )
    arrays = _goals(sheet, _present(GOALS, layout))
    arrays |= {name: clean_texts(sheet.texts(position)) for name, position in _present(TEXTS, layout).items()}
    for read, _ in parts:
        arrays |= read
    return arrays, [cell for _, bad in parts for cell in bad]


def _present(names: Mapping[str, str], layout: Layout) -> dict[str, int]:
    return {column: layout.positions[name] for name, column in names.items() if name in layout.positions}


def _counts(
    sheet: Sheet, positions: Mapping[str, int], limit: int, type_: pa.DataType
) -> tuple[Arrays, list[Unreadable]]:
    # All columns are read as one: hundreds of short columns cost more in calls than in work
    height = len(sheet.rows)
    cells = list(chain.from_iterable(sheet.columns[position] for position in positions.values()))
    numbers, bad = read_integers(cells, limit)
    arrays = {name: numbers.slice(n * height, height).cast(type_) for n, name in enumerate(positions)}
    places = list(positions.values())
    return arrays, [Unreadable(places[n // height], n % height, "a whole number") for n in bad]


def _readings(
    sheet: Sheet, positions: Mapping[str, int], read: Callable[[str], Any], type_: pa.DataType, expected: str
) -> tuple[Arrays, list[Unreadable]]:
    arrays, unreadable = {}, []
    for name, position in positions.items():
        values, bad = read_each(sheet.texts(position), read)
        arrays[name] = pa.array(values, type_)
        unreadable += [Unreadable(position, row, expected) for row in bad]
    return arrays, unreadable


def _goals(sheet: Sheet, positions: Mapping[str, int]) -> Arrays:
    arrays, bad = _counts(sheet, positions, SMALL, pa.int16())
    if not arrays:
        return arrays
    home, away = arrays["home_goals"], arrays["away_goals"]
    half = pc.not_equal(pc.is_valid(home), pc.is_valid(away))
    negative = pc.fill_null(pc.less(pc.min_element_wise(home, away), 0), False)
    wrong = [cell.row for cell in bad] + pc.indices_nonzero(pc.or_(half, negative)).to_pylist()
    if wrong:
        raise _not_a_score(sheet, min(wrong, key=lambda row: sheet.lines[row]), positions)
    return arrays


def _not_a_score(sheet: Sheet, row: int, positions: Mapping[str, int]) -> PageChanged:
    names = " and ".join(sheet.header[position] for position in positions.values())
    found = " and ".join(shown(sheet.columns[position][row]) for position in positions.values())
    return sheet.origin.changed(f"the goals of both teams or of none in {names}", found, sheet.lines[row])


def _refuse_changed_columns(sheet: Sheet, unreadable: Sequence[Unreadable]) -> None:
    by_column: dict[int, list[Unreadable]] = defaultdict(list)
    for cell in unreadable:
        by_column[cell.position].append(cell)
    for position, cells in by_column.items():
        if len(cells) > TOLERATED:
            first = min(cells, key=lambda cell: sheet.lines[cell.row])
            found = f"{shown(sheet.columns[position][first.row])} and {len(cells) - 1} more cells that are none"
            expected = f"{first.expected} in the column {sheet.header[position]}"
            raise sheet.origin.changed(expected, found, sheet.lines[first.row])


def _extra(sheet: Sheet, layout: Layout, unreadable: Sequence[Unreadable]) -> tuple[pa.Array, list[str]]:
    """Return the cells that no column takes, as a JSON object a row, and the names of the columns they are in."""
    leftover = set(_leftover_cells(sheet, layout))
    cells = leftover | {(cell.position, cell.row) for cell in unreadable} | set(orphan_lines(sheet, layout.odds))
    kept: dict[int, dict[str, str]] = defaultdict(dict)
    for position, row in sorted(cells):
        kept[row][_name(sheet, layout, position)] = sheet.columns[position][row].strip()
    named = {position for position in layout.leftovers if not is_nameless(sheet.header[position])}
    unknown = [_name(sheet, layout, position) for position in sorted(named | {position for position, _ in leftover})]
    texts = [json.dumps(kept[row], ensure_ascii=False) if row in kept else None for row in range(len(sheet.rows))]
    return pa.array(texts, pa.string()), unknown


def _leftover_cells(sheet: Sheet, layout: Layout) -> Iterator[tuple[int, int]]:
    for position in (*layout.leftovers, *range(len(sheet.header), len(sheet.columns))):
        column = sheet.columns[position]
        if any(column):
            yield from ((position, row) for row, cell in enumerate(column) if cell.strip())


def _name(sheet: Sheet, layout: Layout, position: int) -> str:
    if position < len(sheet.header):
        return layout.leftovers.get(position, sheet.header[position])
    return column_name(position)


def _described(sheet: Sheet, cell: Unreadable) -> str:
    value = shown(sheet.columns[cell.position][cell.row])
    return f"{sheet.header[cell.position]} on line {sheet.lines[cell.row]}: {value} is not {cell.expected}"
