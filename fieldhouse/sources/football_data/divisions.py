"""The leagues that the site publishes, under the site's own codes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Division:
    """A main division: a file per season. ``first_year``: the year in which its first published season starts."""

    code: str
    name: str
    country: str
    first_year: int


@dataclass(frozen=True)
class League:
    """An extra league: one file that holds every season, in a smaller format. ``country`` as the file spells it."""

    code: str
    name: str
    country: str


DIVISIONS = {
    division.code: division
    for division in (
        Division("E0", "Premier League", "England", 1993),
        Division("E1", "Championship", "England", 1993),
        Division("E2", "League One", "England", 1993),
        Division("E3", "League Two", "England", 1993),
        Division("EC", "National League", "England", 2005),
        Division("SC0", "Premiership", "Scotland", 1994),
        Division("SC1", "Championship", "Scotland", 1994),
        Division("SC2", "League One", "Scotland", 1997),
        Division("SC3", "League Two", "Scotland", 1997),
        Division("D1", "Bundesliga", "Germany", 1993),
        Division("D2", "2. Bundesliga", "Germany", 1993),
        Division("I1", "Serie A", "Italy", 1993),
        Division("I2", "Serie B", "Italy", 1997),
        Division("SP1", "La Liga", "Spain", 1993),
        Division("SP2", "Segunda División", "Spain", 1996),
        Division("F1", "Ligue 1", "France", 1993),
        Division("F2", "Ligue 2", "France", 1996),
        Division("N1", "Eredivisie", "Netherlands", 1993),
        Division("B1", "Pro League", "Belgium", 1995),
        Division("P1", "Primeira Liga", "Portugal", 1994),
        Division("T1", "Süper Lig", "Turkey", 1994),
        Division("G1", "Super League", "Greece", 1994),
    )
}

LEAGUES = {
    league.code: league
    for league in (
        League("ARG", "Primera División", "Argentina"),
        League("AUT", "Bundesliga", "Austria"),
        League("BRA", "Série A", "Brazil"),
        League("CHN", "Super League", "China"),
        League("DNK", "Superliga", "Denmark"),
        League("FIN", "Veikkausliiga", "Finland"),
        League("IRL", "Premier Division", "Ireland"),
        League("JPN", "J1 League", "Japan"),
        League("MEX", "Liga MX", "Mexico"),
        League("NOR", "Eliteserien", "Norway"),
        League("POL", "Ekstraklasa", "Poland"),
        League("ROU", "Superliga", "Romania"),
        League("RUS", "Premier League", "Russia"),
        League("SWE", "Allsvenskan", "Sweden"),
        League("SWZ", "Super League", "Switzerland"),
        League("USA", "Major League Soccer", "USA"),
    )
}
