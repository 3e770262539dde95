"""What the catalog hands out and takes in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fieldhouse.errors import Outcome
from fieldhouse.source import RemoteFile

# Outcomes after which a retry of the same plan has nothing more to do for a dataset
SETTLED = (
    Outcome.FETCHED,
    Outcome.UNCHANGED,
    Outcome.NOT_PUBLISHED,
    Outcome.NOTHING_SCHEDULED,
    Outcome.DISABLED,
)


@dataclass(frozen=True)
class CurrentFile:
    """A file of a dataset's current revision, or of the newest good one."""

    path: str
    sha256: str
    bytes: int
    stored_bytes: int
    etag: str | None
    last_modified: str | None
    url: str
    content_type: str | None
    fetched_at: str
    is_lost: bool


@dataclass(frozen=True)
class Item:
    """A planned dataset, with what is known of it.

    :param revision: the one that is to be activated again; None: what is scraped becomes a new one.
    :param abandoned_revision: the newest good one, where a rollback went back from it.
    :param seen: what the provider said of each file at the last look, as in ``lake.dataset.seen``.
    :param is_absent: whether the provider lacked a file that the dataset needs at that look.
    :param optional: files without which it is partial.
    """

    dataset_id: int
    dataset_type: str
    identifier: str
    keys: Mapping[str, str]
    current_revision: int | None
    current_activation: int | None
    reason: str
    files: tuple[RemoteFile, ...]
    due_at: datetime | None
    step: str
    outcome: Outcome | None
    current_files: Mapping[str, CurrentFile]
    revision: int | None = None
    abandoned_revision: int | None = None
    abandoned_files: Mapping[str, CurrentFile] = field(default_factory=dict)
    seen: Mapping[str, str | None] = field(default_factory=dict)
    is_absent: bool = False
    optional: tuple[str, ...] = ()

    @property
    def newest_files(self) -> Mapping[str, CurrentFile]:
        """The files that the provider last had, as far as we know."""
        return self.abandoned_files or self.current_files

    @property
    def name(self) -> str:
        """``<dataset type>/<identifier>``, as a person writes it."""
        return f"{self.dataset_type}/{self.identifier}".rstrip("/")


@dataclass(frozen=True)
class StagedFile:
    """Scraped bytes that are in the lake and not yet in a revision."""

    name: str
    path: str
    sha256: str
    bytes: int
    stored_bytes: int
    url: str
    content_type: str | None
    etag: str | None
    last_modified: str | None
    fetched_at: datetime
    not_modified: bool
    problem: str | None = None


@dataclass(frozen=True)
class ActivationTable:
    """A table of an activation as Parquet in the lake."""

    table: str
    path: str
    sha256: str
    rows: int
    bytes: int


@dataclass(frozen=True)
class Activation:
    """A revision that is to become the current one, with its typed rows."""

    number: int
    parser_version: int
    tables: tuple[ActivationTable, ...]


@dataclass(frozen=True)
class ToLoad:
    """An activation whose rows the warehouse is to get."""

    dataset_id: int
    dataset_type: str
    identifier: str
    revision: int
    activation: int
    tables: tuple[ActivationTable, ...]

    @property
    def name(self) -> str:
        """``<dataset type>/<identifier>``, as a person writes it."""
        return f"{self.dataset_type}/{self.identifier}".rstrip("/")


@dataclass(frozen=True)
class Lane:
    """A batch of datasets of one type that one mapped chain handles."""

    plan: int
    lane: int
    source: str
    name: str
    datasets: int


@dataclass(frozen=True)
class PlanCounts:
    """What became of a plan's candidates: planned, fresh, or in the hands of another run.

    :param withdrawn: datasets that we have and that the provider no longer lists.
    :param requests: how many files the plan asks the provider for, at most.
    """

    candidates: int
    planned: int
    fresh: int
    claimed_elsewhere: int
    withdrawn: int = 0
    requests: int = 0
