"""Live progress: a line for each Dag and each of its lanes; plain lines where nobody looks on."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from rich.console import Console, RenderableType

    from local.api import Run, Task

LANES_SHOWN = 16
POLL_SECONDS = 0.7
MARKS = {
    "success": ("✓", "green"),
    "failed": ("✗", "red"),
    "upstream_failed": ("✗", "red"),
    "skipped": ("-", "dim"),
    "running": ("●", "cyan"),
    "up_for_retry": ("↻", "yellow"),
    "up_for_reschedule": ("…", "yellow"),
    "deferred": ("…", "yellow"),
}
WAITING = ("·", "dim")
BUSY = {"running", "up_for_retry", "up_for_reschedule", "deferred"}
DONE = {"success", "failed", "upstream_failed", "skipped", "removed"}


@dataclass(frozen=True)
class Lane:
    """One row of a mapped task group: its name, and the state of each of its steps."""

    name: str
    steps: Mapping[str, str | None]

    @property
    def done(self) -> bool:
        """Whether no step has anything left to do."""
        return all(state in DONE for state in self.steps.values())

    @property
    def good(self) -> bool:
        """Whether no step failed."""
        return not any(state in {"failed", "upstream_failed"} for state in self.steps.values())


@dataclass
class Progress:
    """How far one Dag run is."""

    run: Run
    tasks: Sequence[Task] = ()
    started: float = field(default_factory=time.monotonic)
    seconds: float = 0.0

    def update(self, run: Run, tasks: Sequence[Task]) -> None:
        """Take over what Airflow says now."""
        if not self.run.finished:
            self.seconds = time.monotonic() - self.started
        self.run, self.tasks = run, tasks

    @property
    def steps(self) -> dict[str, str | None]:
        """State of each task that belongs to no lane."""
        return {task.task_id: task.state for task in self.tasks if not _in_group(task)}

    @property
    def lanes(self) -> list[Lane]:
        """The lanes, in their order."""
        rows: dict[int, dict[str, str | None]] = {}
        names: dict[int, str] = {}
        for task in self.tasks:
            if _in_group(task) and task.index >= 0:
                rows.setdefault(task.index, {})[task.task_id.rpartition(".")[2]] = task.state
                if task.lane and task.lane != str(task.index):
                    names[task.index] = task.lane
        return [Lane(names.get(index, f"lane {index + 1}"), rows[index]) for index in sorted(rows)]


def _in_group(task: Task) -> bool:
    return "." in task.task_id


def follow(
    console: Console, runs: Sequence[Run], look: Callable[[Run], tuple[Run, list[Task]]], alive: Callable[[], None]
) -> list[Progress]:
    """Show the runs until all have finished.

    :param look: returns a run and its tasks as they are now.
    :param alive: raises when nothing more can come.
    """
    progress = [Progress(run) for run in runs]
    reporter = _Screen(console) if console.is_terminal else _Lines(console)
    with reporter:
        while True:
            for each in progress:
                if not each.run.finished:
                    each.update(*look(each.run))
            reporter.show(progress)
            if all(each.run.finished for each in progress):
                return progress
            alive()
            time.sleep(POLL_SECONDS)


class _Screen:
    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, refresh_per_second=8)

    def __enter__(self) -> None:
        self._live.start()

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, progress: Sequence[Progress]) -> None:
        """Draw everything anew."""
        self._live.update(Group(*(part for each in progress for part in screen(each))))


def screen(progress: Progress) -> Iterable[RenderableType]:
    """Yield what a terminal shows of a Dag run."""
    mark, style = MARKS.get(progress.run.state, ("●", "cyan"))
    line = Text.assemble((f"{mark} ", style), (progress.run.dag_id, "bold"), f"  {progress.seconds:5.1f} s  ")
    for name, state in progress.steps.items():
        line.append_text(_step(name, state))
    yield line
    lanes = progress.lanes
    table = Table.grid(padding=(0, 2))
    for lane in shown(lanes):
        cells = Text()
        for name, state in lane.steps.items():
            cells.append_text(_step(name, state))
        table.add_row("   ", lane.name, cells)
    if lanes:
        yield table
    hidden = len(lanes) - len(shown(lanes))
    if hidden:
        finished = sum(lane.done for lane in lanes)
        yield Text(f"    and {hidden} more lanes; {finished} of {len(lanes)} are done", style="dim")


def shown(lanes: Sequence[Lane]) -> list[Lane]:
    """Return the lanes worth a line: all of a few; of many those that failed, are at work, or come next."""
    if len(lanes) <= LANES_SHOWN:
        return list(lanes)
    ranked = sorted(range(len(lanes)), key=lambda index: (_rank(lanes[index]), index))
    return [lanes[index] for index in sorted(ranked[:LANES_SHOWN])]


def _rank(lane: Lane) -> int:
    if not lane.good:
        return 0
    if any(state in BUSY for state in lane.steps.values()):
        return 1
    return 3 if lane.done else 2


def _step(name: str, state: str | None) -> Text:
    mark, style = MARKS.get(state or "", WAITING)
    return Text.assemble((f"{mark} {name}  ", style))


class _Lines:
    """For logs: a line whenever a Dag run changes its state or a lane ends."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._said: set[tuple[str, ...]] = set()

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, *_: object) -> None:
        """Nothing to clear away."""

    def show(self, progress: Sequence[Progress]) -> None:
        """Say what is new."""
        for each in progress:
            for name, state in each.steps.items():
                if state in DONE:
                    self._say(each, name, f"{name} {_word(state)}")
            for index, lane in enumerate(each.lanes):
                if lane.done:
                    self._say(each, f"lane {index}", f"lane '{lane.name}' {_lane_word(lane)}")
            if each.run.finished:
                self._say(each, "", f"{each.run.state} after {each.seconds:.1f} s")

    def _say(self, progress: Progress, what: str, text: str) -> None:
        key = (progress.run.dag_id, progress.run.run_id, what)
        if key not in self._said:
            self._said.add(key)
            self._console.print(f"{progress.run.dag_id}: {text}", highlight=False, markup=False, soft_wrap=True)


def _word(state: str | None) -> str:
    return {"success": "done", "upstream_failed": "not run"}.get(state or "", state or "waiting")


def _lane_word(lane: Lane) -> str:
    counts = Counter(lane.steps.values())
    if lane.good:
        return "skipped" if counts["skipped"] == len(lane.steps) else "done"
    failed = [name for name, state in lane.steps.items() if state == "failed"]
    return f"failed in {', '.join(failed)}" if failed else "not run"
