from __future__ import annotations

import io

import pytest
from rich.console import Console

from local.api import Run, Task
from local.progress import Lane, Progress, follow, screen, shown

RUN = Run("ingest_football_data", "manual__1", "running")


def lane_tasks(index: int, *states: str | None, name: str | None = None) -> list[Task]:
    steps = zip(("scrape", "archive", "load"), states, strict=True)
    return [Task(f"ingest.{step}", index, state, name) for step, state in steps]


def words(progress: Progress) -> str:
    console = Console(file=io.StringIO(), width=120)
    for part in screen(progress):
        console.print(part)
    output = console.file
    assert isinstance(output, io.StringIO)
    return output.getvalue()


def test_lanes_are_rows_of_the_mapped_group() -> None:
    tasks = [
        Task("discover", -1, "success"),
        *lane_tasks(1, "running", None, None),
        *lane_tasks(0, "success", "success", "failed", name="season E0 .. E3"),
    ]
    progress = Progress(RUN, tasks)
    assert progress.steps == {"discover": "success"}
    assert [lane.name for lane in progress.lanes] == ["season E0 .. E3", "lane 2"]
    assert progress.lanes[0].steps == {"scrape": "success", "archive": "success", "load": "failed"}
    assert progress.lanes[0].done
    assert not progress.lanes[0].good
    assert not progress.lanes[1].done
    text = words(progress)
    assert "✓ discover" in text
    assert "season E0 .. E3" in text
    assert "✗ load" in text


def test_a_group_that_is_not_mapped_yet_shows_no_lane() -> None:
    assert Progress(RUN, [Task("ingest.scrape", -1, None)]).lanes == []


def test_of_many_lanes_those_that_matter_are_shown() -> None:
    lanes = [Lane(f"{index}", {"scrape": "success"}) for index in range(40)]
    lanes[30] = Lane("failed", {"scrape": "failed"})
    lanes[35] = Lane("busy", {"scrape": "running"})
    lanes[36] = Lane("waiting", {"scrape": None})
    names = [lane.name for lane in shown(lanes)]
    assert len(names) == 16
    assert names[-3:] == ["failed", "busy", "waiting"]
    tasks = [task for index in range(40) for task in lane_tasks(index, "success", "success", None)]
    assert "and 24 more lanes; 0 of 40 are done" in words(Progress(RUN, tasks))


def test_without_a_terminal_each_thing_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.progress.POLL_SECONDS", 0)
    first = [Task("discover", -1, "success"), *lane_tasks(0, "success", "running", None, name="fixtures")]
    second = [
        Task("discover", -1, "success"),
        *lane_tasks(0, "success", "success", "success", name="fixtures"),
        *lane_tasks(1, "success", "failed", "upstream_failed", name="season"),
        *lane_tasks(2, "skipped", "skipped", "skipped", name="league"),
        Task("verdict", -1, "failed"),
    ]
    looks = iter([(RUN, first), (RUN, first), (Run(RUN.dag_id, RUN.run_id, "failed"), second)])
    output = io.StringIO()
    progress = follow(Console(file=output, width=120), [RUN], lambda _: next(looks), lambda: None)
    assert progress[0].run.state == "failed"
    lines = [line.removeprefix("ingest_football_data: ") for line in output.getvalue().splitlines()]
    assert lines[:-1] == [
        "discover done",
        "verdict failed",
        "lane 'fixtures' done",
        "lane 'season' failed in archive",
        "lane 'league' skipped",
    ]
    assert lines[-1].startswith("failed after ")


def test_a_terminal_gets_a_live_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.progress.POLL_SECONDS", 0)
    output = io.StringIO()
    done = Run(RUN.dag_id, RUN.run_id, "success")
    looks = iter([(RUN, []), (done, lane_tasks(0, "success", "success", "success", name="fixtures"))])
    console = Console(file=output, width=120, force_terminal=True)
    follow(console, [RUN], lambda _: next(looks), lambda: None)
    assert "fixtures" in output.getvalue()
