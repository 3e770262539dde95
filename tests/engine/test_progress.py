"""How many requests a plan makes, how long they take, and how far a scrape is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fieldhouse.engine.progress import ScrapeLog, Work
from fieldhouse.engine.scrape import scrape
from fieldhouse.source import Candidate, Limit, Pace, RemoteFile
from tests.engine.toy import Toy

EIGHT_A_MINUTE = Pace((Limit(8, 60), Limit(20, 60)))


@pytest.mark.parametrize(
    ("requests", "pace", "said"),
    [
        (36_120, EIGHT_A_MINUTE, "36,120 requests at 8 a minute: about 3 days 3 hours"),
        (1, Pace((Limit(4, 1, burst=4),)), "1 request at 4 a second: about 1 second"),
        (2, Pace(()), "2 requests"),
        (0, EIGHT_A_MINUTE, "0 requests"),
    ],
)
def test_work_in_words(requests: int, pace: Pace, said: str) -> None:
    assert str(Work(requests, pace)) == said


def test_what_takes_no_request_is_not_counted(toy: Toy) -> None:
    given = (RemoteFile("left.csv", "left", content="n,value"), RemoteFile("right.csv", "right"))
    by_hand = (RemoteFile("left.csv", "left"), RemoteFile("right.csv", "right", local_path="/right"))
    candidates = [
        Candidate("pair", {"number": str(n)}, files) for n, files in enumerate((given, by_hand, (by_hand[0],)))
    ]
    toy.source = replace(toy.source, discover=lambda *_: iter(candidates))
    with toy.context() as context:
        plan = toy.plan(context)
        assert plan.counts.requests == 3
        assert context.catalog.progress(plan.plan, 1).requests == 3
        items = context.catalog.lane_items(plan.plan, 1, ["planned"])
    left = Work(9, EIGHT_A_MINUTE)
    assert [left.without(item).requests for item in items] == [8, 8, 8]
    assert Work(0, EIGHT_A_MINUTE).without(items[0]).requests == 0


def test_a_retry_and_a_second_run_count_what_is_left(toy: Toy) -> None:
    for number in (1, 2, 3):
        toy.world.put_pair(number, [1], [1], settled_at="2025-01-01T00:00:00+00:00")
    toy.world.put_look([1])
    toy.set_pace(Pace((Limit(10, 1, burst=100),), concurrency=1))
    toy.server.fault("*/1/left.csv", kind="status", status=404)
    toy.server.fault("*/3/left.csv", kind="status", status=500)
    said: list[str] = []
    with toy.context() as context:
        plan = toy.plan(context, "one")
        lane = next(lane.lane for lane in plan.lanes if lane.name.startswith("pair"))
        scrape(context, plan.plan, lane, ScrapeLog(context, plan.plan, lane, said.append, every=0))
        assert said == [
            "1 of the lane's 3 datasets, 1 of the plan's 4; left: 5 requests at 10 a second: about 1 second",
            "2 of the lane's 3 datasets, 2 of the plan's 4; left: 3 requests at 10 a second: about 1 second",
            "2 of the lane's 3 datasets, 2 of the plan's 4; left: 3 requests at 10 a second: about 1 second",
        ]
        assert toy.plan(context, "two").counts.requests == 0, "all are in the first run's hands"
        # a 404 is an answer; what was fetched and not archived is asked for again, as a plan made anew forgets it
        assert toy.plan(context, "one").counts.requests == 5


def test_a_log_is_not_filled_with_it(toy: Toy) -> None:
    toy.world.put_pair(1, [1], [1])
    said: list[str] = []
    with toy.context() as context:
        plan = toy.plan(context)
        scrape(context, plan.plan, 1, ScrapeLog(context, plan.plan, 1, said.append))
    assert said == []
