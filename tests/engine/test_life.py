"""A dataset's life: back, read anew, asked for anew, compared and deleted; with no request but where one is due."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fieldhouse.engine import life
from fieldhouse.engine.archive import archive
from fieldhouse.engine.context import Context
from fieldhouse.engine.life import Again
from fieldhouse.engine.report import Report
from fieldhouse.engine.scrape import scrape
from fieldhouse.engine.status import Selection, revisions
from fieldhouse.errors import ConfigurationError, PageChanged, SourceUnavailable
from tests.engine import toy as toy_module
from tests.engine.toy import EPOCH, Toy, lake_state, outcomes, sheet, shift_clock, table_state, work

ITEMS = "select pair, side, n, value from toy.item order by 1, 2, 3"
ONE = Selection("pair", {"number": "1"})
PAIRS = Selection("pair")
LOOK = Selection("look")


class Offline:
    """A client that nobody may use."""

    host = "nowhere"

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the client was asked to {name}")

    def close(self) -> None: ...


@contextmanager
def offline(toy: Toy) -> Iterator[Context]:
    toy.asked()
    with toy.context() as context:
        context.__dict__["client"] = Offline()
        yield context
    assert toy.server.requests() == []


def again(toy: Toy, command: Callable[..., Again], selection: Selection = ONE, **options: Any) -> Report:
    toy.runs += 1
    with offline(toy) as context:
        return work(context, command(context, f"again {toy.runs}", selection, **options))


def history(toy: Toy, dataset_type: str = "pair", **keys: str) -> list[tuple[int, str, bool]]:
    with toy.context() as context:
        keys = keys or ({"number": "1"} if dataset_type == "pair" else {})
        return [(r.revision, r.state, r.current) for r in revisions(context, dataset_type, keys)]


def current(toy: Toy) -> int | None:
    return next((revision for revision, _, is_current in history(toy) if is_current), None)


def values(toy: Toy) -> list[int]:
    return [value for (value,) in toy.rows("select value from toy.item where pair = 1 order by side, n")]


@pytest.fixture
def three(toy: Toy) -> Toy:
    """Return a toy whose pair 1 has three good revisions, and pair 2 one; the marts are built."""
    toy.world.put_pair(2, [7], [8])
    for last in (1, 2, 3):
        toy.world.put_pair(1, [5, last], [6])
        toy.run()
    with psycopg.connect(toy.settings.warehouse) as connection:
        connection.execute("delete from fieldhouse.dirty")
    return toy


def everything(toy: Toy) -> list[Any]:
    """Return every row of catalog and warehouse, and every object of the lake."""
    with psycopg.connect(toy.settings.catalog) as connection:
        tables = connection.execute(
            "select format('%I.%I', schemaname, tablename) from pg_tables "
            "where schemaname in ('lake', 'toy', 'fieldhouse') order by 1"
        ).fetchall()
        rows = [connection.execute(f"select t::text from {name} as t order by 1").fetchall() for (name,) in tables]
    return [rows, {path: path.read_bytes() for path in objects(toy)}]


def objects(toy: Toy) -> list[Path]:
    root = Path(toy.settings.lake.removeprefix("file://"))
    return sorted(path for path in root.rglob("*") if path.is_file())


# --- rollback ------------------------------------------------------------------------------------------------


def test_back_and_forth(three: Toy) -> None:
    report = again(three, life.rollback)
    assert (outcomes(report), report.tables["item"].updated) == ({"fetched": 1}, 1)
    assert (current(three), values(three)) == (2, [5, 2, 6])
    assert three.rows("select source from fieldhouse.dirty") == [("toy",)]
    again(three, life.rollback)
    assert (current(three), values(three)) == (1, [5, 1, 6])
    again(three, life.rollback, to=3)
    assert (current(three), values(three)) == (3, [5, 3, 6])
    assert [revision for revision, _, _ in history(three)] == [3, 2, 1]
    assert outcomes(again(three, life.rollback, to=3)) == {"unchanged": 1}
    with three.context() as context:
        newest, *_ = revisions(context, "pair", {"number": "1"})
    assert [a["reason"] for a in newest.activations] == ["commit", "rollback"]


def test_a_rollback_deletes_and_brings_back_rows(toy: Toy) -> None:
    """Far more rows go than a file may lose."""
    for count in (2, 30):
        toy.world.put_pair(1, range(count), [0])
        toy.run()
    assert again(toy, life.rollback).tables["item"].deleted == 28
    assert again(toy, life.rollback, to=2).tables["item"].inserted == 28


@pytest.mark.parametrize("etags", [True, False])
def test_a_rollback_sticks(three: Toy, etags: bool) -> None:
    three.world.etags = etags
    three.run()
    again(three, life.rollback)
    for force in (False, True, False):
        three.asked()
        report = three.run(force=force)
        assert (outcomes(report), current(three), values(three)) == ({"unchanged": 2}, 2, [5, 2, 6])
        statuses = {r.status for r in three.server.requests() if r.path != "/list.json"}
        assert statuses == ({304} if etags and not force else {200})
        assert "  pair/number=1: rolled back to revision 2, and the provider still has 3" in "\n".join(report.lines())
    ((message,),) = three.rows("select message from lake.plan_item where message is not null")[-1:]
    assert "rolled back to revision 2, and the provider still has 3" in message
    assert len(history(three)) == 3


def test_what_the_provider_publishes_next_is_current(three: Toy) -> None:
    again(three, life.rollback, to=1)
    three.world.put_pair(1, [5, 2], [6])  # as in revision 2, which is not what it had last
    assert outcomes(three.run()) == {"fetched": 1, "unchanged": 1}
    assert (current(three), values(three)) == (4, [5, 2, 6])
    three.world.put_pair(1, [5, 3], [6])
    three.run()
    assert current(three) == 5
    again(three, life.rollback)
    assert current(three) == 4


def test_half_of_the_files_are_what_was_rolled_back_from(three: Toy) -> None:
    again(three, life.rollback)
    three.world.put_pair(1, [5, 3], [9])
    three.asked()
    assert outcomes(three.run()) == {"fetched": 1, "unchanged": 1}
    assert {r.path: r.status for r in three.server.requests() if r.path.startswith("/1/")} == {
        "/1/left.csv": 304,
        "/1/right.csv": 200,
    }
    assert (current(three), values(three)) == (4, [5, 3, 9])


def test_bytes_that_cannot_be_read_after_a_rollback(three: Toy) -> None:
    good = dict(three.world.files)
    again(three, life.rollback)
    three.world.files["/1/left.csv"] = b"oops\n"
    assert outcomes(three.run()) == {"page_changed": 1, "unchanged": 1}
    again(three, life.rollback, to=1)
    assert lake_state(three.settings)[0][3:5] == ("quarantined", 1)
    three.world.files = good
    assert outcomes(three.run()) == {"unchanged": 2}
    assert lake_state(three.settings)[0][3:5] == ("complete", 1)


def test_many_at_once(three: Toy) -> None:
    three.world.put_pair(3, [1], [1])
    three.run()
    three.world.put_pair(3, [2], [1])
    three.run()
    with offline(three) as context:
        made = life.rollback(context, "many", PAIRS)
        assert [(step.dataset, step.old, step.new) for step in made.steps] == [
            ("pair/number=1", 3, 2),
            ("pair/number=3", 2, 1),
        ]
        assert made.left_out == {"pair/number=2": "there is no good revision before 1 to go back to"}
        assert outcomes(work(context, made)) == {"fetched": 2}


@pytest.mark.parametrize(
    ("selection", "to", "said"),
    [
        (Selection("pair", {"number": "2"}), None, "there is no good revision before 1 to go back to"),
        (Selection("pair", {"number": "9"}), None, "the catalog knows no dataset toy/pair number=9"),
        (Selection("pair", {"number": "4"}), None, "it has no good revision yet"),
        (ONE, 9, "toy/pair/number=1: it has no revision 9; its newest is 4"),
        (ONE, 4, "revision 4 is in quarantine; `fieldhouse reparse` reads it again"),
        (LOOK, None, "each of its observations stands for a time of its own"),
    ],
)
def test_what_a_rollback_refuses(three: Toy, selection: Selection, to: int | None, said: str) -> None:
    three.world.put_look([1])
    three.world.put_pair(4, [1], [1])
    for number in (1, 4):
        three.world.files[f"/{number}/left.csv"] = b"oops\n"
    three.run()
    before = everything(three)
    with offline(three) as context, pytest.raises(ConfigurationError, match=said.replace("`", ".")):
        life.rollback(context, "refused", selection, to)
    assert everything(three) == before


# --- reparse -------------------------------------------------------------------------------------------------


def mend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the parser know a sheet whose cells are divided by semicolons."""
    old = toy_module.read
    monkeypatch.setattr(toy_module, "read", lambda data: old(data.replace(b";", b",")))


def test_a_mended_parser_heals_without_a_request(three: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    three.world.files["/1/left.csv"] = b"n;value\n0;5\n1;9\n"
    assert outcomes(three.run()) == {"page_changed": 1, "unchanged": 1}
    report = again(three, life.reparse, Selection(state="quarantined"))
    assert outcomes(report) == {"page_changed": 1}
    assert "toy/pair/number=1: revision 4 cannot be read: expected the columns" in report.problems[0].message
    assert (current(three), values(three)) == (3, [5, 3, 6])
    mend(monkeypatch)
    report = again(three, life.reparse, Selection(state="quarantined"))
    assert (outcomes(report), report.tables["item"].updated) == ({"fetched": 1}, 1)
    assert (values(three), lake_state(three.settings)[0][3:5]) == ([5, 9, 6], ("complete", 4))
    assert history(three)[:2] == [(4, "good", True), (3, "good", False)]
    with offline(three) as context:
        assert life.reparse(context, "nothing left", Selection(state="quarantined")).steps == ()
    assert outcomes(three.run()) == {"unchanged": 2}


def test_the_reason_of_a_quarantine_is_that_of_the_last_try(three: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    three.world.files["/1/left.csv"] = b"oops\n"
    three.run()

    def stumble(_: bytes) -> Any:
        raise PageChanged("today it is something else")

    monkeypatch.setattr(toy_module, "read", stumble)
    assert outcomes(again(three, life.reparse)) == {"page_changed": 1}
    ((reason,),) = three.rows("select reason from lake.revision where state = 'quarantined'")
    assert "today it is something else" in reason
    # a good revision stays good, whatever today's parser makes of it
    assert outcomes(again(three, life.reparse, Selection("pair", {"number": "2"}))) == {"page_changed": 1}
    assert history(three, number="2") == [(1, "good", True)]


def test_the_same_rows_are_not_written_again(three: Toy) -> None:
    before, activations = objects(three), three.rows("select * from lake.activation")
    assert outcomes(again(three, life.reparse, PAIRS)) == {"unchanged": 2}
    assert (objects(three), three.rows("select * from lake.activation")) == (before, activations)
    assert three.rows("select source from fieldhouse.dirty") == []


def test_other_rows_of_the_same_bytes(three: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    old = toy_module.read
    monkeypatch.setattr(toy_module, "read", lambda data: [(n, value * 10) for n, value in old(data)])
    report = again(three, life.reparse, PAIRS)
    assert (outcomes(report), report.tables["item"].updated) == ({"fetched": 2}, 5)
    assert (values(three), current(three)) == ([50, 30, 60], 3)
    assert outcomes(again(three, life.reparse, PAIRS)) == {"unchanged": 2}


def test_damaged_parquet_is_written_anew(three: Toy) -> None:
    for path in objects(three):
        if path.suffix == ".parquet":
            path.write_bytes(b"x")
    assert outcomes(again(three, life.reparse, PAIRS)) == {"fetched": 2}
    assert outcomes(again(three, life.reparse, PAIRS)) == {"unchanged": 2}


def test_what_was_archived_and_not_loaded_is_loaded(toy: Toy) -> None:
    toy.world.put_pair(1, [5], [6])
    with toy.context() as context:
        plan = toy.plan(context)
        scrape(context, plan.plan, 1)
        archive(context, plan.plan, 1)
    report = again(toy, life.reparse)
    assert (outcomes(report), len(toy.rows(ITEMS))) == ({"unchanged": 1}, 2)


def test_reparse_never_steps_back(three: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    three.world.files["/1/left.csv"] = b"n;value\n0;5\n"
    three.run()
    three.world.put_pair(1, [5, 4], [6])
    three.run()
    assert history(three)[:2] == [(5, "good", True), (4, "quarantined", False)]
    mend(monkeypatch)
    assert outcomes(again(three, life.reparse)) == {"unchanged": 1}
    assert history(three)[:2] == [(5, "good", True), (4, "quarantined", False)]


def test_reparse_after_a_rollback_reads_what_is_current(three: Toy) -> None:
    again(three, life.rollback)
    assert outcomes(again(three, life.reparse)) == {"unchanged": 1}
    assert (current(three), values(three)) == (2, [5, 2, 6])


def test_every_observation_in_quarantine_is_read(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = [sheet([1]), b"n;value\n0;2\n", b"oops\n", b"n;value\n0;3\n", sheet([4]), b"n;value\n0;5\n"]
    toy.world.put_look([])
    for hour, look in enumerate(looks):
        shift_clock(monkeypatch, EPOCH + timedelta(hours=hour))
        toy.world.files["/look.csv"] = look
        toy.run()
    statement = "select extract(hour from observed_at)::int, value from toy.look order by 1"
    assert toy.rows(statement) == [(12, 1), (16, 4)]
    mend(monkeypatch)
    report = again(toy, life.reparse, LOOK)
    assert outcomes(report) == {"page_changed": 1}
    assert "toy/look: revision 3 cannot be read" in report.problems[0].message
    assert toy.rows(statement) == [(12, 1), (13, 2), (15, 3), (16, 4), (17, 5)]
    assert history(toy, "look")[0] == (6, "good", True)
    assert outcomes(again(toy, life.reparse, LOOK)) == {"page_changed": 1}
    assert len(toy.rows(statement)) == 5
    assert outcomes(toy.run()) == {"unchanged": 1}


# --- invalidate ----------------------------------------------------------------------------------------------


def test_an_invalidated_dataset_is_asked_for_without_conditions(toy: Toy) -> None:
    for number in (1, 2):
        toy.world.put_pair(number, [number], [number], settled_at="2020-01-01T00:00:00Z")
    toy.run()
    assert outcomes(toy.run()) == {}
    before = lake_state(toy.settings), table_state(toy.settings, "toy.item")
    with offline(toy) as context:
        assert life.invalidate(context, ONE) == life.Invalidated(("pair/number=1",), 0)
        assert life.invalidate(context, ONE) == life.Invalidated(("pair/number=1",), 0)
    assert (lake_state(toy.settings), table_state(toy.settings, "toy.item")) == before
    toy.asked()
    with toy.context() as context:
        plan = toy.plan(context)
        (item,) = context.catalog.lane_items(plan.plan, 1, ["planned"])
        assert (item.name, item.reason) == ("pair/number=1", "invalidated")
        assert outcomes(work(context, plan)) == {"unchanged": 1}
    asked = [r for r in toy.server.requests() if r.path != "/list.json"]
    assert [(r.status, tuple(r.conditional)) for r in asked] == [(200, ()), (200, ())]
    assert outcomes(toy.run()) == {}


def test_an_invalidated_dataset_that_was_rolled_back(three: Toy) -> None:
    again(three, life.rollback)
    with offline(three) as context:
        life.invalidate(context, ONE)
    three.asked()
    assert outcomes(three.run()) == {"unchanged": 2}
    assert {r.status for r in three.server.requests() if r.path.startswith("/1/")} == {200}
    assert current(three) == 2


# --- delete --------------------------------------------------------------------------------------------------


def erase(toy: Toy, selection: Selection = ONE) -> Report:
    with offline(toy) as context:
        report, elsewhere = life.delete(context, "delete", life.select(context, selection))
    assert elsewhere == 0
    return report


def test_a_deleted_dataset_is_gone_and_may_come_again(three: Toy) -> None:
    three.world.files["/1/left.csv"] = b"oops\n"
    three.run()
    with three.context() as context:
        held = life.holdings(context, life.select(context, ONE))
    mine = [path for path in objects(three) if "number=1" in str(path)]
    assert (held.datasets, held.revisions, held.objects, held.rows) == (1, 4, len(mine), 3)
    assert held.bytes == sum(path.stat().st_size for path in mine)
    others = [path for path in objects(three) if path not in mine]
    report = erase(three)
    assert report.tables["item"].deleted == 3
    assert three.rows("select distinct pair from toy.item") == [(2,)]
    assert three.rows("select count(*) from fieldhouse.loaded") == [(1,)]
    assert three.rows("select source from fieldhouse.dirty") == [("toy",)]
    assert three.rows("select identifier from lake.dataset") == [("number=2",)]
    assert three.rows("select count(*) from lake.claim") == [(0,)]
    assert objects(three) == others
    three.world.put_pair(1, [5], [6])
    assert outcomes(three.run()) == {"fetched": 1, "unchanged": 1}
    assert (history(three), values(three)) == ([(1, "good", True)], [5, 6])


def test_an_object_that_another_dataset_names_stays(three: Toy) -> None:
    statement = "select path from lake.file inner join lake.dataset using (dataset_id) where identifier = 'number=1'"
    shared = min(path for (path,) in three.rows(statement))
    with psycopg.connect(three.settings.catalog) as connection:
        connection.execute(
            "update lake.file set path = %s where name = 'right.csv' and dataset_id = "
            "(select dataset_id from lake.dataset where identifier = 'number=2')",
            (shared,),
        )
    erase(three)
    left = [path for path in objects(three) if "number=1" in str(path)]
    assert [path.as_posix().endswith(shared) for path in left] == [True]


# --- for all of them -----------------------------------------------------------------------------------------


def test_a_dry_run_changes_nothing(three: Toy) -> None:
    before = everything(three)
    with offline(three) as context:
        made = life.rollback(context, "dry", PAIRS, dry_run=True)
        assert [(step.old, step.new) for step in made.steps] == [(3, 2)]
        assert len(life.reparse(context, "dry", PAIRS, dry_run=True).steps) == 2
        assert len(life.invalidate(context, PAIRS, dry_run=True).datasets) == 2
        assert life.holdings(context, life.select(context, PAIRS)).datasets == 2
        assert len(list(life.diff(context, life.select(context, PAIRS)))) == 2
    assert everything(three) == before
    assert outcomes(again(three, life.rollback)) == {"fetched": 1}


def test_what_another_run_works_on_is_left_to_it(three: Toy) -> None:
    three.world.put_pair(3, [1], [1], settled_at="2020-01-01T00:00:00Z")
    three.run()
    three.world.put_pair(3, [2], [1], settled_at="2020-01-01T00:00:00Z")
    with three.context() as living:
        three.plan(living)  # of the pairs 1 and 2, which never settle
        before = everything(three)
        with three.context() as context:
            for work_on in (life.rollback, life.reparse):
                with pytest.raises(SourceUnavailable, match="pair/number=1: another run works on it"):
                    work_on(context, "refused", ONE)
            with pytest.raises(SourceUnavailable, match="another run works on it"):
                life.invalidate(context, ONE)
            assert everything(three) == before
            with pytest.raises(SourceUnavailable, match="another run works on it"):
                life.delete(context, "refused", life.select(context, ONE))
            assert everything(three) == before
            assert life.invalidate(context, PAIRS) == life.Invalidated(("pair/number=3",), 2)
            made = life.reparse(context, "the rest", PAIRS)
            assert ([step.dataset for step in made.steps], made.claimed_elsewhere) == (["pair/number=3"], 2)
    assert values(three) == [5, 3, 6]


def test_diff_of_revisions(three: Toy) -> None:
    three.world.put_pair(1, [5], [6, 7])
    three.run()
    three.world.files["/1/left.csv"] = b"oops\n"
    three.run()
    with offline(three) as context:
        meant = life.select(context, ONE)
        (found,) = life.diff(context, meant)
        assert (found.old, found.new, found.problem) == (3, 4, None)
        assert found.tables["item"].counts == {"added": 1, "removed": 1, "changed": 0}
        (found,) = life.diff(context, meant, 1, 3)
        (row,) = found.tables["item"].changed
        assert (row.key, row.fields) == ({"pair": 1, "side": "left.csv", "n": 1}, {"value": (1, 3)})
        (same,) = life.diff(context, meant, 2, 2)
        assert not any(same.tables["item"].counts.values())
        problems = [str(next(life.diff(context, meant, *pair)).problem) for pair in ((1, 5), (1, 9), (None, 1))]
        assert "revision 5 cannot be read: expected the columns" in problems[0]
        assert "it has no revision 9" in problems[1]
        assert "no good revision before 1" in problems[2]


def test_diff_of_observations(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    for hour, looks in enumerate(([1, 2], [1, 3])):
        shift_clock(monkeypatch, EPOCH + timedelta(hours=hour))
        toy.world.put_look(looks)
        toy.run()
    with offline(toy) as context:
        (found,) = life.diff(context, life.select(context, LOOK))
    assert found.tables["look"].as_json()["changed"] == [{"key": {"n": 1}, "fields": {"value": (2, 3)}}]
