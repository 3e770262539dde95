"""The Dag file of a source that another distribution brings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.processes import ROOT
from tests.sources.test_registration import EXAMPLE, install_example

PARSE = """
import gc, importlib.util, sys
sys.path.append(sys.argv[1])
spec = importlib.util.spec_from_file_location("dag_file", sys.argv[2])
before = set(sys.modules)
spec.loader.exec_module(importlib.util.module_from_spec(spec))
from airflow.sdk import DAG
(dag,) = (found for found in gc.get_objects() if isinstance(found, DAG))
discover = dag.get_task("discover")
from fieldhouse import sources
print(dag.dag_id, type(discover).__module__, sources.get(discover.source).title, sorted(dag.params))
print(*sorted({"pyarrow", "psycopg", "obstore"} & (set(sys.modules) - before)))
"""


def test_its_dag_file_parses_with_our_operators(tmp_path: Path) -> None:
    """It is found as Airflow finds it: the bundle's root is the last of sys.path, the package in the environment."""
    installed = install_example(tmp_path)
    ended = subprocess.run(
        [sys.executable, "-P", "-c", PARSE, str(ROOT), str(EXAMPLE / "dags" / "ingest_tides.py")],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(installed), "AIRFLOW_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    told, heavy = ended.stdout.splitlines()[-2:]
    assert told.startswith("ingest_tides plugins.operators.discover Tide levels ['dataset_types', 'force'")
    assert heavy == ""
