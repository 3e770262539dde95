"""Every visible change of a dataset is an event of its own kind, whichever way of the engine made it."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fieldhouse import clock
from fieldhouse.catalog import Catalog
from fieldhouse.engine import life
from fieldhouse.engine.archive import archive
from fieldhouse.engine.discover import Request, preview
from fieldhouse.engine.gc import KEEP_EVENTS, gc
from fieldhouse.engine.repair import repair
from fieldhouse.engine.scrape import scrape
from fieldhouse.engine.status import Selection
from fieldhouse.engine.verify import verify
from fieldhouse.events import deliver, read_events
from fieldhouse.lake import LakeStore
from fieldhouse.source import Candidate, Check, Client, Listing, Scope, Window
from tests.engine.toy import SOURCE, Toy, discover_toy, outcomes, work
from tests.processes import ROOT, settings_environment

ONE = Selection("pair", {"number": "1"})
Told = list[tuple[Any, ...]]


def news(toy: Toy) -> Told:
    """Return (kind, revision, detail) of what reader ``test`` has not read."""
    catalog = Catalog(toy.settings.catalog, claim_seconds=0)
    told = [(event.kind, event.revision, event.detail) for event in read_events(catalog, "test")]
    catalog.close()
    return told


def activated(reason: str, revision: int, previous: int | None, kind: str = "revision_activated") -> tuple[Any, ...]:
    return (kind, revision, {"reason": reason, "previous_revision": previous})


def stated(kind: str, revision: int | None, state: str, previous: str) -> tuple[Any, ...]:
    return (kind, revision, {"state": state, "previous_state": previous})


@pytest.fixture
def one(toy: Toy) -> Toy:
    """Return a toy whose pair 1 has a first revision, of which ``test`` has read."""
    toy.world.put_pair(1, [1], [1])
    toy.run()
    assert news(toy) == [("dataset_created", None, {}), activated("commit", 1, None)]
    return toy


def test_an_event_says_which_dataset(toy: Toy) -> None:
    toy.world.put_pair(1, [1], [1])
    toy.run()
    catalog = Catalog(toy.settings.catalog, claim_seconds=0)
    created, made = read_events(catalog, "test")
    catalog.close()
    assert (created.source, created.dataset_type, created.identifier, created.keys) == (
        "toy",
        "pair",
        "number=1",
        {"number": "1"},
    )
    assert [(made.dataset_id, made.activation)] == toy.rows("select dataset_id, current_activation from lake.dataset")
    assert abs(made.happened_at - clock.real_now()) < timedelta(minutes=1)


def test_another_revision(one: Toy) -> None:
    one.world.put_pair(1, [2], [1])
    one.run()
    assert news(one) == [activated("commit", 2, 1)]


def test_what_is_as_it_was_is_no_event(one: Toy) -> None:
    assert outcomes(one.run()) == {"unchanged": 1}
    assert news(one) == []


def test_the_same_bytes_read_anew(one: Toy) -> None:
    one.run(force=True)
    assert news(one) == [activated("reparse", 1, 1)]


def test_back(one: Toy) -> None:
    one.world.put_pair(1, [2], [1])
    one.run()
    news(one)
    with one.context() as context:
        work(context, life.rollback(context, "back", ONE))
    assert news(one) == [activated("rollback", 1, 2, "rolled_back")]


def test_bytes_that_cannot_be_read_and_better_ones(one: Toy) -> None:
    good = one.world.files["/1/left.csv"]
    one.world.files["/1/left.csv"] = b"oops\n"
    one.run()
    ((kind, revision, detail),) = news(one)
    assert (kind, revision) == ("revision_quarantined", 2)
    assert "expected the columns n and value" in detail["reason"]
    # the same bytes again are no news
    one.run()
    assert news(one) == []
    one.world.files["/1/left.csv"] = good
    one.run()
    assert news(one) == [stated("dataset_completed", 1, "complete", "quarantined")]


def test_rows_that_are_rejected_step_back(one: Toy) -> None:
    pair, look = SOURCE.dataset_types
    tables = tuple(replace(table, checks=(Check("a value above 100", "value > 100"),)) for table in pair.tables)
    one.source = replace(SOURCE, dataset_types=(replace(pair, tables=tables), look))
    one.world.put_pair(1, [500], [1])
    one.world.put_pair(2, [500], [1])
    assert outcomes(one.run()) == {"rejected": 2}
    told = news(one)
    assert told[:3] == [
        ("dataset_created", None, {}),
        activated("commit", 2, 1),
        activated("commit", 1, None),
    ]
    assert [(kind, revision) for kind, revision, _ in told[3:]] == [
        ("revision_quarantined", 2),
        ("rolled_back", 1),
        ("revision_quarantined", 1),
        ("dataset_emptied", None),
    ]
    assert told[4] == activated("rejected", 1, 2, "rolled_back")
    assert told[6][2] == {"reason": "rejected", "previous_revision": 1}


def test_nothing_there(toy: Toy) -> None:
    toy.world.put_pair(1, [1], [1])
    del toy.world.files["/1/right.csv"]
    toy.run()
    assert news(toy) == [("dataset_created", None, {}), stated("dataset_missing", None, "missing", "scheduled")]


def test_withdrawn_and_back(one: Toy) -> None:
    def discover(scope: Scope, client: Client) -> Iterator[Candidate | Listing]:
        yield from discover_toy(scope, client)
        yield Listing("pair", {})

    one.source = replace(SOURCE, discover=discover)
    entry = one.world.entries.pop("pair 1")
    one.run()
    one.run()
    assert news(one) == [stated("dataset_withdrawn", 1, "withdrawn", "complete")]
    one.world.entries["pair 1"] = entry
    one.run()
    assert news(one) == [stated("dataset_returned", 1, "complete", "withdrawn")]


def test_partial_and_complete(one: Toy) -> None:
    for state in ("partial", "complete"):
        with psycopg.connect(one.settings.catalog) as connection:
            connection.execute("update lake.dataset set state = %s", (state,))
    assert news(one) == [
        stated("dataset_partial", 1, "partial", "complete"),
        stated("dataset_completed", 1, "complete", "partial"),
    ]


def test_a_look_that_found_nothing_is_no_part_that_lacks(one: Toy) -> None:
    right = one.world.files.pop("/1/right.csv")
    assert outcomes(one.run()) == {"not_published": 1}
    one.source = replace(SOURCE, dataset_types=(replace(SOURCE.dataset_types[0], parser_version=2),))
    with one.context() as context:
        work(context, life.reparse(context, "anew", ONE))
    assert news(one) == [activated("reparse", 1, 1)]
    one.source = SOURCE
    one.world.put_pair(1, [2], [1])
    assert one.world.files["/1/right.csv"] == right
    one.run()
    assert news(one) == [activated("commit", 2, 1)]


def test_an_event_outlives_its_dataset(one: Toy) -> None:
    with one.context() as context:
        life.delete(context, "delete", life.select(context, ONE))
    assert news(one) == [
        ("dataset_emptied", None, {"reason": "deleted", "previous_revision": 1}),
        ("dataset_deleted", None, {}),
    ]
    assert one.rows("select 1 from lake.dataset") == []


def test_lost_bytes_and_rows(one: Toy) -> None:
    root = Path(one.settings.lake.removeprefix("file://"))
    paths = one.rows("select path from lake.file union all select path from lake.activation_table")
    for (path,) in paths:
        (root / path).unlink()
    with one.context() as context:
        repair(context, verify(context))
    assert news(one) == [("dataset_emptied", None, {"reason": "lost", "previous_revision": 1})]


def test_a_plan_that_is_only_shown_is_no_event(toy: Toy) -> None:
    toy.world.put_pair(1, [1], [1])
    with toy.context() as context:
        preview(context, Request(Window(clock.today(), clock.today())))
    assert news(toy) == []


@pytest.mark.parametrize("point", ["Parquet written, not committed", "revision committed"])
def test_a_kill_leaves_both_or_neither(toy: Toy, point: str) -> None:
    for number in range(1, 5):
        toy.world.put_pair(number, [number], [number])
    environment = settings_environment(toy.settings, "toy")
    command = [sys.executable, "-m", "tests.engine.child", "killed", "whole", point, "2"]
    ended = subprocess.run(command, env=environment, cwd=ROOT, check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    told = [event for event in news(toy) if event[0] == "revision_activated"]
    assert len(told) == toy.rows("select count(*) from lake.activation")[0][0]
    toy.run()
    again = [event for event in news(toy) if event[0] == "revision_activated"]
    assert len(told) + len(again) == 4


CHURN = """
update lake.dataset set state = case state when 'complete' then 'withdrawn' else 'complete' end where dataset_id = %s;
"""


def churn(toy: Toy, ids: list[int], first: int, failures: list[BaseException]) -> None:
    """Withdraw datasets, bring them back and make new ones, each time one of either in one transaction."""
    make = "insert into lake.dataset (source, dataset_type, identifier, keys) values ('toy', 'pair', %s, '{}')"
    try:
        with psycopg.connect(toy.settings.catalog, autocommit=True) as connection:
            for turn in range(40):
                with connection.transaction():
                    connection.execute(make, (f"churn={first}-{turn}",))
                    connection.execute(CHURN, (ids[(first + turn) % len(ids)],))
    except BaseException as error:  # noqa: BLE001 - the main thread looks at it
        failures.append(error)


def test_runs_at_once_neither_wait_in_a_circle_nor_lose_an_event(toy: Toy) -> None:
    """What a discover does, twice, beside an archive: an event first and the row of an archive's dataset then."""
    failures: list[BaseException] = []
    for number in range(1, 7):
        toy.world.put_pair(number, [number], [number])
    toy.run()
    ids = [row[0] for row in toy.rows("select dataset_id from lake.dataset order by 1")]
    for number in range(1, 7):
        toy.world.put_pair(number, [number + 10], [number])
    with toy.context() as context:
        lanes = toy.plan(context, force=True).lanes
        for lane in lanes:
            scrape(context, lane.plan, lane.lane)
        threads = [threading.Thread(target=churn, args=(toy, ids, first, failures)) for first in (0, 3)]
        for thread in threads:
            thread.start()
        for lane in lanes:
            archive(context, lane.plan, lane.lane)
    for thread in threads:
        thread.join(60)
    assert failures == []
    told = [kind for kind, _, _ in news(toy)]
    assert told.count("dataset_created") == 86
    assert told.count("revision_activated") == 12


def test_gc_removes_old_events_that_all_have_read(one: Toy) -> None:
    one.world.put_pair(1, [2], [1])
    one.run()
    old = KEEP_EVENTS + timedelta(days=1)
    catalog, lake = Catalog(one.settings.catalog, claim_seconds=0), LakeStore(one.settings.lake)
    assert gc(catalog, lake).events == 0
    with psycopg.connect(one.settings.catalog) as connection:
        connection.execute("update lake.event set happened_at = happened_at - %s", (old,))
    # the third is still to be read
    assert gc(catalog, lake, dry_run=True).events == 2
    assert gc(catalog, lake).events == 2
    assert news(one) == [activated("commit", 2, 1)]

    def refuse(_: object) -> None:
        raise ValueError("no")

    # of two readers, one could not take it
    assert deliver(catalog, "other", refuse, first_wait_seconds=0).failed == 1
    assert gc(catalog, lake).events == 0
    assert deliver(catalog, "third", lambda _: None).delivered == 1
    catalog.remove_event_reader("other")
    assert gc(catalog, lake).events == 1
    catalog.close()
