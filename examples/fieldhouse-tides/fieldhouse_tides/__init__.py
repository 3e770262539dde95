"""Tide levels, month by month, of the gauges that an office lists. Office and host are made up.

``gauges.json`` is ``[{"gauge": "pier-7", "months": ["2026-01", ...]}, ...]``; ``levels/<gauge>/<month>.csv`` has a line
for every measurement. The office looks over its levels and puts corrected ones out on Monday mornings.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from fieldhouse.source import (
    Candidate,
    Client,
    DatasetType,
    FetchPolicy,
    Listing,
    RemoteFile,
    Scope,
    Source,
    Table,
    pace_of,
)

FILE = "levels.csv"

EVERY_MONDAY = FetchPolicy(
    "every_monday",
    # Not one second before the office's corrections, and no more when a month is two months old
    """
    case
        when
            d.checked_at < date_trunc('week', %(now)s, 'UTC')
            and d.checked_at < c.settled_at + interval '60 days'
            then 'new week'
    end
    """,
)


def discover(_: Scope, client: Client) -> Iterator[Candidate | Listing]:
    """Yield every month that a gauge has, and after them that these are all."""
    for each in json.loads(client.get("gauges.json")):
        for month in each["months"]:
            yield _month(each["gauge"], month)
    yield Listing("levels")


def _month(gauge: str, month: str) -> Candidate:
    over = _end(month)
    file = RemoteFile(FILE, f"levels/{quote(gauge, safe='')}/{quote(month, safe='')}.csv", content_types=("text/csv",))
    return Candidate(
        "levels", {"gauge": gauge, "month": month}, (file,), settled_at=over, due_at=over + timedelta(days=7)
    )


def _end(month: str) -> datetime:
    """Return when ``2026-01`` is over."""
    first = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
    return (first + timedelta(days=32)).replace(day=1)


SOURCE = Source(
    name="tides",
    title="Tide levels",
    base_url="https://tides.example.org",
    pace=pace_of(2),
    dataset_types=(
        DatasetType(
            name="levels",
            title="Levels of a month",
            key=("gauge", "month"),
            tables=(Table("level", ("gauge", "measured_at")),),
            files=(FILE,),
            fetch_policy="every_monday",
        ),
    ),
    discover=discover,
    parser="fieldhouse_tides.parse:parse",
    sql="fieldhouse_tides:sql",
    attribution="Data: made up",
)
