from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from local import summary
from local.api import Run
from local.home import LaunchError
from local.progress import Progress

RUN = Run("ingest_football_data", "manual__1", "success")
STATUS: dict[str, Any] = {
    "source": "football_data",
    "tables": {"match": 380, "fixture": 10},
    "last_dbt_run": {
        "run": "transform_dbt/football_data__manual__1",
        "sources": ["football_data"],
        "models": 6,
        "tests": 41,
    },
    "last_run": {
        "run": "ingest_football_data/manual__1",
        "outcomes": {"fetched": 1, "unchanged": 2},
        "changes": {"match": 3},
    },
}


def printed(status: dict[str, Any], lake: Path, run: Run = RUN) -> str:
    output = io.StringIO()
    sources = summary.summarise([Progress(run)], [status])
    marts = summary.built([Run("transform_dbt", f"football_data__{run.run_id}", run.state)], [status])
    summary.show(Console(file=output, width=120), sources, marts, lake, 61.4, "Fieldhouse (sample data)")
    return output.getvalue()


def test_outcomes_rows_lake_and_time(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "object").write_bytes(b"x" * 1500)
    text = printed(STATUS, tmp_path)
    for words in ("sample data", "1 fetched", "2 unchanged", "match", "380", "1 objects, 1.5 kB", "Took 61 s."):
        assert words in text
    assert "Nothing changed." not in text


def test_what_dbt_did(tmp_path: Path) -> None:
    assert "dbt built 6 models and passed 41 tests (marts of football_data): success." in printed(STATUS, tmp_path)
    assert "dbt: success, and nothing was built." in printed({**STATUS, "last_dbt_run": None}, tmp_path)


def test_nothing_changed(tmp_path: Path) -> None:
    last = {**STATUS["last_run"], "outcomes": {"unchanged": 3}, "changes": {"match": 0}}
    assert "Nothing changed." in printed({**STATUS, "last_run": last}, tmp_path)
    failed = Run(RUN.dag_id, RUN.run_id, "failed")
    assert "Nothing changed." not in printed({**STATUS, "last_run": last}, tmp_path, failed)


def test_another_run_s_plan_is_not_taken_for_this_one_s(tmp_path: Path) -> None:
    last = {**STATUS["last_run"], "run": "cli/2026"}
    assert "nothing was due" in printed({**STATUS, "last_run": last}, tmp_path)


@pytest.mark.parametrize(("size", "words"), [(0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (7.6e6, "7.6 MB")])
def test_sizes(size: float, words: str) -> None:
    assert summary.readable(size) == words


def test_a_command_that_fails_says_its_own_sentence() -> None:
    with pytest.raises(LaunchError, match="FIELDHOUSE_LAKE"):
        summary.fieldhouse(["status"], {"FIELDHOUSE_LAKE": "", "FIELDHOUSE_WAREHOUSE": "postgresql://127.0.0.1/x"})
