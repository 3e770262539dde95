"""Other processes, measured from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
LAUNCH = Path(__file__).with_name("launch.py")
LAST_WORDS = 2000
# what decides how our programs behave comes from the benchmark alone
OURS = ("AIRFLOW_", "FIELDHOUSE_", "PYTHONPATH", "DLT_")


class Failed(Exception):
    """A measured program failed, so that there is nothing to compare. The text is its last words."""


@dataclass(frozen=True)
class Measured:
    """What a process took.

    :param peak_mb: the most memory that it held at once, in MiB.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float
    output: str


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment without settings of our programs, and with ``extra``."""
    return {name: value for name, value in os.environ.items() if not name.startswith(OURS)} | dict(extra or {})


def measure(
    argv: Sequence[str], extra: Mapping[str, str] | None = None, *, cwd: Path = ROOT, codes: Sequence[int] = (0,)
) -> Measured:
    """Run a program and measure it.

    :param extra: further environment variables.
    :param codes: exit codes that mean that it did its work.
    :raises Failed: it ended with another one.
    """
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.json"
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(LAUNCH), str(report), *argv],
            cwd=cwd,
            env=environment(extra),
            check=False,
            capture_output=True,
            text=True,
        )
        taken = json.loads(report.read_text()) if report.exists() else {"exit_code": done.returncode}
    if taken["exit_code"] not in codes:
        words = (done.stdout + done.stderr)[-LAST_WORDS:]
        raise Failed(f"{' '.join(argv[:4])} ended with {taken['exit_code']}: {words}")
    print(f"  {taken['seconds']:6.1f} s  {Path(argv[0]).name} {' '.join(argv[1:4])}"[:100], file=sys.stderr)
    return Measured(taken["seconds"], taken["cpu_seconds"], taken["peak_mb"], done.stdout)
