"""One step of the engine as a process: ``python -m benchmarks.step discover`` or ``STEP PLAN LANE``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict

from fieldhouse import clock
from fieldhouse.config import Settings
from fieldhouse.engine.archive import archive
from fieldhouse.engine.context import Context
from fieldhouse.engine.discover import Request, discover
from fieldhouse.engine.load import load
from fieldhouse.engine.scrape import scrape
from fieldhouse.source import Window
from fieldhouse.sources.football_data import SOURCE

STEPS: dict[str, Callable[[Context, int, int], object]] = {"scrape": scrape, "archive": archive, "load": load}


def main() -> None:
    """Do what the arguments say; discover prints the lanes."""
    step, *place = sys.argv[1:]
    with Context(Settings.from_environment(), SOURCE) as context:
        if step == "discover":
            today = clock.today()
            # one lane of each dataset type, as large as a lane may be: the worst case
            request = Request(Window(today, today), {"seasons": "all"}, lanes=1)
            print(json.dumps([asdict(lane) for lane in discover(context, "benchmark", request).lanes]))
        else:
            plan, lane = map(int, place)
            STEPS[step](context, plan, lane)


if __name__ == "__main__":
    main()
