"""The one clock of the program. Nothing else in it asks for the time of day.

A recorded or generated season has its own today. ``FIELDHOUSE_CLOCK_SHIFT`` moves the clock by a number of
seconds (usually negative), the same for every process that the setting reaches; the clock goes on ticking.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta

from fieldhouse.errors import ConfigurationError

SHIFT_VARIABLE = "FIELDHOUSE_CLOCK_SHIFT"


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


def real_now() -> datetime:
    """Return the machine's time: for waits, claims and paces, which pass in real seconds."""
    return datetime.now(tz=UTC)
