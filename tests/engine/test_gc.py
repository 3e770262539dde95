"""gc: what nothing names goes, what a run is about to name stays."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from fieldhouse import clock
from fieldhouse.catalog import Catalog
from fieldhouse.engine.archive import archive
from fieldhouse.engine.gc import gc
from fieldhouse.engine.load import load
from fieldhouse.engine.repair import repair
from fieldhouse.engine.report import make_report
from fieldhouse.engine.scrape import scrape
from fieldhouse.engine.verify import verify
from fieldhouse.errors import LakeError
from fieldhouse.lake import LakeStore
from tests.engine.damage import audit, execute, fill, folder_of, forsake
from tests.engine.toy import Toy, lake_state, table_state, work
from tests.lake.conftest import S3, s3  # noqa: F401 - a fixture

DAY = timedelta(days=1)
STRAY = "raw/toy/pair/number=9/left.0123456789ab.csv.zst"


@pytest.fixture
def filled(toy: Toy) -> Toy:
    fill(toy)
    return toy


@pytest.fixture
def catalog(filled: Toy) -> Iterator[Catalog]:
    catalog = Catalog(filled.settings.catalog, claim_seconds=0)
    yield catalog
    catalog.close()


@pytest.fixture
def lake(filled: Toy) -> LakeStore:
    return LakeStore(filled.settings.lake)


def put(toy: Toy, path: str, age: timedelta = timedelta(0)) -> Path:
    """Write an object, as old as that."""
    file = folder_of(toy) / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"left over")
    moment = (clock.real_now() - age).timestamp()
    os.utime(file, (moment, moment))
    return file


def test_what_is_named_stays(filled: Toy, catalog: Catalog, lake: LakeStore) -> None:
    before = lake.size(), lake_state(filled.settings), table_state(filled.settings, "toy.item")
    result = gc(catalog, lake, older_than=timedelta(0))
    assert (result.bytes, [paths for paths in result.removed.values() if paths], result.left) == (0, [], [])
    assert before == (lake.size(), lake_state(filled.settings), table_state(filled.settings, "toy.item"))
    assert audit(filled).findings == []


def test_only_what_is_old_goes(filled: Toy, catalog: Catalog, lake: LakeStore) -> None:
    old, young = put(filled, STRAY, 2 * DAY), put(filled, f"{STRAY}.young", DAY / 2)
    table = put(filled, "tables/toy/item/number=9/9-a99.parquet", 2 * DAY)
    elsewhere = put(filled, "notes/mine.txt", 99 * DAY)
    dry = gc(catalog, lake, dry_run=True)
    assert (sorted(dry.removed["stray"]), dry.bytes, old.exists()) == (
        [STRAY, "tables/toy/item/number=9/9-a99.parquet"],
        18,
        True,
    )
    assert gc(catalog, lake).removed == dry.removed
    assert [path.exists() for path in (old, table, young, elsewhere)] == [False, False, True, True]


def test_leftovers_of_writers_and_what_was_set_aside(filled: Toy, catalog: Catalog, lake: LakeStore) -> None:
    kept = [put(filled, ".unfinished/a", DAY / 2), put(filled, "damaged/raw/toy/x", 29 * DAY)]
    gone = [put(filled, ".unfinished/b", 2 * DAY), put(filled, "damaged/raw/toy/y", 31 * DAY)]
    result = gc(catalog, lake)
    assert (result.removed["unfinished"], result.removed["damaged"]) == ([".unfinished/b"], ["damaged/raw/toy/y"])
    assert ([path.exists() for path in kept], [path.exists() for path in gone]) == ([True, True], [False, False])


def test_a_catalog_of_another_lake_removes_nothing(filled: Toy, catalog: Catalog, tmp_path: Path) -> None:
    other = tmp_path / "other"
    file = other / STRAY
    file.parent.mkdir(parents=True)
    file.write_bytes(b"somebody else's")
    with pytest.raises(LakeError, match=r"names none of the 1 objects .*: is it this lake's"):
        gc(catalog, LakeStore(other.as_uri()), older_than=timedelta(0))
    assert file.exists()


def test_what_a_living_run_fetched_stays_and_an_old_object_that_it_is_about_to_name_too(
    filled: Toy, catalog: Catalog, lake: LakeStore
) -> None:
    """The bytes of an old leftover are fetched again: the object is there, old as it is, and nothing names it yet."""
    filled.world.put_pair(9, [1], [2])
    with filled.context() as context:
        (lane,) = filled.plan(context, select={"number": "9"}, dataset_types=["pair"]).lanes
        scrape(context, lane.plan, lane.lane)
        paths = [path for (path,) in execute(filled, "select path from lake.staged_file")]
        execute(filled, "delete from lake.staged_file")  # as if it were not noted yet
        old = (clock.real_now() - 9 * DAY).timestamp()
        for path in paths:
            os.utime(folder_of(filled) / path, (old, old))
        result = gc(catalog, lake)
        assert result.left == ["2 objects of toy: a run of it lives; gc again after it"]
        assert all((folder_of(filled) / path).exists() for path in paths)
    assert sorted(gc(catalog, lake).removed["stray"]) == sorted(paths)


def test_what_is_staged_between_two_tasks_stays(filled: Toy, catalog: Catalog, lake: LakeStore) -> None:
    filled.world.put_pair(9, [1], [2])
    with filled.context(claim_seconds=900) as context:
        (lane,) = filled.plan(context, select={"number": "9"}, dataset_types=["pair"]).lanes
        scrape(context, lane.plan, lane.lane)
    assert gc(catalog, lake, older_than=timedelta(0)).removed.get("stray", []) == []
    # its claims ran out: nobody goes on with it
    execute(filled, "update lake.claim set expires_at = now()")
    result = gc(catalog, lake, older_than=timedelta(0))
    assert (result.plans, len(result.removed["stray"])) == (1, 2)


def test_a_run_that_waits_between_two_tasks_is_not_dead(filled: Toy, catalog: Catalog, lake: LakeStore) -> None:
    """In a queue, or until its host answers again, for longer than claims last and no connection of it lives."""
    filled.world.put_pair(9, [1], [2])
    with filled.context() as context:
        (lane,) = filled.plan(context, "waits", select={"number": "9"}, dataset_types=["pair"]).lanes
        scrape(context, lane.plan, lane.lane)
    execute(filled, "update lake.plan set created_at = created_at - interval '2 days' where run = 'waits'")
    assert (gc(catalog, lake).plans, audit(filled).findings) == (0, [])
    with filled.context() as context:
        archive(context, lane.plan, lane.lane)
        load(context, lane.plan, lane.lane)
        assert make_report(context, lane.plan).outcomes == {"fetched": 1}


def test_a_run_that_goes_on_while_it_is_looked_at_is_not_buried(filled: Toy, catalog: Catalog) -> None:
    with filled.context() as context:
        filled.plan(context, "waits")
    forsake(filled, "waits")
    before = clock.real_now() - DAY
    (plan,) = catalog.dead_plans("toy", before)
    execute(filled, "update lake.plan_item set updated_at = now() where plan_id = %s", plan.plan_id)
    assert not catalog.bury_plan(plan.plan_id, before)
    forsake(filled, "waits")
    assert catalog.bury_plan(plan.plan_id, before)


def test_a_run_that_was_given_up_for_dead_goes_on(filled: Toy, catalog: Catalog, lake: LakeStore) -> None:
    """It waited for long, its scraped bytes are gone: it asks for them again."""
    filled.world.put_pair(9, [1], [2])
    with filled.context() as context:
        plan = filled.plan(context, "waits", select={"number": "9"}, dataset_types=["pair"])
        (lane,) = plan.lanes
        scrape(context, lane.plan, lane.lane)
    forsake(filled, "waits")
    assert (gc(catalog, lake).plans, len(gc(catalog, lake, older_than=timedelta(0)).removed["stray"])) == (1, 2)
    with filled.context() as context:
        assert work(context, plan).outcomes == {"fetched": 1}
    assert audit(filled).findings == []


def test_no_run_begins_while_a_batch_is_removed(filled: Toy, catalog: Catalog) -> None:
    began: list[float] = []

    def run() -> None:
        filled.run()
        began.append(time.monotonic())

    with catalog.nobody_writes("toy", 3) as nobody:
        assert nobody
        other = threading.Thread(target=run)
        other.start()
        other.join(0.5)
        assert other.is_alive()
        ended = time.monotonic()
    other.join(20)
    assert began
    assert began[0] > ended


def test_who_is_just_claiming_is_not_waited_for_long(filled: Toy, catalog: Catalog) -> None:
    with catalog._transaction() as cursor:
        cursor.execute("update lake.claim set expires_at = now()")
        other = Catalog(filled.settings.catalog)
        with other.nobody_writes("toy", 0.2) as nobody:
            assert not nobody
        assert other.rows("select 1")
        other.close()


def test_a_bucket(filled: Toy, s3: S3) -> None:  # noqa: F811
    """Repair and gc where objects are in a store and not in a folder."""
    s3.client.create_bucket(Bucket="care")
    bucket = LakeStore("s3://care/lake", s3.options())
    for path in (p for p in folder_of(filled).rglob("*") if p.is_file()):
        s3.client.upload_file(str(path), "care", f"lake/{path.relative_to(folder_of(filled)).as_posix()}")
    raw, table = (
        execute(filled, query)[0][0]
        for query in (
            "select path from lake.file where name = 'left.csv' and revision = 1 order by 1",
            "select path from lake.activation_table where table_name = 'item' order by activation desc",
        )
    )
    s3.client.put_object(Bucket="care", Key=f"lake/{raw}", Body=b"rubbish")
    s3.client.delete_object(Bucket="care", Key=f"lake/{table}")
    s3.client.put_object(Bucket="care", Key=f"lake/{STRAY}", Body=b"left over")
    with filled.context() as context:
        context.__dict__["lake"] = bucket
        audited = verify(context)
        assert sorted((f.kind, f.row.path) for f in audited.findings) == [("damaged_file", raw), ("lost_table", table)]
        assert [note.what for note in audited.notes] == [STRAY]
        assert all(each.is_mended for each in repair(context, audited))
        assert verify(context).findings == []
    with filled.context() as context:
        context.__dict__["lake"] = bucket
        # a store's clock has whole seconds
        result = gc(context.catalog, bucket, older_than=timedelta(seconds=-2))
        assert (result.removed["stray"], [n.kind for n in verify(context).notes]) == ([STRAY], ["lost_file"])
    assert f"lake/damaged/{raw}" in s3.keys("care")
