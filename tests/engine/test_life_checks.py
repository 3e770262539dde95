"""Checks and a dataset's life: what was rejected is read again, and a reading that is rejected replaces nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fieldhouse.engine import life
from fieldhouse.source import Check
from tests.engine import toy as toy_module
from tests.engine.test_life import again, current, history, values
from tests.engine.toy import Toy, lake_state, outcomes


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
