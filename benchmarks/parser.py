"""The parser beside pandas.read_csv of the same files."""

from __future__ import annotations

import io
import time
from collections.abc import Callable

import pandas as pd

from benchmarks.figures import Figures, median_ratio, number, spread
from benchmarks.recorded import RecordedFile, files

ROUNDS = 3


def bench() -> list[Figures]:
    """Measure both on all files, in turns."""
    contents = [(file, file.path.read_bytes()) for file in files()]
    ours: list[float] = []
    pandas: list[float] = []
    for _ in range(ROUNDS):
        parsed, seconds = _timed(_parse, contents)
        ours.append(seconds)
        _, seconds = _timed(_read_csv, contents)
        pandas.append(seconds)
    lines = sum(data.count(b"\n") for _, data in contents)
    megabytes = sum(len(data) for _, data in contents) / 1e6
    return [
        Figures(
            title="parser: every recorded file in one process",
            header=("reader", "seconds", "ms a file", "MB a second", "rows", "rows a second"),
            rows=[
                _row("fieldhouse, typed long rows", ours, len(contents), megabytes, parsed),
                _row("pandas.read_csv, wide frames", pandas, len(contents), megabytes, lines),
            ],
            given=(
                f"{len(contents)} files of {number(megabytes)} MB, read beforehand; {ROUNDS} rounds in turns. Ours "
                f"gives {parsed:,} rows, a row for each price; pandas a row for each match. "
                f"Ours takes {number(median_ratio(ours, pandas))} times as long."
            ),
        )
    ]


def _row(name: str, seconds: list[float], count: int, megabytes: float, rows: int) -> tuple[str, ...]:
    return (
        name,
        spread(seconds),
        spread(s / count * 1000 for s in seconds),
        spread(megabytes / s for s in seconds),
        f"{rows:,}",
        spread(rows / s for s in seconds),
    )


def _timed(read: Callable[[RecordedFile, bytes], int], contents: list[tuple[RecordedFile, bytes]]) -> tuple[int, float]:
    started = time.perf_counter()
    rows = sum(read(file, data) for file, data in contents)
    return rows, time.perf_counter() - started


def _parse(file: RecordedFile, data: bytes) -> int:
    return sum(table.num_rows for table in file.parse(data).values())


def _read_csv(_: RecordedFile, data: bytes) -> int:
    try:
        data.decode("utf-8")
        encoding = "utf-8-sig"
    except UnicodeDecodeError:
        encoding = "cp1252"
    return len(pd.read_csv(io.BytesIO(data), encoding=encoding, on_bad_lines="skip", low_memory=False))
