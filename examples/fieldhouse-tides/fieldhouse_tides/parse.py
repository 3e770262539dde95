"""Levels as rows. Not imported with the declaration: a Dag file imports that one, and pyarrow is heavy."""

from __future__ import annotations

import csv
from datetime import UTC, datetime

import pyarrow as pa

from fieldhouse.errors import PageChanged
from fieldhouse.source import Files, Identifier, Rows
from fieldhouse_tides import FILE

HEADER = ["measured_at", "height_m"]
SCHEMA = pa.schema([("gauge", pa.string()), ("measured_at", pa.timestamp("us", tz="UTC")), ("height_m", pa.float64())])


def parse(_: str, identifier: Identifier, files: Files) -> Rows:
    """Read one month. ``measured_at`` is ISO 8601 in UTC; an empty height is a gauge that fell dry.

    :raises PageChanged: the file is no longer what it was.
    """
    header, *lines = csv.reader(files[FILE].decode("utf-8-sig").splitlines())
    if header != HEADER:
        raise PageChanged(f"{FILE} has the columns {header}, expected {HEADER}: has the office changed its format?")
    rows = [
        {
            "gauge": identifier["gauge"],
            "measured_at": datetime.fromisoformat(moment).replace(tzinfo=UTC),
            "height_m": float(height) if height else None,
        }
        for moment, height in lines
    ]
    return {"level": pa.Table.from_pylist(rows, SCHEMA)}
