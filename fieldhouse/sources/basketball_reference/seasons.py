"""Seasons of the NBA: their names, their dates, and how a person asks for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from fieldhouse.errors import ConfigurationError

# The league has had its name since 1949; the site's play-by-play and shot distances begin in 1996. Box scores of
# before 1984 are not whole: many lack the minutes
FIRST = 1950
BOX_SCORES_SINCE = 1985
PLAY_BY_PLAY_SINCE = 1997
# 2019-20 stood still from March to July and was played to its end on this day
END_OF_2020 = date(2020, 10, 11)
# And the season after it began late: the only two that were played on in summer
SUMMER_GAMES = ((date(2020, 7, 1), END_OF_2020), (date(2021, 7, 1), date(2021, 7, 20)))

HOW_TO_ASK = 'a season as "2025" or "2024-25", a range of the years they end in as "2001-2025", several with commas'


@dataclass(frozen=True, order=True)
class Season:
    """The season that ends in ``year``, as the site names it: 2026 is 2025-26."""

    year: int

    @property
    def start(self) -> date:
        """The first day that counts to the season: its schedule comes out in the August before."""
        return END_OF_2020 + timedelta(days=1) if self.year == 2021 else date(self.year - 1, 8, 1)

    @property
    def end(self) -> date:
        """The last day that counts to the season."""
        return END_OF_2020 if self.year == 2020 else date(self.year, 7, 31)

    @property
    def settled_at(self) -> datetime:
        """From when only corrections change what the season's pages say."""
        return datetime(self.end.year, self.end.month, self.end.day, tzinfo=UTC) + timedelta(days=1)

    @property
    def due_at(self) -> datetime:
        """From when a season without a schedule is missing data; 1999, 2012 and 2021 began later than that."""
        return datetime(self.year - 1, 10, 20, tzinfo=UTC)

    def __str__(self) -> str:
        return f"{self.year - 1}-{self.year % 100:02}"


def season_of(day: date) -> Season:
    """Return the season that a day counts to."""
    season = Season(day.year + (day.month >= 8))
    return Season(2020) if Season(2021) == season and day <= END_OF_2020 else season


def transactions_of(day: date) -> Season:
    """Return the season whose transactions page holds a day's deals: the league's year begins on 1 July."""
    return Season(day.year + (day.month >= 7))


def select_seasons(text: str, today: date) -> list[Season]:
    """Read a ``seasons`` parameter, newest season first.

    :raises ConfigurationError: the text says no season, or names one that has not begun.
    """
    latest = season_of(today)
    found: set[Season] = set()
    for part in filter(None, (part.strip() for part in text.split(","))):
        found.update(_range(part, latest))
    if not found:
        raise ConfigurationError(f"seasons={text!r} names no season; write {HOW_TO_ASK}")
    return sorted(found, reverse=True)


def _range(text: str, latest: Season) -> list[Season]:
    if match := re.fullmatch(r"(\d{4})\s*-\s*(\d{4})", text):
        first, last = int(match[1]), int(match[2])
    elif match := re.fullmatch(r"(\d{4})[-/](\d{2})", text):
        first = last = int(match[1]) + 1
        if first % 100 != int(match[2]):
            raise ConfigurationError(f"{text!r} are not two years in a row; write {HOW_TO_ASK}")
    elif re.fullmatch(r"\d{4}", text):
        first = last = int(text)
    else:
        raise ConfigurationError(f"{text!r} is no season; write {HOW_TO_ASK}")
    if not FIRST <= first <= last <= latest.year:
        raise ConfigurationError(f"{text!r} is not between {FIRST} (1949-50) and {latest.year} ({latest}), in order")
    return [Season(year) for year in range(first, last + 1)]
