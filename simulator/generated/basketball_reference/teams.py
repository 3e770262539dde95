"""The franchises and what they were called: facts of the league, in the site's codes of each season."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from simulator.generated.basketball_reference.records import Team

FIRST_SEASON = 1997
_LAST = 9999

# A franchise: conference, division, and its names as (last season, code, name, name in play-by-play, arena).
# Divisions and arenas are today's, also in seasons that had others.
_Name = tuple[int, str, str, str, str]
_FRANCHISES: tuple[tuple[str, str, tuple[_Name, ...]], ...] = (
    ("E", "Southeast", ((_LAST, "ATL", "Atlanta Hawks", "Atlanta", "State Farm Arena"),)),
    ("E", "Atlantic", ((_LAST, "BOS", "Boston Celtics", "Boston", "TD Garden"),)),
    (
        "E",
        "Atlantic",
        (
            (2012, "NJN", "New Jersey Nets", "New Jersey", "Izod Center"),
            (_LAST, "BRK", "Brooklyn Nets", "Brooklyn", "Barclays Center"),
        ),
    ),
    ("E", "Central", ((_LAST, "CHI", "Chicago Bulls", "Chicago", "United Center"),)),
    ("E", "Central", ((_LAST, "CLE", "Cleveland Cavaliers", "Cleveland", "Rocket Arena"),)),
    ("W", "Southwest", ((_LAST, "DAL", "Dallas Mavericks", "Dallas", "American Airlines Center"),)),
    ("W", "Northwest", ((_LAST, "DEN", "Denver Nuggets", "Denver", "Ball Arena"),)),
    ("E", "Central", ((_LAST, "DET", "Detroit Pistons", "Detroit", "Little Caesars Arena"),)),
    ("W", "Pacific", ((_LAST, "GSW", "Golden State Warriors", "Golden State", "Chase Center"),)),
    ("W", "Southwest", ((_LAST, "HOU", "Houston Rockets", "Houston", "Toyota Center"),)),
    ("E", "Central", ((_LAST, "IND", "Indiana Pacers", "Indiana", "Gainbridge Fieldhouse"),)),
    ("W", "Pacific", ((_LAST, "LAC", "Los Angeles Clippers", "LA Clippers", "Intuit Dome"),)),
    ("W", "Pacific", ((_LAST, "LAL", "Los Angeles Lakers", "LA Lakers", "Crypto.com Arena"),)),
    (
        "W",
        "Southwest",
        (
            (2001, "VAN", "Vancouver Grizzlies", "Vancouver", "General Motors Place"),
            (_LAST, "MEM", "Memphis Grizzlies", "Memphis", "FedEx Forum"),
        ),
    ),
    ("E", "Southeast", ((_LAST, "MIA", "Miami Heat", "Miami", "Kaseya Center"),)),
    ("E", "Central", ((_LAST, "MIL", "Milwaukee Bucks", "Milwaukee", "Fiserv Forum"),)),
    ("W", "Northwest", ((_LAST, "MIN", "Minnesota Timberwolves", "Minnesota", "Target Center"),)),
    (
        "W",
        "Southwest",
        (
            (2002, "CHH", "Charlotte Hornets", "Charlotte", "Charlotte Coliseum"),
            (2005, "NOH", "New Orleans Hornets", "New Orleans", "New Orleans Arena"),
            (2007, "NOK", "New Orleans/Oklahoma City Hornets", "NO/Oklahoma City", "Ford Center"),
            (2013, "NOH", "New Orleans Hornets", "New Orleans", "New Orleans Arena"),
            (_LAST, "NOP", "New Orleans Pelicans", "New Orleans", "Smoothie King Center"),
        ),
    ),
    ("E", "Atlantic", ((_LAST, "NYK", "New York Knicks", "New York", "Madison Square Garden (IV)"),)),
    (
        "W",
        "Northwest",
        (
            (2008, "SEA", "Seattle SuperSonics", "Seattle", "KeyArena at Seattle Center"),
            (_LAST, "OKC", "Oklahoma City Thunder", "Oklahoma City", "Paycom Center"),
        ),
    ),
    ("E", "Southeast", ((_LAST, "ORL", "Orlando Magic", "Orlando", "Kia Center"),)),
    ("E", "Atlantic", ((_LAST, "PHI", "Philadelphia 76ers", "Philadelphia", "Xfinity Mobile Arena"),)),
    ("W", "Pacific", ((_LAST, "PHO", "Phoenix Suns", "Phoenix", "Mortgage Matchup Center"),)),
    ("W", "Northwest", ((_LAST, "POR", "Portland Trail Blazers", "Portland", "Moda Center"),)),
    ("W", "Pacific", ((_LAST, "SAC", "Sacramento Kings", "Sacramento", "Golden 1 Center"),)),
    ("W", "Southwest", ((_LAST, "SAS", "San Antonio Spurs", "San Antonio", "Frost Bank Center"),)),
    ("E", "Atlantic", ((_LAST, "TOR", "Toronto Raptors", "Toronto", "Scotiabank Arena"),)),
    ("W", "Northwest", ((_LAST, "UTA", "Utah Jazz", "Utah", "Delta Center"),)),
    (
        "E",
        "Southeast",
        (
            (1997, "WSB", "Washington Bullets", "Washington", "US Airways Arena"),
            (_LAST, "WAS", "Washington Wizards", "Washington", "Capital One Arena"),
        ),
    ),
    # Last, so that the others keep their places in the seasons before it came.
    (
        "E",
        "Southeast",
        (
            (2004, "", "", "", ""),
            (2014, "CHA", "Charlotte Bobcats", "Charlotte", "Time Warner Cable Arena"),
            (_LAST, "CHO", "Charlotte Hornets", "Charlotte", "Spectrum Center"),
        ),
    ),
)


@cache
def franchises(year: int) -> tuple[Team, ...]:
    """Return the teams of a season, a franchise always at the same place: 30, and 29 before 2005."""
    found = (_called(conference, division, names, year) for conference, division, names in _FRANCHISES)
    return tuple(team for team in found if team.team_id)


@cache
def teams(year: int) -> Mapping[str, Team]:
    """Return {team id: team} of a season, in the order of their names."""
    ordered = sorted(franchises(year), key=lambda team: team.name)
    return MappingProxyType({team.team_id: team for team in ordered})


def _called(conference: str, division: str, names: tuple[_Name, ...], year: int) -> Team:
    _, code, name, city, arena = next(known for known in names if year <= known[0])
    return Team(code, name, city, arena, conference, division)
