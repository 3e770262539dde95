"""How tests start the program as a process of its own."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from fieldhouse.config import Settings, SourceSettings

ROOT = Path(__file__).parents[1]
# What the launcher in .venv/bin does, with the Python that runs the tests
FIELDHOUSE = (
    *(sys.executable, "-P", "-c"),
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from fieldhouse.cli import main; main()",
    str(ROOT),
)


def settings_environment(settings: Settings, source: str) -> dict[str, str]:
    """Return the settings as environment variables; the host may be asked as fast as it goes."""
    overrides = settings.sources.get(source, SourceSettings())
    return {
        **os.environ,
        "FIELDHOUSE_LAKE": settings.lake,
        "FIELDHOUSE_WAREHOUSE": settings.warehouse,
        "FIELDHOUSE_CATALOG": settings.catalog,
        f"FIELDHOUSE_{source.upper()}_URL": overrides.url or "",
        f"FIELDHOUSE_{source.upper()}_REQUESTS_PER_SECOND": "1000",
    }


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
