"""Load a job's rows with dlt: ``python -m benchmarks.dlt_load JOB.json``, in the environment of dlt.

The job is what :mod:`benchmarks.dlt_peer` writes: ``dsn``, ``dataset``, ``strategy``, ``format``, and for each table
``name``, ``key`` and ``files``, which are CSV files with their identifier, or Parquet files.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt  # type: ignore[import-not-found] # it has an environment of its own

from benchmarks.job import iter_tables


def main() -> None:
    """Run the job that the first argument names."""
    job = json.loads(Path(sys.argv[1]).read_text())
    pipeline = dlt.pipeline(
        "benchmark",
        destination=dlt.destinations.postgres(job["dsn"]),
        dataset_name=job["dataset"],
        pipelines_dir=job["folder"],
    )
    info = pipeline.run([_resource(table, job) for table in job["tables"]], loader_file_format=job["format"])
    info.raise_on_failed_jobs()


def _resource(table: dict[str, Any], job: dict[str, Any]) -> Any:
    def rows() -> Iterator[Any]:
        yield from iter_tables(table)

    disposition = {"disposition": "merge", "strategy": job["strategy"]}
    return dlt.resource(rows, name=table["name"], primary_key=table["key"], write_disposition=disposition)


if __name__ == "__main__":
    main()
