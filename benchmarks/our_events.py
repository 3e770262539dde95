"""Load matches' events with our parser and warehouse: ``python -m benchmarks.our_events JOB.json``.

Jobs as in ``dlt_events_load``; a match also has ``identifier`` and the paths of its other files.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

from fieldhouse.engine.load import BATCH_DATASETS
from fieldhouse.sources.statsbomb import SOURCE
from fieldhouse.warehouse import DatasetRows, Warehouse

FILES = {"match.json": "match", "lineups.json": "lineups", "events.json": "events"}


def main() -> None:
    """Run the job that the first argument names."""
    job = json.loads(Path(sys.argv[1]).read_text())
    warehouse = Warehouse(job["dsn"])
    datasets = [
        DatasetRows(number, f"match={match['match_id']}", 1, number, {"event": partial(_events, match)})
        for number, match in enumerate(job["matches"], 1)
    ]
    for start in range(0, len(datasets), BATCH_DATASETS):
        warehouse.load(SOURCE.name, 1, datasets[start : start + BATCH_DATASETS])
    warehouse.close()


def _events(match: dict[str, Any]) -> Any:
    files = {name: Path(match[key]).read_bytes() for name, key in FILES.items()}
    return SOURCE.parse("match", match["identifier"], files)["event"]


if __name__ == "__main__":
    main()
