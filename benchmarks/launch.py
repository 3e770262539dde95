"""Run a program and note its seconds and its peak memory: ``python -I -S launch.py REPORT PROGRAM [ARGUMENT ...]``.

A program's own record of its peak memory begins with that of the process which starts it, so this one is small:
it imports nothing but what it needs.
"""

import json
import os
import sys
import time

report, *argv = sys.argv[1:]
started = time.perf_counter()
child = os.posix_spawnp(argv[0], argv, os.environ)
_, status, usage = os.wait4(child, 0)
seconds = time.perf_counter() - started
with open(report, "w") as file:  # noqa: PTH123 - pathlib costs memory
    json.dump(
        {
            "seconds": seconds,
            "cpu_seconds": usage.ru_utime + usage.ru_stime,
            "peak_mb": usage.ru_maxrss / 1024,
            "exit_code": os.waitstatus_to_exitcode(status),
        },
        file,
    )
