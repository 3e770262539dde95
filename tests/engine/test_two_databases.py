"""Catalog and warehouse in two databases, of which one is made anew or restored: nothing is passed over in silence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from fieldhouse import sources
from fieldhouse.config import Settings
from fieldhouse.embedded import Postgres
from fieldhouse.engine import life
from fieldhouse.engine.archive import archive
from fieldhouse.engine.load import load
from fieldhouse.engine.repair import repair
from fieldhouse.engine.scrape import scrape
from fieldhouse.engine.status import Selection
from fieldhouse.engine.verify import verify
from fieldhouse.errors import DatabaseError
from fieldhouse.migrate import migrate
from fieldhouse.warehouse import Counts
from tests.engine.toy import Toy, outcomes, prepare

VALUES = "select pair, value from toy.item where side = 'left.csv' order by pair"
NewDatabase = Callable[[], str]


@pytest.fixture
def new_database(postgres: Postgres, database: str) -> NewDatabase:
    """Return a function that makes a database, and returns its connection string."""
    test, count = conninfo_to_dict(database)["dbname"], iter(range(100))
    return lambda: postgres.create_database(f"{test}_{next(count)}")


@pytest.fixture
def two(toy: Toy, new_database: NewDatabase) -> Toy:
    """Return a toy whose catalog has a database of its own, after three runs."""
    toy.settings = replace(toy.settings, catalog=new_database())
    migrate(toy.settings, sources.NAMES)
    for value in (1, 2, 3):
        put(toy, value)
        toy.run()
    return toy


def put(toy: Toy, value: int) -> None:
    for pair in (1, 2):
        toy.world.put_pair(pair, [value], [0])


def copied(postgres: Postgres, toy: Toy, name: str) -> Settings:
    """Return the settings with a copy of the catalog as it is now."""
    with psycopg.connect(postgres.dsn("postgres"), autocommit=True) as connection:
        names = [sql.Identifier(name), sql.Identifier(str(conninfo_to_dict(toy.settings.catalog)["dbname"]))]
        connection.execute(sql.SQL("create database {} template {}").format(*names))
    return replace(toy.settings, catalog=postgres.dsn(name))


def test_a_fresh_catalog_is_refused_before_anybody_is_asked(two: Toy, new_database: NewDatabase) -> None:
    old = two.settings
    two.settings = replace(old, catalog=new_database())
    migrate(two.settings, sources.NAMES)
    put(two, 4)
    two.server.simulator.log.clear()
    with pytest.raises(DatabaseError, match=r"is loaded from another .* let `warehouse` name an empty"):
        two.run()
    assert two.server.requests() == []
    assert two.rows(VALUES) == [(1, 3), (2, 3)]
    two.settings = old
    assert outcomes(two.run()) == {"fetched": 2}
    assert two.rows(VALUES) == [(1, 4), (2, 4)]


def test_no_load_and_no_deletion_by_another_catalog(two: Toy, new_database: NewDatabase) -> None:
    """The warehouse was changed under a run that had been planned with one of its own."""
    warehouse = two.settings.warehouse
    own = Settings(two.settings.lake, new_database(), new_database())
    migrate(own, sources.NAMES)
    two.settings = prepare(own, two.server)
    put(two, 4)
    with two.context() as context:
        (lane,) = two.plan(context).lanes
        scrape(context, lane.plan, lane.lane)
        archive(context, lane.plan, lane.lane)
    two.settings = replace(two.settings, warehouse=warehouse)
    with two.context() as context:
        with pytest.raises(DatabaseError, match="is loaded from another catalog"):
            load(context, lane.plan, lane.lane)
        with pytest.raises(DatabaseError, match="is loaded from another catalog"):
            life.delete(context, "delete", life.select(context, Selection("pair")))
        with pytest.raises(DatabaseError, match="is loaded from another catalog"):
            context.warehouse.delete_datasets("toy", ["item"], 1, [1, 2])
    assert two.rows(VALUES) == [(1, 3), (2, 3)]


def test_an_empty_warehouse_is_the_way_out(two: Toy, new_database: NewDatabase) -> None:
    settings = replace(two.settings, warehouse=new_database())
    migrate(settings, sources.NAMES)
    two.settings = prepare(settings, two.server)
    with two.context() as context:
        repair(context, verify(context))
        assert verify(context).findings == []
    assert two.rows(VALUES) == [(1, 3), (2, 3)]
    assert outcomes(two.run()) == {"unchanged": 2}


def test_a_restored_catalog_goes_on(
    two: Toy, postgres: Postgres, new_database: NewDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    backup = copied(postgres, two, f"{conninfo_to_dict(new_database())['dbname']}_copy")
    for value in (4, 5, 6, 7):
        put(two, value)
        assert two.run().tables["item"] == Counts(updated=2, unchanged=2)
    two.settings = backup
    put(two, 8)
    report = two.run()
    assert two.rows(VALUES) == [(1, 8), (2, 8)]
    # and not those of the run that had this number before
    assert (outcomes(report), report.tables["item"]) == ({"fetched": 2}, Counts(updated=2, unchanged=2))
    assert "the warehouse has seen a newer state of this catalog" in caplog.text
    caplog.clear()
    assert (outcomes(two.run()), caplog.text) == ({"unchanged": 2}, "")
    put(two, 9)
    assert two.run().tables["item"] == Counts(updated=2, unchanged=2)
    assert (two.rows(VALUES), caplog.text) == ([(1, 9), (2, 9)], "")
    with two.context() as context:
        assert verify(context).findings == []


def test_what_was_not_loaded_when_the_backup_was_made(two: Toy, postgres: Postgres, new_database: NewDatabase) -> None:
    put(two, 4)
    with two.context() as context:
        for lane in two.plan(context).lanes:
            scrape(context, lane.plan, lane.lane)
            archive(context, lane.plan, lane.lane)
    backup = copied(postgres, two, f"{conninfo_to_dict(new_database())['dbname']}_copy")
    put(two, 5)
    two.run()
    two.settings = backup
    put(two, 4)
    report = two.run()
    assert (outcomes(report), report.tables["item"].updated) == ({"unchanged": 2}, 2)
    assert two.rows(VALUES) == [(1, 4), (2, 4)]
    with two.context() as context:
        assert verify(context).findings == []
