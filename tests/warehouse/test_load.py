"""What a load does to a table: counted, owned, in order, and nothing that is not needed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest
from psycopg.conninfo import conninfo_to_dict

from fieldhouse.errors import DatabaseError, RowsRejected
from fieldhouse.warehouse import Counts, DatasetRows, Warehouse
from tests.warehouse.conftest import Row, dataset, games

Select = Callable[..., list[tuple[Any, ...]]]
OWNERS = "select game_id, _dataset_id from sample.game order by game_id"
PHYSICAL = "select game_id, ctid::text, xmin::text, _loaded_at, _revision from sample.game order by game_id"


def load(warehouse: Warehouse, *batch: DatasetRows, table: str = "game") -> Counts:
    return warehouse.load("sample", 7, batch)[table]


@pytest.mark.parametrize("others", [0, 3], ids=["alone", "beside others"])
def test_counts(warehouse: Warehouse, select: Select, others: int) -> None:
    for number in range(others):
        load(warehouse, dataset(100 + number, games(f"other {number}")))
    assert load(warehouse, dataset(1, games("a", "b", "c"))) == Counts(inserted=3)
    second = [*games("a"), *games("b", note="changed"), *games("d")]
    assert load(warehouse, dataset(1, second, activation=2)) == Counts(inserted=1, updated=1, deleted=1, unchanged=1)
    assert select("select count(*) from sample.game") == [(3 + others,)]
    assert select("select note from sample.game where game_id = 'b'") == [("changed",)]


def test_unchanged_rows_are_not_touched(warehouse: Warehouse, select: Select) -> None:
    load(warehouse, dataset(1, games("a", "b")))
    before = select(PHYSICAL)
    assert load(warehouse, dataset(1, games("a", "b"), activation=2, revision=2)) == Counts(unchanged=2)
    assert select(PHYSICAL) == before


def test_only_the_changed_row_is_touched(warehouse: Warehouse, select: Select) -> None:
    load(warehouse, dataset(1, games("a", "b")))
    before = select(PHYSICAL)
    load(warehouse, dataset(1, games("a") + games("b", note="x"), activation=2, revision=2))
    after = select(PHYSICAL)
    assert after[0] == before[0]
    assert (after[1][3] > before[1][3], after[1][4]) == (True, 2)


def test_rows_vanish_from_their_own_dataset_alone(warehouse: Warehouse, select: Select) -> None:
    load(warehouse, dataset(1, games("a", "b")), dataset(2, games("c")))
    assert load(warehouse, dataset(1, games("a"), activation=2)) == Counts(deleted=1, unchanged=1)
    assert load(warehouse, dataset(1, [], activation=3)) == Counts(deleted=1)
    assert select(OWNERS) == [("c", 2)]


@pytest.mark.parametrize("together", [True, False], ids=["one batch", "two loads"])
def test_a_key_that_moves_belongs_to_who_saw_it_last(warehouse: Warehouse, select: Select, together: bool) -> None:
    load(warehouse, dataset(1, games("a", "moved")), dataset(2, games("b")))
    gains = dataset(2, games("b", "moved"), activation=5)
    loses = dataset(1, games("a"), activation=6)
    if together:
        assert load(warehouse, loses, gains) == Counts(updated=1, unchanged=2)
    else:
        assert load(warehouse, gains) == Counts(updated=1, unchanged=1)
        assert load(warehouse, loses) == Counts(unchanged=1)
    assert select(OWNERS) == [("a", 1), ("b", 2), ("moved", 2)]


@pytest.mark.parametrize("first", [[], [dataset(2, games("b"))]], ids=["both new", "one known"])
@pytest.mark.parametrize("swapped", [True, False])
def test_of_two_datasets_with_one_key_the_newest_activation_wins(
    warehouse: Warehouse, select: Select, first: list[DatasetRows], swapped: bool
) -> None:
    for one in first:
        load(warehouse, one)
    batch = [
        dataset(1, games("a", "b", note="older"), activation=3),
        dataset(2, games("b", note="newer"), activation=4),
    ]
    counts = load(warehouse, *(reversed(batch) if swapped else batch))
    assert (counts.inserted + counts.updated, counts.deleted) == (2, 0)
    assert select("select game_id, note, _dataset_id from sample.game order by 1") == [
        ("a", "older", 1),
        ("b", "newer", 2),
    ]


@pytest.mark.parametrize("note", ["same", "changed"])
def test_a_row_that_a_newer_dataset_of_the_batch_has_already_stays_with_it(
    warehouse: Warehouse, select: Select, note: str
) -> None:
    load(warehouse, dataset(1, games("b", note="same")))
    load(warehouse, dataset(2, games("b", note="x"), activation=3), dataset(1, games("b", note=note), activation=4))
    assert select("select note, _dataset_id from sample.game") == [(note, 1)]


def test_an_older_activation_changes_nothing(warehouse: Warehouse, select: Select) -> None:
    load(warehouse, dataset(1, games("a", note="later"), activation=9, revision=2))
    before = select(PHYSICAL)
    older = dataset(1, games("a", "b", note="earlier"), activation=8)
    assert load(warehouse, older) == Counts()
    assert load(warehouse, older, dataset(2, games("c"))) == Counts(inserted=1)
    assert select(PHYSICAL)[:1] == before
    assert select("select activation from fieldhouse.loaded where dataset_id = 1") == [(9,)]


def test_an_older_activation_takes_no_row_from_a_newer_one_of_another_dataset(
    warehouse: Warehouse, select: Select
) -> None:
    load(warehouse, dataset(2, games("moved", note="newer"), activation=9))
    older = dataset(1, games("a", "moved", note="older"), activation=8)
    assert load(warehouse, older) == Counts(inserted=1, unchanged=1)
    assert select(OWNERS) == [("a", 1), ("moved", 2)]


def test_the_same_activation_again_mends_what_was_done_to_its_rows(warehouse: Warehouse, select: Select) -> None:
    same = dataset(1, games("a", "b"))
    load(warehouse, same)
    select("delete from sample.game where game_id = 'a'")
    select("update sample.game set note = 'by hand'")
    assert load(warehouse, same) == Counts(inserted=1, updated=1)


def test_whoever_has_other_rows_has_another_number(warehouse: Warehouse, select: Select) -> None:
    """The marts of a dataset are built by its number: it changes with its rows, however they come or go."""

    def changed(*batch: DatasetRows) -> set[int]:
        before = numbers()
        load(warehouse, *batch)
        return {number for number, _ in numbers() - before}

    def numbers() -> set[tuple[int, int]]:
        return {
            (dataset_id, change) for dataset_id, change in select("select dataset_id, change from fieldhouse.loaded")
        }

    both = dataset(1, games("a", "moves"))
    assert changed(both, dataset(2, games("b")), dataset(3, games("c"))) == {1, 2, 3}
    assert changed(both) == set()
    assert changed(dataset(1, games("a", "moves"), activation=2)) == set()
    taking = dataset(2, games("b", "moves"), activation=3)
    assert changed(taking) == {1, 2}
    assert changed(taking) == set()
    assert changed(dataset(2, games("b"), activation=4)) == {2}
    # the first one named it all the time: repairing it brings it back, under the activation that it had
    assert changed(dataset(1, games("a", "moves"), activation=2)) == {1}
    assert changed(dataset(4, games("moves"), activation=5)) == {1, 4}
    warehouse.delete_datasets("sample", ["game"], 7, [4])
    assert changed(dataset(4, games("moves"), activation=5)) == {4}


def test_a_lost_ledger_leaves_no_row_behind(warehouse: Warehouse, select: Select) -> None:
    load(warehouse, dataset(1, games("a", "b")))
    select("truncate fieldhouse.loaded")
    assert load(warehouse, dataset(1, games("c"))) == Counts(inserted=1, deleted=2)


def test_a_column_that_no_longer_comes_becomes_null(warehouse: Warehouse, select: Select) -> None:
    load(warehouse, dataset(1, games("a", points=3)))
    assert load(warehouse, dataset(1, games("a"), activation=2)) == Counts(updated=1)
    assert select("select points from sample.game") == [(None,)]


def test_observations_stay(warehouse: Warehouse, select: Select) -> None:
    for hour, number in ((1, 1), (2, 1), (2, 2)):
        rows = [{"observed_at": datetime(2026, 1, 1, hour, tzinfo=UTC), "name": f"n{number}", "price": 1.5}]
        observation = dataset(number, rows, activation=hour, revision=hour, table="price")
        assert load(warehouse, observation, table="price") == Counts(inserted=1)
    assert select("select extract(hour from observed_at)::int, name from sample.price order by 1, 2") == [
        (1, "n1"),
        (2, "n1"),
        (2, "n2"),
    ]


VALUES: list[tuple[str, Any, Any]] = [
    ("note", "", ""),
    ("note", None, None),
    ("note", 'say "hi", or not', 'say "hi", or not'),
    ("note", "two\nlines\r\nand\ttabs", "two\nlines\r\nand\ttabs"),
    ("note", "\\.", "\\."),
    ("note", "\\N \\n \\", "\\N \\n \\"),
    ("note", "a\n\\.\nb", "a\n\\.\nb"),
    ("note", "NULL", "NULL"),
    ("note", "Besiktas \u0130stanbul \U0001f3c0 \u00a0", "Besiktas \u0130stanbul \U0001f3c0 \u00a0"),
    ("note", " padded ", " padded "),
    ("extra", '{"a": [1, null, "\\u00e9\\n\\"x\\""]}', {"a": [1, None, 'é\n"x"']}),
    ("extra", "null", None),
    ("price", float("inf"), float("inf")),
    ("price", float("-inf"), float("-inf")),
    ("price", 0.1 + 0.2, 0.1 + 0.2),
    ("price", 1e-300, 1e-300),
    ("total", 2**63 - 1, 2**63 - 1),
    ("total", -(2**63), -(2**63)),
    ("played", True, True),
    ("played", False, False),
    ("day", "2024-02-29", "2024-02-29"),
    ("at", datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=UTC)),
]


def test_values_arrive_as_they_are_and_compare_as_equal(warehouse: Warehouse, select: Select) -> None:
    rows = [{"game_id": str(number), column: value} for number, (column, value, _) in enumerate(VALUES)]
    columns = sorted({column for column, _, _ in VALUES})
    table = pa.table(
        {
            "game_id": [row["game_id"] for row in rows],
            **{column: [row.get(column) for row in rows] for column in columns},
        }
    )
    load(warehouse, dataset(1, table))
    for number, (column, _, stored) in enumerate(VALUES):
        found = select(f"select {column} from sample.game where game_id = %s", str(number))[0][0]
        assert (str(found) if column == "day" else found) == stored, (column, stored)
    assert load(warehouse, dataset(1, table, activation=2)) == Counts(unchanged=len(rows))


@pytest.mark.parametrize(
    ("column", "array", "stored"),
    [
        ("price", pa.array([float("nan")]), "NaN"),
        ("line", pa.array([0.1], pa.float32()), "0.1"),
        ("note", pa.array(["x"]).dictionary_encode(), "x"),
        ("note", pa.array([None]), None),
        ("note", pa.array(["x"], pa.large_string()), "x"),
        ("tip_off", pa.array([45_000], pa.time32("s")), "12:30:00"),
        ("at", pa.array([0], pa.timestamp("us", "Europe/Paris")), "1970-01-01 00:00:00+00"),
        ("points", pa.array([7], pa.int8()), "7"),
        ("share", pa.array([Decimal("150.00")]), "150.00"),
    ],
)
def test_arrow_types(warehouse: Warehouse, select: Select, column: str, array: pa.Array, stored: str | None) -> None:
    table = pa.table({"game_id": ["a"], column: array})
    load(warehouse, dataset(1, table))
    assert select(f"select {column}::text from sample.game") == [(stored,)]
    assert load(warehouse, dataset(1, table, activation=2)) == Counts(unchanged=1)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([{"game_id": "a", "colour": "red"}], "no column colour to fill: run `fieldhouse migrate`"),
        ([{"game_id": "a", "_revision": 1}], "no column _revision to fill"),
        ([{"game_id": "a", "points": "many"}], 'column points: "many"'),
        ([{"game_id": "a", "points": 2**15}], "out of range"),
        ([{"game_id": "a", "points": -1}], "points_are_positive"),
        ([{"game_id": "a", "note": "\0"}], "0x00"),
        ([{"game_id": "a", "extra": "{"}], "invalid input syntax for type json"),
        ([{"game_id": "a", "note": [1]}], "column note .* is of the Arrow type list"),
        (games("a", "a"), r"duplicate key .* Key \(game_id\)=\(a\)"),
    ],
)
def test_rows_that_do_not_fit_change_nothing(warehouse: Warehouse, select: Select, rows: list[Row], says: str) -> None:
    load(warehouse, dataset(1, games("good")))
    with pytest.raises(DatabaseError, match=says) as caught:
        warehouse.load("sample", 7, [dataset(3, games("fits")), dataset(2, rows)])
    assert "sample.game" in str(caught.value)
    assert "game/day=2" in str(caught.value) or "duplicate" in says
    assert select(OWNERS) == [("good", 1)]
    assert select("select dataset_id from fieldhouse.loaded") == [(1,)]
    assert load(warehouse, dataset(2, games("later"))) == Counts(inserted=1)


@pytest.mark.parametrize("row", [{"note": "x"}, {"game_id": None}], ids=["no such column", "an empty one"])
def test_rows_without_a_required_value_reject_their_dataset(warehouse: Warehouse, select: Select, row: Row) -> None:
    with pytest.raises(RowsRejected) as caught:
        warehouse.load("sample", 7, [dataset(3, games("fits")), dataset(2, [row])])
    assert caught.value.reasons == {2: "rows for table sample.game lack game_id, which must not be empty"}
    assert select("select count(*) from sample.game") == [(0,)]


@pytest.mark.parametrize(
    ("table", "says"), [("nothing", "no table sample.nothing: run `fieldhouse migrate`"), ("heap", "no primary key")]
)
def test_a_table_that_cannot_be_loaded(warehouse: Warehouse, table: str, says: str) -> None:
    with pytest.raises(DatabaseError, match=says):
        warehouse.load("sample", 1, [dataset(1, games("a"), table=table)])


def test_books_are_kept_with_the_rows(warehouse: Warehouse, select: Select) -> None:
    load(warehouse, dataset(1, games("a"), revision=4))
    assert warehouse.is_dirty("sample")
    assert warehouse.changes(7) == {"game": Counts(inserted=1)}
    assert warehouse.changed_revisions(7) == {"game": {"game/day=1": 4}}
    select("delete from fieldhouse.dirty")
    load(warehouse, dataset(1, games("a"), activation=2))
    assert not warehouse.is_dirty("sample")
    assert warehouse.changes(7) == {"game": Counts(inserted=1)}
    assert warehouse.count_rows("sample", ["game", "price"]) == {"game": 1, "price": 0}


def test_another_catalog_is_refused(warehouse: Warehouse, warehouse_dsn: str, select: Select) -> None:
    """What was loaded before anybody said from where is the first one's that says so, if its load stands."""
    load(warehouse, dataset(1, games("a")))
    ours, other = Warehouse(warehouse_dsn, lambda: str(UUID(int=1))), Warehouse(warehouse_dsn, lambda: str(UUID(int=2)))
    with pytest.raises(DatabaseError, match="do not fit it"):
        load(other, dataset(1, games("a", points=-1), activation=2))
    assert select("select * from fieldhouse.loaded_from") == []
    assert load(ours, dataset(1, games("a"), activation=2)) == Counts(unchanged=1)
    ours.refuse_other_catalog()
    with pytest.raises(DatabaseError, match="is loaded from another catalog"):
        other.refuse_other_catalog()
    with pytest.raises(DatabaseError, match="is loaded from another catalog"):
        load(other, dataset(1, games("b"), activation=3))
    with pytest.raises(DatabaseError, match="is loaded from another catalog"):
        other.delete_datasets("sample", ["game"], 7, [1])
    assert select(OWNERS) == [("a", 1)]
    assert select("select activation from fieldhouse.loaded") == [(2,)]
    ours.close()
    other.close()


def test_the_dirty_mark_and_the_rows_stand_or_fall_together(warehouse: Warehouse, select: Select) -> None:
    select("alter table fieldhouse.dirty add constraint none check (source <> 'sample')")
    with pytest.raises(DatabaseError, match="violates check constraint"):
        load(warehouse, dataset(1, games("a")))
    assert select(OWNERS) == []
    assert not warehouse.is_dirty("sample")


def test_uncounted_changes_are_refused(warehouse: Warehouse, warehouse_dsn: str, select: Select) -> None:
    load(warehouse, dataset(1, games("a")))
    name = conninfo_to_dict(warehouse_dsn)["dbname"]
    select(f"alter database {name} set track_counts = off")
    other = Warehouse(warehouse_dsn)
    with pytest.raises(DatabaseError, match="track_counts switched off"):
        load(other, dataset(1, games("a", note="changed"), activation=2))
    other.close()
    assert select("select note from sample.game") == [("first",)]
