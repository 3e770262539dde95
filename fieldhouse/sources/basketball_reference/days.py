"""Days as the site writes them: ``January 10, 2022`` and ``Tue, Sep 20, 2022``; seasons: ``2025-26``."""

from __future__ import annotations

import re
from datetime import date

# Not strptime: it reads the names of the months in the computer's language
MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_SHORT = tuple(month[:3] for month in MONTHS)
_DAY = re.compile(r"(?:[A-Za-z]+, )?([A-Za-z]{3})[a-z]*\.? ([0-9]{1,2}), ([0-9]{4})")
_SEASON = re.compile(r"\b([0-9]{4})-([0-9]{2})\b")


def read_day(text: str) -> date | None:
    """Return the day that a text is, None if it is none."""
    found = _DAY.fullmatch(text)
    if not found or found[1].lower() not in _SHORT:
        return None
    try:
        return date(int(found[3]), _SHORT.index(found[1].lower()) + 1, int(found[2]))
    except ValueError:
        return None


def find_season(text: str) -> int | None:
    """Return the year that the first season in a text ends in (2000 for ``1999-00``), None if it names none."""
    found = _SEASON.search(text)
    if not found or (int(found[1]) + 1) % 100 != int(found[2]):
        return None
    return int(found[1]) + 1
