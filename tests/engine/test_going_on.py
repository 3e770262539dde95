"""A run that was stopped between scrape and archive: the next one goes on with what is here, for an hour."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fieldhouse.engine.scrape import scrape
from tests.engine.toy import EPOCH, Toy, outcomes, shift_clock

BOTH = ["/1/left.csv", "/1/right.csv"]


@pytest.fixture
def stopped(toy: Toy) -> Toy:
    """Return the toy whose first run had scraped its one pair when it was stopped."""
    toy.world.etags = False
    toy.world.put_pair(1, [1, 2], [3])
    with toy.context() as context:
        for lane in toy.plan(context).lanes:
            scrape(context, lane.plan, lane.lane)
    assert toy.asked() == BOTH
    return toy


def test_what_was_scraped_is_not_asked_for_again(stopped: Toy) -> None:
    with stopped.context() as context:
        assert stopped.plan(context).counts.requests == 0
    assert outcomes(stopped.run()) == {"fetched": 1}
    assert stopped.asked() == []
    assert stopped.rows("select count(*) from toy.item") == [(3,)]
    assert outcomes(stopped.run()) == {"unchanged": 1}
    assert stopped.asked() == BOTH


@pytest.mark.parametrize(
    ("minutes", "params"),
    [pytest.param(61, {}, id="it is too old"), pytest.param(0, {"force": True}, id="a person wants it anew")],
)
def test_it_is_asked_for(stopped: Toy, monkeypatch: pytest.MonkeyPatch, minutes: int, params: dict[str, bool]) -> None:
    shift_clock(monkeypatch, EPOCH + timedelta(minutes=minutes))
    stopped.world.put_pair(1, [1, 2], [3, 4])
    assert outcomes(stopped.run(**params)) == {"fetched": 1}
    assert stopped.asked() == BOTH
    assert stopped.rows("select count(*) from toy.item") == [(4,)]


def test_a_look_that_came_later_counts_more(stopped: Toy) -> None:
    stopped.world.put_pair(1, [1, 2], [3, 4])
    stopped.run(force=True)
    stopped.asked()
    assert outcomes(stopped.run()) == {"unchanged": 1}
    assert stopped.asked() == BOTH
    assert stopped.rows("select count(*) from toy.item") == [(4,)]
