"""The outbox: numbers in the order of the commits, cursors, and one process a reader."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg
import pytest

from fieldhouse.catalog import Catalog
from fieldhouse.config import Settings
from fieldhouse.events import ReaderBusy, read_events
from tests.catalog.conftest import Paper, candidate
from tests.processes import wait_for

MAKE = "insert into lake.dataset (source, dataset_type, identifier, keys) values ('paper', 'plain', %s, '{}')"


@pytest.fixture
def catalog(paper: Paper) -> Catalog:
    return paper.catalog()


@pytest.fixture
def other(settings: Settings) -> Iterator[psycopg.Connection]:
    with psycopg.connect(settings.catalog, autocommit=True) as connection:
        yield connection


def read(catalog: Catalog, reader: str = "test", limit: int | None = None) -> list[str]:
    return [event.identifier for event in read_events(catalog, reader, limit=limit)]


def test_numbers_are_in_the_order_of_the_commits(
    catalog: Catalog, other: psycopg.Connection, settings: Settings
) -> None:
    with psycopg.connect(settings.catalog) as first:
        first.execute(MAKE, ("n=first",))
        with other.transaction():
            other.execute(MAKE, ("n=second",))
        # the one that began first is not there yet, and comes behind the other
        assert read(catalog) == ["n=second"]
    assert read(catalog) == ["n=first"]


def test_who_draws_a_number_waits_for_who_drew_one(
    catalog: Catalog, other: psycopg.Connection, settings: Settings
) -> None:
    waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
    with psycopg.connect(settings.catalog) as first:
        first.execute(MAKE, ("n=first",))
        # as a commit does, of which the rest takes long
        first.execute("set constraints all immediate")
        second = threading.Thread(target=lambda: other.execute(MAKE, ("n=second",)))
        second.start()
        wait_for(lambda: catalog.rows(waiting)[0].count == 1)
        assert read(catalog) == []
    second.join(20)
    assert read(catalog) == ["n=first", "n=second"]


def test_what_is_rolled_back_never_happened(catalog: Catalog, other: psycopg.Connection) -> None:
    with other.transaction(force_rollback=True):
        other.execute(MAKE, ("n=1",))
        other.execute("set constraints all immediate")
    other.execute(MAKE, ("n=2",))
    assert read(catalog) == ["n=2"]
    assert catalog.rows("select 1 from lake.event_created") == []


def test_many_at_once_in_their_order(paper: Paper, catalog: Catalog) -> None:
    paper.plan([candidate(number) for number in range(1_200)])
    numbers = [int(identifier.removeprefix("n=")) for identifier in read(catalog)]
    assert len(numbers) == len(set(numbers)) == 1_200
    ids = [row.event_id for row in catalog.rows("select event_id from lake.event order by dataset_id")]
    assert ids == sorted(ids)


def test_a_dataset_that_is_no_more_when_its_transaction_ends(catalog: Catalog, other: psycopg.Connection) -> None:
    with other.transaction():
        other.execute(MAKE, ("n=1",))
        other.execute("delete from lake.dataset")
    assert [row.kind for row in catalog.rows("select kind from lake.event order by event_id")] == ["dataset_deleted"]


def test_an_event_in_whose_midst_the_reader_failed_comes_again(catalog: Catalog, other: psycopg.Connection) -> None:
    for number in range(3):
        other.execute(MAKE, (f"n={number}",))

    def process() -> None:
        for event in read_events(catalog, "test"):
            if event.identifier == "n=1":
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        process()
    assert read(catalog) == ["n=1", "n=2"]
    assert read(catalog) == []


def test_readers_do_not_know_of_each_other(catalog: Catalog, other: psycopg.Connection) -> None:
    other.execute(MAKE, ("n=1",))
    assert read(catalog, limit=1) == ["n=1"]
    assert list(read_events(catalog, "new", from_now=True)) == []
    other.execute(MAKE, ("n=2",))
    # only a new reader is asked from where it starts
    assert [event.identifier for event in read_events(catalog, "new", from_now=True)] == ["n=2"]
    assert read(catalog) == ["n=2"]
    assert read(catalog, "third") == ["n=1", "n=2"]
    assert [(row.name, row.pending) for row in catalog.event_readers()] == [("new", 0), ("test", 0), ("third", 0)]


def test_one_process_a_reader(paper: Paper, catalog: Catalog, other: psycopg.Connection) -> None:
    for number in range(2):
        other.execute(MAKE, (f"n={number}",))
    first = read_events(catalog, "test")
    assert next(first).identifier == "n=0"
    second = paper.catalog()
    with pytest.raises(ReaderBusy, match="another process reads the events as 'test'"):
        read(second)
    assert not second.hold_event_reader(1, wait_seconds=0.05)
    assert read(second, "another") == ["n=0", "n=1"]
    first.close()
    assert read(second) == ["n=0", "n=1"]


def test_a_cursor_never_goes_back(catalog: Catalog, other: psycopg.Connection) -> None:
    for number in range(3):
        other.execute(MAKE, (f"n={number}",))
    left_open = read_events(catalog, "test")
    next(left_open)
    assert read(catalog) == ["n=0", "n=1", "n=2"]
    next(left_open)
    left_open.close()
    assert read(catalog) == []
