"""The files of a load job, whoever loads them: needs nothing but pyarrow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from benchmarks.wide import read_wide


def read_file(file: dict[str, Any]) -> pa.Table:
    """Return the rows of a CSV file, as they are, or of a Parquet file."""
    path = Path(file["path"])
    return parquet.read_table(path) if path.suffix == ".parquet" else read_wide(path, file["identifier"])


def iter_tables(table: dict[str, Any]) -> Iterator[pa.Table]:
    """Yield the rows of each of a table's files."""
    for file in table["files"]:
        yield read_file(file)
