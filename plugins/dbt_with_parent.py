#!/usr/bin/env python3
"""Run dbt so that it ends with the process that started it.

A task that is killed leaves its children running; the next try's dbt would then build the same tables beside the old
one. The kernel interrupts this one instead, and dbt cancels its queries. Elsewhere than on Linux it is plain dbt.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

EXECUTABLE = "FIELDHOUSE_DBT_EXECUTABLE"
PARENT = "FIELDHOUSE_DBT_PARENT"
PR_SET_PDEATHSIG = 1


def main() -> None:
    """Become the dbt that the environment names."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
        # it may have ended before we asked
        if os.getppid() != int(os.environ[PARENT]):
            sys.exit("the task that started dbt has ended")
    executable = os.environ[EXECUTABLE]
    os.execvp(executable, [executable, *sys.argv[1:]])  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
