"""Failures belong to datasets: one that cannot be had is named, with what to do, and the others are loaded."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fieldhouse import clock
from fieldhouse.engine.discover import Request, discover
from fieldhouse.engine.report import NEXT_STEP, make_report
from fieldhouse.engine.scrape import HOST_DOWN_AFTER, scrape
from fieldhouse.errors import ConfigurationError, LakeError, Outcome, SourceThrottled
from fieldhouse.source import Pace, Window
from tests.engine.toy import EPOCH, Toy, outcomes

BAD = "*/2/left.csv"
ONE_AT_A_TIME = Pace((), concurrency=1)


@pytest.fixture
def three(toy: Toy) -> Toy:
    for number in (1, 2, 3):
        toy.world.put_pair(number, [number] * 30, [number])
    return toy


@pytest.mark.parametrize(
    ("fault", "outcome", "said", "kept"),
    [
        pytest.param({"kind": "status", "status": 500}, "failed", "status 500", False, id="500 for ever"),
        pytest.param({"kind": "reset"}, "failed", "attempts", False, id="reset"),
        pytest.param({"kind": "truncate"}, "failed", "attempts", False, id="truncated"),
        pytest.param(
            {"kind": "redirect", "location": "/toy.example/2/left.csv"}, "failed", "redirect", False, id="loop"
        ),
        pytest.param({"kind": "status", "status": 404}, "not_published", "404", False, id="404"),
        pytest.param({"kind": "empty"}, "page_changed", "found b''", True, id="0 bytes"),
        pytest.param(
            {"kind": "columns", "drop": ["value"]}, "page_changed", "expected the columns", True, id="column gone"
        ),
        pytest.param(
            {"kind": "replace", "replace": {"n,value": "<!doctype html><html><title>Sorry</title>"}},
            "page_changed",
            "HTML page ('Sorry')",
            True,
            id="HTML with 200",
        ),
    ],
)
def test_one_bad_file(three: Toy, fault: dict[str, Any], outcome: str, said: str, kept: bool) -> None:
    three.server.fault(BAD, **fault)
    report = three.run()
    assert outcomes(report) == {"fetched": 2, outcome: 1}
    assert three.rows("select distinct pair from toy.item order by 1") == [(1,), (3,)]
    assert report.failed == (outcome != "not_published")
    (message,) = three.rows("select message from lake.plan_item where outcome <> 'fetched'")[0]
    assert message.startswith("toy/pair/number=2: ")
    assert said in message
    if report.failed:
        assert NEXT_STEP[Outcome(outcome)] in "\n".join(report.lines())
    quarantined = three.rows(
        """
        select 1 from lake.file as f inner join lake.revision as r using (dataset_id, revision)
        where r.state = 'quarantined' and f.name = 'left.csv'
        """
    )
    assert len(quarantined) == kept
    three.server.clear()
    assert outcomes(three.run()) == {"fetched": 1, "unchanged": 2}


@pytest.mark.parametrize("kind", ["half", "short"])
def test_half_a_file_of_a_known_dataset(three: Toy, kind: str) -> None:
    three.run()
    three.server.fault(BAD, kind, after_bytes=len(b"n,value\n") + 10 * len("0,2\n"))
    report = three.run()
    assert outcomes(report) == {"page_changed": 1, "unchanged": 2}
    assert "the file looks cut off" in report.problems[0].message
    assert three.rows("select count(*) from toy.item where pair = 2") == [(31,)]


def test_overdue_is_not_a_failure_and_is_told(three: Toy) -> None:
    three.world.put_pair(2, due_at=str(EPOCH - timedelta(days=1)))
    three.world.put_pair(4, due_at=str(EPOCH + timedelta(days=1)))
    del three.world.files["/2/left.csv"]
    report = three.run()
    assert outcomes(report) == {"fetched": 2, "not_published": 2}
    assert [(p.dataset, report.failed) for p in report.overdue] == [("pair/number=2", False)]
    assert "OVERDUE not_published: toy/pair/number=2" in "\n".join(report.lines())


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        pytest.param({"status": 403}, "blocked", id="403"),
        pytest.param({"status": 429, "retry_after": 3600}, "throttled", id="429 for long"),
        pytest.param({"status": 503, "retry_after": 3600}, "throttled", id="503 for long"),
    ],
)
def test_a_refusal_is_heard_once(toy: Toy, fault: dict[str, int], outcome: str) -> None:
    """What was not yet asked for gets the same answer without a request, in this run and in the next."""
    for number in range(1, 21):
        toy.world.put_pair(number, [number], [number])
    toy.set_pace(ONE_AT_A_TIME)
    toy.server.fault("*/3/*", "status", **fault)
    report = toy.run()
    fetched = report.outcomes["fetched"]
    assert outcomes(report) == {"fetched": fetched, outcome: 20 - fetched}
    assert len(toy.asked()) == 2 * fetched + 1
    assert toy.rows("select count(distinct pair) from toy.item") == [(fetched,)]
    with pytest.raises(Exception, match="is left alone until"):
        toy.run()
    assert toy.server.requests() == []


def test_a_short_wait_is_waited_for(three: Toy) -> None:
    three.server.fault(BAD, "status", status=429, retry_after=1, count=1)
    assert outcomes(three.run()) == {"fetched": 3}


def test_a_throttled_lane_says_until_when(three: Toy) -> None:
    three.server.fault(BAD, "status", status=429, retry_after=600)
    with three.context() as context:
        plan = three.plan(context)
        problem = scrape(context, plan.plan, 1).first(SourceThrottled)
    assert isinstance(problem, SourceThrottled)
    assert 500 < (problem.until - clock.real_now()).total_seconds() <= 600


def test_a_host_that_is_down_is_not_asked_for_everything(toy: Toy) -> None:
    for number in range(1, 41):
        toy.world.put_pair(number, [1], [2])
    toy.set_pace(ONE_AT_A_TIME)
    toy.server.fault("re:/left.csv", "reset")
    report = toy.run()
    assert outcomes(report) == {"failed": 40}
    not_asked = [p for p in report.problems if "not asked for" in p.message]
    lanes = 4
    assert len(not_asked) == 40 - lanes * HOST_DOWN_AFTER
    assert {path.split("/")[1] for path in toy.asked()} == {
        p.dataset.partition("=")[2] for p in report.problems if p not in not_asked
    }


def test_a_single_success_shows_that_the_host_is_up(toy: Toy) -> None:
    for number in range(1, 21):
        toy.world.put_pair(number, [1], [2])
    toy.set_pace(ONE_AT_A_TIME)
    toy.server.fault("re:/(?!3/|7/|11/|15/)[0-9]+/left.csv", "status", status=418)
    assert outcomes(toy.run()) == {"failed": 16, "fetched": 4}


def test_a_retry_redoes_only_what_is_not_done(three: Toy) -> None:
    three.server.fault(BAD, "status", status=500)
    with three.context() as context:
        plan = three.plan(context)
        scrape(context, plan.plan, 1)
        three.server.clear()
        again = scrape(context, plan.plan, 1)
    assert (again.staged, again.problems) == (1, [])
    assert sorted(three.asked()) == ["/2/left.csv", "/2/right.csv"]


def test_a_lake_that_cannot_be_written_is_our_own_failure(three: Toy) -> None:
    three.settings = replace(three.settings, lake="file:///proc/none")
    with pytest.raises(LakeError, match="/proc/none"):
        three.run()


def test_what_was_left_half_way_is_a_failure(three: Toy) -> None:
    with three.context() as context:
        plan = three.plan(context)
        scrape(context, plan.plan, 1)
        report = make_report(context, plan.plan)
    assert outcomes(report) == {"failed": 3}
    assert report.problems[0].message == "pair/number=1: the archive of lane 1 did not finish"


@pytest.mark.parametrize(
    ("flags", "planned", "note"),
    [
        ({}, 3, None),
        ({"toy": "off"}, 0, "Variable flag__toy is off"),
        ({"toy__pair": "off"}, 0, "Variable flag__toy__pair is off"),
        ({"toy__pair": " ON "}, 3, None),
    ],
)
def test_flags(three: Toy, flags: dict[str, str], planned: int, note: str | None) -> None:
    with three.context() as context:
        plan = three.plan(context, flags=flags)
    assert plan.counts.planned == planned
    assert note is None or (plan.notes[0]["outcome"], plan.notes[0]["reason"]) == ("disabled", note)


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"flags": {"toy": "maybe"}}, "must be on, off or auto"),
        ({"flags": {"toy__pears": "on"}}, "there is no flag toy__pears; toy has: toy, toy__pair, toy__look"),
        ({"params": {"sorce": 1}}, "toy has no parameter sorce"),
        ({"params": {"dataset_types": ["pears"]}}, "toy has no dataset type 'pears'; it has: pair, look"),
        ({"select": {"number": "99"}}, "no dataset with number=99"),
    ],
)
def test_a_wrong_request(three: Toy, request_: dict[str, Any], said: str) -> None:
    today = clock.today()
    with three.context() as context, pytest.raises(ConfigurationError, match=said):
        discover(context, "wrong", Request(Window(today, today), **request_))
    assert three.rows("select 1 from lake.plan") == []
