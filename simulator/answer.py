"""What a world answers to a URL, and when a conditional request needs no body."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from email.utils import format_datetime, parsedate_to_datetime


@dataclass(frozen=True)
class Answer:
    """A complete HTTP answer.

    :param etag: quoted, strong; None for a host that sends none.
    :param last_modified: aware, UTC; None for a host that sends none.
    :param conditional: False for a host that answers 200 whatever the request's conditions say.
    """

    body: bytes
    content_type: str
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    etag: str | None = None
    last_modified: datetime | None = None
    conditional: bool = True

    def all_headers(self) -> list[tuple[str, str]]:
        """Return the headers in lower case, without the length and the date."""
        named = [("content-type", self.content_type), *self.headers]
        if self.etag:
            named.append(("etag", self.etag))
        if self.last_modified:
            named.append(("last-modified", http_date(self.last_modified)))
        return named

    def with_body(self, body: bytes, changed_at: datetime, content_type: str | None = None) -> Answer:
        """Return the same answer with other content, and validators that tell it from the original."""
        return replace(
            self,
            body=body,
            content_type=content_type or self.content_type,
            etag=strong_etag(body) if self.etag else None,
            last_modified=changed_at if self.last_modified else None,
        )


def strong_etag(body: bytes) -> str:
    """Return an ETag that two bodies share only if they are the same."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def midnight(day: date) -> datetime:
    """Return the first moment of a day in UTC: content of a date is never newer than that date's clock."""
    return datetime.combine(day, time(), tzinfo=UTC)


def http_date(moment: datetime) -> str:
    """Return an HTTP date, as in ``Sun, 06 Nov 1994 08:49:37 GMT``."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def not_modified(answer: Answer, request: Mapping[str, str]) -> bool:
    """Whether a GET or HEAD with these headers (lower case) is answered 304 (RFC 9110, section 13.2.2)."""
    if answer.status != 200 or not answer.conditional:
        return False
    if "if-none-match" in request:
        return answer.etag is not None and _names(request["if-none-match"], answer.etag)
    if "if-modified-since" in request and answer.last_modified:
        return _since(request["if-modified-since"], answer.last_modified)
    return False


def _names(condition: str, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in condition.split(",")]
    return "*" in tags or etag.removeprefix("W/") in tags


def _since(condition: str, last_modified: datetime) -> bool:
    try:
        return last_modified.replace(microsecond=0) <= parsedate_to_datetime(condition)
    except (TypeError, ValueError):
        return False  # a date that cannot be read is no condition
