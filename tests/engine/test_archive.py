"""Revisions: all files or none, and nothing lost to bytes that are not what they should be."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fieldhouse.engine.archive import archive
from fieldhouse.engine.discover import Request, discover
from fieldhouse.engine.load import load
from fieldhouse.engine.scrape import scrape
from fieldhouse.engine.status import revisions
from fieldhouse.errors import DatabaseError, Outcome, PageChanged
from fieldhouse.source import Window
from tests.engine import toy as toy_module
from tests.engine.toy import EPOCH, Toy, lake_state, outcomes, sheet, shift_clock, table_state, work

ITEMS = "select pair, side, n, value from toy.item order by 1, 2, 3"


def history(toy: Toy, number: str = "1") -> list[tuple[int, str, bool]]:
    with toy.context() as context:
        return [(r.revision, r.state, r.current) for r in revisions(context, "pair", {"number": number})]


def test_two_files_become_visible_together(toy: Toy) -> None:
    toy.world.put_pair(1, [5, 6], [7])
    del toy.world.files["/1/right.csv"]
    report = toy.run()
    assert (outcomes(report), lake_state(toy.settings)[0][3:6], history(toy)) == (
        {"not_published": 1},
        ("missing", None, None),
        [],
    )
    toy.world.put_pair(1, [5, 6], [7])
    assert outcomes(toy.run()) == {"fetched": 1}
    assert [row[5] for row in lake_state(toy.settings)] == ["left.csv", "right.csv"]
    assert toy.rows(ITEMS) == [(1, "left.csv", 0, 5), (1, "left.csv", 1, 6), (1, "right.csv", 0, 7)]


def test_a_bad_file_keeps_the_good_one_from_being_current(toy: Toy) -> None:
    toy.world.put_pair(1, [5, 6], [7])
    toy.run()
    before = lake_state(toy.settings), table_state(toy.settings, "toy.item")
    toy.world.put_pair(1, [5, 9], [7])
    toy.world.files["/1/right.csv"] = b"oops\n"
    report = toy.run()
    assert outcomes(report) == {"page_changed": 1}
    assert report.failed
    assert "toy/pair/number=1: expected the columns n and value" in report.problems[0].message
    assert [row[5:] for row in lake_state(toy.settings)] == [row[5:] for row in before[0]]
    assert table_state(toy.settings, "toy.item") == before[1]
    assert history(toy) == [(2, "quarantined", False), (1, "good", True)]


def test_the_same_bad_bytes_are_quarantined_once(toy: Toy) -> None:
    toy.world.put_pair(1, [5], [7], settled_at="2020-01-01T00:00:00Z")
    toy.world.files["/1/left.csv"] = b"oops\n"
    for _ in range(3):
        assert outcomes(toy.run()) == {"page_changed": 1}
    assert history(toy) == [(1, "quarantined", False)]
    toy.world.files["/1/left.csv"] = b"worse\n"
    toy.run()
    assert [revision for revision, _, _ in history(toy)] == [2, 1]


def test_good_bytes_heal(toy: Toy) -> None:
    toy.world.put_pair(1, [5], [7])
    toy.run()
    toy.world.files["/1/left.csv"] = b"oops\n"
    toy.run()
    toy.world.put_pair(1, [5], [7])
    assert outcomes(toy.run()) == {"unchanged": 1}
    assert lake_state(toy.settings)[0][3:5] == ("complete", 1)
    toy.world.put_pair(1, [5, 6], [7])
    assert outcomes(toy.run()) == {"fetched": 1}
    assert history(toy) == [(3, "good", True), (2, "quarantined", False), (1, "good", False)]


def test_a_mended_parser_heals(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    toy.world.put_pair(1, [5], [7], settled_at="2020-01-01T00:00:00Z")
    toy.world.files["/1/left.csv"] = b"n;value\n0;5\n"
    assert outcomes(toy.run()) == {"page_changed": 1}
    old = toy_module.read
    monkeypatch.setattr(toy_module, "read", lambda data: old(data.replace(b";", b",")))
    assert outcomes(toy.run()) == {"fetched": 1}
    assert toy.rows(ITEMS) == [(1, "left.csv", 0, 5), (1, "right.csv", 0, 7)]
    assert history(toy) == [(1, "good", True)]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KeyError("goals"), "the parser stumbled (KeyError: 'goals')"),
        (PageChanged("no such column"), "no such column"),
    ],
)
def test_a_parser_that_stumbles_over_one_file_stops_no_other(
    toy: Toy, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    for number in (1, 2, 3):
        toy.world.put_pair(number, [number], [number])
    old = toy_module.parse

    def stumble(dataset_type: str, identifier: Any, files: Any) -> Any:
        if identifier["number"] == "2":
            raise error
        return old(dataset_type, identifier, files)

    monkeypatch.setattr(toy_module, "parse", stumble)
    report = toy.run()
    assert outcomes(report) == {"fetched": 2, "page_changed": 1}
    assert said in report.problems[0].message
    assert toy.rows("select distinct pair from toy.item order by 1") == [(1,), (3,)]


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("value", None),
        ("n", "without n, which its key needs"),
    ],
)
def test_a_parser_that_forgets_a_column(
    toy: Toy, monkeypatch: pytest.MonkeyPatch, column: str, said: str | None
) -> None:
    toy.world.put_pair(1, [1], [2])
    old = toy_module.parse
    monkeypatch.setattr(
        toy_module, "parse", lambda *a: {name: table.drop_columns([column]) for name, table in old(*a).items()}
    )
    report = toy.run()
    assert outcomes(report) == ({"page_changed": 1} if said else {"fetched": 1})
    assert said is None or said in report.problems[0].message


def test_doubled_and_empty_keys_are_refused(toy: Toy) -> None:
    toy.world.put_pair(1, [1, 2], [3])
    toy.world.files["/1/left.csv"] = b"n,value\n0,1\n0,2\n"
    report = toy.run()
    assert "1 rows of table item repeat the key" in report.problems[0].message


@pytest.mark.parametrize(("rows", "outcome"), [(20, "fetched"), (19, "fetched"), (18, "fetched"), (17, "page_changed")])
def test_a_file_that_was_cut_off_is_not_believed(toy: Toy, rows: int, outcome: str) -> None:
    toy.world.put_pair(1, range(19), [0])
    toy.run()
    toy.world.put_pair(1, range(1, rows), [0])
    report = toy.run()
    assert outcomes(report) == {outcome: 1}
    if outcome == "page_changed":
        assert "17 rows for table item where the current revision has 20" in report.problems[0].message
        assert toy.rows("select count(*) from toy.item") == [(20,)]


def test_force_believes_it_and_deletes_the_rows(toy: Toy) -> None:
    toy.world.put_pair(1, range(20), [0])
    toy.run()
    toy.world.put_pair(1, range(5), [0])
    assert outcomes(toy.run()) == {"page_changed": 1}
    report = toy.run(force=True)
    assert (outcomes(report), report.tables["item"].deleted) == ({"fetched": 1}, 15)
    assert history(toy) == [(2, "good", True), (1, "good", False)]


def test_a_new_column_is_reported_and_loaded(toy: Toy) -> None:
    toy.world.put_pair(1, [1], [2])
    toy.world.files["/1/left.csv"] = b"n,value,colour\n0,1,red\n"
    report = toy.run()
    assert report.new_columns == ["pair/number=1: new columns, kept in extra: colour"]
    assert not report.failed
    assert len(toy.rows(ITEMS)) == 2


def test_unchanged_bytes_with_new_validators(toy: Toy) -> None:
    toy.world.put_pair(1, [1], [2])
    toy.world.etags = False
    toy.run()
    toy.world.etags = True
    assert outcomes(toy.run()) == {"unchanged": 1}
    toy.asked()
    assert outcomes(toy.run()) == {"unchanged": 1}
    statuses = [request.status for request in toy.server.requests() if request.path != "/list.json"]
    assert (statuses, history(toy)) == ([304, 304], [(1, "good", True)])


def test_force_asks_without_conditions_and_reads_the_bytes_anew(toy: Toy) -> None:
    toy.world.put_pair(1, [1], [2])
    toy.run()
    toy.asked()
    report = toy.run(force=True)
    assert [r.status for r in toy.server.requests() if r.path != "/list.json"] == [200, 200]
    assert (outcomes(report), dict(report.tables)) == ({"unchanged": 1}, {})
    with toy.context() as context:
        (revision,) = revisions(context, "pair", {"number": "1"})
    assert [activation["reason"] for activation in revision.activations] == ["commit", "reparse"]
    assert all(activation["loaded_at"] for activation in revision.activations)


def test_force_mends_what_is_damaged_in_the_lake(toy: Toy) -> None:
    toy.world.put_pair(1, [1], [2])
    toy.run()
    objects = [path for path in Path(toy.settings.lake.removeprefix("file://")).rglob("*") if path.is_file()]
    assert len(objects) == 4  # two files, their rows, and the listing
    for path in objects:
        path.write_bytes(bytes(path.stat().st_size))
    assert outcomes(toy.run()) == {"unchanged": 1}
    assert outcomes(toy.run(force=True)) == {"unchanged": 1}
    with toy.context() as context:
        (item,) = context.catalog.rows("select path, sha256 from lake.file where name = 'left.csv'")
        assert context.lake.read_raw(item.path, item.sha256) == toy.world.files["/1/left.csv"]


def test_an_older_activation_is_never_made_visible_over_a_newer(toy: Toy) -> None:
    toy.world.put_pair(1, [1], [2])
    toy.run()
    with toy.context() as context:
        late = context.catalog.next_activation()
        toy.world.put_pair(1, [1, 2], [2])
        toy.run()
        toy.world.put_pair(1, [1], [2, 3])
        plan = toy.plan(context)
        scrape(context, plan.plan, 1)
        context.catalog.next_activation = lambda: late  # type: ignore[method-assign]
        with pytest.raises(DatabaseError, match="another run made activation"):
            archive(context, plan.plan, 1)
    assert history(toy)[0] == (2, "good", True)


def test_observations_add_up_and_equal_ones_add_none(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    for hour, values in enumerate(([1, 2], [1, 2], [1], [])):
        shift_clock(monkeypatch, EPOCH + timedelta(hours=hour))
        toy.world.put_look(values)
        report = toy.run()
        assert not report.failed
    assert outcomes(report) == {"nothing_scheduled": 1}
    assert toy.rows("select extract(hour from observed_at)::int, n, value from toy.look order by 1, 2") == [
        (12, 0, 1),
        (12, 1, 2),
        (14, 0, 1),
    ]


def test_force_adds_no_observation_of_the_same_bytes(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    for hour in range(3):
        shift_clock(monkeypatch, EPOCH + timedelta(hours=hour))
        toy.world.put_look([1, 2])
        assert outcomes(toy.run(force=True)) == {"unchanged" if hour else "fetched": 1}
    assert toy.rows("select distinct extract(hour from observed_at)::int from toy.look") == [(EPOCH.hour,)]


def test_an_observation_that_was_archived_and_not_loaded_is_not_lost(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    toy.world.put_look([1])
    with toy.context() as context:
        plan = toy.plan(context)
        scrape(context, plan.plan, 1)
        archive(context, plan.plan, 1)
    shift_clock(monkeypatch, EPOCH + timedelta(hours=1))
    toy.world.put_look([2])
    report = toy.run()
    assert not report.failed
    assert toy.rows("select n, value from toy.look order by observed_at") == [(0, 1), (0, 2)]


def test_an_observed_type_is_not_backfilled(toy: Toy) -> None:
    toy.world.put_look([1])
    past = (EPOCH - timedelta(days=30)).date()
    with toy.context() as context:
        plan = discover(context, "past", Request(Window(past, past)))
    assert plan.lanes == ()
    assert "shows only the present" in plan.notes[0]["reason"]


def test_what_was_archived_is_loaded_although_the_host_is_down_now(toy: Toy) -> None:
    toy.world.put_pair(1, [1], [2])
    with toy.context() as context:
        plan = toy.plan(context)
        scrape(context, plan.plan, 1)
        archive(context, plan.plan, 1)
    toy.server.fault("*/1/*", "status", status=500)
    assert outcomes(toy.run()) == {"failed": 1}
    assert len(toy.rows(ITEMS)) == 2


def test_rows_that_the_database_refuses_reject_their_dataset_alone(toy: Toy) -> None:
    for number in range(1, 6):
        toy.world.put_pair(number, [number], [number])
    toy.world.put_pair(3, [100_000], [3])  # more than a smallint holds
    report = toy.run()
    assert outcomes(report) == {"fetched": 4, "rejected": 1}
    assert "toy/pair/number=3" in report.problems[0].message
    assert toy.rows("select distinct pair from toy.item order by 1") == [(1,), (2,), (4,), (5,)]
    toy.world.put_pair(3, [3], [3])
    assert not toy.run().failed
    assert toy.rows("select count(distinct pair) from toy.item") == [(5,)]


def test_a_step_leaves_what_another_run_took_meanwhile(toy: Toy) -> None:
    toy.world.put_pair(1, [1], [2])
    with toy.context() as first:
        plan = toy.plan(first)
        scrape(first, plan.plan, 1)
    with toy.context() as other:
        assert toy.plan(other).counts.planned == 1
        with toy.context() as again:
            assert archive(again, plan.plan, 1).outcomes == {}
            row = again.catalog.outcomes(plan.plan)[0]
            assert (row.outcome, row.message) == ("unchanged", "another run works on it")
            assert load(again, plan.plan, 1) == {}


def test_zero_bytes_and_a_sheet_of_no_rows(toy: Toy) -> None:
    toy.world.put_pair(1, [], [])
    toy.world.put_pair(2, [1], [2])
    toy.world.files["/2/left.csv"] = b""
    report = toy.run()
    assert outcomes(report) == {"fetched": 1, "page_changed": 1}
    assert sheet([]) == toy.world.files["/1/left.csv"]
    assert Outcome.PAGE_CHANGED.bad


def test_a_run_that_begins_anew_tells_only_what_it_changes_now(toy: Toy) -> None:
    toy.world.put_pair(1, [1], [2])
    for changed in (2, 0):
        with toy.context() as context:
            report = work(context, toy.plan(context, "cleared"))
            assert sum(count.changed for count in context.warehouse.changes(report.plan).values()) == changed
