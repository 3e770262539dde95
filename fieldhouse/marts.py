"""Marts: which sources' marts are older than their tables, and what a dbt run did about it.

The mark of a source (``fieldhouse.dirty``) is set in the transaction that changes its rows, and removed only by a dbt
run that began after that and succeeded. So nothing that stops in between loses a dbt run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

if TYPE_CHECKING:
    from fieldhouse.warehouse import Warehouse

SCHEMA = "marts"
BUILT, PASSED = {"success"}, {"pass", "warn"}
LONGEST_MESSAGE = 1_000


@dataclass(frozen=True)
class Failure:
    """A model, seed or test of dbt that failed: ``football_data__results``, ``error``, what the database said."""

    node: str
    status: str
    message: str

    def __str__(self) -> str:
        return f"{self.node} ({self.status}): {self.message}"


@dataclass(frozen=True)
class Built:
    """What a dbt run did.

    :param marts: the tables of schema ``marts`` that it built.
    :param skipped: nodes that were left out because one before them failed.
    """

    models: int = 0
    tests: int = 0
    skipped: int = 0
    marts: Sequence[str] = ()
    failures: Sequence[Failure] = ()


def read_dirty(warehouse: Warehouse, sources: Sequence[str]) -> dict[str, datetime]:
    """Return {source: its mark} of those of ``sources`` whose marts are older than their tables."""
    rows = warehouse.rows(
        "select source, changed_at from fieldhouse.dirty where source = any(%s) order by source", (list(sources),)
    )
    return {row.source: row.changed_at for row in rows}


def clear_dirty(warehouse: Warehouse, marks: Mapping[str, datetime]) -> list[str]:
    """Remove the marks that are still what they were; returns the sources of which nothing came in between."""
    rows = warehouse.rows(
        """
        delete from fieldhouse.dirty as d
        using unnest(%s::text[], %s::timestamptz[]) as seen (source, changed_at)
        where d.source = seen.source and d.changed_at = seen.changed_at
        returning d.source
        """,
        (list(marks), list(marks.values())),
    )
    return sorted(row.source for row in rows)


def note_run(warehouse: Warehouse, run: str, sources: Sequence[str], started_at: datetime, built: Built) -> None:
    """Keep what a dbt run did. A rerun replaces it."""
    warehouse.rows(
        """
        insert into fieldhouse.dbt_run as r (run, sources, started_at, finished_at, models, tests, marts, failures)
        values (%s, %s, %s, now(), %s, %s, %s, %s)
        on conflict (run) do update
        set started_at = excluded.started_at, finished_at = excluded.finished_at, models = excluded.models,
            tests = excluded.tests, marts = excluded.marts, failures = excluded.failures, sources = excluded.sources
        returning run
        """,
        (
            run,
            list(sources),
            started_at,
            built.models,
            built.tests,
            list(built.marts),
            Jsonb([asdict(failure) for failure in built.failures]),
        ),
    )


def find_run(warehouse: Warehouse, run: str) -> Any | None:
    """Return the row of ``fieldhouse.dbt_run`` of a run, if it got so far."""
    rows = warehouse.rows("select * from fieldhouse.dbt_run where run = %s", (run,))
    return rows[0] if rows else None


def newest_run(warehouse: Warehouse, source: str) -> Any | None:
    """Return the row of ``fieldhouse.dbt_run`` of the newest run that built a source's marts."""
    rows = warehouse.rows(
        "select * from fieldhouse.dbt_run where %s = any(sources) order by started_at desc limit 1", (source,)
    )
    return rows[0] if rows else None


def read_results(path: Path) -> Built | None:
    """Read dbt's ``run_results.json``; None if dbt stopped before it wrote one."""
    if not path.is_file():
        return None
    results = json.loads(path.read_text(encoding="utf-8"))["results"]
    kinds = [(result["unique_id"].partition(".")[0], result) for result in results]
    return Built(
        models=sum(kind not in {"test", "unit_test"} and r["status"] in BUILT for kind, r in kinds),
        tests=sum(kind in {"test", "unit_test"} and r["status"] in PASSED for kind, r in kinds),
        skipped=sum(result["status"] == "skipped" for _, result in kinds),
        marts=sorted(filter(None, (_mart(kind, result) for kind, result in kinds))),
        failures=[_failure(result) for _, result in kinds if result["status"] not in {*BUILT, *PASSED, "skipped"}],
    )


def _mart(kind: str, result: Mapping[str, Any]) -> str | None:
    """Return the name of the mart that a result is about, if it was built."""
    parts = [part.strip('"') for part in (result.get("relation_name") or "").split(".")]
    built = kind == "model" and result["status"] in BUILT and len(parts) == 3
    return parts[2] if built and parts[1] == SCHEMA else None


def _failure(result: Mapping[str, Any]) -> Failure:
    message = " ".join(str(result.get("message") or "no message").split())
    return Failure(result["unique_id"].split(".", 2)[2], result["status"], message[:LONGEST_MESSAGE])
