"""What figures were measured on."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from fieldhouse.embedded import VERSION


def facts() -> dict[str, str]:
    """Return the machine, the versions that matter, and the date."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    cores = len(os.sched_getaffinity(0))
    return {
        "date": f"{datetime.now(tz=UTC):%Y-%m-%d}",
        "machine": f"{_processor()}, {cores} cores, {pages / 2**30:.0f} GiB, {platform.system()}",
        "versions": f"Python {platform.python_version()}, PostgreSQL {VERSION}, pyarrow {version('pyarrow')}, "
        f"Airflow {version('apache-airflow-core')}",
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
