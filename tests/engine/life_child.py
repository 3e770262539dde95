"""A process of its own that rolls back, reads anew or deletes, and may kill itself in the middle of it.

``python -m tests.engine.life_child RUN COMMAND [POINT NUMBER]``, as ``tests.engine.child``.
"""

from __future__ import annotations

import sys

from fieldhouse.catalog import Catalog
from fieldhouse.config import Settings
from fieldhouse.engine import life
from fieldhouse.engine.context import Context
from fieldhouse.engine.status import Selection
from fieldhouse.lake import LakeStore
from fieldhouse.warehouse import Warehouse
from tests.engine import toy
from tests.engine.child import POINTS, arm

POINTS.update(
    {
        "planned again": (Catalog, "plan_again", True),
        "Parquet written, not activated": (Catalog, "activate_again", False),
        "activated": (Catalog, "activate_again", True),
        "loaded, not reported": (Catalog, "finish_plan", False),
        "claimed for deletion": (Catalog, "plan_delete", True),
        "loads forgotten": (Catalog, "forget_loads", True),
        "rows deleted": (Warehouse, "delete_datasets", True),
        "revisions forgotten": (Catalog, "forget_revisions", True),
        "objects deleted": (LakeStore, "delete", True),
        "datasets deleted": (Catalog, "delete_datasets", True),
    }
)
COMMANDS = {"rollback": life.rollback, "reparse": life.reparse}


def main(run: str, command: str) -> None:
    """Do one command to every pair. For a reparse the parser is one that reads every value as ten times as much."""
    with Context(Settings.from_environment(), toy.SOURCE, 0) as context:
        if command == "delete":
            life.DELETED_AT_ONCE = 3
            life.delete(context, run, life.select(context, Selection("pair")))
            return
        if command == "reparse":
            old = toy.read
            toy.read = lambda data: [(n, value * 10) for n, value in old(data)]
        toy.work(context, COMMANDS[command](context, run, Selection("pair")))


if __name__ == "__main__":
    if len(sys.argv) > 3:
        arm(sys.argv[3], int(sys.argv[4]))
    main(sys.argv[1], sys.argv[2])
