"""Our way into a table beside the fastest that there is: a bare COPY of the same rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import psycopg
import pyarrow as pa
from psycopg import sql

from benchmarks.figures import Claim, Figures, median_ratio, number, spread
from benchmarks.place import Place, execute
from benchmarks.recorded import files
from fieldhouse.engine.load import BATCH_DATASETS
from fieldhouse.sources.football_data import SOURCE
from fieldhouse.target import to_csv
from fieldhouse.warehouse import Counts, DatasetRows, Warehouse

ROUNDS = 2
TABLES = ("match", "match_odds")

Texts = dict[str, list[tuple[Sequence[str], memoryview]]]


def bench(place: Place) -> list[Figures]:
    """Measure a bare COPY, a first load and a reload of unchanged rows, in turns."""
    datasets = _datasets()
    texts = {name: [_text(dataset, name) for dataset in datasets] for name in TABLES}
    rows = sum(dataset.tables[name]().num_rows for dataset in datasets for name in TABLES)
    settings = place.settings()
    warehouse = Warehouse(settings.warehouse)
    copied, loaded, reloaded = [], [], []
    for _ in range(ROUNDS):
        _empty(settings.warehouse)
        copied.append(_timed(partial(_copy, settings.warehouse, texts)))
        _empty(settings.warehouse)
        loaded.append(_timed(partial(_load, warehouse, datasets, written=rows)))
        execute(settings.warehouse, "checkpoint")
        reloaded.append(_timed(partial(_load, warehouse, datasets, written=0)))
    warehouse.close()
    return [_figures(rows, len(datasets), copied, loaded, reloaded)]


def _datasets() -> list[DatasetRows]:
    """Parse every recorded season and extra league."""
    datasets: list[DatasetRows] = []
    for file in files():
        tables = file.parse(file.path.read_bytes())
        if set(tables) == set(TABLES):
            number = len(datasets) + 1
            rows = {name: partial(_given, table) for name, table in tables.items()}
            datasets.append(DatasetRows(number, f"{file.dataset_type}/{number}", 1, number, rows))
    return datasets


def _given(table: pa.Table) -> pa.Table:
    return table


def _text(dataset: DatasetRows, name: str) -> tuple[Sequence[str], memoryview]:
    """Return rows as the text that COPY reads, with the bookkeeping columns that a load fills."""
    rows = dataset.tables[name]()
    for column, value in (("_dataset_id", dataset.dataset_id), ("_revision", 1)):
        rows = rows.append_column(column, pa.repeat(pa.scalar(value), rows.num_rows))
    return rows.column_names, to_csv(rows)


def _empty(dsn: str) -> None:
    # in a transaction of its own: in that of a COPY it would spare the server the log
    names = ", ".join(f"{SOURCE.name}.{name}" for name in TABLES)
    execute(dsn, f"truncate {names}, fieldhouse.loaded", "checkpoint")


def _copy(dsn: str, texts: Texts) -> None:
    """COPY ready-made text straight into the tables, and commit."""
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        for name, parts in texts.items():
            statement = sql.SQL("copy {} ({}) from stdin (format csv)").format(
                sql.Identifier(SOURCE.name, name), sql.SQL(", ").join(map(sql.Identifier, parts[0][0]))
            )
            with cursor.copy(statement) as copy:
                for _, text in parts:
                    copy.write(text)


def _load(warehouse: Warehouse, datasets: Sequence[DatasetRows], *, written: int) -> None:
    changed = 0
    for start in range(0, len(datasets), BATCH_DATASETS):
        counts = warehouse.load(SOURCE.name, 1, datasets[start : start + BATCH_DATASETS])
        changed += _changed(counts.values())
    if changed != written:
        raise AssertionError(f"{changed} rows were written, not {written}")


def _changed(counts: Iterable[Counts]) -> int:
    return sum(count.changed for count in counts)


def _timed(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _figures(rows: int, datasets: int, copied: list[float], loaded: list[float], reloaded: list[float]) -> Figures:
    measured = {"bare COPY": copied, "first load": loaded, "reload, nothing changed": reloaded}
    return Figures(
        title="load rate: match and match_odds of all files",
        header=("way", "seconds", "rows a second", "share of COPY's rate"),
        rows=[
            (name, spread(seconds), spread(rows / s for s in seconds), number(median_ratio(copied, seconds)))
            for name, seconds in measured.items()
        ],
        given=(
            f"{rows:,} rows of {datasets} datasets from Arrow tables in memory, in batches of {BATCH_DATASETS}, into "
            "football_data.match and match_odds as include/sql defines them: logged, primary key, index on "
            "_dataset_id, commits included. COPY gets ready-made text and one transaction, so that only the server "
            f"works. {ROUNDS} rounds in turns, a checkpoint before each."
        ),
        claims=(
            Claim("first load, share of a bare COPY's rate", median_ratio(copied, loaded), 0.35),
            Claim("reload, share of a bare COPY's rate", median_ratio(copied, reloaded), 0.4),
        ),
    )
