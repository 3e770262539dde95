"""A dataset whose rows break a check: quarantined, named, and nothing else is touched."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fieldhouse.catalog import Catalog
from fieldhouse.engine.status import revisions
from fieldhouse.source import Check
from tests.engine import toy as toy_module
from tests.engine.toy import Toy, lake_state, outcomes, table_state

SMALL = Check("a value above 100", "value > 100")
ITEMS = "select pair, side, value from toy.item order by 1, 2, 3"


@pytest.fixture
def checked(toy: Toy) -> Toy:
    """Return the toy with a check on its items."""
    pair, look = toy.source.dataset_types
    tables = tuple(replace(table, checks=(SMALL,)) for table in pair.tables)
    toy.source = replace(toy.source, dataset_types=(replace(pair, tables=tables), look))
    return toy


def history(toy: Toy, number: str) -> list[tuple[int, str, bool]]:
    with toy.context() as context:
        return [(r.revision, r.state, r.current) for r in revisions(context, "pair", {"number": number})]


def test_a_bad_dataset_is_an_outcome_and_the_others_are_loaded(checked: Toy) -> None:
    for number in (1, 2, 3):
        checked.world.put_pair(number, [number], [number])
    checked.run()
    checked.world.put_pair(2, [500], [2])
    checked.world.put_pair(3, [4], [3])
    report = checked.run()
    assert outcomes(report) == {"fetched": 1, "rejected": 1, "unchanged": 1}
    assert report.failed
    (problem,) = report.problems
    assert problem.message == (
        "toy/pair/number=2: rows for table toy.item cannot be: 1 rows with a value above 100, such as 2 left.csv 0"
    )
    assert "rejected" in "\n".join(report.lines())
    # the last good rows and the last good revision stay
    assert checked.rows(ITEMS) == [(1, "left.csv", 1), (1, "right.csv", 1), (2, "left.csv", 2), (2, "right.csv", 2),
                                   (3, "left.csv", 4), (3, "right.csv", 3)]  # fmt: skip
    assert history(checked, "2") == [(2, "quarantined", False), (1, "good", True)]
    assert [row[3:5] for row in lake_state(checked.settings) if row[2] == "number=2"] == [("quarantined", 1)] * 2


def test_the_same_bad_bytes_again_are_the_same_revision(checked: Toy) -> None:
    checked.world.put_pair(1, [500], [2])
    for _ in range(3):
        assert outcomes(checked.run()) == {"rejected": 1}
    assert history(checked, "1") == [(1, "quarantined", False)]
    assert checked.rows(ITEMS) == []


def test_better_bytes_heal(checked: Toy) -> None:
    checked.world.put_pair(1, [500], [2])
    checked.run()
    checked.world.put_pair(1, [50], [2])
    assert outcomes(checked.run()) == {"fetched": 1}
    assert history(checked, "1") == [(2, "good", True), (1, "quarantined", False)]
    assert checked.rows(ITEMS) == [(1, "left.csv", 50), (1, "right.csv", 2)]


def test_a_mended_check_heals(checked: Toy) -> None:
    checked.world.put_pair(1, [500], [2])
    checked.run()
    pair, look = checked.source.dataset_types
    checked.source = replace(
        checked.source, dataset_types=(replace(pair, tables=(replace(pair.tables[0], checks=()),)), look)
    )
    assert outcomes(checked.run()) == {"fetched": 1}
    assert history(checked, "1") == [(1, "good", True)]


def test_a_revision_that_was_read_anew_and_worse_stays_good(checked: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    checked.world.put_pair(1, [5], [2])
    checked.run()
    old = toy_module.read
    with monkeypatch.context() as patch:
        patch.setattr(toy_module, "read", lambda data: [(n, value * 100) for n, value in old(data)])
        assert outcomes(checked.run(force=True)) == {"rejected": 1}
    assert history(checked, "1") == [(1, "good", True)]
    assert checked.rows(ITEMS) == [(1, "left.csv", 5), (1, "right.csv", 2)]
    assert outcomes(checked.run()) == {"unchanged": 1}


def test_stopped_between_the_check_and_the_quarantine(checked: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    checked.world.put_pair(1, [1], [2])
    checked.world.put_pair(2, [1], [2])
    checked.run()
    checked.world.put_pair(1, [500], [2])
    checked.world.put_pair(2, [7], [2])

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Catalog, "reject", stop)
        with pytest.raises(KeyboardInterrupt):
            checked.run()
    assert outcomes(checked.run()) == {"rejected": 1, "unchanged": 1}
    assert history(checked, "1") == [(2, "quarantined", False), (1, "good", True)]
    assert [row[0]["value"] for row in table_state(checked.settings, "toy.item")] == [1, 2, 7, 2]
