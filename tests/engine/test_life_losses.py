"""A dataset's life when the lake has lost bytes: one dataset's loss is its own, and what is lost is not offered."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from fieldhouse.engine import life
from fieldhouse.engine.status import Selection
from fieldhouse.errors import ConfigurationError
from tests.engine import toy as toy_module
from tests.engine.damage import execute, folder_of, mend
from tests.engine.test_life import ONE, PAIRS, again, history, offline, values
from tests.engine.test_life import mend as mend_parser
from tests.engine.toy import EPOCH, Toy, outcomes, shift_clock

ITEMS = "select pair, value from toy.item where side = 'left.csv' order by pair"


@pytest.fixture
def three(toy: Toy) -> Toy:
    """Return a toy of three pairs with three revisions each."""
    for value in (1, 2, 3):
        for pair in (1, 2, 3):
            toy.world.put_pair(pair, [value], [0])
        toy.run()
    return toy


def object_of(toy: Toy, revision: int, identifier: str = "number=1", name: str = "left.csv") -> Path:
    """Return the object of a file that only one revision has."""
    statement = """
        select f.path from lake.file as f inner join lake.dataset as d using (dataset_id)
        where d.identifier = %s and f.revision = %s and f.name = %s
    """
    ((path,),) = execute(toy, statement, identifier, revision, name)
    return folder_of(toy) / str(path)


def test_one_lost_object_ends_no_reparse_of_many(three: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    object_of(three, 3).unlink()
    old = toy_module.read
    monkeypatch.setattr(toy_module, "read", lambda data: [(n, value * 10) for n, value in old(data)])
    report = again(three, life.reparse, PAIRS)
    assert outcomes(report) == {"failed": 1, "fetched": 2}
    (problem,) = report.problems
    assert problem.message.startswith("toy/pair/number=1: revision 3 cannot be read: ")
    assert "is not there, although the catalog names it: `fieldhouse verify --repair`" in problem.message
    assert three.rows(ITEMS) == [(1, 3), (2, 30), (3, 30)]
    assert history(three)[0] == (3, "good", True)


def test_one_damaged_object_ends_no_rollback_of_many(three: Toy) -> None:
    object_of(three, 2).write_bytes(b"x")
    report = again(three, life.rollback, PAIRS)
    assert outcomes(report) == {"failed": 1, "fetched": 2}
    assert three.rows(ITEMS) == [(1, 3), (2, 2), (3, 2)]
    assert history(three)[0] == (3, "good", True)


def test_one_lost_object_ends_no_diff_of_many(three: Toy) -> None:
    object_of(three, 2).unlink()
    with offline(three) as context:
        first, second, third = life.diff(context, life.select(context, PAIRS))
    assert "is not there, although the catalog names it" in str(first.problem)
    assert (first.dataset, first.tables) == ("pair/number=1", {})
    assert [each.tables["item"].counts["changed"] for each in (second, third)] == [1, 1]


def test_what_is_known_to_be_lost_is_not_offered(three: Toy) -> None:
    object_of(three, 2).unlink()
    mend(three)
    with offline(three) as context, pytest.raises(ConfigurationError, match="the bytes of revision 2 are lost"):
        life.rollback(context, "refused", ONE, 2)
    assert outcomes(again(three, life.rollback)) == {"fetched": 1}
    assert (values(three), history(three)[2]) == ([1, 0], (1, "good", True))


def test_lost_bytes_of_the_current_revision_are_not_read_anew(three: Toy) -> None:
    object_of(three, 3).unlink()
    mend(three)
    with offline(three) as context:
        made = life.reparse(context, "many", PAIRS)
    assert [step.dataset for step in made.steps] == ["pair/number=2", "pair/number=3"]
    assert "the bytes of revision 3 are lost; the next run" in made.left_out["pair/number=1"]
    three.run()
    assert outcomes(again(three, life.reparse, PAIRS)) == {"unchanged": 3}


def test_a_lost_observation_among_those_in_quarantine(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    toy.world.put_look([])
    for hour in (0, 1, 2):
        shift_clock(monkeypatch, EPOCH + timedelta(hours=hour))
        toy.world.files["/look.csv"] = f"n;value\n0;{hour}\n".encode()
        toy.run()
    object_of(toy, 2, "", "look.csv").unlink()
    mend_parser(monkeypatch)
    assert outcomes(again(toy, life.reparse, Selection("look"))) == {"failed": 1}
    assert toy.rows("select value from toy.look order by 1") == [(0,), (2,)]
    assert [state for _, state, _ in history(toy, "look")] == ["good", "quarantined", "good"]
    mend(toy)
    assert outcomes(again(toy, life.reparse, Selection("look"))) == {"unchanged": 1}
