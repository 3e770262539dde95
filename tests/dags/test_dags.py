"""Every Dag file: that it parses, what it is called, what it carries, and how light its import is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fieldhouse import sources

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "dags").glob("*.py"))

# What no Dag file may load before a task runs: each costs a parse of every file, and every task, hundreds of ms
HEAVY = ("cosmos", "pandas", "nltk", "praw", "fastf1", "pyarrow", "boto3", "psycopg", "obstore")
HEAVY_PROVIDERS = tuple(f"airflow.providers.{name}" for name in ("amazon", "postgres", "slack"))

# Dag files find the bundle's root at the end of sys.path, as Airflow puts it there
PARSE = """
import gc, importlib.util, json, socket, sys
sys.path.append(sys.argv[1])
def refuse(*_): raise AssertionError("a Dag file asked for the network")
socket.socket.connect = refuse
import airflow.sdk
from airflow.sdk import Variable, Connection
Variable.get = Connection.get = classmethod(refuse)
spec = importlib.util.spec_from_file_location("dag_file", sys.argv[2])
module = importlib.util.module_from_spec(spec)
before = set(sys.modules)
spec.loader.exec_module(module)
from airflow.sdk import DAG
dags = [found for found in gc.get_objects() if isinstance(found, DAG)]
print(json.dumps({
    "modules": sorted(set(sys.modules) - before),
    "dags": [{
        "dag_id": d.dag_id, "tags": sorted(d.tags), "doc": d.doc_md, "catchup": d.catchup,
        "callback": d.on_failure_callback is not None,
        "late": [(alert.name, alert.callback.path) for alert in d.deadline], "params": sorted(d.params),
        "tasks": {t.task_id: {
            "type": t.task_type, "pool": t.pool, "retries": t.retries, "policy": t.retry_policy is not None,
            "downstream": sorted(t.downstream_task_ids),
        } for t in d.tasks},
    } for d in dags],
}))
"""


@pytest.fixture(scope="module", params=FILES, ids=lambda file: file.stem)
def parsed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(tmp_path_factory.mktemp("airflow")),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    }
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [sys.executable, "-P", "-c", PARSE, str(ROOT), str(request.param)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd="/",
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return request.param, json.loads(done.stdout.splitlines()[-1])


def test_there_is_a_dag_for_every_source() -> None:
    assert {f"ingest_{name}" for name in sources.NAMES} <= {file.stem for file in FILES}


def test_the_file_is_named_as_its_dag(parsed: tuple[Path, dict[str, Any]]) -> None:
    file, found = parsed
    assert [dag["dag_id"] for dag in found["dags"]] == [file.stem]


def test_a_dag_file_imports_nothing_heavy(parsed: tuple[Path, dict[str, Any]]) -> None:
    _, found = parsed
    assert [m for m in found["modules"] if m.startswith(HEAVY + HEAVY_PROVIDERS)] == []


def test_a_dag_file_is_a_table_of_contents(parsed: tuple[Path, dict[str, Any]]) -> None:
    file, _ = parsed
    assert len(file.read_text().splitlines()) <= 80


def ingest(parsed: tuple[Path, dict[str, Any]]) -> tuple[Path, dict[str, Any]]:
    if not parsed[0].stem.startswith("ingest_"):
        pytest.skip("no ingest Dag")
    return parsed


def test_every_dag_tells_somebody_when_it_fails_or_is_late(parsed: tuple[Path, dict[str, Any]]) -> None:
    (dag,) = parsed[1]["dags"]
    assert dag["callback"]
    assert dag["late"] == [["late", "airflow.providers.slack.notifications.slack_webhook.SlackWebhookNotifier"]]
    assert dag["doc"].count("- **") >= 3
    assert not dag["catchup"]


def test_an_ingest_dag_says_what_it_is(parsed: tuple[Path, dict[str, Any]]) -> None:
    file, found = ingest(parsed)
    (dag,) = found["dags"]
    source = file.stem.removeprefix("ingest_")
    assert {"ingest", source} <= set(dag["tags"])
    assert all(word in dag["doc"] for word in ("When", "Limits", "Flags", f"flag__{source}", "Backfill"))


def test_the_words_of_the_way(parsed: tuple[Path, dict[str, Any]]) -> None:
    file, found = ingest(parsed)
    tasks = found["dags"][0]["tasks"]
    assert {name: sorted(task["downstream"]) for name, task in tasks.items()} == {
        "discover": ["ingest.archive", "ingest.load", "ingest.scrape"],  # each takes its lane from it
        "ingest.scrape": ["ingest.archive"],
        "ingest.archive": ["ingest.load"],
        "ingest.load": ["publish"],
        "publish": ["look_again", "trigger_dbt", "verdict"],
        "look_again": [],
        "trigger_dbt": [],
        "verdict": [],
    }
    assert tasks["ingest.scrape"]["pool"] == file.stem.removeprefix("ingest_")
    assert all(task["policy"] and task["retries"] for task in tasks.values())


def test_pools_exist_for_every_pool_named(parsed: tuple[Path, dict[str, Any]]) -> None:
    _, found = parsed
    pools = {"default_pool", *json.loads((ROOT / "include" / "airflow" / "pools.json").read_text())}
    assert {task["pool"] for task in found["dags"][0]["tasks"].values()} <= pools
