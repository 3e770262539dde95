"""A load whose claims ran out while its task waited: what another run or a delete took meanwhile is not touched."""

from __future__ import annotations

from typing import Any

import pytest

from fieldhouse.catalog import Lane
from fieldhouse.engine import life
from fieldhouse.engine.archive import archive
from fieldhouse.engine.load import load
from fieldhouse.engine.report import make_report
from fieldhouse.engine.scrape import scrape
from fieldhouse.engine.status import Selection
from fieldhouse.warehouse import Warehouse
from tests.engine.toy import Toy, outcomes, work

VALUES = "select pair, value from toy.item where side = 'left.csv' order by pair"


def archived(toy: Toy) -> Lane:
    """Archive two pairs in a run that then waits for its load, and holds nothing any more."""
    for pair in (1, 2):
        toy.world.put_pair(pair, [pair], [0])
    with toy.context() as context:
        (lane,) = toy.plan(context).lanes
        scrape(context, lane.plan, lane.lane)
        archive(context, lane.plan, lane.lane)
    return lane


def test_what_another_run_took_is_left_to_it(toy: Toy) -> None:
    lane = archived(toy)
    with toy.context() as other:
        plan = toy.plan(other, select={"number": "1"})
        with toy.context() as context:
            assert load(context, lane.plan, lane.lane)["item"].inserted == 2
            report = make_report(context, lane.plan)
        assert (outcomes(report), report.failed) == ({"fetched": 1, "unchanged": 1}, False)
        assert "  pair/number=1: another run works on it" in report.lines()
        assert toy.rows(VALUES) == [(2, 2)]
        work(other, plan)
    assert toy.rows(VALUES) == [(1, 1), (2, 2)]


def test_what_is_being_deleted_is_not_loaded(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    lane = archived(toy)
    delete = Warehouse.delete_datasets

    def delete_and_load(warehouse: Warehouse, *arguments: Any) -> Any:
        counts = delete(warehouse, *arguments)
        with toy.context() as context:
            assert load(context, lane.plan, lane.lane) == {}
        return counts

    monkeypatch.setattr(Warehouse, "delete_datasets", delete_and_load)
    with toy.context() as context:
        life.delete(context, "delete", life.select(context, Selection("pair")))
    assert toy.rows("select (select count(*) from toy.item) + (select count(*) from fieldhouse.loaded)") == [(0,)]
