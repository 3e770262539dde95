"""The columns of a page's table that no column of ours takes."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence

import pyarrow as pa

from fieldhouse.sources.basketball_reference.page import Grid

UNKNOWN_COLUMNS = b"fieldhouse.unknown_columns"


def find_columns(grid: Grid, wanted: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return {our name: the page's ``data-stat``} of columns, each by the first of its spellings that is there.

    :raises PageChanged: one is not there.
    """
    stats = set(grid.stats)
    found = {name: next((stat for stat in spellings if stat in stats), "") for name, spellings in wanted.items()}
    if missing := [" or ".join(wanted[name]) for name, stat in found.items() if not stat]:
        expected = f"the columns {', '.join(missing)} in the table {grid.id}"
        raise grid.origin.changed(expected, f"the columns {', '.join(grid.stats)}")
    return found


def read_extras(grid: Grid, known: Collection[str]) -> tuple[list[str | None], list[str]]:
    """Return a JSON object a row of what is in other columns than the known ones, and the names of those columns."""
    unknown = [stat for stat in grid.stats if stat and stat not in known]
    columns = [grid.texts(stat) for stat in unknown]
    kept = [{stat: text for stat, text in zip(unknown, row, strict=True) if text} for row in zip(*columns, strict=True)]
    texts = [json.dumps(row, ensure_ascii=False) if row else None for row in kept]
    return texts or [None] * len(grid), unknown


def named(table: pa.Table, unknown: Sequence[str]) -> pa.Table:
    """Return the table with the names of unknown columns in its schema's metadata."""
    return table.replace_schema_metadata({UNKNOWN_COLUMNS: json.dumps(list(unknown))})
