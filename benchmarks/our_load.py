"""Load a job's rows with our warehouse: ``python -m benchmarks.our_load JOB.json``. Jobs as in ``dlt_load``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.job import read_file
from fieldhouse.engine.load import BATCH_DATASETS
from fieldhouse.warehouse import DatasetRows, Warehouse


def main() -> None:
    """Run the job that the first argument names."""
    job = json.loads(Path(sys.argv[1]).read_text())
    warehouse = Warehouse(job["dsn"])
    datasets = _datasets(job["tables"])
    for start in range(0, len(datasets), BATCH_DATASETS):
        warehouse.load(job["dataset"], 1, datasets[start : start + BATCH_DATASETS])
    warehouse.close()


def _datasets(tables: list[dict[str, Any]]) -> list[DatasetRows]:
    """Return a dataset for each file number: the tables' files belong together by their place."""
    readers: dict[int, dict[str, Callable[[], Any]]] = {}
    for table in tables:
        for number, file in enumerate(table["files"], 1):
            readers.setdefault(number, {})[table["name"]] = partial(read_file, file)
    return [DatasetRows(number, f"file={number}", 1, number, found) for number, found in readers.items()]


if __name__ == "__main__":
    main()
