"""``python -m local.reference FOLDER``: write ``dags.md`` and ``tables.md`` there."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from fieldhouse import sources
from fieldhouse.config import Settings
from fieldhouse.embedded import Postgres
from fieldhouse.migrate import migrate
from local.guard import ROOT
from local.reference import dags, tables


def main() -> None:
    """Write both pages."""
    parser = argparse.ArgumentParser(prog="python -m local.reference", description=main.__doc__)
    parser.add_argument("folder", type=Path, help="where the pages go")
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fieldhouse-docs-") as scratch:
        # before anything imports airflow; its home gets files of its own, and its log has no place in the page
        os.environ |= {
            "AIRFLOW_HOME": scratch,
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
        }
        found = dags.parse(ROOT)
        (folder / "dags.md").write_text(dags.page(found), encoding="utf-8")
        with Postgres.start(Path(scratch) / "postgres" / "data", fast=True) as server:
            warehouse = server.create_database("warehouse")
            migrate(Settings(lake="file:///nowhere", warehouse=warehouse, catalog=warehouse), sources.NAMES)
            text = tables.page(warehouse, ROOT / "include" / "dbt")
        (folder / "tables.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
