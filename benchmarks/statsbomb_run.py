"""One run of the engine on StatsBomb in one process: ``python -m benchmarks.statsbomb_run KIND SELECTOR``.

``raw`` fetches and archives, and parses nothing; ``whole`` also parses, writes Parquet and loads, as the command line
does. Prints what it took, step by step, and how much memory it held over time. Lake, databases and address as for the
command line.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from fieldhouse import clock
from fieldhouse.cli.running import work
from fieldhouse.config import Settings
from fieldhouse.engine.archive import archive
from fieldhouse.engine.context import Context
from fieldhouse.engine.discover import Plan, Request, discover
from fieldhouse.engine.load import load
from fieldhouse.engine.report import make_report
from fieldhouse.engine.scrape import scrape
from fieldhouse.source import Source, Window, pace_of
from fieldhouse.sources.statsbomb import SOURCE

# the mirror is on this machine
FAST = replace(SOURCE, pace=pace_of(1000, concurrency=8))
KINDS = {"raw": replace(FAST, dataset_types=tuple(replace(t, tables=()) for t in SOURCE.dataset_types)), "whole": FAST}
WATCH_SECONDS = 0.5
PAGES_IN_A_MIB = 256


@dataclass
class Watch:
    """What a run took: seconds by step, and MiB held, looked at twice a second."""

    steps: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    held: list[float] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count the time of the context as that of a step."""
        started = time.perf_counter()
        yield
        self.steps[name] += time.perf_counter() - started

    def look(self) -> None:
        """Note the memory, for ever."""
        while True:
            self.held.append(int(Path("/proc/self/statm").read_text().split()[1]) / PAGES_IN_A_MIB)
            time.sleep(WATCH_SECONDS)


def main() -> None:
    """Run what the arguments say."""
    kind, selector = sys.argv[1:]
    watch = Watch()
    threading.Thread(target=watch.look, daemon=True).start()
    print(json.dumps(run(KINDS[kind], selector, watch)))


def run(source: Source, selector: str, watch: Watch) -> dict[str, object]:
    """Take a source through discover, scrape, archive and, where it has tables, load."""
    today = clock.today()
    # frames are asked for as the peer does; no match of the recordings has any
    request = Request(Window(today, today), {"selectors": selector, "with_360": True})
    with Context(Settings.from_environment(), source, claim_seconds=0) as context:
        with watch.step("discover"):
            plan = discover(context, f"benchmark/{clock.now().isoformat()}", request)
        if source is KINDS["raw"]:
            _work(context, plan, watch)
            with watch.step("report"):
                report = make_report(context, plan.plan)
        else:
            with watch.step("lanes"):
                report = work(context, plan, quiet=True)
    sizes = [lane.datasets for lane in plan.lanes]
    return {"steps": watch.steps, "held": watch.held, "lanes": sizes, "report": report.as_json()}


def _work(context: Context, plan: Plan, watch: Watch) -> None:
    for lane in plan.lanes:
        with watch.step("scrape"):
            scrape(context, lane.plan, lane.lane)
        with watch.step("archive"):
            archive(context, lane.plan, lane.lane)
        with watch.step("load"):
            load(context, lane.plan, lane.lane)


if __name__ == "__main__":
    main()
