"""The odds columns: what their names mean, and their cells as one row for each price.

The meanings are those of the site's key (https://www.football-data.co.uk/notes.txt): bookmaker, then ``C`` for
closing odds, then what is bet on. Plain columns are "pre-closing": collected on Friday afternoons for weekend
games and on Tuesday afternoons for midweek games. They are called ``opening`` here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from fieldhouse.sources.football_data.cells import Unreadable, read_lines, read_numbers
from fieldhouse.sources.football_data.sheet import Sheet

BOOKMAKERS = MappingProxyType(
    {
        "1XB": "1XBet",
        "B365": "Bet365",
        "BF": "Betfair",
        "BFD": "Betfred",
        "BFE": "Betfair Exchange",
        "BMGM": "BetMGM",
        "BS": "Blue Square",
        "BV": "BetVictor",
        "BW": "Bet&Win",
        "CL": "Coral",
        "GB": "Gamebookers",
        "IW": "Interwetten",
        "LB": "Ladbrokes",
        "P": "Pinnacle",
        "PP": "Paddy Power",
        "PS": "Pinnacle",
        "SB": "Sportingbet",
        "SJ": "Stan James",
        "SK": "Sky Bet",
        "SO": "Sporting Odds",
        "SY": "Stanleybet",
        "VC": "VC Bet",
        "WH": "William Hill",
        # Betbrain's figures to 2018/19, the site's own from other comparison sites since
        "Avg": "market average",
        "BbAv": "market average",
        "BbMx": "market maximum",
        "Max": "market maximum",
    }
)

MATCH_RESULT, OVER_UNDER, ASIAN_HANDICAP = "match result", "over/under", "asian handicap"
OPENING, CLOSING = "opening", "closing"
GOALS_LINE = 2.5

# Longest first: AHH ends in H
_SUFFIXES = MappingProxyType(
    {
        "AHH": (ASIAN_HANDICAP, "home"),
        "AHA": (ASIAN_HANDICAP, "away"),
        ">2.5": (OVER_UNDER, "over"),
        "<2.5": (OVER_UNDER, "under"),
        "H": (MATCH_RESULT, "home"),
        "D": (MATCH_RESULT, "draw"),
        "A": (MATCH_RESULT, "away"),
    }
)
_MARKET_LINES = MappingProxyType({"AHh": OPENING, "BbAHh": OPENING, "AHCh": CLOSING})
_NEW_BOOKMAKER = re.compile(r"[A-Za-z0-9]{2,8}")


@dataclass(frozen=True, order=True)
class Offer:
    """What a price is for, in the order of the table's key."""

    bookmaker: str
    market: str
    timing: str
    outcome: str


@dataclass(frozen=True, order=True)
class LineOf:
    """Which handicaps a column of handicap sizes is for; ``bookmaker`` "" for those without one of their own."""

    bookmaker: str
    timing: str


@dataclass(frozen=True)
class OddsColumns:
    """Where in a file the prices are, sorted by offer, and where the handicap sizes."""

    prices: tuple[tuple[Offer, int], ...]
    lines: Mapping[LineOf, int]

    def line_position(self, offer: Offer) -> int | None:
        """Return the position of an Asian handicap's size, None for another market or where there is none."""
        if offer.market != ASIAN_HANDICAP:
            return None
        own = self.lines.get(LineOf(offer.bookmaker, offer.timing))
        return own if own is not None else self.lines.get(LineOf("", offer.timing))


def decode_offer(name: str, header: frozenset[str]) -> Offer | None:
    """Return what the column ``name`` of a file with ``header`` holds prices for, None if it holds none.

    A bookmaker that is not known yet goes by its code, if all columns of the market are there: a lone column
    that ends in H may be anything.
    """
    for suffix, (market, outcome) in _SUFFIXES.items():
        code = name.removesuffix(suffix)
        if code != name and (meaning := _bookmaker(code, market, header)):
            return Offer(meaning[0], market, meaning[1], outcome)
    return None


def decode_line(name: str) -> LineOf | None:
    """Return which handicaps the column ``name`` gives the size of, None if it is no such column."""
    if timing := _MARKET_LINES.get(name):
        return LineOf("", timing)
    own = re.fullmatch(r"(.+?)(C?)AHh?", name)
    if own and own[1] in BOOKMAKERS:
        return LineOf(BOOKMAKERS[own[1]], CLOSING if own[2] else OPENING)
    return None


def _bookmaker(code: str, market: str, header: frozenset[str]) -> tuple[str, str] | None:
    if code in BOOKMAKERS:
        return BOOKMAKERS[code], OPENING
    plain = code.removesuffix("C")
    if plain != code and plain in BOOKMAKERS:
        return BOOKMAKERS[plain], CLOSING
    if not _NEW_BOOKMAKER.fullmatch(code) or not _complete(code, market, header):
        return None
    if plain == code:
        return code, OPENING
    # XYCH without XYH: either the closing odds of XY or the others of XYC
    return (plain, CLOSING) if _complete(plain, market, header) else None


def _complete(code: str, market: str, header: frozenset[str]) -> bool:
    return all(code + suffix in header for suffix, (of, _) in _SUFFIXES.items() if of == market)


def unpivot(sheet: Sheet, columns: OddsColumns) -> tuple[pa.Table, pa.Array, list[Unreadable]]:
    """Return a row for each filled odds cell, the sheet's row that each belongs to, and the cells that are no number.

    The rows are sorted by the sheet's rows, then by offer: in the order of the key if the sheet is in that of
    its own key, which is what an index likes best.
    """
    offers, positions = [offer for offer, _ in columns.prices], [position for _, position in columns.prices]
    cells = list(chain.from_iterable(zip(*(sheet.columns[p] for p in positions), strict=True)))
    prices, bad = read_numbers(cells)
    width = max(len(offers), 1)
    filled = pc.indices_nonzero(pc.is_valid(prices)).cast(pa.int64())
    row = pc.divide(filled, width)
    column = pc.subtract(filled, pc.multiply(row, width))
    line, bad_lines = _lines(sheet, columns, offers, row, column)
    table = pa.table(
        {
            "bookmaker": pa.array([o.bookmaker for o in offers], pa.string()).take(column),
            "market": pa.array([o.market for o in offers], pa.string()).take(column),
            "timing": pa.array([o.timing for o in offers], pa.string()).take(column),
            "outcome": pa.array([o.outcome for o in offers], pa.string()).take(column),
            "line": line,
            "price": prices.take(filled),
        }
    )
    return table, row, [*(Unreadable(positions[n % width], n // width, "a price") for n in bad), *bad_lines]


def _lines(
    sheet: Sheet, columns: OddsColumns, offers: list[Offer], row: pa.Array, column: pa.Array
) -> tuple[pa.Array, list[Unreadable]]:
    # One array of blocks, each as long as the sheet: no line, the goals line, then a block for each line column
    height = len(sheet.rows)
    positions = list(columns.lines.values())
    cells = list(chain.from_iterable(sheet.columns[position] for position in positions))
    sizes, bad = read_lines(cells)
    blocks = pa.concat_arrays([pa.nulls(height, pa.float32()), pa.array([GOALS_LINE] * height, pa.float32()), sizes])
    block_of: dict[int | None, int] = {position: number for number, position in enumerate(positions, 2)}
    block = [1 if offer.market == OVER_UNDER else block_of.get(columns.line_position(offer), 0) for offer in offers]
    index = pc.add(pc.multiply(pa.array(block, pa.int64()).take(column), height), row)
    return blocks.take(index), [Unreadable(positions[n // height], n % height, "a handicap") for n in bad]


def orphan_lines(sheet: Sheet, columns: OddsColumns) -> Iterator[tuple[int, int]]:
    """Yield (position, row) of the handicap sizes that no price in their row belongs to."""
    for position in columns.lines.values():
        users = [at for offer, at in columns.prices if columns.line_position(offer) == position]
        priced = zip(*(sheet.columns[at] for at in users), strict=True) if users else ((),) * len(sheet.rows)
        for number, (size, prices) in enumerate(zip(sheet.columns[position], priced, strict=True)):
            if size.strip() and not "".join(prices).strip():
                yield position, number
