"""What discover reads is asked for when it is old, and once where several runs want it at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from fieldhouse.engine.listings import ListingClient
from tests.engine.toy import EPOCH, Toy, shift_clock


def read(toy: Toy, newer_than: timedelta | None = None, max_age: timedelta | None = None) -> bytes:
    moment = None if newer_than is None else EPOCH + newer_than
    with toy.context() as context, ListingClient(context) as client:
        return client.get("list.json", newer_than=moment, max_age=max_age)


def requests(toy: Toy) -> int:
    count = sum(request.path == "/list.json" for request in toy.server.requests())
    toy.server.simulator.log.clear()
    return count


def test_without_a_word_the_provider_is_asked_every_time(toy: Toy) -> None:
    assert read(toy) == read(toy)
    assert requests(toy) == 2


@pytest.mark.parametrize(
    ("newer_than", "max_age", "asked"),
    [
        (timedelta(hours=-1), None, 0),
        (timedelta(hours=1), None, 1),
        (None, timedelta(days=3), 0),
        (None, timedelta(days=1), 1),
        # either is enough
        (timedelta(hours=1), timedelta(days=3), 0),
        (timedelta(hours=-1), timedelta(days=1), 0),
        (timedelta(hours=1), timedelta(days=1), 1),
    ],
)
def test_what_is_new_enough_is_read_from_the_lake(
    toy: Toy,
    monkeypatch: pytest.MonkeyPatch,
    newer_than: timedelta | None,
    max_age: timedelta | None,
    asked: int,
) -> None:
    first = read(toy)
    requests(toy)
    toy.world.put_pair(1, [1], [2])
    shift_clock(monkeypatch, EPOCH + timedelta(days=2))
    assert (read(toy, newer_than, max_age) == first) is (asked == 0)
    assert requests(toy) == asked


@pytest.mark.parametrize("etags", [True, False])
def test_an_answer_that_says_the_same_is_new_too(toy: Toy, monkeypatch: pytest.MonkeyPatch, etags: bool) -> None:
    toy.world.etags = etags
    read(toy)
    shift_clock(monkeypatch, EPOCH + timedelta(days=2))
    read(toy, max_age=timedelta(hours=1))
    requests(toy)
    read(toy, max_age=timedelta(hours=1))
    assert requests(toy) == 0


def test_runs_that_want_it_at_a_time_ask_once(toy: Toy) -> None:
    toy.server.fault("*list.json", "delay", seconds=0.3)
    with ThreadPoolExecutor(4) as pool:
        bodies = list(pool.map(lambda _: read(toy, max_age=timedelta(hours=1)), range(4)))
    assert len(set(bodies)) == 1
    assert requests(toy) == 1
