"""The columns of the tables, and where a file has them: by the site's names, never by position."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import pyarrow as pa

from fieldhouse.sources.football_data.odds import LineOf, OddsColumns, Offer, decode_line, decode_offer

# Other names of one column: the extra leagues' format, and Greece 2003/04 (HT, AT)
ALIASES = MappingProxyType(
    {
        "AG": "FTAG",
        "AT": "AwayTeam",
        "Away": "AwayTeam",
        "HG": "FTHG",
        "HT": "HomeTeam",
        "Home": "HomeTeam",
        "Res": "FTR",
    }
)

TEXTS = MappingProxyType({"Referee": "referee"})
TIMES = MappingProxyType({"Time": "kickoff_time"})
RESULTS = MappingProxyType({"FTR": "result", "HTR": "half_time_result"})
GOALS = MappingProxyType({"FTHG": "home_goals", "FTAG": "away_goals"})
COUNTS = MappingProxyType(
    {
        **GOALS,
        "HTHG": "half_time_home_goals",
        "HTAG": "half_time_away_goals",
        "HS": "home_shots",
        "AS": "away_shots",
        "HST": "home_shots_on_target",
        "AST": "away_shots_on_target",
        "HHW": "home_hit_woodwork",
        "AHW": "away_hit_woodwork",
        "HC": "home_corners",
        "AC": "away_corners",
        "HF": "home_fouls",
        "AF": "away_fouls",
        "HFKC": "home_free_kicks_conceded",
        "AFKC": "away_free_kicks_conceded",
        "HO": "home_offsides",
        "AO": "away_offsides",
        "HY": "home_yellow_cards",
        "AY": "away_yellow_cards",
        "HR": "home_red_cards",
        "AR": "away_red_cards",
        "HBP": "home_booking_points",
        "ABP": "away_booking_points",
        "Bb1X2": "bookmakers_match_result",
        "BbOU": "bookmakers_over_under",
        "BbAH": "bookmakers_asian_handicap",
    }
)
LARGE_COUNTS = MappingProxyType({"Attendance": "attendance"})

# A file without these says nothing; everything else comes and goes with the years
SEASON_REQUIRED = ("Div", "Date", "HomeTeam", "AwayTeam", "FTHG", "FTAG")
LEAGUE_REQUIRED = ("Season", "Date", "HomeTeam", "AwayTeam", "FTHG", "FTAG")
FIXTURE_REQUIRED = ("Div", "Date", "HomeTeam", "AwayTeam")

_PLAYED = {*TEXTS, *TIMES, *RESULTS, *COUNTS, *LARGE_COUNTS}
SEASON_NAMES = frozenset({*SEASON_REQUIRED, *_PLAYED})
LEAGUE_NAMES = frozenset({*LEAGUE_REQUIRED, *_PLAYED, "Country", "League"})
FIXTURE_NAMES = frozenset({*FIXTURE_REQUIRED, *TEXTS, *TIMES})

MATCH = pa.schema(
    [
        ("match_id", pa.string()),
        ("division", pa.string()),
        ("season", pa.string()),
        ("season_start_year", pa.int16()),
        ("match_date", pa.date32()),
        ("kickoff_time", pa.time32("s")),
        ("home_team", pa.string()),
        ("away_team", pa.string()),
        ("meeting", pa.int16()),
        ("league_name", pa.string()),
        *((name, pa.int16()) for name in COUNTS.values()),
        *((name, pa.string()) for name in RESULTS.values()),
        ("attendance", pa.int32()),
        ("referee", pa.string()),
        ("extra", pa.string()),
    ]
)
FIXTURE = pa.schema(
    [
        ("division", pa.string()),
        ("season", pa.string()),
        ("match_date", pa.date32()),
        ("kickoff_time", pa.time32("s")),
        ("home_team", pa.string()),
        ("away_team", pa.string()),
        ("referee", pa.string()),
        ("extra", pa.string()),
    ]
)
OFFER = pa.schema(
    [
        ("bookmaker", pa.string()),
        ("market", pa.string()),
        ("timing", pa.string()),
        ("outcome", pa.string()),
        ("line", pa.float32()),
        ("price", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Layout:
    """Where a file has what.

    :param positions: of the columns that a table has, by the site's name.
    :param leftovers: names of the columns that none has, by position; a nameless one is called by its number.
    """

    positions: Mapping[str, int]
    odds: OddsColumns
    leftovers: Mapping[int, str]


@lru_cache(maxsize=256)
def lay_out(header: tuple[str, ...], wanted: frozenset[str]) -> Layout:
    """Return the layout of a file with ``header`` for a table that takes the columns ``wanted``.

    Of two columns that mean the same the second is a leftover.
    """
    names = frozenset(header)
    positions: dict[str, int] = {}
    prices: dict[Offer, int] = {}
    lines: dict[LineOf, int] = {}
    leftovers: dict[int, str] = {}
    for position, name in enumerate(header):
        known = ALIASES.get(name, name)
        if known in wanted and known not in positions:
            positions[known] = position
        elif known not in wanted and (offer := decode_offer(name, names)) and offer not in prices:
            prices[offer] = position
        elif known not in wanted and (line := decode_line(name)) and line not in lines:
            lines[line] = position
        else:
            leftovers[position] = _unique(header, position)
    return Layout(positions, OddsColumns(tuple(sorted(prices.items())), lines), leftovers)


def is_nameless(name: str) -> bool:
    """Return whether a header cell names nothing: it is empty, or pandas' stand-in for an empty one."""
    return not name or name.startswith("Unnamed: ")


def column_name(position: int) -> str:
    """Return what a column without a name is called."""
    return f"column {position + 1}"


def _unique(header: tuple[str, ...], position: int) -> str:
    name = header[position]
    if is_nameless(name):
        return column_name(position)
    return f"{name} ({column_name(position)})" if name in header[:position] else name
