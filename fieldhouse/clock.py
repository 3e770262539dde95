"""The one clock of the program. Nothing else in it asks for the time of day.

A recorded or generated season has its own today. ``FIELDHOUSE_CLOCK_SHIFT`` moves the clock by a number of
seconds (usually negative), the same for every process that the setting reaches; the clock goes on ticking.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from fieldhouse.errors import ConfigurationError

SHIFT_VARIABLE = "FIELDHOUSE_CLOCK_SHIFT"
UNITS = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}


def shift() -> timedelta:
    """Return by how much the program's time differs from the machine's.

    :raises ConfigurationError: the setting is no number of seconds.
    """
    text = os.environ.get(SHIFT_VARIABLE) or "0"
    try:
        return timedelta(seconds=float(text))
    except (ValueError, OverflowError) as error:
        raise ConfigurationError(f"{SHIFT_VARIABLE} is {text!r}; it must be a number of seconds") from error


def now() -> datetime:
    """Return the program's time, aware, in UTC."""
    return real_now() + shift()


def today() -> date:
    """Return the program's date in UTC."""
    return now().date()


def in_words(duration: timedelta) -> str:
    """Return about how long that is, as a person says it: ``3 days 3 hours``, ``12 minutes``, ``1 second``."""
    seconds = max(1, round(duration.total_seconds()))
    # what is too small to count is rounded away first: an hour is never "59 minutes 60 seconds"
    smallest = next((second for first, second in pairwise(UNITS) if seconds >= UNITS[first]), "second")
    left, words = round(seconds / UNITS[smallest]) * UNITS[smallest], []
    for name, length in UNITS.items():
        count, left = divmod(left, length)
        if count:
            words.append(f"{count:,} {name}{'' if count == 1 else 's'}")
    return " ".join(words)


def real_now() -> datetime:
    """Return the machine's time: for waits, claims and paces, which pass in real seconds."""
    return datetime.now(tz=UTC)
