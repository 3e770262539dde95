"""What a source declares, what it is asked and what it answers: the contract between sources and engine.

A source is a package ``fieldhouse.sources.<name>`` whose ``SOURCE`` is a :class:`Source`. It imports neither
catalog nor lake nor warehouse. Its ``__init__`` is light (a Dag file imports it for its Params), its
``parse`` module may import what it needs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, Protocol
from urllib.parse import quote, unquote

import msgspec
from msgspec.structs import force_setattr

from fieldhouse.errors import ConfigurationError, SourceError

if TYPE_CHECKING:
    import pyarrow as pa

    from fieldhouse.selectors import Selector

FlagValue = Literal["on", "off", "auto"]
Identifier = Mapping[str, str]
Files = Mapping[str, bytes]
Rows = Mapping[str, "pa.Table"]


@dataclass(frozen=True)
class Limit:
    """``requests`` per ``seconds``, evenly spaced, of which ``burst`` may come at once."""

    requests: float
    seconds: float
    burst: int = 1

    def __str__(self) -> str:
        """Say it as a person does: ``4 a second``, ``8 a minute``."""
        a_second = self.requests / self.seconds
        return f"{a_second:g} a second" if a_second >= 1 else f"{a_second * 60:g} a minute"

    @property
    def spacing(self) -> float:
        """The time between two requests in the long run, in seconds."""
        return self.seconds / self.requests


@dataclass(frozen=True)
class Pace:
    """How a host is asked: all ``limits`` hold at once, with at most ``concurrency`` requests under way a lane.

    :param throttled_for: how long the host is left alone after a 429 that names no time.
    :param ceiling: what a user may not exceed with a pace of their own, as long as it is this host that is asked.
    """

    limits: tuple[Limit, ...]
    concurrency: int = 4
    throttled_for: timedelta = timedelta(minutes=10)
    ceiling: Limit | None = None

    @property
    def slowest(self) -> Limit | None:
        """The limit that counts in the long run; None where there is none."""
        return max(self.limits, key=lambda limit: limit.spacing, default=None)

    @property
    def seconds_per_request(self) -> float:
        """The time between two requests in the long run, in seconds."""
        return self.slowest.spacing if self.slowest else 0.0


def limit_of(requests: float, seconds: float = 1.0) -> Limit:
    """Return the limit of so many requests in so many seconds, a second's worth of which may come at once."""
    return Limit(requests, seconds, burst=max(1, int(requests / seconds)))


def pace_of(requests_per_second: float, concurrency: int = 4) -> Pace:
    """Return the pace of so many requests a second."""
    return Pace((limit_of(requests_per_second),), concurrency)


@dataclass(frozen=True)
class Recheck:
    """When a dataset that no longer changes is looked at again, for corrections that come late.

    :param after: once at each of these ages, counted from the dataset's ``settled_at``.
    :param every: and then again whenever the last look is this old.
    """

    after: tuple[timedelta, ...] = ()
    every: timedelta | None = None


@dataclass(frozen=True)
class FetchPolicy:
    """Says which of the datasets that exist a run asks for: one SQL expression, for a whole catalog at once.

    What a person asked for, what was never asked for, what is quarantined or comes back is asked for in any case.

    :param name: what :attr:`DatasetType.fetch_policy` and Variable ``fetch_policy__<source>__<dataset_type>`` say.
    :param due: why a dataset is asked for, a word for the plan; null if it is not. It sees ``d``, the row of
        ``lake.dataset``; ``c``, the candidate (``versions``: {file name: version or null}, ``settled_at``,
        ``due_at``); ``t``, its type (``recheck_after``, ``recheck_every``, ``observed``); and the parameter
        ``%(now)s``, the program's time. A percent sign is written twice.
    """

    name: str
    due: str


@dataclass(frozen=True)
class Check:
    """What must not be among a table's rows. A dataset that has it is quarantined and its rows are not loaded.

    It runs as SQL over a dataset's rows in the transaction that loads them, before anybody sees one of them.

    :param name: what is wrong, as a person would say it ("more goals at half-time than at the end").
    :param bad: an SQL condition on the table's columns. Of a ``row``: it is bad where this is true. Of a
        ``dataset``: aggregates over its rows; it is bad where this is true. It may look into tables of other dataset
        types, with their schema (``exists (select from football_data.fixture ...)``).
    """

    name: str
    bad: str
    of: Literal["row", "dataset"] = "row"


@dataclass(frozen=True)
class Table:
    """A table of the source's schema, with its primary key as in ``include/sql``.

    ``current``: a dataset's rows are those of its current revision. ``observed``: every observation adds rows
    under its own ``observed_at`` (the engine fills that column), and nothing vanishes.

    :param checks: what its rows must not be.
    :param may_shrink: whether a newer revision may well have fewer rows (matches that are called off), so that this is
        no sign of a file that was cut off: the parser has to see that.
    """

    name: str
    key: tuple[str, ...]
    kind: Literal["current", "observed"] = "current"
    checks: tuple[Check, ...] = ()
    may_shrink: bool = False


@dataclass(frozen=True)
class DatasetType:
    """One kind of thing that a source publishes.

    :param key: the identifier's keys in order; empty for a type of which there is one dataset.
    :param selectable: further keys that a selector may name; discover itself asks :meth:`Scope.wants` with them.
    :param files: the names of its provider files; a file given by hand gets the only name where there is one.
    :param optional: those of ``files`` without which a dataset is ``partial`` and not missing. One that a run does not
        ask for stays as it is.
    :param fetch_policy: the name of what decides when it is asked for again (:mod:`fieldhouse.policies`).
    :param parser_version: raised when the parser reads the same bytes differently.
    :param backfill: False for what only shows the present: it cannot be fetched for a past date.
    :param flag: the value of its flag where no Variable sets one.
    :param expected_in: table and column in which the values that a file ``expects`` are looked for.
    :param in_season: what ``auto`` means: whether the scope's window has anything to fetch, and why (not).
    """

    name: str
    title: str
    key: tuple[str, ...]
    tables: tuple[Table, ...]
    files: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    fetch_policy: str = "ladder"
    parser_version: int = 1
    recheck: Recheck = Recheck()
    backfill: bool = True
    flag: FlagValue = "auto"
    selectable: tuple[str, ...] = ()
    expected_in: tuple[str, str] | None = None
    in_season: Callable[[Scope], tuple[bool, str]] = lambda _: (True, "always in season")

    def file_name(self, given: str) -> str:
        """Return what a file that is called ``given`` on a disk is called here."""
        return self.files[0] if len(self.files) == 1 else given

    @property
    def observed(self) -> bool:
        """Whether each revision of such a dataset is an observation of the present."""
        return any(table.kind == "observed" for table in self.tables)


class RemoteFile(msgspec.Struct, frozen=True, omit_defaults=True):
    """One provider file of a dataset.

    :param url: absolute, or relative to the source's base URL.
    :param content_types: media types that the answer may have (lower case, no parameters); empty for any.
    :param max_bytes: a longer body is refused.
    :param version: what the provider says of its state (a timestamp, a hash); as long as that is the same word, the
        file is not asked for again. Empty where it says nothing.
    :param content: the file itself, where discover has it already; its version is its sha256.
    :param expects: what should be in it by now (:attr:`DatasetType.expected_in`): where some is lacking, the rest is
        loaded, and the dataset is ``not_published`` as a whole, to be looked at again.
    :param local_path: a user's own file, read instead of asking ``url``; a source never sets it.
    """

    name: str
    url: str
    content_types: tuple[str, ...] = ()
    max_bytes: int = 64 * 2**20
    version: str | None = None
    content: str | None = None
    expects: tuple[str, ...] = ()
    local_path: str | None = None

    @property
    def is_remote(self) -> bool:
        """Whether it takes a request to have it."""
        return self.content is None and self.local_path is None

    def __post_init__(self) -> None:
        if self.content is not None:
            force_setattr(self, "version", hashlib.sha256(self.content.encode()).hexdigest())


class Candidate(msgspec.Struct, frozen=True):
    """A dataset that the source says exists, or should. Without files it is known, and there is nothing to ask for yet.

    :param settled_at: from when its truth changes by corrections only. None, or in the future: still running,
        so that every run asks.
    :param due_at: from when its absence is missing data and no longer "not yet". None: absence is never missing.
    """

    dataset_type: str
    identifier: Identifier
    files: tuple[RemoteFile, ...]
    settled_at: datetime | None = None
    due_at: datetime | None = None


@dataclass(frozen=True)
class Listing:
    """Says that every dataset of a type that has these key values was named: one that we have and that was not is
    withdrawn. Discover yields it after the last of them; where selectors leave some of them out, the engine passes
    over it.
    """

    dataset_type: str
    identifier: Identifier = field(default_factory=dict)


@dataclass(frozen=True)
class Gap:
    """Says that discover could not look at the datasets that have these key values, and why. They stay as they are,
    the others are worked on, and the run's report shows it; it fails the run if the error's outcome is bad.

    :param url: the listing that could not be read, which is asked for as a whole next time.
    """

    dataset_type: str
    identifier: Identifier
    error: SourceError
    url: str = ""


@dataclass(frozen=True)
class Window:
    """The dates that a run covers, both ends included."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ConfigurationError(f"the window ends ({self.end}) before it starts ({self.start})")


@dataclass(frozen=True)
class Scope:
    """What a run asks of a source.

    :param today: the program's date.
    :param present: whether the run speaks of the present; otherwise of history, as in a backfill.
    :param params: one value for each of the source's Params; ``dataset_types`` names those that are open.
    :param selectors: what the run is narrowed to; empty for everything.
    :param rows: returns the current rows of one of the source's own tables, as far as they were loaded.
    """

    window: Window
    today: date
    present: bool = True
    params: Mapping[str, Any] = field(default_factory=dict)
    selectors: tuple[Selector, ...] = ()
    rows: Callable[[str], pa.Table | None] = lambda _: None

    def wants(self, known: Mapping[str, str]) -> bool:
        """Return whether anything with these key values may be wanted; what is not known does not narrow."""
        return not self.selectors or any(selector.matches(known) for selector in self.selectors)


@dataclass(frozen=True)
class Param:
    """A parameter of a source's runs: a field of the trigger form, and ``-p name=value`` on the command line.

    :param schema: JSON schema of the value (``type``, ``items``, ``enum``, ``examples`` ...).
    """

    name: str
    title: str
    description: str
    default: Any
    schema: Mapping[str, Any]


class Client(Protocol):
    """What ``discover`` may use of the network."""

    def get(self, url: str, *, newer_than: datetime | None = None, max_age: timedelta | None = None) -> bytes:
        """Return the body at ``url``, which is kept and asked for conditionally.

        :param newer_than: no request is made where the provider answered after this moment (aware, the program's
            time), nor, by ``max_age``, where its answer is not older than that. With neither it is asked in any case.
        :raises SourceError: as everywhere.
        """


@dataclass(frozen=True)
class Source:
    """One provider.

    :param discover: yields the datasets that exist within a scope.
    :param parser: ``module:function`` of ``(dataset_type, identifier, files) -> {table: Arrow table}``. The
        columns are those of ``include/sql`` without the leading-underscore ones; pure: no I/O, no clock.
    :param essence: ``module:function`` of ``(dataset_type, file name, bytes) -> bytes``: what of a file counts. Two
        files that have it in common are the same, whatever else a page carries (advertisements, tokens). Empty: all.
    :param reference: tables of its schema that ``include/sql`` fills itself, and no dataset.
    :param sql: ``package:folder`` of the files that make its tables; empty for this repository's
        ``include/sql/<name>``.
    """

    name: str
    title: str
    base_url: str
    pace: Pace
    dataset_types: tuple[DatasetType, ...]
    discover: Callable[[Scope, Client], Iterable[Candidate | Listing | Gap]]
    parser: str
    params: tuple[Param, ...] = ()
    attribution: str = ""
    essence: str = ""
    reference: tuple[str, ...] = ()
    sql: str = ""

    def dataset_type(self, name: str) -> DatasetType:
        """Return the dataset type ``name``.

        :raises ConfigurationError: there is none; the message lists those that there are.
        """
        for dataset_type in self.dataset_types:
            if dataset_type.name == name:
                return dataset_type
        valid = ", ".join(t.name for t in self.dataset_types)
        raise ConfigurationError(f"{self.name} has no dataset type {name!r}; it has: {valid}")

    def parse(self, dataset_type: str, identifier: Identifier, files: Files) -> Rows:
        """Read one dataset's files.

        :param files: {file name: provider bytes}.
        :returns: an Arrow table for each of the dataset type's tables.
        :raises PageChanged: the bytes are not what they should be.
        """
        rows: Rows = _function(self.parser)(dataset_type, identifier, files)
        return rows

    def same(self, dataset_type: str, name: str, one: bytes, other: bytes) -> bool:
        """Return whether two versions of a file differ in nothing that counts."""
        if not self.essence or one == other:
            return one == other
        essence = _function(self.essence)
        try:
            return bool(essence(dataset_type, name, one) == essence(dataset_type, name, other))
        except Exception:  # noqa: BLE001 - what cannot be told is for the parser to look at
            return False


def _function(name: str) -> Callable[..., Any]:
    module, function = name.split(":")
    found: Callable[..., Any] = getattr(import_module(module), function)
    return found


def format_identifier(identifier: Identifier) -> str:
    """Return ``key=value/key=value``, each value percent-encoded: it is a path in the lake and a name in the UI."""
    return "/".join([f"{key}={_encode(value)}" for key, value in identifier.items()])


def _encode(value: str) -> str:
    if value.isalnum() and value.isascii():
        return value
    # quote() leaves dots alone, and a value of dots alone would walk out of its folder
    return quote(value, safe="") if value.strip(".") else value.replace(".", "%2E")


def parse_identifier(text: str) -> dict[str, str]:
    """Read what :func:`format_identifier` wrote (or a person typed).

    :raises ConfigurationError: a part is not ``key=value``.
    """
    identifier = {}
    for part in filter(None, text.split("/")):
        key, equals, value = part.partition("=")
        if not (key and equals and value):
            raise ConfigurationError(f"{part!r} is not of the form key=value")
        identifier[key] = unquote(value)
    return identifier
