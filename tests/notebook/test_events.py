"""What happened since an analyst looked last."""

from __future__ import annotations

from fieldhouse import Lake
from tests.engine.toy import Toy


def test_a_reader_sees_each_change_once(toy: Toy, lake: Lake) -> None:
    toy.world.put_pair(1, [1], [1])
    lake.datasets("toy", sync=True)
    # who reads may look at the lake meanwhile
    first = [(event.kind, lake.datasets("toy")[0].current_revision) for event in lake.events("me")]
    assert ("revision_activated", 1) in first
    assert list(lake.events("me")) == []
    toy.world.put_pair(1, [2], [1])
    lake.datasets("toy", sync=True)
    (again,) = (event for event in lake.events("me") if event.kind == "revision_activated")
    assert (again.source, again.dataset_type, again.identifier, again.revision) == ("toy", "pair", "number=1", 2)
    assert list(lake.events("somebody-new", from_now=True)) == []


def test_an_event_that_was_not_worked_off_comes_again(toy: Toy, lake: Lake) -> None:
    toy.world.put_pair(1, [1], [1])
    lake.datasets("toy", sync=True)
    first = next(lake.events("me"))
    assert next(lake.events("me")) == first
    (only,) = lake.events("other", limit=1)
    assert only.event_id == first.event_id
