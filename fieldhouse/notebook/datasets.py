"""A dataset as an analyst sees it: its files as the provider sent them, its rows, its revisions."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from fieldhouse.errors import ConfigurationError

if TYPE_CHECKING:
    import pyarrow as pa

    from fieldhouse.catalog import Catalog
    from fieldhouse.lake import LakeStore

Format = Literal["arrow", "pandas", "polars"]
FORMATS: tuple[Format, ...] = ("arrow", "pandas", "polars")
KLOPPY_FILES = ("events.json", "lineups.json")

DATASETS = """
select d.dataset_id, d.source, d.dataset_type, d.identifier, d.state, d.current_revision, d.current_activation,
    d.checked_at
from lake.dataset as d
where (%(source)s::text is null or d.source = %(source)s)
    and (%(dataset_type)s::text is null or d.dataset_type = %(dataset_type)s)
    and (%(state)s::text is null or d.state = %(state)s)
    and (%(ids)s::bigint[] is null or d.dataset_id = any(%(ids)s))
order by d.source, d.dataset_type, d.identifier
"""
FILES = "select name, path, sha256 from lake.file where dataset_id = %s and revision = %s order by name"
# of a revision that was read more than once, the rows of the last time
TABLES = """
select t.table_name, t.path, t.sha256 from lake.activation_table as t
where t.activation = coalesce(%(activation)s, (
    select max(a.activation) from lake.activation as a
    where a.dataset_id = %(dataset_id)s and a.revision = %(revision)s
))
order by t.table_name
"""
REVISIONS = """
select r.revision, r.state, r.created_at, r.reason from lake.revision as r
where r.dataset_id = %s order by r.revision desc
"""


@dataclass(frozen=True)
class Shelf:
    """Where datasets are read from."""

    catalog: Catalog
    lake: LakeStore


@dataclass(frozen=True)
class Revision:
    """What a dataset was at one time.

    :param state: ``good`` or ``quarantined``: its bytes are kept, and no rows were read from them.
    :param created_at: when it was archived (aware datetime, UTC).
    :param reason: why it is in quarantine.
    """

    dataset: Dataset = field(repr=False)
    number: int
    state: str
    created_at: datetime | None
    reason: str | None = None
    activation: int | None = field(default=None, repr=False)

    @property
    def files(self) -> list[str]:
        """The names of its files."""
        return list(self._files())

    @property
    def tables(self) -> list[str]:
        """The names of its tables."""
        return list(self._tables())

    def file(self, name: str) -> bytes:
        """Return a file as the provider sent it, held against its sha256.

        :raises ConfigurationError: it has no such file; the text lists those that it has.
        :raises LakeError: the bytes are gone or damaged.
        """
        files = self._files()
        if name not in files:
            self._refuse("file", name, list(files))
        return self._shelf.lake.read_raw(*files[name])

    def table(self, name: str, format: Format = "arrow") -> Any:  # noqa: A002 - the word that analysts know
        """Return the rows of a table: an Arrow table, or a data frame of pandas or polars.

        :raises ConfigurationError: it has no such table; the text lists those that it has.
        :raises LakeError: the Parquet is gone or damaged.
        """
        tables = self._tables()
        if name not in tables:
            self._refuse("table", name, list(tables))
        return converted(self._shelf.lake.read_table(*tables[name]), format)

    def to_kloppy(self, **options: Any) -> Any:
        """Return the match as kloppy's ``EventDataset``, read from the stored bytes. StatsBomb's matches only.

        :param options: as ``kloppy.statsbomb.load`` takes them (``event_types``, ``coordinates`` ...).
        :raises ConfigurationError: it is no match of StatsBomb's, or kloppy is not installed.
        """
        if (self.dataset.source, self.dataset.dataset_type) != ("statsbomb", "match"):
            raise ConfigurationError(
                f"{self.dataset.name}: kloppy reads datasets statsbomb/match, and no others that are here"
            )
        files = self._files()
        if missing := [name for name in KLOPPY_FILES if name not in files]:
            self._refuse("file", missing[0], list(files))
        statsbomb = imported("kloppy", "kloppy.statsbomb")
        frames = {"three_sixty_data": io.BytesIO(self.file("three-sixty.json"))} if "three-sixty.json" in files else {}
        events, lineups = (io.BytesIO(self.file(name)) for name in KLOPPY_FILES)
        return statsbomb.load(event_data=events, lineup_data=lineups, **frames, **options)

    @property
    def _shelf(self) -> Shelf:
        return self.dataset.shelf

    def _files(self) -> dict[str, tuple[str, str]]:
        rows = self._shelf.catalog.rows(FILES, (self.dataset.dataset_id, self.number))
        return {row.name: (row.path, row.sha256) for row in rows}

    def _tables(self) -> dict[str, tuple[str, str]]:
        known = {"dataset_id": self.dataset.dataset_id, "revision": self.number, "activation": self.activation}
        return {row.table_name: (row.path, row.sha256) for row in self._shelf.catalog.rows(TABLES, known)}

    def _refuse(self, kind: str, name: str, valid: list[str]) -> NoReturn:
        why = f" ({self.reason})" if self.reason else ""
        raise ConfigurationError(
            f"{self.dataset.name}: revision {self.number} has no {kind} {name!r}; it has: "
            f"{', '.join(valid) or 'none'}{why}"
        )


@dataclass(frozen=True)
class Dataset:
    """A dataset as the catalog had it when it was listed. ``dataset["season_id"]`` is one value of its identifier.

    :param state: scheduled, partial, complete, missing, quarantined or withdrawn.
    :param current_revision: the number of the newest good one that is visible; None if there is none.
    :param checked_at: when the provider was last asked (aware datetime, UTC).
    """

    source: str
    dataset_type: str
    identifier: Mapping[str, str]
    state: str
    current_revision: int | None
    checked_at: datetime | None
    dataset_id: int
    activation: int | None = field(compare=False)
    shelf: Shelf = field(compare=False)

    @property
    def name(self) -> str:
        """``<source>/<dataset type>/<key=value>/...``, as messages and the command line have it."""
        return "/".join([self.source, self.dataset_type, *(f"{key}={value}" for key, value in self.identifier.items())])

    def __getitem__(self, key: str) -> str:
        return self.identifier[key]

    def __hash__(self) -> int:
        return hash((self.dataset_id, self.current_revision))

    def __repr__(self) -> str:
        revision = f"revision {self.current_revision}" if self.current_revision else "no revision"
        return f"<Dataset {self.name}: {self.state}, {revision}>"

    @property
    def files(self) -> list[str]:
        """The names of its files; none while it has no revision."""
        return self._current().files if self.current_revision else []

    @property
    def tables(self) -> list[str]:
        """The names of its tables; none while it has no revision."""
        return self._current().tables if self.current_revision else []

    def file(self, name: str) -> bytes:
        """Return a file of the current revision: see :meth:`Revision.file`."""
        return self._current().file(name)

    def table(self, name: str, format: Format = "arrow") -> Any:  # noqa: A002
        """Return a table of the current revision: see :meth:`Revision.table`."""
        return self._current().table(name, format)

    def to_kloppy(self, **options: Any) -> Any:
        """Return the current revision as kloppy reads it: see :meth:`Revision.to_kloppy`."""
        return self._current().to_kloppy(**options)

    def revisions(self) -> list[Revision]:
        """Return all its revisions, newest first: good ones, and those in quarantine."""
        rows = self.shelf.catalog.rows(REVISIONS, (self.dataset_id,))
        return [Revision(self, row.revision, row.state, row.created_at, row.reason) for row in rows]

    def revision(self, number: int) -> Revision:
        """Return one revision. :raises ConfigurationError: there is none of that number."""
        for each in self.revisions():
            if each.number == number:
                return each
        valid = ", ".join(str(each.number) for each in self.revisions()) or "none"
        raise ConfigurationError(f"{self.name} has no revision {number}; it has: {valid}")

    def _current(self) -> Revision:
        if self.current_revision is None:
            raise ConfigurationError(f"{self.name} has no good revision to read: it is {self.state}{self._hint()}")
        return Revision(self, self.current_revision, "good", None, activation=self.activation)

    def _hint(self) -> str:
        if self.state == "quarantined":
            return "; its bytes are in .revisions()"
        if self.state == "scheduled":
            return "; sync=True asks the provider for it"
        return ""


def converted(table: pa.Table, format: str) -> Any:  # noqa: A002
    """Return an Arrow table as what was asked for. :raises ConfigurationError: nobody knows that, or it is missing."""
    if format not in FORMATS:
        raise ConfigurationError(f"there is no format {format!r}; the formats are: {', '.join(FORMATS)}")
    if format == "arrow":
        return table
    library = imported(format, format)
    return table.to_pandas() if format == "pandas" else library.from_arrow(table)


def imported(package: str, module: str) -> Any:
    """Return a module that only the extra brings. :raises ConfigurationError: it is not installed."""
    from importlib import import_module  # noqa: PLC0415

    try:
        return import_module(module)
    except ImportError as error:
        raise ConfigurationError(f"this needs {package}: pip install 'fieldhouse[notebook]' ({error})") from error
