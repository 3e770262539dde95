"""Files of the site on a date: which rows have been published by then, which were corrected, as bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from simulator.generated.football_data.calendar import CHANCE, CHANCE_OF_ROWS, Match, season
from simulator.generated.football_data.layout import (
    NBSP,
    Layout,
    division_layout,
    extra_layout,
    fixtures_layout,
)
from simulator.generated.football_data.leagues import DIVISIONS, League

# As the site's server writes them; copies of its files that went through git have lost them
NEWLINE = "\r\n"
RESULTS_DAYS = (2, 6)  # Wednesday and Sunday: results are published
FIXTURES_DAYS = (1, 4)  # Tuesday and Friday: the coming matches are
FIXTURES_AHEAD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Row:
    """A match's line in a file, in its first and its corrected version.

    :param published: the update with which the line appeared.
    :param corrected_on: the update that replaced it by ``corrected``; None if it never changed.
    """

    text: str
    published: date
    corrected_on: date | None = None
    corrected: str = ""


@dataclass(frozen=True)
class File:
    """A file of the site and the date of the update that last changed it."""

    body: bytes
    changed_on: date
    matches: int


def next_update(day: date, weekdays: tuple[int, ...] = RESULTS_DAYS) -> date:
    """Return the first update after ``day``: a day's matches are not in the update of the same day."""
    return min(day + timedelta(days=1 + (weekday - day.weekday() - 1) % 7) for weekday in weekdays)


def last_update(day: date, weekdays: tuple[int, ...]) -> date:
    """Return the last update up to and including ``day``."""
    return max(day - timedelta(days=(day.weekday() - weekday) % 7) for weekday in weekdays)


# --- rows -------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def division_rows(seed: int, league: League, year: int) -> tuple[Row, ...]:
    """Return all rows that a division's file will have in the end."""
    return tuple(_rows(season(seed, league, year), division_layout(league, year)))


@lru_cache(maxsize=256)
def extra_rows(seed: int, league: League, year: int) -> tuple[Row, ...]:
    """Return all rows that an extra league's file will have of one season."""
    return tuple(_rows(season(seed, league, year), extra_layout(year)))


def _rows(matches: Iterable[Match], layout: Layout) -> Iterator[Row]:
    for match in matches:
        published = next_update(match.day)
        text = _text(match, layout)
        later = _correction(match, layout)
        corrected = _text(later, layout) if later else text
        if corrected == text:
            yield Row(text, published)
        else:
            after = published + timedelta(days=match.chance[CHANCE - 1] % 40)
            yield Row(text, published, next_update(after), corrected)


def _text(match: Match, layout: Layout) -> str:
    written = zip(layout.blocks, match.chance[CHANCE_OF_ROWS:], strict=False)
    text = ",".join([block.write(match, chance) for block, chance in written])
    if (match.league.code, match.year) == ("EC", 2018) and match.chance[CHANCE - 3] < 8:
        text += NBSP  # inside the last price: such cells were in the real file of that season
    return _with_tail(text, layout, match.chance[CHANCE - 4])


def _with_tail(text: str, layout: Layout, chance: int) -> str:
    if layout.ragged and chance % 8 < 2:
        return text + "," * (layout.trailing + 2)
    if layout.ragged and chance % 8 == 2:
        return text.rstrip(",")
    return text + "," * layout.trailing


# --- corrections ------------------------------------------------------------------------------------------


def _correction(match: Match, layout: Layout) -> Match | None:
    """Return the match as it is corrected some weeks later, None for the nineteen in twenty that are right."""
    kind = match.chance[CHANCE - 2]
    if kind >= 13:
        return None
    home, away, home_half, away_half = match.goals
    if kind == 0:
        return _changed(match, goals=(home, away + 1, home_half, away_half))
    if kind == 1:
        return _changed(match, day=match.day - timedelta(days=1))
    if kind < 6 and any(block.closing for block in layout.blocks):
        return _changed(match, closing_edge=match.closing_edge + 9)
    return _changed(match, chance=_other_fouls(match.chance))


def _changed(match: Match, **values: object) -> Match:
    before = {name: getattr(match, name) for name in Match.__slots__}
    return Match(**(before | values))


def _other_fouls(chance: bytes) -> bytes:
    place = 44  # of HF among the statistics' bytes
    return chance[:place] + bytes([(chance[place] + 1) % 256]) + chance[place + 1 :]


# --- files ------------------------------------------------------------------------------------------------


def season_file(seed: int, league: League, year: int, today: date) -> File | None:
    """Return ``mmz4281/<season>/<division>.csv`` on a date, None before its first row."""
    if year < league.first_season:
        return None
    return _file(division_rows(seed, league, year), division_layout(league, year), today)


def extra_file(seed: int, league: League, today: date) -> File | None:
    """Return ``new/<league>.csv``: all seasons since 2012/13 up to a date."""
    years = range(league.first_season, league.season_at(today) + 1)
    rows = [row for year in years for row in extra_rows(seed, league, year)]
    return _file(rows, extra_layout(league.first_season), today)


def fixtures_file(seed: int, today: date) -> File:
    """Return ``fixtures.csv``: the matches of the seven days from the last update on. It always exists."""
    update = last_update(today, FIXTURES_DAYS)
    layout = fixtures_layout()
    lines = [_text(match, layout) for match in _coming(seed, update)]
    return File(_encode(layout, lines), update, len(lines))


def _coming(seed: int, update: date) -> Iterator[Match]:
    for code in sorted(DIVISIONS):
        league = DIVISIONS[code]
        for match in season(seed, league, league.season_at(update)):
            day = _announced(match, update)
            if update <= day < update + FIXTURES_AHEAD:
                yield match if day == match.day else _changed(match, day=day)


def _announced(match: Match, update: date) -> date:
    """A postponement becomes known two days before the match would have been."""
    return match.scheduled if update < match.scheduled - timedelta(days=2) else match.day


def _file(rows: Iterable[Row], layout: Layout, today: date) -> File | None:
    lines, changed_on = [], date.min
    for row in rows:
        if row.published > today:
            continue
        corrected = row.corrected_on is not None and row.corrected_on <= today
        lines.append(row.corrected if corrected else row.text)
        changed_on = max(changed_on, row.corrected_on if corrected and row.corrected_on else row.published)
    return File(_encode(layout, lines), changed_on, len(lines)) if lines else None


def _encode(layout: Layout, lines: list[str]) -> bytes:
    header = ",".join(layout.columns) + "," * layout.trailing
    bare = "," * (len(layout.columns) - 1)
    fill = max(layout.lines - len(lines), 0) or layout.bare_rows
    return NEWLINE.join([header, *lines, *[bare] * fill, ""]).encode(layout.encoding)
