"""What can go wrong, in classes that say who recovers and how, and the outcomes that a dataset can have."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class Outcome(StrEnum):
    """What became of one planned dataset."""

    FETCHED = "fetched"
    UNCHANGED = "unchanged"
    NOT_PUBLISHED = "not_published"
    NOTHING_SCHEDULED = "nothing_scheduled"
    THROTTLED = "throttled"
    BLOCKED = "blocked"
    PAGE_CHANGED = "page_changed"
    REJECTED = "rejected"
    FAILED = "failed"
    DISABLED = "disabled"

    @property
    def bad(self) -> bool:
        """Whether this outcome fails the run: something was there to be had, and we do not have it."""
        return self in {
            Outcome.THROTTLED,
            Outcome.BLOCKED,
            Outcome.PAGE_CHANGED,
            Outcome.REJECTED,
            Outcome.FAILED,
        }


class FieldhouseError(Exception):
    """Base of all our errors. Its text is one sentence for a person: what, where, what to do."""


class ConfigurationError(FieldhouseError):
    """A setting, flag, parameter or selector is wrong. Retrying cannot help; the text lists valid values."""


class LakeError(FieldhouseError):
    """The lake cannot be read or written (missing bucket, no right, disk full, damaged bytes)."""


class DatabaseError(FieldhouseError):
    """The catalog or the warehouse cannot be reached, has no schema, or refuses what was sent."""


class RowsRejected(FieldhouseError):
    """Rows of some datasets break a check or do not fit their table. ``reasons``: {dataset id: why}."""

    def __init__(self, reasons: Mapping[int, str]) -> None:
        super().__init__("; ".join(reasons.values()))
        self.reasons = dict(reasons)


class SourceError(FieldhouseError):
    """Base of what a provider can do to us. ``outcome`` is what the dataset is marked with."""

    outcome: ClassVar[Outcome] = Outcome.FAILED


class SourceThrottled(SourceError):
    """429 or a used-up quota. ``until``: when the host may be asked again (aware datetime, UTC)."""

    outcome = Outcome.THROTTLED

    def __init__(self, message: str, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class SourceUnavailable(SourceError):
    """5xx, time-out, reset or a truncated body, still there after the retries inside the lane."""


class SourceBlocked(SourceError):
    """403, a captcha or a block page with status 200: the host is left alone for an hour by everybody.

    ``until``: when the host may be asked again (aware datetime, UTC).
    """

    outcome = Outcome.BLOCKED

    def __init__(self, message: str, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class PageChanged(SourceError):
    """Bytes arrived, but they do not mean what they should. They are quarantined, never loaded."""

    outcome = Outcome.PAGE_CHANGED


class NotPublished(SourceError):
    """The provider has no such file (404) yet."""

    outcome = Outcome.NOT_PUBLISHED


class NothingScheduled(SourceError):
    """Nothing is due: an off-season, a day without games. The text says why."""

    outcome = Outcome.NOTHING_SCHEDULED
