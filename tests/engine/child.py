"""A process of its own that takes steps of a run and may kill itself in the middle of one.

``python -m tests.engine.child RUN STEPS [POINT NUMBER]``: the settings come from the environment, and the source from
its variable CHILD_SOURCE (toy). POINT names a place in the engine; there, the NUMBER-th time that it comes by, the
process gets SIGKILL.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from fieldhouse import clock, sources
from fieldhouse.catalog import Catalog
from fieldhouse.config import Settings
from fieldhouse.engine.archive import archive
from fieldhouse.engine.context import Context
from fieldhouse.engine.discover import Request, discover
from fieldhouse.engine.load import load
from fieldhouse.engine.report import make_report
from fieldhouse.engine.scrape import scrape
from fieldhouse.lake import LakeStore
from fieldhouse.source import Window
from fieldhouse.warehouse import Warehouse
from tests.engine.toy import SOURCE

STEPS = ("discover", "scrape", "archive", "load", "report")
TASK_CLAIM_SECONDS = 900
# What is about to be called, or was just called, when the signal comes
POINTS: dict[str, tuple[type, str, bool]] = {
    "bytes stored, not noted": (Catalog, "stage", False),
    "bytes noted": (Catalog, "stage", True),
    "half of a dataset's files stored": (LakeStore, "store_raw", True),
    "Parquet written, not committed": (Catalog, "commit_revision", False),
    "revision committed": (Catalog, "commit_revision", True),
    "bytes quarantined": (Catalog, "quarantine", True),
    "rows half copied": (LakeStore, "read_table", False),
    "rows committed, not noted": (Catalog, "set_loaded", False),
    "lane loaded": (Warehouse, "load", True),
    "lane claimed": (Catalog, "claim_lane", True),
    "planned, no lanes yet": (Catalog, "make_lanes", False),
}


def arm(point: str, number: int) -> None:
    owner, name, after = POINTS[point]
    method: Callable[..., Any] = getattr(owner, name)
    seen = 0

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        nonlocal seen
        seen = ours = seen + 1
        if ours == number and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = method(*args, **kwargs)
        if ours == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, wrapped)


def main(run: str, steps: str) -> None:
    """Take ``whole`` run, or one of ``discover``, ``scrape``, ``archive``, ``load``, as a task does."""
    name = os.environ.get("CHILD_SOURCE")
    source = sources.get(name) if name else SOURCE
    with Context(Settings.from_environment(), source, 0 if steps == "whole" else TASK_CLAIM_SECONDS) as context:
        for step in STEPS if steps == "whole" else (steps,):
            take(context, run, step)


def take(context: Context, run: str, step: str) -> None:
    if step == "discover":
        today = clock.today()
        discover(context, run, Request(Window(today, today), lanes=2))
        return
    plan = context.catalog.find_plan(context.source.name, run)
    assert plan
    if step == "report":
        make_report(context, plan)
        return
    lanes = context.catalog.rows("select distinct lane from lake.plan_item where plan_id = %s order by 1", (plan,))
    work: dict[str, Callable[..., Any]] = {"scrape": scrape, "archive": archive, "load": load}
    for row in lanes:
        work[step](context, plan, row.lane)


if __name__ == "__main__":
    if len(sys.argv) > 3:
        arm(sys.argv[3], int(sys.argv[4]))
    main(sys.argv[1], sys.argv[2])
