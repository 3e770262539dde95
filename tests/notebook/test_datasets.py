"""What an analyst finds: datasets by what they are, their rows, their bytes, their revisions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import pandas as pd
import polars as pl
import psycopg
import pyarrow as pa
import pytest

from fieldhouse import Lake
from fieldhouse.errors import ConfigurationError, LakeError
from fieldhouse.source import format_identifier
from tests.engine.toy import Toy, sheet


@pytest.fixture
def three_pairs(toy: Toy) -> Toy:
    for number in (1, 2, 10):
        toy.world.put_pair(number, [number, 20], [30])
    toy.run()
    return toy


def numbers(lake: Lake, **selector: Any) -> list[str]:
    return [each["number"] for each in lake.datasets("toy", "pair", **selector)]


def test_a_selector_narrows(three_pairs: Toy, lake: Lake) -> None:
    for given, found in (
        (None, ["1", "10", "2"]),
        ("*", ["1", "10", "2"]),
        (10, ["10"]),
        ("2", ["2"]),
        ([1, 2], ["1", "2"]),
        (range(2, 11), ["10", "2"]),
        ("1,10", ["1", "10"]),
        ("2..10", ["10", "2"]),
        ("3", []),
    ):
        assert numbers(lake, **({} if given is None else {"number": given})) == found, given


def test_what_is_in_a_list_is_meant_exactly(toy: Toy, lake: Lake) -> None:
    odd = ["a,b", "1..5", "*", "a;b", "a/b", "%2A", "...", " a", "é"]
    with psycopg.connect(toy.settings.catalog) as connection:
        for value in [*odd, "a", "b", "3"]:
            connection.execute(
                """
                insert into lake.dataset (source, dataset_type, identifier, keys)
                values ('toy', 'pair', %s, jsonb_build_object('number', %s::text))
                """,
                (format_identifier({"number": value}), value),
            )
    for value in odd:
        assert numbers(lake, number=[value]) == [value]
    assert sorted(numbers(lake, number=odd)) == sorted(odd)
    # text by itself is a selector's
    assert numbers(lake, number="a,b") == ["a", "b"]
    assert numbers(lake, number="a%2Cb") == ["a,b"]
    assert numbers(lake, number="1..5") == ["3"]


def test_a_state_narrows_and_otherwise_every_state_is_shown(three_pairs: Toy, lake: Lake) -> None:
    with psycopg.connect(three_pairs.settings.catalog) as connection:
        connection.execute("update lake.dataset set state = 'withdrawn' where identifier = 'number=2'")
    assert [(each["number"], each.state) for each in lake.datasets("toy")] == [
        ("1", "complete"),
        ("10", "complete"),
        ("2", "withdrawn"),
    ]
    assert numbers(lake, state="complete") == ["1", "10"]
    (withdrawn,) = lake.datasets(state="withdrawn")
    assert withdrawn.table("item").num_rows == 3  # what was withdrawn is kept


def test_what_is_wrong_is_named_with_what_there_is(three_pairs: Toy, lake: Lake) -> None:
    dataset = lake.datasets("toy", number=1)[0]
    for call, said in (
        (lambda: lake.datasets("nothing"), "no source 'nothing'"),
        (lambda: lake.datasets("toy", "nothing"), "pair, look"),
        (lambda: lake.datasets("toy", "pair", season=1), "season is no key of pair; datasets are selected by: number"),
        (lambda: lake.datasets("toy", "pair", number=[]), "empty value"),
        (lambda: lake.datasets("toy", state="good"), "withdrawn"),
        (lambda: lake.datasets(number=1), "source=..."),
        (lambda: lake.datasets("toy", params={"force": True}), "sync=True"),
        (lambda: dataset.table("nothing"), "toy/pair/number=1: revision 1 has no table 'nothing'; it has: item"),
        (lambda: dataset.table("item", cast("Any", "csv")), "arrow, pandas, polars"),
        (lambda: dataset.file("nothing"), "left.csv, right.csv"),
        (lambda: dataset.revision(2), "it has: 1"),
        (dataset.to_kloppy, "statsbomb/match"),
        (lambda: lake.table("toy", "nothing"), "item, look"),
        (lambda: lake.table("toy", "item", number=3), "no rows of toy.item"),
        (lambda: lake.table("toy", "item", format=cast("Any", "csv")), "arrow, pandas, polars"),
    ):
        with pytest.raises(ConfigurationError) as caught:
            call()
        assert said in str(caught.value)


def test_rows_come_in_the_format_that_is_asked_for(three_pairs: Toy, lake: Lake) -> None:
    dataset = lake.datasets("toy", number=2)[0]
    expected = {"pair": [2, 2, 2], "side": ["left.csv", "left.csv", "right.csv"], "n": [0, 1, 0], "value": [2, 20, 30]}
    arrow, polars, pandas = dataset.table("item"), dataset.table("item", "polars"), dataset.table("item", "pandas")
    assert (type(arrow), type(polars), type(pandas)) == (pa.Table, pl.DataFrame, pd.DataFrame)
    assert arrow.to_pydict() == polars.to_dict(as_series=False) == pandas.to_dict("list") == expected


def test_one_table_of_many_datasets(three_pairs: Toy, lake: Lake) -> None:
    assert lake.table("toy", "item").num_rows == 9
    two = lake.table("toy", "item", number="1,2", format="polars")
    assert sorted(set(two["pair"])) == [1, 2]


def test_bytes_are_those_of_the_provider_or_an_error(three_pairs: Toy, lake: Lake) -> None:
    dataset = lake.datasets("toy", number=2)[0]
    assert dataset.files == ["left.csv", "right.csv"]
    assert dataset.file("left.csv") == sheet([2, 20])
    root = Path(unquote(urlsplit(three_pairs.settings.lake).path))
    (stored,) = root.glob("raw/toy/pair/number=2/left.*")
    damaged = bytearray(stored.read_bytes())
    damaged[-1] ^= 1
    stored.write_bytes(damaged)
    with pytest.raises(LakeError, match="is damaged"):
        dataset.file("left.csv")


def test_an_older_revision_is_what_it_was(toy: Toy, lake: Lake) -> None:
    toy.world.put_pair(1, [1], [2])
    toy.run()
    before = lake.datasets("toy", number=1)[0]
    toy.world.put_pair(1, [1], [3])
    toy.run()
    after = lake.datasets("toy", number=1)[0]
    assert [(each.number, each.state) for each in after.revisions()] == [(2, "good"), (1, "good")]
    assert after.current_revision == 2
    # what was listed before the change is still what it was
    for each in (before, after.revision(1)):
        assert each.table("item")["value"].to_pylist() == [1, 2]
        assert each.file("right.csv") == sheet([2])
    assert after.table("item")["value"].to_pylist() == [1, 3]
    assert after.revision(2).tables == ["item"]


def test_what_could_not_be_read_has_bytes_and_no_rows(toy: Toy, lake: Lake) -> None:
    toy.world.put_pair(1, [1], [2])
    toy.world.files["/1/left.csv"] = b"<html>"
    toy.run()
    (dataset,) = lake.datasets("toy", state="quarantined")
    assert (dataset.current_revision, dataset.files, dataset.tables) == (None, [], [])
    with pytest.raises(ConfigurationError, match="no good revision to read: it is quarantined"):
        dataset.table("item")
    (kept,) = dataset.revisions()
    assert kept.file("left.csv") == b"<html>"
    with pytest.raises(ConfigurationError, match="an HTML page"):
        kept.table("item")


def test_they_look_like_what_they_are(three_pairs: Toy, lake: Lake) -> None:
    dataset = lake.datasets("toy", number=10)[0]
    assert repr(dataset) == "<Dataset toy/pair/number=10: complete, revision 1>"
    assert repr(dataset.revision(1)).startswith("Revision(number=1, state='good'")
    assert dataset == lake.datasets("toy", number=10)[0]
    assert len({dataset, lake.datasets("toy", number=10)[0]}) == 1
    assert repr(lake) == f"<Lake {lake.settings.lake}: toy: 3 complete>"
    assert json.dumps(dict(dataset.identifier)) == '{"number": "10"}'
