"""Which match a row is: its season, teams and date, what is said twice, and the id that it goes by."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from fieldhouse.sources.football_data.cells import read_date
from fieldhouse.sources.football_data.seasons import FIRST_YEAR, LAST_YEAR, Season
from fieldhouse.sources.football_data.sheet import Row, Sheet, shown


@dataclass(frozen=True)
class Term:
    """A season as the tables name it, with the dates between which its matches lie."""

    name: str
    first_year: int
    earliest: date
    latest: date


class Match(NamedTuple):
    """What tells a row from all others."""

    term: Term
    home: str
    away: str
    day: date


class MatchId(NamedTuple):
    """The id of a match, and which of the pair's meetings at this ground in the season it is, from 1."""

    text: str
    meeting: int


ANY_TIME = Term("", FIRST_YEAR, Season(FIRST_YEAR).start, Season(LAST_YEAR).end)


def term_of_season(season: Season) -> Term:
    """Return a main division's season, under the site's code."""
    return Term(season.code, season.first_year, season.start, season.last_date)


def term_of_text(text: str) -> Term | None:
    """Return an extra league's season: ``2012/2013`` becomes 2012/13, a calendar year stays as it is.

    The dates are wide, as the leagues begin and end in every month: Brazil's 2020 was played until February.
    """
    years = re.fullmatch(r"((?:19|20)[0-9]{2})(?:/(?:20)?([0-9]{2}))?", text)
    if not years:
        return None
    first = int(years[1])
    if years[2] is None:
        return Term(text, first, date(first, 1, 1), date(first + 1, 6, 30))
    if int(years[2]) != (first + 1) % 100:
        return None
    return Term(f"{first}/{years[2]}", first, date(first, 1, 1), date(first + 1, 12, 31))


def read_matches(sheet: Sheet, positions: Mapping[str, int], terms: Sequence[Term]) -> list[Match]:
    """Return the match of each row.

    :raises PageChanged: a row has no teams, or no date within its season.
    """
    homes, aways = (_teams(sheet, positions[name], name) for name in ("HomeTeam", "AwayTeam"))
    dates = _dates(sheet, positions["Date"], terms)
    return [Match(*of) for of in zip(terms, homes, aways, dates, strict=True)]


def _teams(sheet: Sheet, position: int, column: str) -> list[str]:
    texts = sheet.texts(position)
    # The curly apostrophe came and went: King's Lynn is one club
    names = {text: " ".join(text.split()).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'") for text in set(texts)}
    if "" in names:
        line = sheet.lines[texts.index("")]
        raise sheet.origin.changed(f"a team in the column {column}", "none", line)
    return [names[text] for text in texts]


def _dates(sheet: Sheet, position: int, terms: Sequence[Term]) -> list[date]:
    dates = []
    for number, (text, term) in enumerate(zip(sheet.texts(position), terms, strict=True)):
        day = read_date(text, term.earliest, term.latest)
        if day is None:
            expected = f"a date from {term.earliest} to {term.latest} as dd/mm/yy or dd/mm/yyyy"
            raise sheet.origin.changed(expected, shown(text), sheet.lines[number])
        dates.append(day)
    return dates


def merge_doubled(sheet: Sheet, keys: Sequence[object], goals: Sequence[int]) -> tuple[Sheet, list[int]]:
    """Return the sheet with one row for each key, and which of its rows those are.

    A match that stands there twice is one match. Where its rows differ, the later one was written later and
    wins, but an empty cell takes nothing away; which of two scores is true cannot be known.

    :param goals: positions of the columns in which two rows of a match may not differ.
    :raises PageChanged: two rows of a match have different scores.
    """
    if len(set(keys)) == len(keys):
        return sheet, list(range(len(keys)))
    first: dict[object, int] = {}
    rows = list(sheet.rows)
    for number, key in enumerate(keys):
        if (at := first.setdefault(key, number)) != number:
            _refuse_two_scores(sheet, at, number, goals)
            rows[at] = _merged(rows[at], rows[number])
    kept = list(first.values())
    return replace(sheet, rows=rows).reordered(kept), kept


def _refuse_two_scores(sheet: Sheet, first: int, second: int, goals: Sequence[int]) -> None:
    for position in goals:
        one, other = (sheet.columns[position][number].strip() for number in (first, second))
        if one and other and one != other:
            found = (
                f"one with {one} goals on line {sheet.lines[first]} and {other} here, under {sheet.header[position]}"
            )
            raise sheet.origin.changed("each match once", found, sheet.lines[second])


def _merged(earlier: Row, later: Row) -> Row:
    width = max(len(earlier), len(later))
    pairs = zip(_padded(earlier, width), _padded(later, width), strict=True)
    return [new if new.strip() else old for old, new in pairs]


def _padded(row: Row, width: int) -> Row:
    return row + [""] * (width - len(row))


def number_meetings(division: str, matches: Sequence[Match]) -> list[MatchId]:
    """Return each match's id: ``E0/2425/Arsenal/Chelsea/1``.

    The date is not part of it, so that it survives a postponement; the last part is which meeting of the two at
    this ground in the season it is, by date: Scotland, Belgium's play-offs and Mexico have up to three.
    """
    ids = [MatchId("", 0)] * len(matches)
    seen: Counter[str] = Counter()
    for number in sorted(range(len(matches)), key=lambda n: matches[n].day):
        match = matches[number]
        pair = "/".join(part.replace("/", "-") for part in (division, match.term.name, match.home, match.away))
        seen[pair] += 1
        ids[number] = MatchId(f"{pair}/{seen[pair]}", seen[pair])
    return ids
