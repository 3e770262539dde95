"""SQL over the lake: the rows as they are now, each dataset's own, and nothing else from anywhere."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fieldhouse import Lake
from fieldhouse.config import Settings
from fieldhouse.errors import ConfigurationError, LakeError
from fieldhouse.notebook.sql import Tables
from tests.engine.toy import Toy
from tests.lake.conftest import KEY, S3, SECRET, s3  # noqa: F401 - a fixture


@pytest.fixture
def toy_with_rows(toy: Toy) -> Toy:
    for number in (1, 2):
        toy.world.put_pair(number, [number, 20], [30])
    toy.world.put_look([7])
    toy.run()
    return toy


def parquet(toy: Toy) -> list[Path]:
    return sorted(Path(unquote(urlsplit(toy.settings.lake).path)).glob("tables/toy/item/*/*.parquet"))


def test_rows_say_whose_they_are(toy_with_rows: Toy, lake: Lake) -> None:
    relation = lake.sql(
        """
        select d.identifier, i._revision, sum(i."value") as total
        from toy.item as i join lake.dataset as d on d.dataset_id = i._dataset_id and d.revision = i._revision
        group by all order by all
        """
    )
    assert relation.fetchall() == [("number=1", 1, 51), ("number=2", 1, 52)]
    assert relation.pl().height == len(relation.df()) == relation.arrow().read_all().num_rows == 2


def test_a_table_is_found_however_it_is_written(toy_with_rows: Toy, settings: Settings) -> None:
    for statement in (
        'select count(*) from "toy"."item" join toy.look using (n)',
        "with x as (from TOY.Item) select count(*) from x, toy.look where x.n = look.n",
        "select count(*) from memory.toy.item, toy . look where item.n = look.n",
        "select count(*) from toy.item where exists (select 1 from toy.look where look.n = item.n)",
    ):
        # to each of them no table has been shown before
        with Lake.open(settings.lake, warehouse=settings.warehouse) as lake:
            assert lake.sql(statement).fetchall() == [(4,)]


def test_each_query_sees_the_lake_as_it_is(toy: Toy, lake: Lake) -> None:
    count = "select count(*), max(_revision) from toy.item"
    toy.world.put_pair(1, [1], [1])
    toy.run()
    assert lake.sql(count).fetchall() == [(2, 1)]
    toy.world.put_pair(1, [1, 2], [1])
    toy.world.put_pair(2, [1], [1])
    toy.run()
    assert lake.sql(count).fetchall() == [(5, 2)]


def test_all_that_a_query_joins_is_of_one_moment(
    toy_with_rows: Toy, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_schema = Tables._schema
    changed: list[str] = []

    def change_first(self: Tables, name: str, fragments: Sequence[Any]) -> pa.Schema:
        if not changed:
            changed.append(name)
            toy_with_rows.world.put_pair(1, [1], [1])
            toy_with_rows.world.put_look([8])
            toy_with_rows.run(force=True)
        return read_schema(self, name, fragments)

    monkeypatch.setattr(Tables, "_schema", change_first)
    revisions = """
        select max(i._revision), max(l._revision), max(d.revision)
        from toy.item as i, toy.look as l, lake.dataset as d
    """
    assert lake.sql(revisions).fetchall() == [(1, 1, 1)]
    assert lake.sql(revisions).fetchall() == [(2, 2, 2)]


def test_data_frames_of_the_notebook_can_be_named(toy_with_rows: Toy, lake: Lake) -> None:
    for mine in (kind({"pair": [2]}) for kind in (pd.DataFrame, pl.DataFrame, pa.table)):
        found = lake.sql("select count(*) from toy.item join mine using (pair)", mine=mine)
        assert found.fetchall() == [(3,)]
    item = pd.DataFrame({"pair": [2]})
    with pytest.raises(ConfigurationError, match="item does not exist"):
        lake.sql("from item")
    assert len(item) == 1


def test_a_table_that_is_not_here_is_named_with_those_that_are(toy_with_rows: Toy, lake: Lake) -> None:
    for statement in ("from toy.nothing", "from nothing", "from nothing.item"):
        with pytest.raises(ConfigurationError, match=r"does not exist.*; tables with rows here: toy.item, toy.look;"):
            lake.sql(statement)
    with pytest.raises(duckdb.ParserException):
        lake.sql("selec 1")


def test_an_empty_lake_has_its_list_of_datasets(lake: Lake) -> None:
    assert lake.sql("from lake.dataset").fetchall() == []
    with pytest.raises(ConfigurationError, match="none yet"):
        lake.sql("from toy.item")


def test_a_damaged_page_is_an_error_and_no_row(toy_with_rows: Toy, lake: Lake) -> None:
    path = parquet(toy_with_rows)[0]
    damaged, column = bytearray(path.read_bytes()), pq.ParquetFile(path).metadata.row_group(0).column(3)
    assert column.path_in_schema == "value"
    damaged[(column.dictionary_page_offset or column.data_page_offset) + column.total_compressed_size - 1] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(duckdb.Error, match=r"(?i)crc|checksum"):
        lake.sql('select "value" from toy.item').fetchall()


def test_a_file_that_is_gone_is_named(toy_with_rows: Toy, lake: Lake) -> None:
    gone = parquet(toy_with_rows)[0]
    gone.unlink()
    with pytest.raises(LakeError, match=f"{gone.name}.*fieldhouse verify"):
        lake.sql("from toy.item")


class Catalog:
    """Names the files of a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def rows(self, _: str, parameters: Any = ()) -> list[Any]:
        class Row:
            def __init__(self, number: int, path: str) -> None:
                self.source, self.table_name, self.path = "toy", "item", path
                self.dataset_id, self.revision = number, 1

        return [Row(number, path.name) for number, path in enumerate(sorted(self.folder.iterdir()))]


def test_what_parsers_learned_since_is_a_column_of_all(tmp_path: Path) -> None:
    for name, columns in {
        "1": {"n": pa.array([1], pa.int32()), "word": pa.nulls(1)},
        "2": {"n": pa.array([2**40]), "word": ["b"], "more": [0.5]},
    }.items():
        pq.write_table(pa.table(columns), tmp_path / f"{name}.parquet")
    tables = Tables(Catalog(tmp_path), tmp_path.as_uri(), {})  # type: ignore[arg-type]
    assert tables.query("select n, word, more, _dataset_id from toy.item order by n", {}).fetchall() == [
        (1, None, None, 0),
        (2**40, "b", 0.5, 1),
    ]
    pq.write_table(pa.table({"n": ["no number"]}), tmp_path / "3.parquet")
    with pytest.raises(LakeError, match=r"toy\.item: .* do not agree .*reparse"):
        tables.query("from toy.item", {})
    tables.close()


def test_a_bucket_is_read_as_well(
    toy: Toy,
    s3: S3,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bucket = f"notebook-{uuid.uuid4().hex[:12]}"
    s3.client.create_bucket(Bucket=bucket)
    for name, value in {
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": s3.url,
        "AWS_ALLOW_HTTP": "true",
    }.items():
        monkeypatch.setenv(name, value)
    toy.world.put_pair(1, [1, 20], [30])
    with Lake.open(f"s3://{bucket}/some/prefix", warehouse=toy.settings.warehouse) as lake:
        (dataset,) = lake.datasets("toy", sync=True)
        assert dataset.table("item").num_rows == 3
        assert lake.sql('select sum("value") from toy.item').fetchall() == [(51,)]


def test_duckdb_fetches_nothing_by_itself(lake: Lake) -> None:
    settings = "select name, value from duckdb_settings() where name like 'auto%_known_extensions' order by name"
    assert [value for _, value in lake.sql(settings).fetchall()] == ["false", "false"]
    assert lake.sql("select current_setting('TimeZone')").fetchall() == [("UTC",)]
