"""How far a run is: bars on a terminal, a line a lane elsewhere, nothing for a machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Lock

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from fieldhouse import clock
from fieldhouse.catalog import Item, Lane
from fieldhouse.engine.progress import Work
from fieldhouse.errors import Outcome

STEPS = ("scrape", "archive", "load")
WORTH_A_WORD = timedelta(minutes=1)


class RunProgress:
    """The progress of a run's lanes, on stderr.

    :param work: what there is to ask the provider for.
    """

    def __init__(self, lanes: int, work: Work | None = None, *, quiet: bool) -> None:
        self._console = Console(stderr=True, quiet=quiet, highlight=False)
        columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
        self._bars = Progress(
            *columns,
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}", markup=False),
            console=self._console,
            disable=quiet or not self._console.is_terminal,
        )
        self._work = work
        self._total = lanes
        self._lanes = self._bars.add_task("lanes", total=lanes, visible=lanes > 1, left="")
        self._done = 0
        self._lock = Lock()

    def __enter__(self) -> RunProgress:
        if self._work and self._work.time >= WORTH_A_WORD:
            self._console.print(str(self._work), markup=False, soft_wrap=True)
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    @contextmanager
    def lane(self, lane: Lane) -> Iterator[LaneProgress]:
        """Show one lane for as long as it is worked on."""
        steps = {step: self._bars.add_task(f"{lane.name}: {step}", total=lane.datasets, left="") for step in STEPS}
        progress = LaneProgress(self._bars, steps, self._asked)
        yield progress
        for bar in steps.values():
            self._bars.remove_task(bar)
        self._bars.advance(self._lanes)
        with self._lock:
            self._done += 1
            done = self._done
        if not self._console.is_terminal:
            said = f"lane {done} of {self._total}, {lane.name}: {progress.outcomes}{self._left('; ')}"
            self._console.print(said, markup=False, soft_wrap=True)

    def _asked(self, item: Item) -> str:
        """Count a dataset that was asked for; returns how long the others of the run take."""
        if self._work:
            self._work = self._work.without(item)
        return self._left()

    def _left(self, before: str = "") -> str:
        """Return how long what is left of the run's requests takes, if that is worth a word."""
        if self._work is None or self._work.time < WORTH_A_WORD:
            return ""
        return f"{before}about {clock.in_words(self._work.time)} left to fetch"


class LaneProgress:
    """What the engine's steps report to."""

    def __init__(self, bars: Progress, steps: dict[str, TaskID], asked: Callable[[Item], str]) -> None:
        self._bars = bars
        self._steps = steps
        self._asked = asked
        self._outcomes: Counter[str] = Counter()
        self._loaded = 0

    def scraped(self, item: Item, outcome: Outcome | None) -> None:
        """Count a dataset that was asked for; ``outcome`` None: its bytes are there."""
        self._bars.update(self._steps["scrape"], advance=1, left=self._asked(item))
        self._count(outcome)

    def archived(self, _: Item, outcome: Outcome) -> None:
        """Count a dataset that was archived."""
        self._bars.advance(self._steps["archive"])
        self._count(outcome)

    def loaded(self, count: int) -> None:
        """Count datasets that were loaded."""
        self._bars.advance(self._steps["load"], count)
        self._loaded += count

    def _count(self, outcome: Outcome | None) -> None:
        if outcome:
            self._outcomes[str(outcome)] += 1

    @property
    def outcomes(self) -> str:
        """What the lane came to, in words."""
        counted = [f"{count} {outcome}" for outcome, count in sorted(self._outcomes.items())]
        return ", ".join([*counted, f"{self._loaded} loaded"])
