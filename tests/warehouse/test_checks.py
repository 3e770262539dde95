"""Checks: one pass over the rows to be loaded, and every dataset that breaks one is named with the reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import psycopg
import pytest

from fieldhouse.errors import DatabaseError, RowsRejected
from fieldhouse.source import Check
from fieldhouse.warehouse import Counts, Warehouse
from tests.warehouse.conftest import Row, dataset, games

Select = Callable[..., list[tuple[Any, ...]]]

MANY_POINTS = Check("more than 200 points", "points > 200")
BAD_NOTE = Check("a percent sign in the note", "note like '%\\%%'")
TWO_A_DAY = Check("fewer games than points were scheduled for", "count(game_id) < 2", of="dataset")


def load(warehouse: Warehouse, rows: Sequence[Sequence[Row]], *checks: Check) -> dict[str, Counts]:
    batch = [dataset(number, list(each), activation=2) for number, each in enumerate(rows, start=1)]
    return warehouse.load("sample", 7, batch, {"game": checks})


def test_good_rows_are_loaded(warehouse: Warehouse) -> None:
    counts = load(warehouse, [games("a", "b", points=200), games("c", "d")], MANY_POINTS, BAD_NOTE, TWO_A_DAY)
    assert counts == {"game": Counts(inserted=4)}


def test_bad_rows_name_count_key_and_table_and_load_nothing(warehouse: Warehouse, select: Select) -> None:
    bad = [*games("b", "a", points=201), *games("c", note="5%")]
    with pytest.raises(RowsRejected) as caught:
        load(warehouse, [games("x", "y"), bad], MANY_POINTS, BAD_NOTE, TWO_A_DAY)
    assert caught.value.reasons == {
        2: "rows for table sample.game cannot be: 2 rows with more than 200 points, such as a; "
        "1 rows with a percent sign in the note, such as c"
    }
    assert select("select count(*) from sample.game") == [(0,)]
    assert select("select count(*) from fieldhouse.loaded") == [(0,)]
    assert select("select count(*) from fieldhouse.dirty") == [(0,)]


@pytest.mark.parametrize("rows", [[], games("a")], ids=["no row", "one row"])
def test_a_check_of_a_whole_dataset_sees_one_without_rows(warehouse: Warehouse, rows: list[Row]) -> None:
    with pytest.raises(RowsRejected) as caught:
        load(warehouse, [games("x", "y"), rows], MANY_POINTS, TWO_A_DAY)
    assert list(caught.value.reasons) == [2]
    assert TWO_A_DAY.name in str(caught.value)


def test_a_check_of_rows_is_not_broken_by_having_none(warehouse: Warehouse) -> None:
    assert load(warehouse, [[]], Check("no points", "points is null")) == {"game": Counts()}


def test_a_check_may_look_into_another_table(warehouse: Warehouse, warehouse_dsn: str) -> None:
    with psycopg.connect(warehouse_dsn) as connection:
        connection.execute(
            "create table sample.schedule (game_id text); insert into sample.schedule values ('a'), ('b')"
        )
    scheduled = Check(
        "scheduled games without a row",
        "exists (select s.game_id from sample.schedule as s where s.game_id <> all(array_agg(rows.game_id)))",
        of="dataset",
    )
    with pytest.raises(RowsRejected, match="scheduled games without a row"):
        load(warehouse, [games("a")], scheduled)
    assert load(warehouse, [games("a", "b")], scheduled)["game"].inserted == 2


def test_a_check_that_is_no_sql_says_so(warehouse: Warehouse) -> None:
    with pytest.raises(DatabaseError, match="colour"):
        load(warehouse, [games("a")], Check("a colour", "colour = 'red'"))
