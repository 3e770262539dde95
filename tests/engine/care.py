"""A verify with repair, or a gc, in a process of its own that may kill itself in the middle of it.

``python -m tests.engine.care repair|gc [POINT NUMBER]``: as ``tests.engine.child``, which has the points of a run.
"""

from __future__ import annotations

import sys
from datetime import timedelta

from fieldhouse.catalog import Catalog
from fieldhouse.config import Settings
from fieldhouse.engine.context import Context
from fieldhouse.engine.gc import gc
from fieldhouse.engine.repair import repair
from fieldhouse.engine.verify import verify
from fieldhouse.lake import LakeStore
from fieldhouse.warehouse import Warehouse
from tests.engine import child
from tests.engine.toy import SOURCE

child.POINTS |= {
    "plan buried": (Catalog, "bury_plan", True),
    "claimed for repair": (Catalog, "claim_repair", True),
    "damaged bytes set aside": (LakeStore, "set_aside", True),
    "noted as lost": (Catalog, "mark_lost", True),
    "Parquet made anew, not noted": (LakeStore, "write_table", True),
    "Parquet given up": (Catalog, "give_up_tables", True),
    "rows to be loaded again": (Catalog, "replace_tables", True),
    "current one settled": (Catalog, "settle_current", True),
    "load is next": (Catalog, "load_again", True),
    "orphans deleted": (Warehouse, "delete_datasets", True),
    "loaded, not noted": (Warehouse, "load", True),
    "staged files forgotten": (Catalog, "drop_staged", True),
    "about to remove": (LakeStore, "delete", False),
    "removed": (LakeStore, "delete", True),
}


def main(work: str) -> None:
    with Context(Settings.from_environment(), SOURCE, claim_seconds=0) as context:
        if work == "gc":
            gc(context.catalog, context.lake, older_than=timedelta(0))
        else:
            repair(context, verify(context))


if __name__ == "__main__":
    if len(sys.argv) > 2:
        child.arm(sys.argv[2], int(sys.argv[3]))
    main(sys.argv[1])
