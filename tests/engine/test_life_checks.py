"""Checks and a dataset's life: what was rejected is read again, and a reading that is rejected replaces nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fieldhouse.engine import life
from fieldhouse.engine.archive import archive
from fieldhouse.engine.scrape import scrape
from fieldhouse.source import Check
from tests.engine import toy as toy_module
from tests.engine.test_life import LOOK, again, current, history, mend, values
from tests.engine.toy import EPOCH, Toy, lake_state, outcomes, sheet, shift_clock


def set_limit(toy: Toy, limit: int) -> None:
    pair, look = toy.source.dataset_types
    check = Check("a value that is too large", f"value > {limit}")
    tables = tuple(replace(table, checks=(check,)) for table in pair.tables)
    toy.source = replace(toy.source, dataset_types=(replace(pair, tables=tables), look))


@pytest.fixture
def limited(toy: Toy) -> Toy:
    """Return a toy with two good revisions, whose values may not be above 100."""
    set_limit(toy, 100)
    for value in (1, 2):
        toy.world.put_pair(1, [value], [0])
        toy.run()
    return toy


def test_a_mended_check_and_reparse(limited: Toy) -> None:
    limited.world.put_pair(1, [300], [0])
    assert outcomes(limited.run()) == {"rejected": 1}
    for _ in range(2):
        assert outcomes(again(limited, life.reparse)) == {"rejected": 1}
        assert (current(limited), values(limited)) == (2, [2, 0])
        assert history(limited)[0] == (3, "quarantined", False)
    set_limit(limited, 1000)
    assert outcomes(again(limited, life.reparse)) == {"fetched": 1}
    assert (current(limited), values(limited)) == (3, [300, 0])
    assert lake_state(limited.settings)[0][3:5] == ("complete", 3)


def test_a_reading_that_is_rejected_replaces_nothing(limited: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    old = toy_module.read
    monkeypatch.setattr(toy_module, "read", lambda data: [(n, value + 500) for n, value in old(data)])
    assert outcomes(again(limited, life.reparse)) == {"rejected": 1}
    assert (current(limited), values(limited), history(limited)[0]) == (2, [2, 0], (2, "good", True))
    monkeypatch.undo()
    assert outcomes(again(limited, life.reparse)) == {"unchanged": 1}


def test_a_rollback_to_rows_that_are_rejected_by_now(limited: Toy) -> None:
    limited.world.put_pair(1, [50], [0])
    limited.run()
    limited.world.put_pair(1, [5], [0])
    limited.run()
    set_limit(limited, 10)
    assert outcomes(again(limited, life.rollback)) == {"rejected": 1}
    assert (current(limited), values(limited)) == (4, [5, 0])
    assert lake_state(limited.settings)[0][4] == 4


def test_an_old_observation_that_was_read_later_is_not_current(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    limit_looks(toy, 90)
    toy.world.put_look([])
    for hour, look in enumerate([b"n;value\n0;2\n", sheet([5])]):
        shift_clock(monkeypatch, EPOCH + timedelta(hours=hour))
        toy.world.files["/look.csv"] = look
        toy.run()
    mend(monkeypatch)
    assert outcomes(again(toy, life.reparse, LOOK)) == {"fetched": 1}
    assert history(toy, "look") == [(2, "good", True), (1, "good", False)]
    shift_clock(monkeypatch, EPOCH + timedelta(hours=2))
    toy.world.put_look([99])
    assert outcomes(toy.run()) == {"rejected": 1}
    assert history(toy, "look") == [(3, "quarantined", False), (2, "good", True), (1, "good", False)]
    toy.world.put_look([5])
    assert outcomes(toy.run()) == {"unchanged": 1}


def test_an_old_observation_that_is_rejected_leaves_a_good_dataset(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    limit_looks(toy, 90)
    for hour, value in enumerate([99, 5]):
        shift_clock(monkeypatch, EPOCH + timedelta(hours=hour))
        toy.world.put_look([value])
        with toy.context() as context:
            (lane,) = toy.plan(context).lanes
            scrape(context, lane.plan, lane.lane)
            archive(context, lane.plan, lane.lane)
    assert outcomes(toy.run()) == {"rejected": 1}
    assert history(toy, "look") == [(2, "good", True), (1, "quarantined", False)]
    assert lake_state(toy.settings)[0][3:5] == ("complete", 2)
    assert toy.rows("select value from toy.look") == [(5,)]


def test_what_is_current_again_is_loaded_if_it_never_was(toy: Toy) -> None:
    set_limit(toy, 100)
    toy.world.put_pair(1, [1], [0])
    with toy.context() as context:
        (lane,) = toy.plan(context).lanes
        scrape(context, lane.plan, lane.lane)
        archive(context, lane.plan, lane.lane)
    toy.world.put_pair(1, [300], [0])
    report = toy.run()
    assert (outcomes(report), report.tables["item"].inserted) == ({"rejected": 1}, 2)
    assert (current(toy), values(toy)) == (1, [1, 0])
    assert toy.rows("select count(*) from lake.activation where loaded_at is null") == [(0,)]


def test_what_is_current_again_may_be_no_better(toy: Toy) -> None:
    set_limit(toy, 100)
    for value in (200, 300):
        toy.world.put_pair(1, [value], [0])
        with toy.context() as context:
            (lane,) = toy.plan(context).lanes
            scrape(context, lane.plan, lane.lane)
            archive(context, lane.plan, lane.lane)
    toy.world.put_pair(1, [400], [0])
    report = toy.run()
    assert outcomes(report) == {"rejected": 1}
    assert report.problems[0].message.count("a value that is too large") == 3
    assert history(toy) == [(n, "quarantined", False) for n in (3, 2, 1)]


def limit_looks(toy: Toy, limit: int) -> None:
    pair, look = toy.source.dataset_types
    tables = (replace(look.tables[0], checks=(Check("a value that is too large", f"value > {limit}"),)),)
    toy.source = replace(toy.source, dataset_types=(pair, replace(look, tables=tables)))
