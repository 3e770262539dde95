"""Fetch StatsBomb's matches with ingestify: ``python -m benchmarks.ingestify_peer JOB.json``, in its environment.

The job: ``base_url`` of the mirror, ``folder`` for its files and its catalog (SQLite, as its documentation has it),
``competition_id`` and ``season_ids``. Everything else is as it comes: its own source, its thread pool, its checks.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from ingestify.infra.source import statsbomb_github  # type: ignore[import-not-found] # an environment of its own
from ingestify.main import get_engine  # type: ignore[import-not-found]


def main() -> None:
    """Run the job that the first argument names, and print how many datasets there are then."""
    job = json.loads(Path(sys.argv[1]).read_text())
    # the address is a constant of its source
    statsbomb_github.BASE_URL = job["base_url"]
    folder = Path(job["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "config.yaml"
    config.write_text(json.dumps(_config(folder, job)))  # JSON is YAML
    engine = get_engine(str(config))
    engine.run()
    print(json.dumps({"datasets": len(engine.store.get_dataset_collection())}))


def _config(folder: Path, job: dict[str, Any]) -> dict[str, Any]:
    return {
        "main": {
            "metadata_url": f"sqlite:///{folder}/catalog.db",
            "file_url": f"file://{folder}/files",
            "default_bucket": "main",
        },
        "sources": {"statsbomb": {"type": "ingestify.statsbomb_github"}},
        "ingestion_plans": [
            {
                "source": "statsbomb",
                "dataset_type": "match",
                "selectors": [{"competition_id": job["competition_id"], "season_id": job["season_ids"]}],
                "data_spec_versions": dict.fromkeys(("match", "lineups", "events", "360-frames"), "v1-open-data"),
            }
        ],
    }


if __name__ == "__main__":
    main()
