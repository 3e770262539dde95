"""SQL over the lake: the current Parquet of every dataset as tables ``<source>.<table>`` of DuckDB.

Only tables that a query names are looked up, and only what it needs of them is read. Nothing is downloaded:
DuckDB's own extensions stay off, and a bucket is read by what reads it elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from fieldhouse.errors import ConfigurationError, LakeError
from fieldhouse.notebook.datasets import imported
from fieldhouse.objects import RETRIES, TIMEOUTS

if TYPE_CHECKING:
    import pyarrow as pa

    from fieldhouse.catalog import Catalog

# footers are small and a bucket is far away
FOOTERS_AT_ONCE = 16
# every a.b of a text, also those that overlap as in a.b.c: what is no table of ours is looked up in vain
DOTTED = re.compile(r'(?=(?<!\w)"?(\w+)"?\s*\.\s*"?(\w+)"?)')
OPTIONS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",  # a misspelt table is no variable of somebody's
}

# one statement is one moment: what is joined must be of the same, also while a run goes on
CURRENT = """
select
    d.source, t.table_name, t.path, d.dataset_id, d.current_revision as revision,
    null as dataset_type, null as identifier, null as state, null::timestamptz as checked_at
from unnest(%(sources)s::text[], %(tables)s::text[]) as named (source, table_name)
inner join lake.dataset as d on d.source = named.source
inner join lake.activation_table as t on t.activation = d.current_activation and t.table_name = named.table_name
union all
select source, null, null, dataset_id, current_revision, dataset_type, identifier, state, checked_at
from lake.dataset where %(listed)s
order by dataset_id
"""
KNOWN = """
select distinct d.source || '.' || t.table_name as name
from lake.dataset as d inner join lake.activation_table as t on t.activation = d.current_activation order by name
"""
LISTED = ("lake", "dataset")


@dataclass
class _Shown:
    """What DuckDB shows of a table: the fragments of its Arrow dataset by path."""

    paths: list[str] = field(default_factory=list)
    fragments: dict[str, Any] = field(default_factory=dict)


class Tables:
    """A DuckDB in memory that shows the lake as it is at each query.

    :param url: the lake's URL; ``options`` as :class:`fieldhouse.lake.LakeStore` takes them.
    """

    def __init__(self, catalog: Catalog, url: str, options: Mapping[str, Any]) -> None:
        self._catalog = catalog
        self._url = url
        self._options = options
        self._shown: dict[tuple[str, str], _Shown] = {}

    def query(self, statement: str, frames: Mapping[str, Any]) -> Any:
        """Return what DuckDB makes of a statement: a relation, which reads when it is asked for rows.

        :param frames: data frames and Arrow tables that the statement may name.
        :raises ConfigurationError: it names a table that is not here, or DuckDB is not installed.
        """
        named = {(first.lower(), second.lower()) for first, second in DOTTED.findall(statement)}
        if named:
            self._show_all(named)
        for name, frame in frames.items():
            self._duckdb.register(name, frame)
        try:
            return self._duckdb.sql(statement)
        except self._library.CatalogException as error:
            known = ", ".join(row.name for row in self._catalog.rows(KNOWN))
            said = str(error).partition("\n")[0].removeprefix("Catalog Error: ").rstrip("!.")
            raise ConfigurationError(
                f"{said}; tables with rows here: {known or 'none yet'}; lake.dataset lists the datasets"
            ) from None

    def close(self) -> None:
        """Close DuckDB."""
        if "_duckdb" in self.__dict__:
            self._duckdb.close()

    @cached_property
    def _library(self) -> Any:
        return imported("duckdb", "duckdb")

    @cached_property
    def _duckdb(self) -> Any:
        connection = self._library.connect(config=OPTIONS)
        connection.execute("set TimeZone = 'UTC'")  # a timestamp means the same whoever reads it
        return connection

    @cached_property
    def _filesystem(self) -> tuple[Any, str]:
        """Return an Arrow file system, and the folder of the lake in it."""
        from pyarrow import fs  # noqa: PLC0415 - heavy

        parts = urlsplit(self._url)
        if parts.scheme == "file":
            return fs.LocalFileSystem(), str(Path(unquote(parts.path)))
        store = imported("fsspec", "obstore.fsspec").FsspecStore
        client_options = {**TIMEOUTS, **self._options.get("client_options", {})}
        options = {"retry_config": RETRIES, **self._options, "client_options": client_options}
        bucket = store(parts.scheme, skip_instance_cache=True, **options)
        return fs.PyFileSystem(fs.FSSpecHandler(bucket)), f"{parts.netloc}{parts.path}".rstrip("/")

    def _show_all(self, named: Collection[tuple[str, str]]) -> None:
        """Show the tables that these are, if they are any, all as they are now."""
        sources, tables = zip(*named, strict=True)
        names = {"sources": list(sources), "tables": list(tables), "listed": LISTED in named}
        found: dict[tuple[str, str], list[Any]] = {}
        for row in self._catalog.rows(CURRENT, names):
            found.setdefault((row.source, row.table_name) if row.path else LISTED, []).append(row)
        if LISTED in named:
            self._show_datasets(found.pop(LISTED, []))
        for pair, rows in found.items():
            self._show(*pair, rows)

    def _show(self, source: str, table: str, rows: Sequence[Any]) -> None:
        shown = self._shown.setdefault((source, table), _Shown())
        if shown.paths == (paths := [row.path for row in rows]):
            return
        shown.fragments = {row.path: shown.fragments.get(row.path) or self._fragment(row) for row in rows}
        self._register(source, table, self._dataset(f"{source}.{table}", list(shown.fragments.values())))
        shown.paths = paths

    def _show_datasets(self, rows: Sequence[Any]) -> None:
        import pyarrow as pa  # noqa: PLC0415

        names = ("dataset_id", "source", "dataset_type", "identifier", "state", "revision", "checked_at")
        types = (pa.int64(), *[pa.string()] * 4, pa.int32(), pa.timestamp("us", "UTC"))
        columns = dict(zip(names, types, strict=True))
        arrays = [pa.array([getattr(row, name) for row in rows], kind) for name, kind in columns.items()]
        self._register("lake", "dataset", pa.table(arrays, names=names))

    def _register(self, schema: str, name: str, rows: Any) -> None:
        self._duckdb.register(f"{schema}.{name}", rows)
        self._duckdb.execute(f'create schema if not exists "{schema}"')
        self._duckdb.execute(f'create or replace view "{schema}"."{name}" as from "{schema}.{name}"')

    @cached_property
    def _parquet(self) -> Any:
        import pyarrow.dataset as ds  # noqa: PLC0415 - heavy

        checked = ds.ParquetFragmentScanOptions(page_checksum_verification=True)
        return ds.ParquetFileFormat(default_fragment_scan_options=checked)

    def _fragment(self, row: Any) -> Any:
        """Return a dataset's Parquet with the two columns that say whose it is, as the warehouse has them."""
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.compute as pc  # noqa: PLC0415

        filesystem, folder = self._filesystem
        whose = (pc.field("_dataset_id") == pa.scalar(row.dataset_id, pa.int64())) & (
            pc.field("_revision") == pa.scalar(row.revision, pa.int32())
        )
        return self._parquet.make_fragment(f"{folder}/{row.path}", filesystem, partition_expression=whose)

    def _dataset(self, name: str, fragments: Sequence[Any]) -> Any:
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.dataset as ds  # noqa: PLC0415

        filesystem, _ = self._filesystem
        whose = pa.schema([("_dataset_id", pa.int64()), ("_revision", pa.int32())])
        schema = pa.unify_schemas([self._schema(name, fragments), whose])
        return ds.FileSystemDataset(fragments, schema, self._parquet, filesystem)

    def _schema(self, name: str, fragments: Sequence[Any]) -> pa.Schema:
        """Return the columns of all: a parser may have learned some since."""
        import pyarrow as pa  # noqa: PLC0415

        try:
            with ThreadPoolExecutor(FOOTERS_AT_ONCE) as pool:
                footers = pool.map(lambda fragment: fragment.physical_schema.remove_metadata(), fragments)
                schemas = {footer.to_string(): footer for footer in footers}
            return pa.unify_schemas(list(schemas.values()), promote_options="permissive")
        except pa.ArrowTypeError as error:
            raise LakeError(
                f"{name}: its files were written by parsers that do not agree ({error}): `fieldhouse reparse` them"
            ) from error
        except (OSError, pa.ArrowException) as error:
            raise LakeError(
                f"{name}: a Parquet file of {self._url} cannot be opened ({error}): `fieldhouse verify` finds which"
            ) from error
