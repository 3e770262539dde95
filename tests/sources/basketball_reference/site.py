"""The generated site as the client that discover gets, and what it was asked for."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa

from fieldhouse.errors import NotPublished, SourceError
from fieldhouse.source import Candidate, Gap, Scope, Window
from fieldhouse.sources.basketball_reference import SOURCE
from fieldhouse.sources.basketball_reference.discover import discover
from simulator.generated.basketball_reference import BasketballReference

Found = Candidate | Gap


@cache
def site() -> BasketballReference:
    """Return the site; its league is played once for all tests of a process."""
    return BasketballReference(7)


class SiteClient:
    """Answers from the generated site on a date; a page is kept as the engine keeps it, by its time at noon UTC."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.asked: list[str] = []
        self.kept: dict[str, tuple[datetime, bytes]] = {}
        self.errors: dict[str, SourceError] = {}
        self.bodies: dict[str, bytes] = {}

    @property
    def now(self) -> datetime:
        return datetime.fromisoformat(f"{self.today}T12:00:00+00:00")

    def get(self, url: str, *, newer_than: datetime | None = None, max_age: timedelta | None = None) -> bytes:
        moments = [newer_than, self.now - max_age if max_age else None]
        if url in self.kept and any(self.kept[url][0] > moment for moment in moments if moment):
            return self.kept[url][1]
        self.asked.append(url)
        if url in self.errors:
            raise self.errors[url]
        parts = urlsplit(url)
        answer = site().answer(f"/{parts.path}", parts.query, self.today)
        if answer.status == 404:
            raise NotPublished(f"{url} does not exist (status 404)")
        body = self.bodies.get(url, answer.body)
        self.kept[url] = (self.now, body)
        return body


def find(
    client: SiteClient,
    start: date,
    end: date | None = None,
    *,
    present: bool = True,
    rows: dict[str, pa.Table] | None = None,
    **params: Any,
) -> list[Found]:
    """Return what discover finds of a window on the client's date."""
    params = {param.name: param.default for param in SOURCE.params} | params
    window = Window(start, end or start)
    scope = Scope(window, client.today, present, params, rows=(rows or {}).get)
    return list(discover(scope, client))


def of(found: list[Found], dataset_type: str) -> list[Candidate]:
    return [each for each in found if isinstance(each, Candidate) and each.dataset_type == dataset_type]


def gaps(found: list[Found]) -> list[Gap]:
    return [each for each in found if isinstance(each, Gap)]
