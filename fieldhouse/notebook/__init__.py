"""The notebook: datasets of a lake, in an analyst's own Python. ``from fieldhouse import Lake``."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload
from urllib.parse import quote

from fieldhouse import sources
from fieldhouse.catalog import Catalog
from fieldhouse.engine.status import refuse_unknown_state
from fieldhouse.errors import ConfigurationError
from fieldhouse.lake import LakeStore
from fieldhouse.migrate import migrate
from fieldhouse.notebook.datasets import DATASETS, FORMATS, Dataset, Format, Revision, Shelf, converted
from fieldhouse.notebook.home import HomePostgres, Place, find_place, home_place
from fieldhouse.notebook.sql import Tables
from fieldhouse.notebook.sync import Sync, SyncIncomplete, make_request
from fieldhouse.selectors import Selector, refuse_unknown_keys
from fieldhouse.source import Source, parse_identifier

if TYPE_CHECKING:
    from fieldhouse.events import Event

__all__ = ["Dataset", "Lake", "Revision", "SyncIncomplete"]

READ_AT_ONCE = 8

CURRENT = """
select t.path, t.sha256 from lake.dataset as d
inner join lake.activation_table as t on t.activation = d.current_activation
where d.dataset_id = any(%s) and t.table_name = %s
order by d.dataset_type, d.identifier
"""
COUNTS = "select source, state, count(*) as datasets from lake.dataset group by source, state order by source, state"


@dataclass(frozen=True)
class _Selection:
    """Which datasets are meant."""

    source: Source | None
    dataset_type: str | None
    state: str | None
    keys: Mapping[str, str]
    selector: Selector


class Lake:
    """A lake and the catalog that knows it: see :meth:`open`. A context manager; not to be shared between threads."""

    def __init__(self, place: Place, server: HomePostgres | None = None) -> None:
        self.settings = place.settings
        self._place = place
        self._server = server
        self._catalog = Catalog(place.settings.catalog)
        self._closed = False

    @classmethod
    def open(
        cls,
        lake: str | Path | None = None,
        *,
        warehouse: str | None = None,
        catalog: str | None = None,
        home: str | Path | None = None,
    ) -> Lake:
        """Open a lake: the one that is named, or that the environment names, or one of your own on this machine.

        :param lake: its URL (``s3://bucket/prefix``, ``file:///...``) or its folder; default: ``FIELDHOUSE_LAKE``.
        :param warehouse: connection string of the warehouse, and of the catalog if that is not elsewhere; default:
            ``FIELDHOUSE_WAREHOUSE``. It takes its tables if it is new.
        :param catalog: connection string of the catalog; default: ``FIELDHOUSE_CATALOG``. It is enough to read.
        :param home: the folder of a lake of your own, with an embedded Postgres as its catalog; default, where
            nothing is named at all: ``FIELDHOUSE_HOME``, or ``~/.local/share/fieldhouse``.
        :raises ConfigurationError: it is named in part only, or something is not installed.
        :raises DatabaseError: the catalog cannot be reached, or has no tables.
        """
        found = find_place(os.environ, lake=lake, warehouse=warehouse, catalog=catalog, home=home)
        if isinstance(found, Place):
            return cls._open(found, None)
        folder = found.absolute()
        server = HomePostgres(folder)
        try:
            return cls._open(home_place(os.environ, folder, server.dsn), server)
        except BaseException:
            server.close()
            raise

    @classmethod
    def _open(cls, place: Place, server: HomePostgres | None) -> Lake:
        opened = cls(place, server)
        try:
            is_new = not opened._catalog.rows("select to_regclass('lake.dataset') as known")[0].known
            # a home is nobody else's, so that a newer Fieldhouse brings it up to date
            if place.has_warehouse and (server or is_new):
                migrate(place.settings, sources.names())
            elif is_new:
                opened._catalog.rows(COUNTS)  # says what it lacks, and what to do
        except BaseException:
            opened._catalog.close()
            raise
        return opened

    @overload
    def datasets(
        self,
        source: str | None = None,
        dataset_type: str | None = None,
        state: str | None = None,
        *,
        sync: bool = False,
        params: Mapping[str, Any] | None = None,
        **selector: object,
    ) -> list[Dataset]: ...
    @overload
    def datasets(
        self,
        source: str | None = None,
        dataset_type: str | None = None,
        state: str | None = None,
        *,
        sync: Literal["stream"],
        params: Mapping[str, Any] | None = None,
        **selector: object,
    ) -> Iterator[Dataset]: ...
    def datasets(
        self,
        source: str | None = None,
        dataset_type: str | None = None,
        state: str | None = None,
        *,
        sync: bool | Literal["stream"] = False,
        params: Mapping[str, Any] | None = None,
        **selector: object,
    ) -> list[Dataset] | Iterator[Dataset]:
        """Return the datasets that are meant, in order; whatever is left out does not narrow.

        :param state: only those in this state; otherwise also those that are missing or withdrawn, and say so.
        :param sync: ask the provider first, and fetch what is new, changed or due. ``"stream"`` yields instead of
            waiting: what is here and needs nothing, then each dataset as soon as it landed, then what could not be had.
        :param params: of such a run, as in the trigger form (``{"with_360": True}``).
        :param selector: values of the identifier's keys. Text is read as in a selector: ``"42,90"``, a range
            ``"1..50"``, ``"*"``, a comma itself ``%2C``. What is in a list is meant exactly: ``["a,b"]`` is one value.
        :raises ConfigurationError: there is no such source, dataset type, state or key; the text says what there is.
        :raises SourceError: with ``sync``: the provider's listing could not be had.
        """
        wanted = self._select(source, dataset_type, state, selector)
        if not sync:
            if params:
                raise ConfigurationError("params= are those of a run: they need sync=True")
            return self._find(wanted)
        if source is None:
            raise ConfigurationError("sync= asks one provider: name it, source=...")
        if not self._place.has_warehouse:
            raise ConfigurationError(
                "only a catalog was named, which is enough to read; to fetch, name the warehouse that goes with it"
            )
        stream = self._stream(wanted, params or {}, small_lanes=sync == "stream")
        if sync == "stream":
            return stream
        for _ in stream:
            pass
        return self._find(wanted)

    def table(
        self,
        source: str,
        name: str,
        dataset_type: str | None = None,
        state: str | None = None,
        *,
        format: Format = "arrow",  # noqa: A002 - the word that analysts know
        **selector: object,
    ) -> Any:
        """Return the current rows of many datasets as one table: an Arrow table, or a data frame.

        :raises ConfigurationError: there is no such table or selection; or none of it is here.
        :raises LakeError: some Parquet is gone or damaged.
        """
        import pyarrow as pa  # noqa: PLC0415 - heavy

        if format not in FORMATS:
            raise ConfigurationError(f"there is no format {format!r}; the formats are: {', '.join(FORMATS)}")
        declared = {table.name: t for t in sources.get(source).dataset_types for table in t.tables}
        if name not in declared:
            raise ConfigurationError(f"{source} has no table {name!r}; it has: {', '.join(declared)}")
        found = self._find(self._select(source, dataset_type, state, selector))
        rows = self._catalog.rows(CURRENT, ([each.dataset_id for each in found], name))
        if not rows:
            raise ConfigurationError(
                f"no rows of {source}.{name} are here for this selection; lake.datasets({source!r}, sync=True) with "
                "the same selection fetches them"
            )
        with ThreadPoolExecutor(READ_AT_ONCE) as pool:
            parts = list(pool.map(lambda row: self._store.read_table(row.path, row.sha256), rows))
        return converted(pa.concat_tables(parts, promote_options="permissive").replace_schema_metadata(), format)

    def sql(self, statement: str, /, **frames: Any) -> Any:
        """Return a DuckDB relation over the current rows: ``.df()``, ``.pl()``, ``.arrow()``, ``.fetchall()``.

        Tables are ``<source>.<table>`` with ``_dataset_id`` and ``_revision``; ``lake.dataset`` lists the datasets.
        Memory holds what the answer needs, not the lake.

        :param frames: data frames or Arrow tables of the notebook, by the names that the statement has for them.
        :raises ConfigurationError: a table is not here; the text lists those that are.
        """
        return self._tables.query(statement, frames)

    def events(self, reader: str, *, limit: int | None = None, from_now: bool = False) -> Iterator[Event]:
        """Yield what has happened since this reader read last, oldest first: see :func:`fieldhouse.events.read_events`.

        An event is read when the next one is asked for.

        :param from_now: a reader that is new starts behind the last event, and not at the first.
        """
        from fieldhouse.events import read_events  # noqa: PLC0415

        return read_events(self._catalog, reader, limit=limit, from_now=from_now)

    def close(self) -> None:
        """Close everything; the last who uses a home stops its Postgres."""
        self._closed = True
        if "_tables" in self.__dict__:
            self._tables.close()
        self._catalog.close()
        if self._server:
            self._server.close()

    def __enter__(self) -> Lake:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        if self._closed:
            return f"<Lake {self.settings.lake}, closed>"
        by_source: dict[str, list[str]] = {}
        for row in self._catalog.rows(COUNTS):
            by_source.setdefault(row.source, []).append(f"{row.datasets:,} {row.state}")
        counts = [f"{source}: {', '.join(states)}" for source, states in by_source.items()]
        return f"<Lake {self.settings.lake}: {'; '.join(counts) or 'no datasets yet'}>"

    def _select(
        self, source: str | None, dataset_type: str | None, state: str | None, keys: Mapping[str, object]
    ) -> _Selection:
        refuse_unknown_state(state)
        if source is None:
            if dataset_type or keys:
                raise ConfigurationError("name the source whose datasets are meant: source=...")
            return _Selection(None, None, state, {}, Selector.of({}))
        found = sources.get(source)
        types = [found.dataset_type(dataset_type)] if dataset_type else found.dataset_types
        words = {key: _word(value) for key, value in keys.items()}
        selector = Selector.of(words)
        # what only a provider's listing knows says nothing of what is here
        refuse_unknown_keys([selector], [replace(each, selectable=()) for each in types])
        return _Selection(found, dataset_type, state, words, selector)

    def _find(self, wanted: _Selection, ids: Collection[int] | None = None) -> list[Dataset]:
        """Return the datasets that are meant; of those with ``ids`` only, if they are given."""
        source = wanted.source.name if wanted.source else None
        known = {"source": source, "dataset_type": wanted.dataset_type, "state": wanted.state}
        rows = self._catalog.rows(DATASETS, {**known, "ids": None if ids is None else list(ids)})
        named = ((row, parse_identifier(row.identifier)) for row in rows)
        return [self._dataset(row, keys) for row, keys in named if wanted.selector.matches(keys)]

    def _dataset(self, row: Any, identifier: Mapping[str, str]) -> Dataset:
        return Dataset(
            source=row.source,
            dataset_type=row.dataset_type,
            identifier=identifier,
            state=row.state,
            current_revision=row.current_revision,
            checked_at=row.checked_at,
            dataset_id=row.dataset_id,
            activation=row.current_activation,
            shelf=self._shelf,
        )

    def _stream(self, wanted: _Selection, params: Mapping[str, Any], *, small_lanes: bool) -> Iterator[Dataset]:
        """Yield each dataset once: those that need nothing, each that landed, and at the end what could not be had."""
        assert wanted.source is not None  # noqa: S101 - who asks a provider has named it
        request = make_request(wanted.source, wanted.dataset_type, wanted.keys, params, small_lanes=small_lanes)
        with Sync(self.settings, wanted.source, request) as sync:
            waiting = set(sync.planned)
            yield from (each for each in self._find(wanted) if each.dataset_id not in waiting)
            for dataset_id in sync.landed():
                waiting.discard(dataset_id)
                yield from self._find(wanted, [dataset_id])
            yield from self._find(wanted, waiting)

    @cached_property
    def _store(self) -> LakeStore:
        return LakeStore(self.settings.lake, self.settings.lake_options)

    @cached_property
    def _shelf(self) -> Shelf:
        return Shelf(self._catalog, self._store)

    @cached_property
    def _tables(self) -> Tables:
        return Tables(self._catalog, self.settings.lake, self.settings.lake_options)


def _word(value: object) -> str:
    """Return what a selector has for a value, or for several. Text by itself is a selector's already."""
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ",".join(map(_exact, value))
    return str(value)


def _exact(value: object) -> str:
    # quote() leaves dots alone, and two of them are a range
    return quote(str(value), safe="").replace("..", "%2E%2E")
