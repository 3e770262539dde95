"""What changed in the site's pages over the years: which way a page is written on a date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

# The dates between the captures that show the one and the other way
PLUS_MINUS_SINCE = date(2019, 10, 1)
PLAIN_SPACERS_SINCE = date(2020, 10, 1)
NEW_SINCE = date(2024, 10, 1)
# The first season with play-in games, whose schedule no longer divides April
FIRST_PLAY_IN = 2020


@dataclass(frozen=True)
class Layout:
    """How pages are written.

    :param is_new: one line a table, ``name_display`` and its kin, playoffs beside the regular season, League Average.
    :param has_plus_minus: whether daily leaders have that column.
    :param spacers: the ``data-stat`` of the two empty columns in the old advanced table.
    """

    is_new: bool
    has_plus_minus: bool
    spacers: tuple[str, str]


def layout_on(today: date) -> Layout:
    """Return how pages are written on a date."""
    return Layout(
        is_new=today >= NEW_SINCE,
        has_plus_minus=today >= PLUS_MINUS_SINCE,
        spacers=("DUMMY", "DUMMY") if today >= PLAIN_SPACERS_SINCE else ("ws-dum", "bpm-dum"),
    )
