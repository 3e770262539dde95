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

import pytest

from fieldhouse import sources
from fieldhouse.config import Settings
from fieldhouse.embedded import Postgres
from fieldhouse.engine.gc import Collected, gc
from fieldhouse.engine.status import Selection
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
PAIR_1, PAIR_2 = 2, 3  # after the look, in the order of their names


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
