"""Two files that have in common what counts are one, whatever else a page carries."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fieldhouse.engine.life import rollback
from fieldhouse.engine.status import Selection
from fieldhouse.source import Rows
from tests.engine import toy as toys
from tests.engine.damage import folder_of
from tests.engine.toy import Toy, outcomes


def essence(dataset_type: str, name: str, data: bytes) -> bytes:
    """Leave out the lines that begin with a number sign."""
    assert (dataset_type, name in toys.SIDES) == ("pair", True)
    if b"!" in data:
        raise ValueError("an exclamation mark")
    return b"\n".join(line for line in data.splitlines() if not line.startswith(b"#"))


def parse(dataset_type: str, identifier: dict[str, str], files: dict[str, bytes]) -> Rows:
    return toys.parse(dataset_type, identifier, {name: essence(dataset_type, name, files[name]) for name in toys.SIDES})


@pytest.fixture
def noisy(toy: Toy) -> Toy:
    toy.source = replace(toys.SOURCE, essence=f"{__name__}:essence", parser=f"{__name__}:parse")
    toy.world.put_pair(1, [1, 2], [3])
    return toy


def add_noise(toy: Toy, text: str) -> None:
    path = "/1/left.csv"
    toy.world.files[path] = essence("pair", "left.csv", toy.world.files[path]) + f"\n# {text}\n".encode()


def objects(toy: Toy) -> set[str]:
    return {path.name for path in folder_of(toy).rglob("*.csv*")}


def test_noise_is_no_revision(noisy: Toy) -> None:
    noisy.run()
    before = objects(noisy)
    assert len(before) == 2
    for text in ("an advertisement", "another"):
        add_noise(noisy, text)
        assert outcomes(noisy.run()) == {"unchanged": 1}
    assert noisy.rows("select current_revision, state from lake.dataset") == [(1, "complete")]
    assert noisy.rows("select count(*) from lake.file") == [(2,)]
    assert objects(noisy) == before


def test_what_counts_is_a_revision(noisy: Toy) -> None:
    noisy.run()
    noisy.world.put_pair(1, [1, 9], [3])
    add_noise(noisy, "an advertisement")
    assert outcomes(noisy.run()) == {"fetched": 1}
    assert noisy.rows("select value from toy.item where side = 'left.csv' order by n") == [(1,), (9,)]


def test_noise_does_not_undo_a_rollback(noisy: Toy) -> None:
    noisy.run()
    noisy.world.put_pair(1, [1, 9], [3])
    noisy.run()
    with noisy.context() as context:
        toys.work(context, rollback(context, "back", Selection("pair", {"number": "1"})))
    add_noise(noisy, "an advertisement")
    assert outcomes(noisy.run()) == {"unchanged": 1}
    assert noisy.rows("select value from toy.item where side = 'left.csv' order by n") == [(1,), (2,)]


def test_a_lost_file_is_no_measure(noisy: Toy) -> None:
    noisy.run()
    for path in folder_of(noisy).rglob("left.*.csv*"):
        path.unlink()
    add_noise(noisy, "an advertisement")
    assert outcomes(noisy.run()) == {"fetched": 1}


def test_one_broken_page_is_quarantined_once_whatever_its_noise(noisy: Toy) -> None:
    noisy.run()
    for head, revisions in (("oops", 2), ("oops", 2), ("dear", 3), ("dear", 3)):
        noisy.world.files["/1/left.csv"] = toys.sheet([1, 2], head)
        add_noise(noisy, f"advertisement {noisy.runs}")
        assert outcomes(noisy.run()) == {"page_changed": 1}
        assert noisy.rows("select max(revision), count(*) from lake.revision") == [(revisions, revisions)]
    quarantined = noisy.rows("select kind from lake.event where kind = 'revision_quarantined'")
    assert len(quarantined) == 2
    noisy.world.put_pair(1, [1, 2], [4])
    assert outcomes(noisy.run()) == {"fetched": 1}


def test_what_cannot_be_told_is_not_the_same(noisy: Toy) -> None:
    noisy.run()
    for revisions in (2, 3):
        noisy.world.files["/1/left.csv"] = toys.sheet([1, 2]) + b"!" * revisions
        assert outcomes(noisy.run()) == {"page_changed": 1}
        assert noisy.rows("select max(revision), count(*) from lake.revision") == [(revisions, revisions)]
    assert noisy.rows("select value from toy.item where side = 'left.csv' order by n") == [(1,), (2,)]
