"""A dataset of which a part is not published yet: what is there is loaded, and the rest is looked for again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fieldhouse import clock
from fieldhouse.engine import life
from fieldhouse.engine.archive import archive
from fieldhouse.engine.report import Report, make_report
from fieldhouse.engine.scrape import scrape
from fieldhouse.engine.status import Selection
from fieldhouse.source import Candidate, Client, Listing, RemoteFile, Scope
from tests.engine import toy as toys
from tests.engine.damage import folder_of
from tests.engine.toy import Toy, outcomes, shift_clock, work

DUE_AT = toys.EPOCH + timedelta(hours=12)
PAIR = replace(toys.SOURCE.dataset_types[0], expected_in=("item", "side"))


def discover(_: Scope, client: Client) -> Iterator[Candidate]:
    client.get("list.json")
    files = [RemoteFile(side, f"1/{side}", expects=(side,)) for side in toys.SIDES]
    settled_at = datetime(2026, 1, 1, tzinfo=UTC)
    yield Candidate("pair", {"number": "1"}, tuple(files), settled_at=settled_at, due_at=DUE_AT)


SOURCE = replace(toys.SOURCE, dataset_types=(PAIR,), discover=discover)


@pytest.fixture
def partly(toy: Toy) -> Toy:
    """Return the toy with one pair whose right side has nothing yet."""
    toy.source = SOURCE
    toy.world.put_pair(1, [1, 2], [])
    return toy


def told(toy: Toy, report: Report) -> list[str]:
    """Tell a person of what is overdue, as a run does in the end, and return it."""
    with toy.context() as context:
        context.catalog.set_reported_missing(report.plan, clock.now())
    return [problem.message for problem in report.newly_overdue]


def test_what_is_there_is_loaded_and_the_rest_is_not_published(partly: Toy) -> None:
    report = partly.run()
    assert outcomes(report) == {"not_published": 1}
    assert not report.failed
    assert report.overdue == []
    assert partly.rows("select side, n, value from toy.item order by n") == [("left.csv", 0, 1), ("left.csv", 1, 2)]
    assert partly.rows("select state, is_absent from lake.dataset") == [("partial", True)]
    messages = partly.rows("select message from lake.plan_item")
    assert messages == [("toy/pair/number=1: nothing yet of right.csv; the rest is here",)]


def test_it_is_looked_for_again_and_told_of_once_when_it_is_due(partly: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(partly, partly.run()) == []
    shift_clock(monkeypatch, DUE_AT - timedelta(hours=1))
    assert told(partly, partly.run()) == []
    shift_clock(monkeypatch, DUE_AT)
    assert told(partly, partly.run()) == ["toy/pair/number=1: nothing yet of right.csv; the rest is here"]
    shift_clock(monkeypatch, DUE_AT + timedelta(hours=1))
    report = partly.run()
    assert told(partly, report) == []
    assert len(report.overdue) == 1
    assert partly.rows("select distinct reason from lake.plan_item") == [("absent",), ("new",)]


def test_once_it_is_there_nothing_is_looked_for(partly: Toy) -> None:
    partly.run()
    partly.world.put_pair(1, [1, 2], [3])
    assert outcomes(partly.run()) == {"fetched": 1}
    assert partly.rows("select state, is_absent, current_revision from lake.dataset") == [("complete", False, 2)]
    assert partly.rows("select count(*) from toy.item") == [(3,)]
    assert outcomes(partly.run()) == {}


def test_a_week_after_it_was_due_nobody_looks_any_more(partly: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    partly.run()
    # its re-check after seven days is one more look
    for day, expected in ((6, {"not_published": 1}), (8, {"not_published": 1}), (9, {})):
        shift_clock(monkeypatch, DUE_AT + timedelta(days=day))
        assert outcomes(partly.run()) == expected, day


def test_a_run_that_was_stopped_before_its_load_has_failed_and_the_next_one_loads(partly: Toy) -> None:
    with partly.context() as context:
        plan = partly.plan(context)
        for lane in plan.lanes:
            scrape(context, lane.plan, lane.lane)
            archive(context, lane.plan, lane.lane)
        assert outcomes(make_report(context, plan.plan)) == {"failed": 1}
    assert partly.rows("select count(*) from toy.item") == [(0,)]
    assert outcomes(partly.run()) == {"not_published": 1}
    assert partly.rows("select count(*) from toy.item") == [(2,)]


STATE = "select state, is_absent from lake.dataset"


def kinds(toy: Toy) -> list[str]:
    return [kind for (kind,) in toy.rows("select kind from lake.event order by event_id")]


def test_a_forced_run_makes_it_no_more_complete(partly: Toy) -> None:
    partly.run()
    for _ in range(2):
        report = partly.run(force=True)
        assert outcomes(report) == {"not_published": 1}
        assert partly.rows(STATE) == [("partial", True)]
    messages = partly.rows("select distinct message from lake.plan_item")
    assert messages == [("toy/pair/number=1: nothing yet of right.csv; the rest is here",)]
    assert "dataset_completed" not in kinds(partly)


def test_what_was_built_of_it_and_is_lost_stops_nobody(partly: Toy) -> None:
    partly.run()
    for path in folder_of(partly).rglob("*.parquet"):
        path.unlink()
    assert outcomes(partly.run()) == {"not_published": 1}
    partly.world.put_pair(1, [1, 2], [3])
    assert outcomes(partly.run()) == {"fetched": 1}
    assert partly.rows(STATE) == [("complete", False)]


def test_nobody_is_told_that_it_is_complete_while_it_is_not(partly: Toy) -> None:
    partly.run()
    assert kinds(partly) == ["dataset_created", "revision_activated", "dataset_partial"]
    # more of the part that was there
    partly.world.put_pair(1, [1, 2, 3], [])
    assert outcomes(partly.run()) == {"not_published": 1}
    assert kinds(partly)[3:] == ["revision_activated"]

    # read anew
    partly.source = replace(SOURCE, dataset_types=(replace(PAIR, parser_version=2),))
    with partly.context() as context:
        work(context, life.reparse(context, "anew", Selection("pair")))
    assert kinds(partly)[4:] == ["revision_activated"]

    # withdrawn, and listed again
    partly.source = replace(partly.source, discover=lambda *_: iter([Listing("pair")]))
    partly.run()
    partly.source = SOURCE
    partly.run()
    assert kinds(partly)[5:] == ["dataset_withdrawn", "dataset_returned"]
    assert partly.rows(STATE) == [("partial", True)]

    partly.world.put_pair(1, [1, 2, 3], [4])
    partly.run()
    assert kinds(partly)[7:] == ["revision_activated", "dataset_completed"]
    assert partly.rows(STATE) == [("complete", False)]
