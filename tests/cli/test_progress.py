"""How far a run is, as the command line says it: beside a pipe, a line a lane."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from fieldhouse.catalog import Lane
from fieldhouse.cli.progress import RunProgress
from fieldhouse.engine.progress import Work
from fieldhouse.errors import Outcome
from fieldhouse.source import Limit, Pace, RemoteFile

SLOW = Pace((Limit(8, 60),))
ITEM: Any = SimpleNamespace(files=(RemoteFile("page.html", "page.html"),) * 10)


def test_a_slow_run_says_how_long_it_takes_and_what_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    with RunProgress(2, Work(25, SLOW), quiet=False) as progress:
        for number in (1, 2):
            with progress.lane(Lane(1, number, "slow", f"page {number}", 1)) as lane:
                lane.scraped(ITEM, None)
                lane.archived(ITEM, Outcome.FETCHED)
    assert capsys.readouterr().err.splitlines() == [
        "25 requests at 8 a minute: about 3 minutes 8 seconds",
        "lane 1 of 2, page 1: 1 fetched, 0 loaded; about 1 minute 52 seconds left to fetch",
        "lane 2 of 2, page 2: 1 fetched, 0 loaded",
    ]


def test_a_short_run_is_not_worth_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    with RunProgress(1, Work(7, SLOW), quiet=False):
        pass
    assert capsys.readouterr().err == ""


def test_what_is_read_from_the_lake_takes_no_requests(capsys: pytest.CaptureFixture[str]) -> None:
    with RunProgress(1, quiet=False) as progress, progress.lane(Lane(1, 1, "slow", "page", 1)) as lane:
        lane.scraped(ITEM, None)
    assert capsys.readouterr().err == "lane 1 of 1, page: 0 loaded\n"
