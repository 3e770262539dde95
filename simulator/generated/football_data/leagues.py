"""The competitions of the site: how large they are, when they are played, and how."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

FIRST_SEASON = 1993
FIRST_EXTRA_SEASON = 2012


@dataclass(frozen=True)
class League:
    """One competition.

    :param first: (month, day) about which a season starts.
    :param last: (month, day) by which it is over; before ``first`` in the calendar: in the next year.
    :param sizes: (first season, number of clubs) in order.
    :param form: how it is played, a key of ``calendar.FORMS``.
    :param country: whose clubs play in it.
    :param name: its display name in the extra leagues' files.
    :param first_season: the year in which its first published season starts.
    """

    code: str
    country: str
    tier: int
    sizes: tuple[tuple[int, int], ...]
    first: tuple[int, int] = (8, 9)
    last: tuple[int, int] = (5, 24)
    form: str = "double"
    name: str = ""
    winter_break: bool = False
    first_season: int = FIRST_SEASON

    def size(self, year: int) -> int:
        """Return the number of clubs in the season that starts in ``year``."""
        known = [clubs for first, clubs in self.sizes if first <= year]
        return known[-1] if known else self.sizes[0][1]

    def days(self, year: int) -> tuple[date, date]:
        """Return between which days the season that starts in ``year`` is played."""
        return date(year, *self.first), date(year + self.split, *self.last)

    @property
    def split(self) -> bool:
        """Whether a season spans two calendar years."""
        return self.last < self.first

    def season_at(self, day: date) -> int:
        """Return the year in which the latest season that has started by ``day`` started."""
        return day.year if (day.month, day.day) >= self.first else day.year - 1


_EARLY = (8, 2)
_BELGIAN = ((1993, 18), (2009, 16), (2020, 18), (2023, 16))

DIVISIONS = {
    league.code: league
    for league in (
        League("E0", "England", 0, ((1993, 22), (1995, 20)), (8, 14)),
        League("E1", "England", 1, ((1993, 24),), _EARLY, (5, 6)),
        League("E2", "England", 2, ((1993, 24),), _EARLY, (5, 6)),
        League("E3", "England", 3, ((1993, 24),), _EARLY, (5, 6)),
        League("EC", "England", 4, ((1993, 22), (2006, 24)), _EARLY, (4, 28), first_season=2005),
        League("SC0", "Scotland", 0, ((1993, 10), (2000, 12)), _EARLY, (5, 20), "scottish", first_season=1994),
        League("SC1", "Scotland", 1, ((1993, 10),), _EARLY, (5, 6), "quadruple", first_season=1994),
        League("SC2", "Scotland", 2, ((1993, 10),), _EARLY, (5, 6), "quadruple", first_season=1997),
        League("SC3", "Scotland", 3, ((1993, 10),), _EARLY, (5, 6), "quadruple", first_season=1997),
        League("D1", "Germany", 0, ((1993, 18),), (8, 18), (5, 20), winter_break=True),
        League("D2", "Germany", 1, ((1993, 20), (1994, 18)), (7, 30), (5, 20), winter_break=True),
        League("I1", "Italy", 0, ((1993, 18), (2004, 20)), (8, 20)),
        League("I2", "Italy", 1, ((1993, 20), (2004, 22), (2019, 20)), (8, 18), (5, 20), first_season=1997),
        League("SP1", "Spain", 0, ((1993, 20), (1995, 22), (1997, 20)), (8, 14)),
        League("SP2", "Spain", 1, ((1993, 20), (1997, 22)), (8, 14), first_season=1996),
        League("F1", "France", 0, ((1993, 20), (1997, 18), (2002, 20), (2023, 18)), (8, 8), (5, 20)),
        League("F2", "France", 1, ((1993, 22), (1997, 20), (2024, 18)), _EARLY, (5, 16), first_season=1996),
        League("N1", "Netherlands", 0, ((1993, 18),), (8, 8), (5, 18)),
        League("B1", "Belgium", 0, _BELGIAN, (7, 26), (5, 26), "belgian", first_season=1995),
        League("P1", "Portugal", 0, ((1993, 18), (2006, 16), (2014, 18)), (8, 9), (5, 18), first_season=1994),
        League("T1", "Turkey", 0, ((1993, 16), (1995, 18), (2020, 20), (2024, 18)), (8, 9), first_season=1994),
        League("G1", "Greece", 0, ((1993, 18), (2000, 16), (2020, 14)), (8, 20), (5, 18), first_season=1994),
    )
}

_SPRING = ((3, 1), (11, 30))
_AUTUMN = ((7, 20), (5, 26))
_ARGENTINIAN = ((2012, 20), (2016, 28))
_AMERICAN = ((2012, 20), (2019, 24), (2023, 30))


def _extra(
    code: str,
    country: str,
    name: str,
    sizes: tuple[tuple[int, int], ...],
    days: tuple[tuple[int, int], tuple[int, int]],
    form: str = "double",
) -> League:
    return League(code, country, 0, sizes, *days, form=form, name=name, first_season=FIRST_EXTRA_SEASON)


EXTRA_LEAGUES = {
    league.code: league
    for league in (
        _extra("ARG", "Argentina", "Liga Profesional", _ARGENTINIAN, _SPRING, "single"),
        _extra("AUT", "Austria", "Bundesliga", ((2012, 10),), _AUTUMN, "quadruple"),
        _extra("BRA", "Brazil", "Serie A", ((2012, 20),), ((4, 5), (12, 8))),
        _extra("CHN", "China", "Super League", ((2012, 16),), _SPRING),
        _extra("DNK", "Denmark", "Superliga", ((2012, 12),), _AUTUMN, "scottish"),
        _extra("FIN", "Finland", "Veikkausliiga", ((2012, 12),), ((4, 5), (10, 30))),
        _extra("IRL", "Ireland", "Premier Division", ((2012, 10),), ((2, 15), (11, 5)), "quadruple"),
        _extra("JPN", "Japan", "J1 League", ((2012, 18), (2024, 20)), ((2, 22), (12, 8))),
        _extra("MEX", "Mexico", "Liga MX", ((2012, 18),), ((7, 18), (5, 30)), "mexican"),
        _extra("NOR", "Norway", "Eliteserien", ((2012, 16),), ((3, 28), (12, 5))),
        _extra("POL", "Poland", "Ekstraklasa", ((2012, 16), (2021, 18)), _AUTUMN),
        _extra("ROU", "Romania", "Liga 1", ((2012, 14), (2021, 16)), _AUTUMN),
        _extra("RUS", "Russia", "Premier League", ((2012, 16),), _AUTUMN),
        _extra("SWE", "Sweden", "Allsvenskan", ((2012, 16),), ((3, 28), (11, 12))),
        _extra("SWZ", "Switzerland", "Super League", ((2012, 10), (2023, 12)), _AUTUMN, "quadruple"),
        _extra("USA", "USA", "MLS", _AMERICAN, ((2, 25), (11, 10)), "single"),
    )
}


def season_code(year: int) -> str:
    """Return a season as the site's URLs write it: 1999 is ``9900``."""
    return f"{year % 100:02}{(year + 1) % 100:02}"


def season_year(code: str) -> int | None:
    """Return the year in which a season starts, None if the code names none."""
    if len(code) != 4 or not code.isdigit():
        return None
    start = int(code[:2])
    year = start + (1900 if start >= FIRST_SEASON % 100 else 2000)
    return year if season_code(year) == code else None


def season_name(league: League, year: int) -> str:
    """Return a season as the extra leagues' files write it: ``2025/2026``, or ``2025`` within one year."""
    return f"{year}/{year + 1}" if league.split else str(year)
