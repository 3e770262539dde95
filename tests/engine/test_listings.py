"""What discover reads is asked for when it is old, and once where several runs want it at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest

from fieldhouse.engine import listings
from fieldhouse.engine.listings import ListingClient
from fieldhouse.errors import LakeError, PageChanged, SourceBlocked, SourceThrottled
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


@pytest.mark.parametrize(
    ("error", "asked"),
    [
        pytest.param(SourceThrottled("429", EPOCH), 0, id="throttled"),
        pytest.param(SourceBlocked("403", EPOCH), 0, id="blocked"),
        pytest.param(LakeError("the disk is full"), 0, id="our own side"),
        pytest.param(PageChanged("no such column"), 1, id="it cannot be read"),
        pytest.param(KeyError("column"), 1, id="its reader stumbled"),
    ],
)
def test_only_what_its_reader_stumbled_over_is_forgotten(toy: Toy, error: Exception, asked: int) -> None:
    def discover() -> None:
        with toy.context() as context, ListingClient(context) as client:
            client.get("list.json")
            raise error

    with pytest.raises(type(error)):
        discover()
    requests(toy)
    read(toy, max_age=timedelta(hours=1))
    assert requests(toy) == asked


def test_a_host_that_blocks_halfway_costs_nothing_that_was_read(toy: Toy) -> None:
    def discover() -> None:
        with toy.context() as context, ListingClient(context) as client:
            client.get("list.json")
            client.get("other.json", max_age=timedelta(hours=1))

    toy.server.fault("*/other.json", "status", status=403)
    with pytest.raises(SourceBlocked):
        discover()
    requests(toy)
    read(toy, max_age=timedelta(hours=1))
    assert requests(toy) == 0


def test_a_run_that_hangs_keeps_the_others_waiting_for_a_time_only(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listings, "LONGEST_LOCK", "50ms")
    name = f"lake.listing toy {toy.server.base('toy.example')}/list.json"
    with psycopg.connect(toy.settings.catalog) as hanging:
        hanging.execute(listings.LOCK, ("1min", name))
        read(toy, max_age=timedelta(hours=1))
        assert requests(toy) == 1
        held = hanging.execute("select count(*) from pg_locks where locktype = 'advisory' and objsubid = 1 and granted")
        assert held.fetchone() == (1,)
