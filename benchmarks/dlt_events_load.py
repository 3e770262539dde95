"""Load matches' events with dlt: ``python -m benchmarks.dlt_events_load JOB.json``, in the environment of dlt.

The job is what :mod:`benchmarks.dlt_events` writes: ``dsn``, ``folder``, ``format`` and ``matches``, of which each has
``match_id`` and ``events``, the path of its file. Nested parts stay JSON, in a column for each member of an event.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt  # type: ignore[import-not-found] # it has an environment of its own
from dlt.common import json as fast_json  # type: ignore[import-not-found]


def main() -> None:
    """Run the job that the first argument names."""
    job = json.loads(Path(sys.argv[1]).read_text())
    pipeline = dlt.pipeline(
        "events",
        destination=dlt.destinations.postgres(job["dsn"]),
        dataset_name="peer",
        pipelines_dir=job["folder"],
    )
    disposition = {"disposition": "merge", "strategy": "upsert" if job["format"] else "delete-insert"}
    events = dlt.resource(
        _events(job["matches"]),
        name="event",
        primary_key=["match_id", "id"],
        write_disposition=disposition,
        max_table_nesting=0,
    )
    pipeline.run(events, loader_file_format=job["format"]).raise_on_failed_jobs()


def _events(matches: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Yield a match's events at once, as dlt advises."""
    for match in matches:
        found = fast_json.loadb(Path(match["events"]).read_bytes())
        yield [{"match_id": match["match_id"], **event} for event in found]


if __name__ == "__main__":
    main()
