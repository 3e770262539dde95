"""Which datasets a run works on, and why."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from fieldhouse.catalog import MOST_LANES
from fieldhouse.errors import ConfigurationError, DatabaseError, SourceUnavailable
from fieldhouse.source import FetchPolicy, Listing
from fieldhouse.statements import query
from tests.catalog.conftest import DAY, NOW, POLICIES, SOURCE, Paper, candidate

LONG_AGO = NOW - timedelta(days=1000)
SETTLED = NOW - timedelta(hours=1)


def settled(number: int = 1, at: datetime = LONG_AGO, **values: Any) -> Any:
    return candidate(number, settled_at=at, **values)


@pytest.mark.parametrize(
    ("became", "again", "reason"),
    [
        pytest.param(None, settled(), "new", id="new"),
        pytest.param("loaded", settled(), None, id="fresh"),
        pytest.param("good", settled(), "load", id="archived, never loaded"),
        pytest.param("loaded", candidate(), "running", id="never settles"),
        pytest.param("loaded", settled(at=NOW + DAY), "running", id="settles tomorrow"),
        pytest.param("loaded", settled(at=NOW + timedelta(minutes=30)), "running", id="settles within the hour"),
        pytest.param("bad", settled(), "quarantined", id="unreadable"),
        pytest.param("absent", settled(), None, id="404 of something settled"),
        pytest.param("absent", candidate(), "running", id="404 of something running"),
        pytest.param("loaded", candidate(dataset_type="seen"), "observation", id="observed"),
        pytest.param("loaded", candidate(version="1"), "changed", id="first time with a version"),
    ],
)
def test_reasons(paper: Paper, became: str | None, again: Any, reason: str | None) -> None:
    if became:
        paper.look(candidate(again.identifier["n"], again.dataset_type, settled_at=again.settled_at), became=became)
    assert paper.reasons(again) == ([reason] if reason else [])


def test_an_invalidated_dataset_is_planned_whatever_the_policy_says(paper: Paper) -> None:
    paper.look(settled(1), became="loaded")
    paper.look(settled(2), became="absent")
    paper.plan([settled(3)])
    catalog = paper.catalog()
    ids = [row.dataset_id for row in catalog.rows("select dataset_id from lake.dataset order by identifier")]
    assert paper.reasons(settled(1), settled(2)) == []
    # the third one is in the hands of a plan that lives
    assert sorted(catalog.invalidate(ids)) == ids[:2]
    assert paper.reasons(settled(1), settled(2)) == ["invalidated"] * 2


def test_what_a_whole_listing_no_longer_names_is_counted_and_marked(paper: Paper) -> None:
    paper.look(settled(1), settled(2), became="loaded")
    catalog, _, counts = paper.plan([settled(1), Listing("plain")])
    assert (counts.candidates, counts.planned, counts.withdrawn) == (1, 0, 1)
    states = catalog.rows("select state from lake.dataset order by identifier")
    assert [row.state for row in states] == ["complete", "withdrawn"]


@pytest.mark.parametrize("asked", ["forced", "asked"])
def test_everything_is_planned_for_who_asks(paper: Paper, asked: str) -> None:
    paper.look(settled(), became="loaded")
    assert paper.reasons(settled(), settled(2), asked=asked) == [asked, asked]


def test_the_providers_word_decides_where_it_gives_one(paper: Paper) -> None:
    paper.look(candidate(version="1"), became="loaded")
    assert paper.reasons(candidate(version="1")) == []
    assert paper.reasons(candidate(version="2")) == ["changed"]
    paper.look(candidate(version="2"), became="same")
    assert paper.reasons(candidate(version="2")) == []


def test_a_file_that_was_never_asked_for_is_a_reason(paper: Paper) -> None:
    paper.look(candidate(version="1"), became="loaded")
    assert paper.reasons(candidate(version="1", files=2)) == ["new file"]
    assert paper.reasons(candidate(version="2")) == ["changed"]


@pytest.mark.parametrize(
    ("looked", "now", "reason"),
    [
        pytest.param(0.5, 0.9, None, id="before the first step"),
        pytest.param(0.5, 1.0, "re-check", id="on the first step"),
        pytest.param(1.1, 6.9, None, id="between the steps"),
        pytest.param(1.1, 7.1, "re-check", id="on the second step"),
        pytest.param(0.5, 30.0, "re-check", id="late for both steps"),
        pytest.param(8.0, 107.9, None, id="after the ladder"),
        pytest.param(8.0, 108.0, "re-check", id="every 100 days"),
        pytest.param(-0.5, 0.2, "running", id="one more look after it settled"),
    ],
)
@pytest.mark.parametrize("became", ["loaded", "absent"])
def test_the_ladder_of_rechecks(paper: Paper, became: str, looked: float, now: float, reason: str | None) -> None:
    dataset = settled(at=SETTLED, dataset_type="ladder")
    paper.look(dataset, became=became, now=SETTLED + looked * DAY)
    assert paper.reasons(dataset, now=SETTLED + now * DAY) == ([reason] if reason else [])


@pytest.mark.parametrize(
    ("due", "said"),
    [
        pytest.param("case when d.seen_at > now() then 'due' end", "seen_at", id="no such column"),
        pytest.param("case when", "syntax error", id="no SQL"),
        pytest.param("case when d.identifier like 'n%' then 'due' end", "%", id="a percent sign alone"),
        pytest.param("1", "integer", id="no word"),
    ],
)
def test_a_policy_whose_sql_is_wrong_is_named(paper: Paper, due: str, said: str) -> None:
    policies = {**POLICIES, "plain": FetchPolicy("mine", due)}
    with pytest.raises(ConfigurationError, match=f"fetch policy mine.*{said}"):
        paper.catalog().preview(SOURCE, [candidate()], now=NOW, policies=policies)


def test_a_policy_of_ones_own_decides(paper: Paper) -> None:
    policies = {**POLICIES, "plain": FetchPolicy("odd", "case when (d.keys ->> 'n')::integer %% 2 = 1 then 'odd' end")}
    paper.look(settled(1), settled(2), became="loaded")
    items, _ = paper.catalog().preview(SOURCE, [settled(1), settled(2)], now=NOW, policies=policies)
    assert [(item.identifier, item.reason) for item in items] == [("n=1", "odd")]


def test_a_preview_leaves_no_trace(paper: Paper) -> None:
    paper.look(settled(), became="loaded")
    before = everything(paper)
    assert sorted(paper.reasons(*(candidate(n) for n in range(50)))) == ["new"] * 49 + ["running"]
    assert everything(paper) == before


def test_a_plan_that_nothing_changes_writes_to_no_dataset(paper: Paper) -> None:
    paper.look(settled(), became="loaded")
    statement = "select xmin, xmax, ctid from lake.dataset"
    before = paper.catalog().rows(statement)
    paper.plan([settled()])
    assert paper.catalog().rows(statement) == before


def test_the_same_run_again_takes_the_place_of_its_plan(paper: Paper) -> None:
    catalog, plan, _ = paper.plan([candidate(1), candidate(2)], run="r")
    paper.lanes(catalog, plan)
    catalog.finish_plan(plan, {"a": 1})
    _, again, counts = paper.plan([candidate(2), candidate(3)], run="r")
    assert (again, counts.planned) == (plan, 2)
    assert {row.identifier for row in catalog.outcomes(plan)} == {"n=2", "n=3"}
    assert catalog.report("paper", "r") is None


def test_discover_may_ask_the_catalog_while_it_yields(paper: Paper) -> None:
    catalog = paper.catalog()

    def discover() -> Any:
        for number in range(3):
            assert catalog.rows("select count(*) as n from lake.dataset")[0].n == 0
            yield candidate(number)

    assert paper.plan(discover(), catalog=catalog)[2].planned == 3


def test_discover_runs_in_no_transaction_and_claims_live_from_the_plan_on(paper: Paper) -> None:
    """It may ask a slow host for longer than a claim lives."""
    moments: list[datetime] = []

    def discover() -> Any:
        yield candidate()
        with psycopg.connect(paper.settings.catalog) as connection:
            states = (
                "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in%'"
            )
            assert connection.execute(states).fetchone() == (0,)
            moments.extend(connection.execute("select clock_timestamp()").fetchone() or ())

    catalog, _, _ = paper.plan(discover(), catalog=paper.catalog(claim_seconds=60))
    (claim,) = catalog.rows("select expires_at from lake.claim")
    assert claim.expires_at - moments[0] >= timedelta(seconds=60)


def test_only_what_was_absent_at_the_last_look_is_planned_for_a_later_one(paper: Paper) -> None:
    due_at = NOW + DAY
    paper.look(candidate(1, due_at=due_at), became="absent")
    paper.look(candidate(2), became="loaded")
    paper.look(candidate(3), became="bad")
    again = [candidate(1, due_at=due_at), *map(candidate, (2, 3, 4))]
    items, counts = paper.catalog().preview(SOURCE, again, now=NOW, policies=POLICIES, only_late=True)
    assert [(item.identifier, item.reason) for item in items] == [("n=1", "absent")]
    assert (counts.candidates, counts.planned, counts.withdrawn) == (4, 1, 0)


def test_a_plan_on_a_catalog_that_was_never_analyzed_compares_no_pairs(paper: Paper) -> None:
    """Claims are looked up in a hash: the planner takes them for a handful, and a join would be a nested loop."""
    with psycopg.connect(paper.settings.catalog) as connection:
        connection.execute(query("candidate"))
        parameters = {"plan_id": 1, "source": "paper", "claim_seconds": 1}
        lines = [line for (line,) in connection.execute("explain " + query("plan"), parameters)]
    (start,) = [place for place, line in enumerate(lines) if "CTE planned" in line]
    planned = [line.strip() for line in lines[start : start + 4]]
    assert any("CTE Scan on wanted" in line for line in planned), lines
    assert any("hashed SubPlan" in line for line in planned), lines


@pytest.mark.parametrize("yielded", [0, 3])
def test_a_listing_that_fails_leaves_no_plan(paper: Paper, yielded: int) -> None:
    def discover() -> Any:
        yield from map(candidate, range(yielded))
        raise SourceUnavailable("the listing is gone")

    catalog = paper.catalog()
    with pytest.raises(SourceUnavailable, match="listing"):
        paper.plan(discover(), catalog=catalog)
    assert catalog.rows("select 1 as x from lake.plan union all select 1 from lake.dataset") == []


def test_a_dataset_that_is_listed_twice_is_the_sources_fault(paper: Paper) -> None:
    with pytest.raises(DatabaseError, match="todo_pkey"):
        paper.plan([candidate(1), candidate(1)])


@pytest.mark.parametrize(
    ("total", "files", "datasets", "most_files", "lanes"),
    [
        pytest.param(1, 1, 500, 10**6, [1], id="one"),
        pytest.param(8, 1, 500, 10**6, [8], id="few are one lane"),
        pytest.param(9, 1, 500, 10**6, [8, 1], id="a second lane"),
        pytest.param(68, 1, 500, 10**6, [17] * 4, id="68 matches"),
        pytest.param(2100, 1, 500, 10**6, [500] * 4 + [100], id="bounded by size"),
        pytest.param(100, 1, 500, 10, [10] * 10, id="bounded by pace"),
        pytest.param(100, 3, 500, 30, [10] * 10, id="pace counts files"),
        pytest.param(3, 40, 500, 30, [1] * 3, id="a dataset is never divided"),
    ],
)
def test_lanes(paper: Paper, total: int, files: int, datasets: int, most_files: int, lanes: list[int]) -> None:
    catalog, plan, _ = paper.plan(candidate(f"{n:04}", files=files) for n in range(total))
    made = paper.lanes(catalog, plan, datasets=datasets, files=most_files)
    assert [lane.datasets for lane in made] == lanes
    assert [lane.lane for lane in made] == list(range(1, len(lanes) + 1))
    first = catalog.lane_items(plan, 1, ["planned"])
    assert [item.identifier for item in first] == [f"n={n:04}" for n in range(lanes[0])]


def test_lanes_have_one_type_each_and_say_what_they_hold(paper: Paper) -> None:
    catalog, plan, _ = paper.plan([*(candidate(n) for n in "abc"), candidate("x" * 300, "ladder")])
    first, second = paper.lanes(catalog, plan)
    assert (first.name, second.name) == (f"ladder {'x' * 90}", "plain a .. c")


def test_never_more_lanes_than_airflow_maps(paper: Paper) -> None:
    catalog, plan, _ = paper.plan(candidate(n) for n in range(MOST_LANES * 2 + 1))
    assert len(paper.lanes(catalog, plan, files=1)) == 667


def test_a_large_catalog_is_planned_in_seconds(paper: Paper, record_property: Any) -> None:
    total = 200_000
    figures = {}
    for name in ("first", "second"):
        start = time.monotonic()
        catalog, plan, counts = paper.plan(settled(n) for n in range(total))
        planned = time.monotonic() - start
        lanes = paper.lanes(catalog, plan)
        figures[name] = f"plan {planned:.1f} s, {len(lanes)} lanes {time.monotonic() - start - planned:.1f} s"
        assert counts.candidates == total
        if name == "first":
            with psycopg.connect(paper.settings.catalog) as connection:
                connection.execute(
                    """update lake.dataset set checked_at = %s, state = 'complete', seen = '{"f0.csv": null}'""", (NOW,)
                )
        catalog.finish_plan(plan, {})
        catalog.close()
    assert counts.fresh == total
    print(f"{total:,} candidates: {figures}")
    record_property("figures", str(figures))
    assert planned < 60


def everything(paper: Paper) -> list[Any]:
    tables = ("dataset", "plan", "plan_item", "claim", "revision", "file", "staged_file")
    return [paper.catalog().rows(f"select to_jsonb(t) as row from lake.{name} as t order by 1") for name in tables]


def test_the_source_of_these_tests_is_one(paper: Paper) -> None:
    assert [t.observed for t in SOURCE.dataset_types] == [False, False, True]
