"""When what is not published yet is looked for again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from fieldhouse.engine.late import NOT_WITHIN, SOON, Look, next_look
from tests.engine.toy import EPOCH, Toy, shift_clock, work

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def look(toy: Toy, now: datetime, due_at: datetime, every: timedelta = 2 * HOUR, **params: Any) -> Look | None:
    """Run for two datasets, one of which is not there and due at ``due_at``, and return when it is looked for again."""
    toy.world.put_pair(1, [1], [1], settled_at=(EPOCH - HOUR).isoformat())
    toy.world.put_pair(2, due_at=due_at.isoformat())
    toy.world.put_look([1])
    with toy.context() as context:
        plan = toy.plan(context, **params)
        assert work(context, plan).outcomes["not_published"] == 1
        return next_look(context, plan.plan, now, every)


@pytest.mark.parametrize(
    ("minutes", "due_in", "looks_in"),
    [
        pytest.param(40, 12 * HOUR, 80 * MINUTE, id="the next full two hours"),
        pytest.param(0, 12 * HOUR, 2 * HOUR, id="on the hour"),
        pytest.param(40, 30 * MINUTE, 30 * MINUTE, id="the last time when it is due"),
        pytest.param(118, 12 * HOUR, NOT_WITHIN, id="not while the run that looked still has its claims"),
        pytest.param(40, MINUTE, NOT_WITHIN, id="nor when it is due meanwhile"),
        pytest.param(0, SOON, 2 * HOUR, id="soon"),
        pytest.param(0, SOON + MINUTE, None, id="not soon"),
        pytest.param(0, -MINUTE, None, id="overdue: verdict told it"),
    ],
)
def test_when(toy: Toy, minutes: int, due_in: timedelta, looks_in: timedelta | None) -> None:
    now = EPOCH + minutes * MINUTE
    found = look(toy, now, now + due_in)
    assert (found and found.at) == (looks_in and now + looks_in)


def test_it_looks_for_the_same_dates_and_only_for_types_of_which_something_is_late(toy: Toy) -> None:
    found = look(toy, EPOCH, EPOCH + 12 * HOUR, every=HOUR, force=True)
    assert found == Look(
        at=EPOCH + HOUR,
        datasets=1,
        params={
            "dataset_types": ["pair"],
            "only_late": True,
            "force": False,
            "from_date": "2026-01-01",
            "to_date": "2026-01-01",
        },
    )


def test_looks_follow_each_other_until_it_is_there(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    due_at = EPOCH + 3 * HOUR
    found = look(toy, EPOCH, due_at)
    looks = []
    while found:
        looks.append(found.at)
        shift_clock(monkeypatch, found.at)
        toy.asked()
        with toy.context() as context:
            plan = toy.plan(context, **found.params)
            report = work(context, plan)
            found = next_look(context, plan.plan)
        assert toy.asked() == ["/2/left.csv"]
    assert looks == [EPOCH + 2 * HOUR, due_at]
    assert [problem.dataset for problem in report.newly_overdue] == ["pair/number=2"]


def test_nothing_is_looked_for_where_all_is_there(toy: Toy) -> None:
    toy.world.put_pair(1, [1], [1])
    with toy.context() as context:
        plan = toy.plan(context)
        work(context, plan)
        assert next_look(context, plan.plan) is None
        context.catalog.note_failure("toy", "run that failed", "the host is down")
        failed = context.catalog.find_plan("toy", "run that failed")
        assert failed
        assert next_look(context, failed) is None


def test_a_later_look_asks_for_nothing_but_what_was_not_there(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    toy.world.put_pair(3, [1], [1])
    toy.world.put_pair(4, [1], [1])
    toy.world.files["/4/left.csv"] = b"oops\n"
    found = look(toy, EPOCH, EPOCH + 12 * HOUR)
    assert found
    toy.world.put_pair(5, [1], [1])
    shift_clock(monkeypatch, found.at)
    toy.asked()
    toy.run(**found.params)
    assert toy.asked() == ["/2/left.csv"]
    # the next run of its own asks for the running, the broken and the new one
    toy.run()
    assert {path.split("/")[1] for path in toy.asked()} == {"2", "3", "4", "5", "look.csv"}


def test_a_later_look_that_is_forced_by_hand_asks_for_no_more(toy: Toy) -> None:
    look(toy, EPOCH, EPOCH + 12 * HOUR)
    toy.asked()
    toy.run(only_late=True, force=True)
    assert toy.asked() == ["/2/left.csv"]


@pytest.mark.parametrize("fault", [{"status": 429, "retry_after": 600}, {"status": 403}])
def test_a_host_that_refuses_is_not_asked_again_by_itself(toy: Toy, fault: dict[str, int]) -> None:
    """One dataset after the other, so that the refusal comes after the one that is late."""
    toy.set_pace(replace(toy.source.pace, concurrency=1))
    toy.world.put_pair(3, [1], [1])
    toy.server.fault("*/3/left.csv", "status", **fault)
    assert look(toy, EPOCH, EPOCH + 12 * HOUR) is None
