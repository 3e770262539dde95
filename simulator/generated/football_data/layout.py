"""The site's files as blocks of columns, era by era.

Measured on the site's own files: which columns a division has in which season, in which order, how dates are
written, what stands behind the last named column. A :class:`Block` is a few neighbouring columns and how a match
fills them, so a file's format is the list of its blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Protocol

from simulator.generated.football_data.calendar import Match
from simulator.generated.football_data.clubs import GERMAN_REFEREES, REFEREES
from simulator.generated.football_data.leagues import DIVISIONS, League, season_name
from simulator.generated.football_data.prices import (
    MARGINS,
    USUAL_MARGIN,
    handicap,
    handicap_prices,
    result_prices,
    total_prices,
)

NBSP = "\xa0"


class Write(Protocol):
    """Fills a block's columns: a match and a byte of chance to comma-separated text."""

    def __call__(self, match: Match, chance: int, /) -> str:
        """Return the columns' text."""


@dataclass(frozen=True)
class Block:
    """Neighbouring columns of a file.

    :param closing: whether they hold closing odds, which a match to come does not have.
    """

    columns: tuple[str, ...]
    write: Write
    closing: bool = False


@dataclass(frozen=True)
class Layout:
    """The format of one file.

    :param trailing: empty cells behind the last named column.
    :param ragged: rows may be longer or shorter than the header.
    :param lines: the fixed number of lines that a file is filled up to with rows of bare commas; 0 for none.
    :param bare_rows: rows of bare commas behind the last match.
    """

    blocks: tuple[Block, ...]
    trailing: int = 0
    ragged: bool = False
    lines: int = 0
    bare_rows: int = 0
    encoding: str = "cp1252"

    @property
    def columns(self) -> tuple[str, ...]:
        """The named columns in order."""
        return tuple(column for block in self.blocks for column in block.columns)


# --- what every file has ----------------------------------------------------------------------------------


def _identity(league: League, year: int) -> Iterator[Block]:
    # 2003/04: Greece's teams are HT and AT
    teams = ("HT", "AT") if (league.code, year) == ("G1", 2003) else ("HomeTeam", "AwayTeam")
    form = "%d/%m/%Y" if _long_dates(league, year) else "%d/%m/%y"
    if year >= 2019:
        yield Block(
            ("Div", "Date", "Time", *teams),
            lambda m, _: f"{m.league.code},{m.day.strftime(form)},{m.time},{m.home},{m.away}",
        )
    else:
        yield Block(("Div", "Date", *teams), lambda m, _: f"{m.league.code},{m.day.strftime(form)},{m.home},{m.away}")


def _long_dates(league: League, year: int) -> bool:
    """Whether years have four digits: since 2017/18 in most files, since 2018/19 in all, and once before."""
    if (league.code, year) == ("E0", 2002):
        return True
    return year >= 2018 or (year == 2017 and league.code not in {"E1", "EC"})


def _result(home: int, away: int) -> str:
    return "H" if home > away else "A" if home < away else "D"


def _full_time(match: Match, _: int) -> str:
    home, away = match.goals[:2]
    return f"{home},{away},{_result(home, away)}"


def _half_time(match: Match, _: int) -> str:
    home, away = match.goals[2:]
    return f"{home},{away},{_result(home, away)}"


def _has_half_time(league: League, year: int) -> bool:
    if league.country == "Scotland" and league.tier:
        return year >= 2000
    return year >= (1995 if league.tier == 0 and league.code not in {"G1", "N1", "P1", "T1"} else 1997)


# --- statistics -------------------------------------------------------------------------------------------

_STATISTICS = ["HS", "AS", "HST", "AST", "HF", "AF", "HC", "AC", "HY", "AY", "HR", "AR"]
_STATISTICS_OF_2000 = [
    *("HS", "AS", "HST", "AST", "HHW", "AHW", "HC", "AC", "HF", "AF"),
    *("HO", "AO", "HY", "AY", "HR", "AR", "HBP", "ABP"),
]
_CARDS = ["HY", "AY", "HR", "AR"]
# Germany and France got theirs bit by bit
_WITHOUT = {
    ("D1", 2004): {"HST", "AST"},
    ("D1", 2005): {"HST", "AST"},
    ("F1", 2005): {"HF", "AF", "HC", "AC"},
    ("F1", 2006): {"HF", "AF"},
}

# Column: (lowest value, number of values, place among the match's bytes of chance)
_COUNTS = {
    "HHW": (0, 3, 40), "AHW": (0, 2, 41), "HC": (0, 13, 42), "AC": (0, 11, 43), "HF": (5, 15, 44),
    "AF": (5, 16, 45), "HO": (0, 8, 46), "AO": (0, 8, 47), "HY": (0, 5, 48), "AY": (0, 6, 49),
}  # fmt: skip


def _statistic(match: Match, column: str) -> int:
    home, chance = column.startswith("H"), match.chance
    if column in {"HST", "AST"}:
        return match.goals[not home] + chance[50 + home] % 6
    if column in {"HS", "AS"}:
        return match.goals[not home] + chance[50 + home] % 6 + 2 + chance[52 + home] % 10
    if column in {"HR", "AR"}:
        return int(chance[54 + home] < 12)
    if column in {"HBP", "ABP"}:
        return 10 * _statistic(match, column[0] + "Y") + 25 * _statistic(match, column[0] + "R")
    lowest, values, place = _COUNTS[column]
    return lowest + chance[place] % values


def _write_statistics(columns: tuple[str, ...], gaps: bool, match: Match, chance: int) -> str:
    # In the smaller leagues a match in sixty has no statistics at all
    if gaps and chance < 4:
        return "," * (len(columns) - 1)
    return ",".join([str(_statistic(match, column)) for column in columns])


def _statistics_block(columns: list[str], *, gaps: bool = False) -> Block:
    return Block(tuple(columns), partial(_write_statistics, tuple(columns), gaps))


def _referee(name_of: Callable[[Match, int], str]) -> Block:
    return Block(("Referee",), name_of)


def _full_name(match: Match, chance: int) -> str:
    names = GERMAN_REFEREES if match.league.country == "Germany" else REFEREES
    name = names[chance % len(names)]
    first, _, last = name.rpartition(" ")
    if match.year == 2001 and chance & 1:
        return f'"{last}, {first[0]}"'
    return f"{name} " if names is GERMAN_REFEREES else name


def _initial_and_surname(match: Match, chance: int) -> str:
    first, surname = REFEREES[chance % len(REFEREES)].split(" ", 1)
    # 2003/04 and 2004/05: some names begin with a no-break space
    return (NBSP if match.year in {2003, 2004} and chance & 1 else "") + f"{first[0]} {surname}"


def _attendance(match: Match, chance: int) -> str:
    return str(3000 + 117 * chance // (1 + match.league.tier) + match.chance[60])


_BIG_FIVE = {"E0", "D1", "I1", "SP1", "F1"}


def _statistics(league: League, year: int) -> Iterator[Block]:
    british = league.country == "England" or league.code == "SC0"
    if year in {2000, 2001} and (league.country in {"England", "Scotland"} or league.code == "D1"):
        yield Block(("Attendance",), _attendance)
        yield _referee(_full_name)
        yield _statistics_block(_STATISTICS_OF_2000)
    elif year >= 2002 and british:
        yield _referee(_initial_and_surname)
        yield _statistics_block(_CARDS if league.code == "EC" and year >= 2016 else _STATISTICS)
    elif (league.code in _BIG_FIVE and year >= 2005) or (league.code, year) in _WITHOUT:
        if league.code == "I1" and year in {2005, 2006}:
            yield _referee(_initial_and_surname)
        without = _WITHOUT.get((league.code, year), set())
        yield _statistics_block([column for column in _STATISTICS if column not in without])
    elif year >= 2017:
        yield _statistics_block(_STATISTICS, gaps=True)


# --- odds -------------------------------------------------------------------------------------------------


def _view(edge: int, chance: int) -> int:
    """What one bookmaker thinks of an edge: within a few steps of the others."""
    return edge + (chance & 3) - 1


def _odds(
    columns: tuple[str, ...],
    prices: Callable[[int, float, bool], str],
    bookmaker: str,
    *,
    closing: bool = False,
    ladder: bool = False,
) -> Block:
    margin = MARGINS.get(bookmaker, USUAL_MARGIN)
    empty = "," * (len(columns) - 1)
    if bookmaker in {"Max", "Avg"}:
        return Block(columns, lambda m, _: prices(m.closing_edge if closing else m.edge, margin, ladder), closing)

    def write(match: Match, chance: int) -> str:
        # One price in fifty was not noted
        if chance < 5:
            return empty
        return prices(_view(match.closing_edge if closing else match.edge, chance), margin, ladder)

    return Block(columns, write, closing)


def _result_odds(bookmaker: str, *, closing: bool = False, ladder: bool = False) -> Block:
    stem = bookmaker + "C" * closing
    columns = (f"{stem}H", f"{stem}D", f"{stem}A")
    return _odds(columns, result_prices, bookmaker, closing=closing, ladder=ladder)


def _total_odds(bookmaker: str, *, closing: bool = False) -> Block:
    stem = bookmaker + "C" * closing
    return _odds((f"{stem}>2.5", f"{stem}<2.5"), total_prices, bookmaker, closing=closing)


def _handicap_odds(bookmaker: str, *, closing: bool = False) -> Block:
    stem = bookmaker + "C" * closing
    return _odds((f"{stem}AHH", f"{stem}AHA"), handicap_prices, bookmaker, closing=closing)


def _line(column: str, *, closing: bool = False) -> Block:
    return Block((column,), lambda m, _: handicap(m.closing_edge if closing else m.edge), closing)


@cache
def _interleaved(prices: Callable[[int, float, bool], str], edge: int) -> str:
    """Best and average price of each outcome in turn, as Betbrain's columns stand."""
    best = prices(edge, MARGINS["BbMx"], False).split(",")
    average = prices(edge, MARGINS["BbAv"], False).split(",")
    return ",".join(f"{most},{usual}" for most, usual in zip(best, average, strict=True))


def _betbrain() -> Iterator[Block]:
    yield Block(
        ("Bb1X2", "BbMxH", "BbAvH", "BbMxD", "BbAvD", "BbMxA", "BbAvA"),
        lambda m, c: f"{25 + c % 20},{_interleaved(result_prices, m.edge)}",
    )
    yield Block(
        ("BbOU", "BbMx>2.5", "BbAv>2.5", "BbMx<2.5", "BbAv<2.5"),
        lambda m, c: f"{20 + c % 20},{_interleaved(total_prices, m.edge)}",
    )
    yield Block(
        ("BbAH", "BbAHh", "BbMxAHH", "BbAvAHH", "BbMxAHA", "BbAvAHA"),
        lambda m, c: f"{15 + c % 12},{handicap(m.edge)},{_interleaved(handicap_prices, m.edge)}",
    )


# First season of an era -> bookmakers whose three-way odds its files have, in order
_BOOKMAKERS = {
    2000: "GB IW LB SB WH",
    2001: "GB IW LB SB SY WH",
    2002: "B365 GB IW LB SO SB WH",
    2003: "B365 BW GB IW LB SB WH",
    2005: "B365 BW GB IW LB SB WH SJ VC",
    2007: "B365 BW GB IW LB SB WH SJ VC BS",
    2012: "B365 BW GB IW LB PS WH SJ VC BS",
    2013: "B365 BW IW LB PS WH SJ VC",
    2015: "B365 BW IW LB PS WH VC",
    2018: "B365 BW IW PS WH VC",
    2019: "B365 BW IW PS WH VC Max Avg",
    2024: "B365 BW BF PS WH 1XB Max Avg BFE",
    2025: "B365 BFD BMGM BV BW CL LB PS Max Avg BFE",
}


def _bookmakers(league: League, year: int) -> list[str]:
    era = max(first for first in _BOOKMAKERS if first <= year)
    without_sporting_odds = year == 2002 and league.code in {"F1", "SC1", "SC2", "SC3"}
    return [name for name in _BOOKMAKERS[era].split() if not (name == "SO" and without_sporting_odds)]


def _odds_blocks(league: League, year: int) -> Iterator[Block]:
    if year < 2000:
        return
    ladder = year in {2002, 2003, 2004}
    for bookmaker in _bookmakers(league, year):
        yield _result_odds(bookmaker, ladder=ladder and bookmaker in {"B365", "SB"})
    if year >= 2019:
        yield from _modern_odds(league, year)
    elif year >= 2005:
        yield from _betbrain()
        if year >= 2015:
            yield _result_odds("PS", closing=True)
    elif year >= 2002:
        yield from _first_totals_and_handicaps(league, year)


def _first_totals_and_handicaps(league: League, year: int) -> Iterator[Block]:
    lower_scotland = league.country == "Scotland" and league.tier > 0
    if not lower_scotland:
        yield _total_odds("GB")
        if league.code not in {"SC0", "F1"}:
            yield _total_odds("B365")
    if year >= 2003:
        for bookmaker in ("GB",) if lower_scotland else ("GB", "LB", "B365"):
            yield _handicap_odds(bookmaker)
            yield _line(f"{bookmaker}AH")


def _modern_odds(league: League, year: int) -> Iterator[Block]:
    markets = ["B365", "P", "Max", "Avg", *(["BFE"] if year >= 2024 else [])]
    for closing in (False, True):
        if closing:
            for bookmaker in _bookmakers(league, year):
                yield _result_odds(bookmaker, closing=True)
        for bookmaker in markets:
            yield _total_odds(bookmaker, closing=closing)
        yield _line("AHCh" if closing else "AHh", closing=closing)
        for bookmaker in markets:
            yield _handicap_odds(bookmaker, closing=closing)


# --- whole files ------------------------------------------------------------------------------------------


@cache
def division_layout(league: League, year: int) -> Layout:
    """Return the format of a main division's file for the season that starts in ``year``."""
    half_time = _has_half_time(league, year)
    blocks = (
        *_identity(league, year),
        Block(("FTHG", "FTAG", "FTR"), _full_time),
        *([Block(("HTHG", "HTAG", "HTR"), _half_time)] if half_time else []),
        *_statistics(league, year),
        *_odds_blocks(league, year),
    )
    return Layout(
        blocks,
        trailing=_trailing(league, year, half_time=half_time),
        ragged=year in {2001, 2002, 2004} and league.code not in {"I1", "F2"},
        lines=552 if year < 2000 else 0,
        bare_rows=1 if year == 2014 else 0,
        encoding="utf-8-sig" if year >= 2024 else "cp1252",
    )


def _trailing(league: League, year: int, *, half_time: bool) -> int:
    if year < 2000:
        return 12 if (league.code, year) == ("E0", 1999) else 11 if half_time else 21
    if league.code == "E3" and year >= 2025:
        return 1
    return _TRAILING.get((league.code, year), 0)


_TRAILING = {
    ("D1", 2004): 9,
    ("F1", 2004): 9,
    ("I1", 2004): 5,
    ("SP1", 2004): 5,
    ("SC1", 2004): 15,
    ("D1", 2010): 3,
    ("I1", 2010): 3,
    ("SC1", 2010): 3,
    ("B1", 2021): 1,
}


def _blank(block: Block) -> Block:
    empty = "," * (len(block.columns) - 1)
    return Block(block.columns, lambda _match, _chance: empty, block.closing)


_PINNACLE = {"PSH", "P>2.5", "PAHH", "PSCH"}


@cache
def fixtures_layout() -> Layout:
    """Return the format of ``fixtures.csv``: opening odds; Pinnacle's and all closing odds are empty."""
    league = next(iter(DIVISIONS.values()))  # any: one file has all divisions
    odds = _odds_blocks(league, max(_BOOKMAKERS))
    blocks = (
        *_identity(league, max(_BOOKMAKERS)),
        Block(("Referee",), lambda m, c: _initial_and_surname(m, c) if m.league.country == "England" else ""),
        *(_blank(block) if block.closing or block.columns[0] in _PINNACLE else block for block in odds),
    )
    return Layout(blocks, bare_rows=1, encoding="utf-8-sig")


def _extra_identity(match: Match, _: int) -> str:
    league = match.league
    day = match.day.strftime("%d/%m/%Y")
    season = season_name(league, match.year)
    return f"{league.country},{league.name},{season},{day},{match.time},{match.home},{match.away}"


@cache
def extra_layout(year: int) -> Layout:
    """Return the format of an extra league's file for the rows of the season that starts in ``year``.

    All seasons share one file and its header, but not every bookmaker's prices were noted in every season.
    """
    odds = {name: _result_odds(name, closing=True) for name in ("PS", "Max", "Avg", "BFE", "B365")}
    noted = {"PS": year < 2025, "BFE": year >= 2024, "B365": year >= 2024}
    blocks = (
        Block(("Country", "League", "Season", "Date", "Time", "Home", "Away"), _extra_identity),
        Block(("HG", "AG", "Res"), _full_time),
        *(block if noted.get(name, True) else _blank(block) for name, block in odds.items()),
    )
    return Layout(blocks, encoding="utf-8-sig")
