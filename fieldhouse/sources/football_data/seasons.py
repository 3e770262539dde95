"""Seasons of the main divisions: their codes, their dates, and how a person asks for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from fieldhouse.errors import ConfigurationError
from fieldhouse.source import Window

FIRST_YEAR = 1993
# The site writes two digits of a year, and its history begins in 1993
LAST_YEAR = FIRST_YEAR + 99

HOW_TO_ASK = (
    'a season as "2425", "2024/25" or 2024 (the year it starts in), a range of years as "2015-2025", '
    'a range of codes as "1516-2425", several with commas, or "all"'
)


@dataclass(frozen=True, order=True)
class Season:
    """The season that starts in the summer of ``first_year``; the site calls 2024/25 ``2425``."""

    first_year: int

    @property
    def code(self) -> str:
        """The site's name of the season, as in its URLs."""
        return f"{self.first_year % 100:02}{(self.first_year + 1) % 100:02}"

    @property
    def start(self) -> date:
        """The first day that counts to the season."""
        return date(self.first_year, 7, 1)

    @property
    def end(self) -> date:
        """The last day that counts to the season."""
        # 2019/20 stood still from March to June and was played to its end in August
        return date(2020, 8, 31) if self.first_year == 2019 else date(self.first_year + 1, 6, 30)

    @property
    def last_date(self) -> date:
        """The latest date that a match in the season's file may have.

        1995/96 has one in July; the earliest leagues of the season after it kick off at the end of that month.
        """
        return max(self.end, date(self.first_year + 1, 7, 20))

    @property
    def settled_at(self) -> datetime:
        """From when only corrections change the season."""
        return _midnight(self.end + timedelta(days=1))

    @property
    def due_at(self) -> datetime:
        """From when a missing file is missing data: by then every division has been playing for weeks."""
        return _midnight(date(self.first_year, 9, 15))

    def __str__(self) -> str:
        return f"{self.first_year}/{(self.first_year + 1) % 100:02}"


@dataclass(frozen=True)
class Selection:
    """Seasons that a person asked for; ``named`` are those that were written out one by one."""

    seasons: frozenset[Season]
    named: frozenset[Season] = frozenset()


def running(day: date) -> Season:
    """Return the season that is running on ``day``; a new one starts on 1 July."""
    return Season(day.year if day.month >= 7 else day.year - 1)


def touching(window: Window) -> list[Season]:
    """Return the seasons that have a day in the window."""
    years = range(max(FIRST_YEAR, window.start.year - 1), min(LAST_YEAR, window.end.year) + 1)
    return [s for s in map(Season, years) if s.start <= window.end and s.end >= window.start]


def season_from_code(code: str) -> Season:
    """Return the season that the site calls ``code``.

    :raises ConfigurationError: it is not two consecutive two-digit years.
    """
    if not _is_code(code):
        raise ConfigurationError(f'{code!r} is not a season code such as "2425" for 2024/25')
    return _from_code(code)


def select_seasons(text: str, today: date) -> Selection:
    """Read a ``seasons`` parameter.

    Four digits are a code where they can be one, else the year that a season starts in. ``2021`` alone can be
    both and means the code, 2020/21; in a range whose ends can both be years it is the year.

    :raises ConfigurationError: the text says no season, or names one that has not begun.
    """
    latest = running(today)
    everything = range(FIRST_YEAR, latest.first_year + 1)
    seasons: set[Season] = set()
    named: set[Season] = set()
    for part in filter(None, (part.strip() for part in text.split(","))):
        if part.lower() == "all":
            seasons.update(map(Season, everything))
        elif between := re.fullmatch(r"(\d{4})\s*-\s*(\d{4})", part):
            seasons.update(_range(between[1], between[2]))
        else:
            named.add(_single(part))
    _refuse_future(named, latest)
    begun = {season for season in seasons | named if season <= latest}
    if not begun:
        raise ConfigurationError(f"seasons={text!r} holds no season up to {latest}; write {HOW_TO_ASK}")
    return Selection(frozenset(begun), frozenset(named))


def _refuse_future(named: set[Season], latest: Season) -> None:
    for season in sorted(named):
        if season > latest:
            raise ConfigurationError(f"season {season} has not begun; the running one is {latest} ({latest.code})")


def _range(first: str, last: str) -> list[Season]:
    if _is_year(first) and _is_year(last):
        ends = int(first), int(last)
    elif _is_code(first) and _is_code(last):
        ends = _from_code(first).first_year, _from_code(last).first_year
    else:
        raise ConfigurationError(f"{first}-{last} is no range of seasons; write {HOW_TO_ASK}")
    if ends[0] > ends[1]:
        raise ConfigurationError(f"the range of seasons {first}-{last} runs backwards")
    return [Season(year) for year in range(ends[0], ends[1] + 1)]


def _single(text: str) -> Season:
    if _is_code(text):
        return _from_code(text)
    if _is_year(text):
        return Season(int(text))
    written = re.fullmatch(r"(\d{4})[/-](?:\d\d)?(\d\d)", text)
    if written and _is_year(written[1]) and (int(written[1]) + 1) % 100 == int(written[2]):
        return Season(int(written[1]))
    raise ConfigurationError(f"{text!r} is no season; write {HOW_TO_ASK}")


def _is_code(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9]{4}", text)) and (int(text[:2]) + 1) % 100 == int(text[2:])


def _is_year(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9]{4}", text)) and FIRST_YEAR <= int(text) <= LAST_YEAR


def _from_code(code: str) -> Season:
    return Season(full_year(int(code[:2])))


def full_year(two_digits: int) -> int:
    """Return the year that two digits mean on a site whose history begins in 1993."""
    return two_digits + (1900 if two_digits >= FIRST_YEAR % 100 else 2000)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
