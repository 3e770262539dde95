"""Damages, a repair, and an audit that accepts: what a hundred random ones come to."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fieldhouse import sources
from fieldhouse.config import Settings
from fieldhouse.embedded import Postgres
from fieldhouse.engine.gc import Collected, gc
from fieldhouse.engine.repair import repair
from fieldhouse.engine.status import Selection
from fieldhouse.engine.verify import verify
from fieldhouse.migrate import migrate
from simulator.server import serve
from tests.engine.damage import (
    PAIRS,
    Vandal,
    audit,
    copy_of,
    current_bytes,
    current_rows,
    execute,
    fill,
    folder_of,
    mend,
)
from tests.engine.toy import EPOCH, Toy, ToyWorld, prepare, shift_clock
from tests.processes import ROOT, settings_environment

ALL_DAMAGES = 100
MOST_AT_ONCE = 9
LOOK, PAIR_1, PAIR_2 = 1, 2, 3  # in the order of their names


@pytest.fixture(scope="module")
def whole(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Toy]:
    """Return a lake, a catalog and a warehouse that nothing is wrong with."""
    database = postgres.create_database("whole")
    settings = Settings((tmp_path_factory.mktemp("whole")).as_uri(), database, database)
    migrate(settings, sources.NAMES)
    with pytest.MonkeyPatch.context() as patch, serve(ToyWorld()) as server:
        shift_clock(patch, EPOCH)
        toy = Toy(server.simulator.world, server, prepare(settings, server))  # type: ignore[arg-type]
        fill(toy)
        yield toy
    postgres.drop_database("whole")


@pytest.fixture
def toy(whole: Toy, postgres: Postgres, tmp_path: Path) -> Iterator[Toy]:
    """Yield a copy to damage."""
    with copy_of(whole, postgres, tmp_path / "lake", "copy") as copied:
        yield copied


def collect(toy: Toy, **options: Any) -> Collected:
    with toy.context() as context:
        return gc(context.catalog, context.lake, older_than=timedelta(0), **options)


def test_nothing_is_wrong_with_what_the_engine_made(whole: Toy) -> None:
    audited = audit(whole)
    assert (audited.findings, audited.notes) == ([], [])
    files, tables = execute(whole, "select count(distinct path) from lake.file")[0][0], PAIRS * 2 + 3
    assert audited.objects == audited.read == files + tables
    assert audit(whole, quick=True).read == 0


def rounds() -> list[tuple[int, int]]:
    """Return (seed, damages) of each round: one at a time, and several at once."""
    chance, left = random.Random(20), ALL_DAMAGES
    found: list[tuple[int, int]] = []
    while left:
        count = min(left, chance.randint(1, MOST_AT_ONCE))
        found.append((len(found), count))
        left -= count
    return found


@pytest.mark.parametrize(("seed", "count"), rounds())
def test_random_damages_are_named_and_mended(toy: Toy, whole: Toy, seed: int, count: int) -> None:
    """All in all a hundred."""
    vandal = Vandal(toy, random.Random(seed))
    said = vandal.strike(count)
    audited, repaired = mend(toy)
    report = [f"{f.kind} {f.dataset} {f.what} {f.found}" for f in (*audited.findings, *audited.notes)]
    for words in said:
        assert any(all(word in line for word in words) for line in report), (words, report)
    assert len(repaired) == len(audited.findings)
    collected = collect(toy)
    assert not collected.left
    assert {words[1] for words in said if words[0] == "stray"} <= set(collected.removed.get("stray", []))
    toy.run()
    accepted = audit(toy)
    assert accepted.findings == []
    assert {note.kind for note in accepted.notes} <= {"lost_file", "lost_table", "damaged_table"}
    assert (current_bytes(toy), current_rows(toy)) == (current_bytes(whole), current_rows(whole))
    assert execute(toy, "select count(*) from lake.claim") == [(0,)]


# --- one at a time


def test_current_bytes_are_fetched_again_without_a_condition(toy: Toy, whole: Toy) -> None:
    path = execute(toy, "select path from lake.file where name = 'left.csv' and revision = 2 order by 1 limit 1")[0][0]
    (folder_of(toy) / path).write_bytes(b"rubbish")
    audited, repaired = mend(toy)
    (finding,) = audited.findings
    assert (finding.kind, finding.what, finding.dataset) == ("damaged_file", "left.csv", "pair/number=1")
    assert [(each.is_mended, "asks for it again" in each.did) for each in repaired] == [(False, True)]
    assert (folder_of(toy) / "damaged" / path).read_bytes() == b"rubbish"
    assert [f.kind for f in audit(toy).findings] == ["lost_file"]
    toy.asked()
    toy.run()
    statuses = {request.path: request.status for request in toy.server.requests()}
    assert (statuses["/1/left.csv"], statuses["/1/right.csv"]) == (200, 304)
    assert (audit(toy).findings, current_bytes(toy)) == ([], current_bytes(whole))


def test_bytes_that_only_an_old_revision_had_are_a_note_from_then_on(toy: Toy) -> None:
    path = execute(toy, "select path from lake.file where name = 'left.csv' and revision = 1 order by 1 limit 1")[0][0]
    (folder_of(toy) / path).unlink()
    assert all(each.is_mended for each in mend(toy)[1])
    again = audit(toy)
    assert (again.findings, [note.kind for note in again.notes]) == ([], ["lost_file"])


def test_bytes_and_rows_of_a_dataset_lost_together_come_back_with_the_next_run(toy: Toy, whole: Toy) -> None:
    """Nothing here gives the typed rows again; a source that asks for them in discover must not stumble over them."""
    for query in (
        f"select path from lake.file where dataset_id = {PAIR_1} and revision = 2",
        "select t.path from lake.activation_table as t inner join lake.dataset on activation = current_activation "
        f"where dataset_id = {PAIR_1}",
    ):
        for (path,) in execute(toy, query):
            (folder_of(toy) / path).unlink()
    assert {each.finding.kind for each in mend(toy)[1] if not each.is_mended} == {"lost_file", "lost_table"}
    assert [finding.kind for finding in audit(toy).findings] == ["withdrawn"]
    assert toy.run().outcomes["fetched"] == 1
    assert (audit(toy).findings, current_bytes(toy), current_rows(toy)) == (
        [],
        current_bytes(whole),
        current_rows(whole),
    )


def test_rows_that_a_repair_brings_back_have_a_newer_activation(toy: Toy, whole: Toy) -> None:
    """What is built on the warehouse looks at activations: the same one would tell it that nothing happened."""
    before = execute(toy, f"select current_activation from lake.dataset where dataset_id = {PAIR_1}")
    execute(toy, "delete from fieldhouse.dirty")
    execute(toy, f"delete from toy.item where _dataset_id = {PAIR_1}")
    assert all(each.is_mended for each in mend(toy)[1])
    held = execute(toy, f"select activation from fieldhouse.loaded where dataset_id = {PAIR_1}")
    assert held == execute(toy, f"select current_activation from lake.dataset where dataset_id = {PAIR_1}") > before
    assert execute(toy, "select source from fieldhouse.dirty") == [("toy",)]
    assert (audit(toy).findings, current_rows(toy)) == ([], current_rows(whole))


def test_a_row_that_another_dataset_saw_later_lacks_nothing(toy: Toy) -> None:
    """Pair 1's first rows are pair 2's by now."""
    execute(toy, f"update toy.item set _dataset_id = {PAIR_2} where _dataset_id = {PAIR_1} and n < 3")
    assert [(f.dataset, f.found) for f in audit(toy).findings] == [
        ("pair/number=2", "16 rows are held where 12 were brought")
    ]


def lose_observation(toy: Toy, revision: int) -> None:
    """Bytes and typed rows of one look."""
    for (path,) in execute(
        toy,
        "select path from lake.file inner join lake.dataset using (dataset_id) "
        "where dataset_type = 'look' and revision = %s union select path from lake.activation_table "
        "inner join lake.activation using (activation) where table_name = 'look' and revision = %s",
        revision,
        revision,
    ):
        (folder_of(toy) / path).unlink()


@pytest.mark.parametrize("at_once", [True, False])
def test_an_observation_that_is_lost_is_never_to_be_loaded_again(toy: Toy, at_once: bool) -> None:
    """Its rows are missing as well, and so are a newer one's: only those can be brought back."""
    lose_observation(toy, 1)
    if not at_once:
        assert all(each.is_mended for each in mend(toy)[1])
        assert audit(toy).findings == []
    execute(toy, "delete from toy.look where n = 0")
    audited, repaired = mend(toy)
    found = [finding.found for finding in audited.findings if finding.kind == "rows_differ"]
    assert found == ["6 rows are held where 9 were brought" if at_once else "4 rows are held where 6 were brought"]
    assert all(each.is_mended for each in repaired)
    mended = audit(toy)
    assert (mended.findings, {note.kind for note in mended.notes}) == ([], {"lost_file", "lost_table"})
    assert execute(toy, "select _revision, count(*) from toy.look group by 1 order by 1") == [(1, 2), (2, 2), (3, 4)]
    assert toy.run().problems == []
    assert audit(toy).findings == []


def test_rows_of_a_lost_observation_do_not_stand_for_those_that_are_missing(toy: Toy) -> None:
    lose_observation(toy, 1)
    mend(toy)
    execute(toy, "delete from toy.look where _revision = 2 and n = 0")
    assert [(f.kind, f.found) for f in audit(toy).findings] == [("rows_differ", "5 rows are held where 6 were brought")]
    assert all(each.is_mended for each in mend(toy)[1])
    assert audit(toy).findings == []


def test_an_observation_that_was_lost_before_it_was_loaded_is_not_said_to_be_loaded(toy: Toy) -> None:
    execute(
        toy,
        "update lake.activation as a set loaded_at = null from lake.dataset as d "
        "where a.dataset_id = d.dataset_id and d.dataset_type = 'look' and a.revision = 1",
    )
    execute(toy, "delete from toy.look where _revision = 1")
    lose_observation(toy, 1)
    audited, repaired = mend(toy)
    assert {finding.kind for finding in audited.findings} == {"lost_file", "lost_table", "not_loaded"}
    assert {(each.finding.kind, each.did) for each in repaired if each.finding.kind == "not_loaded"} == {
        ("not_loaded", "noted that it is lost")
    }
    assert audit(toy).findings == []


def read_again(toy: Toy, revision: int) -> None:
    """Give a look a newer activation with the same rows, as a parser that was mended does, and load it."""
    execute(
        toy,
        """
        with made as (
            insert into lake.activation
                (activation, dataset_id, revision, parser_version, reason, activated_at, loaded_at)
            select nextval('lake.activation_number'), a.dataset_id, a.revision, 1, 'reparse', now(), now()
            from lake.activation as a inner join lake.dataset as d using (dataset_id)
            where d.dataset_type = 'look' and a.revision = %s
            returning activation, dataset_id, revision
        ), copied as (
            insert into lake.activation_table (activation, table_name, path, sha256, rows, bytes)
            select m.activation, t.table_name, t.path, t.sha256, t.rows, t.bytes
            from made as m inner join lake.activation as a using (dataset_id, revision)
            inner join lake.activation_table as t on t.activation = a.activation
        )
        update fieldhouse.loaded as l set activation = m.activation from made as m where m.dataset_id = l.dataset_id
        """,
        revision,
    )


def current_look(toy: Toy) -> list[Any]:
    return execute(toy, "select current_revision from lake.dataset where dataset_type = 'look'")


def test_the_last_observation_is_the_current_one_and_not_the_one_that_was_read_last(toy: Toy, whole: Toy) -> None:
    read_again(toy, 1)
    assert audit(toy).findings == []
    execute(toy, "update lake.dataset set current_revision = 77 where dataset_type = 'look'")
    assert all(each.is_mended for each in mend(toy)[1])
    assert (audit(toy).findings, current_look(toy), current_rows(toy)) == ([], [(3,)], current_rows(whole))
    execute(
        toy,
        "update lake.activation_table set lost_at = now() where activation = "
        "(select current_activation from lake.dataset where dataset_type = 'look')",
    )
    with toy.context() as context:
        assert context.catalog.settle_current(LOOK, ["look"])
    assert current_look(toy) == [(2,)]


def test_a_dataset_with_nothing_that_could_be_its_current_one_is_asked_for_again(toy: Toy, whole: Toy) -> None:
    execute(toy, f"delete from lake.activation where dataset_id = {PAIR_1}")
    (result,) = mend(toy)[1]
    assert (result.finding.kind, result.is_mended) == ("inconsistent", False)
    assert result.did == "there is none: run its source with this dataset in the scope"
    assert [finding.kind for finding in audit(toy).findings] == ["withdrawn"]
    toy.run()
    assert (audit(toy).findings, current_bytes(toy), current_rows(toy)) == (
        [],
        current_bytes(whole),
        current_rows(whole),
    )


def test_rows_of_datasets_that_the_catalog_does_not_know_are_deleted(toy: Toy, whole: Toy) -> None:
    execute(toy, "insert into toy.item values (99, 'left.csv', 1, 1, 900, 1), (98, 'left.csv', 1, 1, 901, 1)")
    execute(toy, "insert into toy.look values (now(), 1, 1, 900, 1)")
    execute(toy, "insert into fieldhouse.loaded values (900, 'toy', 4)")
    execute(toy, "delete from fieldhouse.dirty")
    found = [(f.kind, f.what, f.found) for f in audit(toy).findings]
    assert found == [
        ("orphan", "fieldhouse.loaded", "1 rows of 1 datasets that the catalog does not know"),
        ("orphan", "item", "2 rows of 2 datasets that the catalog does not know"),
        ("orphan", "look", "1 rows of 1 datasets that the catalog does not know"),
    ]
    assert audit(toy, selection=Selection("pair")).findings == []
    assert [(each.is_mended, each.did) for each in mend(toy)[1]] == [(True, "deleted")] * 3
    assert execute(toy, "select count(*) from fieldhouse.loaded where dataset_id = 900") == [(0,)]
    assert execute(toy, "select source from fieldhouse.dirty") == [("toy",)]
    assert (audit(toy).findings, current_rows(toy)) == ([], current_rows(whole))


def test_a_dataset_that_came_to_be_since_the_audit_keeps_its_rows(toy: Toy) -> None:
    execute(toy, "insert into toy.item values (99, 'left.csv', 1, 1, 900, 1)")
    insert = (
        "insert into lake.dataset (dataset_id, source, dataset_type, identifier, keys) "
        "overriding system value values (900, 'toy', 'pair', 'number=99', '{}')"
    )
    with toy.context() as context:
        audited = verify(context)
        with context.catalog.unknown("toy", [PAIR_1, 900]) as unknown:
            assert unknown == [900]
            with pytest.raises(psycopg.errors.LockNotAvailable):
                execute(toy, f"set lock_timeout = '100ms'; {insert}")
        execute(toy, insert)
        assert [each.did for each in repair(context, audited)] == ["the catalog knows them by now: left alone"]
    assert execute(toy, "select count(*) from toy.item where _dataset_id = 900") == [(1,)]


def test_a_warehouse_of_another_catalog_is_left_alone(toy: Toy) -> None:
    """What it holds has other numbers: everything in it would look wrong, and nothing of that may be mended."""
    path = execute(toy, "select path from lake.activation_table order by 1 limit 1")[0][0]
    (folder_of(toy) / path).unlink()
    execute(toy, f"update lake.dataset set current_revision = 77 where dataset_id = {PAIR_1}")
    execute(toy, "insert into toy.item values (99, 'left.csv', 1, 1, 900, 1)")
    execute(toy, f"delete from toy.item where _dataset_id = {PAIR_2}")
    execute(toy, "update fieldhouse.loaded_from set catalog_id = gen_random_uuid()")
    before = execute(toy, "select * from toy.item order by 1, 2, 3"), execute(toy, "select * from fieldhouse.loaded")
    results = {each.finding.kind: (each.is_mended, each.did) for each in mend(toy)[1]}
    assert results.keys() == {"lost_table", "inconsistent", "other_catalog"}
    assert results["other_catalog"] == (False, "no row of it was touched")
    assert results["lost_table"][0]
    assert results["inconsistent"][0]
    assert [finding.kind for finding in audit(toy).findings] == ["other_catalog"]
    assert before == (
        execute(toy, "select * from toy.item order by 1, 2, 3"),
        execute(toy, "select * from fieldhouse.loaded"),
    )


def test_rows_are_no_orphans_while_nobody_has_said_whose_numbers_they_have(toy: Toy) -> None:
    """A warehouse that an earlier version loaded."""
    execute(toy, "delete from fieldhouse.loaded_from")
    execute(toy, "insert into toy.item values (99, 'left.csv', 1, 1, 900, 1)")
    assert audit(toy).findings == []


def test_a_warehouse_that_is_ahead_of_its_catalog(toy: Toy, whole: Toy) -> None:
    """As after the catalog was put back from a copy: no load of it would have a turn."""
    execute(toy, f"update fieldhouse.loaded set activation = 5000 where dataset_id = {PAIR_2}")
    execute(toy, f"delete from toy.item where _dataset_id = {PAIR_2} and n < 4")
    mend(toy)
    assert (audit(toy).findings, current_rows(toy)) == ([], current_rows(whole))
    assert execute(toy, f"select activation > 5000 from fieldhouse.loaded where dataset_id = {PAIR_2}") == [(True,)]


def test_a_quick_audit_reads_only_what_has_another_size(toy: Toy) -> None:
    paths = [path for (path,) in execute(toy, "select distinct path from lake.file order by 1 limit 2")]
    (folder_of(toy) / paths[0]).unlink()
    flipped = bytearray((folder_of(toy) / paths[1]).read_bytes())
    flipped[-1] ^= 1
    (folder_of(toy) / paths[1]).write_bytes(flipped)
    quick = audit(toy, quick=True)
    assert (quick.read, {f.kind for f in quick.findings}) == (1, {"lost_file"})
    assert {f.kind for f in audit(toy).findings} == {"lost_file", "damaged_file"}


def test_a_part_of_a_source(toy: Toy) -> None:
    for (path,) in execute(toy, "select path from lake.file"):
        (folder_of(toy) / path).unlink(missing_ok=True)
    part = audit(toy, selection=Selection("pair", {"number": "3"}))
    assert {finding.dataset for finding in part.findings} == {"pair/number=3"}
    assert {f.dataset for f in audit(toy, selection=Selection("look")).findings} == {"look"}


def test_what_a_run_works_on_is_left_alone(toy: Toy) -> None:
    with toy.context() as busy:
        (lane, *_) = toy.plan(busy, select={"number": "1"}, dataset_types=["pair"]).lanes
        assert lane.datasets == 1
        execute(toy, f"delete from fieldhouse.loaded where dataset_id in ({PAIR_1}, {PAIR_2})")
        path = execute(toy, f"select path from lake.file where dataset_id = {PAIR_1} and revision = 2 limit 1")[0][0]
        (folder_of(toy) / path).unlink()
        audited, repaired = mend(toy)
        assert [(f.dataset, f.kind) for f in audited.notes] == [("pair/number=1", "not_loaded")]
        results = {each.finding.dataset: (each.is_mended, each.did) for each in repaired}
        assert results["pair/number=2"] == (True, "loaded")
        assert results["pair/number=1"] == (False, "skipped: another run works on it; verify again after that one")


# --- kills

KILLS = [
    ("repair", "plan buried", 1),
    ("repair", "claimed for repair", 1),
    ("repair", "damaged bytes set aside", 1),
    ("repair", "noted as lost", 1),
    ("repair", "Parquet made anew, not noted", 1),
    ("repair", "Parquet given up", 1),
    ("repair", "rows to be loaded again", 1),
    ("repair", "current one settled", 1),
    ("repair", "orphans deleted", 1),
    ("repair", "load is next", 1),
    ("repair", "loaded, not noted", 1),
    ("gc", "plan buried", 1),
    ("gc", "staged files forgotten", 1),
    ("gc", "about to remove", 1),
    ("gc", "removed", 1),
]


def damage_everything(toy: Toy) -> None:
    vandal = Vandal(toy, random.Random(5))
    vandal.interrupted_plan()
    execute(toy, "insert into toy.item values (99, 'left.csv', 1, 1, 900, 1)")
    current = "select t.path from lake.activation_table as t inner join lake.dataset on activation = current_activation"
    for number, (path,) in enumerate(execute(toy, f"{current} order by 1")[:3]):
        (folder_of(toy) / path).write_bytes(b"x" * number)
        vandal.hit.add(path)
    lost = "select path from lake.file where dataset_id = (select dataset_id from lake.dataset where identifier = %s)"
    for (path,) in execute(toy, lost, "number=1"):
        (folder_of(toy) / path).write_bytes(b"")
        vandal.hit.add(path)
    vandal.hit.update(str(number) for number in range(1, 4))
    for deed in (Vandal.lose_rows, Vandal.forget_load, Vandal.swap_current, Vandal.stray, Vandal.stray):
        deed(vandal)


def child(toy: Toy, *words: str) -> int:
    command = [sys.executable, "-m", "tests.engine.care", *words]
    environment = settings_environment(toy.settings, "toy")
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode in {0, -signal.SIGKILL}, ended.stderr
    return ended.returncode


@pytest.mark.parametrize(("work", "point", "number"), KILLS)
def test_a_kill_and_again(toy: Toy, whole: Toy, work: str, point: str, number: int) -> None:
    damage_everything(toy)
    assert child(toy, work, point, str(number)) == -signal.SIGKILL
    mend(toy)
    assert not collect(toy).left
    toy.run()
    accepted = audit(toy)
    assert (accepted.findings, [n for n in accepted.notes if n.kind == "stray"]) == ([], [])
    assert (current_bytes(toy), current_rows(toy)) == (current_bytes(whole), current_rows(whole))
    assert execute(toy, "select count(*) from lake.claim") == [(0,)]
