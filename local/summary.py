"""What a run came to: datasets by outcome, rows a table, the size of the lake, and whether anything changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.table import Table

from local.guard import ROOT, clean_environment
from local.home import LaunchError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

    from local.api import Run
    from local.progress import Progress


@dataclass(frozen=True)
class SourceSummary:
    """What one Dag run came to.

    :param outcomes: datasets of this run by outcome.
    :param tables: rows by table, after the run; ``changes``: how many of them the run changed.
    """

    source: str
    state: str
    seconds: float
    outcomes: Mapping[str, int]
    tables: Mapping[str, int]
    changes: Mapping[str, int]

    @property
    def changed(self) -> bool:
        """Whether the run brought anything new."""
        return bool(self.outcomes.get("fetched")) or any(self.changes.values())


def fieldhouse(arguments: Sequence[str], settings: Mapping[str, str]) -> str:
    """Run a ``fieldhouse`` command of this checkout and return what it prints.

    :raises LaunchError: it fails; the text is its own sentence.
    """
    done = subprocess.run(
        [sys.executable, "-m", "fieldhouse", *arguments],
        cwd=ROOT,
        env={**clean_environment(), **settings},
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        words = [line for line in done.stderr.splitlines() if line.strip()]
        raise LaunchError(words[-1] if words else f"fieldhouse {arguments[0]} ended with code {done.returncode}")
    return done.stdout


def summarise(progress: Sequence[Progress], statuses: Sequence[Mapping[str, Any]]) -> list[SourceSummary]:
    """Put together what Airflow says of the runs and the catalog of their sources."""
    by_source = {status["source"]: status for status in statuses}
    return [_summary(each, by_source.get(each.run.dag_id.removeprefix("ingest_"), {})) for each in progress]


def _summary(progress: Progress, status: Mapping[str, Any]) -> SourceSummary:
    run = progress.run
    last = status.get("last_run") or {}
    # the last plan may be another run's: this one may have ended before it made one
    own = last if last.get("run") == f"{run.dag_id}/{run.run_id}" else {}
    return SourceSummary(
        source=run.dag_id.removeprefix("ingest_"),
        state=run.state,
        seconds=progress.seconds,
        outcomes=own.get("outcomes", {}),
        tables=status.get("tables", {}),
        changes=own.get("changes", {}),
    )


def built(runs: Sequence[Run], statuses: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a sentence on what each run of dbt built."""
    found = {status["last_dbt_run"]["run"]: status["last_dbt_run"] for status in statuses if status["last_dbt_run"]}
    return [_sentence(run, found.get(f"{run.dag_id}/{run.run_id}")) for run in runs]


def _sentence(run: Run, did: Mapping[str, Any] | None) -> str:
    if did is None:
        return f"dbt: {run.state}, and nothing was built."
    return (
        f"dbt built {did['models']} models and passed {did['tests']} tests (marts of {', '.join(did['sources'])}): "
        f"{run.state}."
    )


def show(
    console: Console,
    sources: Sequence[SourceSummary],
    marts: Sequence[str],
    lake: Path,
    seconds: float,
    label: str,
) -> None:
    """Print the summary."""
    table = Table(title=label, title_justify="left", title_style="bold", box=None, padding=(0, 3, 0, 0))
    for heading in ("source", "run", "datasets", "table", "rows", "changed"):
        table.add_column(heading, justify="right" if heading in {"rows", "changed"} else "left", no_wrap=True)
    for source in sources:
        for row in _rows(source):
            table.add_row(*row)
    console.print()
    console.print(table)
    console.print()
    files, size = lake_size(lake)
    for sentence in marts:
        console.print(sentence, highlight=False, soft_wrap=True)
    console.print(f"The lake holds {files:,} objects, {readable(size)} ({lake}).", highlight=False, soft_wrap=True)
    if all(source.state == "success" and not source.changed for source in sources):
        console.print("Nothing changed.")
    console.print(f"Took {seconds:.0f} s.", highlight=False)


def _rows(source: SourceSummary) -> list[tuple[str, ...]]:
    left = [f"{count:,} {outcome}" for outcome, count in source.outcomes.items()] or ["nothing was due"]
    right = [(name, f"{rows:,}", f"{source.changes.get(name, 0):,}") for name, rows in source.tables.items()]
    height = max(len(left), len(right))
    left += [""] * (height - len(left))
    right += [("", "", "")] * (height - len(right))
    head = [(source.source, f"{source.state}, {source.seconds:.0f} s"), *[("", "")] * (height - 1)]
    return [(*first, middle, *last) for first, middle, last in zip(head, left, right, strict=True)]


def lake_size(lake: Path) -> tuple[int, int]:
    """Return how many files the lake holds and how many bytes they take."""
    files = size = 0
    for folder, _, names in os.walk(lake):
        files += len(names)
        size += sum(os.stat(os.path.join(folder, name)).st_size for name in names)  # noqa: PTH116, PTH118 - fast
    return files, size


def readable(size: float) -> str:
    """Return a number of bytes as people say it."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def read_status(settings: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what ``fieldhouse status`` says of each source."""
    found: list[dict[str, Any]] = json.loads(fieldhouse(["status", "--json"], settings))
    return found
