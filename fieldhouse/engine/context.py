"""What a step works with: the source, the lake, the catalog, the warehouse, the client; opened when first used."""

from __future__ import annotations

import os
from functools import cached_property

from fieldhouse.catalog import CLAIM_SECONDS, Catalog
from fieldhouse.config import Settings
from fieldhouse.http import PoliteClient
from fieldhouse.lake import LakeStore
from fieldhouse.pace import CatalogPacer
from fieldhouse.source import Pace, Source
from fieldhouse.warehouse import Warehouse

# pyarrow's own allocator keeps what it once had; several tasks share a machine, and archive peaks a third lower
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")


class Context:
    """One step's tools. Use as a context manager: what was opened is closed.

    :param claim_seconds: see :class:`fieldhouse.catalog.Catalog`.
    """

    def __init__(self, settings: Settings, source: Source, claim_seconds: int = CLAIM_SECONDS) -> None:
        self._claim_seconds = claim_seconds
        self.settings = settings
        self.source = source

    def another(self) -> Context:
        """Return one with connections of its own, for another thread."""
        return type(self)(self.settings, self.source, self._claim_seconds)

    @property
    def pace(self) -> Pace:
        """The pace that the user set, or the source's own."""
        return self.settings.pace(self.source)

    @cached_property
    def catalog(self) -> Catalog:
        """The catalog."""
        return Catalog(self.settings.catalog, self._claim_seconds)

    @cached_property
    def warehouse(self) -> Warehouse:
        """The warehouse."""
        return Warehouse(self.settings.warehouse, lambda: self.catalog.identity)

    @cached_property
    def lake(self) -> LakeStore:
        """The lake."""
        return LakeStore(self.settings.lake, self.settings.lake_options)

    @cached_property
    def pacer(self) -> CatalogPacer:
        """The pace, shared with everybody through the catalog."""
        return CatalogPacer(self.settings.catalog)

    @cached_property
    def client(self) -> PoliteClient:
        """The client of the source's host."""
        overrides = self.settings.of(self.source)
        return PoliteClient(
            overrides.url or self.source.base_url,
            pace=self.pace,
            pacer=self.pacer,
            contact=self.settings.contact,
            headers=overrides.headers,
        )

    def close(self) -> None:
        """Close what was opened."""
        for name in ("client", "pacer", "catalog", "warehouse"):
            if name in self.__dict__:
                getattr(self, name).close()

    def __enter__(self) -> Context:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
