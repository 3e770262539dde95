"""Seasons: who plays whom, on which day, and how it ends. Pure functions of seed, league and year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from hashlib import shake_128
from itertools import chain
from math import exp

from simulator.generated.football_data.clubs import clubs
from simulator.generated.football_data.leagues import DIVISIONS, EXTRA_LEAGUES, League
from simulator.generated.football_data.prices import STEPS

Pair = tuple[str, str]
Round = list[Pair]
Points = dict[str, int]
Form = Callable[[list[str], Points, int], Generator[Round, None, None]]

# Bytes of chance that a match has; rows use them from CHANCE_OF_ROWS on.
CHANCE = 128
CHANCE_OF_ROWS = 24
# Days from the Saturday of a round
FRIDAY, SATURDAY, SUNDAY, MONDAY = -1, 0, 1, 2
_SPREAD = (FRIDAY, *[SATURDAY] * 8, *[SUNDAY] * 5, MONDAY)


@dataclass(frozen=True, slots=True)
class Match:
    """A match as it was, or will be, played.

    :param day: when it is played; differs from ``scheduled`` if it was postponed.
    :param goals: home, away, home at half time, away at half time.
    :param edge: how much stronger the home side is thought to be, in steps, when prices open, and at the close.
    :param chance: bytes that everything else about it is drawn from.
    """

    league: League
    year: int
    home: str
    away: str
    scheduled: date
    day: date
    time: str
    goals: tuple[int, int, int, int]
    edge: int
    closing_edge: int
    chance: bytes


def digest(*parts: object, size: int = CHANCE) -> bytes:
    """Return bytes of chance that depend on the parts alone."""
    return shake_128("|".join(map(str, parts)).encode()).digest(size)


def unit(*parts: object) -> float:
    """Return a number from 0 to 1 that depends on the parts alone."""
    return int.from_bytes(digest(*parts, size=4), "big") / 2**32


# --- who takes part ---------------------------------------------------------------------------------------


def members(seed: int, league: League, year: int) -> list[str]:
    """Return the league's clubs of one season, the strongest first.

    All clubs of the country are ranked anew each season, and the divisions cut the ranking: clubs go up and down.
    """
    above = sum(other.size(year) for other in _pyramid(league) if other.tier < league.tier)
    return _ranked_clubs(seed, league.country, year)[above : above + league.size(year)]


def _pyramid(league: League) -> Iterable[League]:
    return (other for other in chain(DIVISIONS.values(), EXTRA_LEAGUES.values()) if other.country == league.country)


def _ranked_clubs(seed: int, country: str, year: int) -> list[str]:
    known = clubs(country)

    def strength(club: str) -> float:
        age = unit(seed, club, year // 5)
        return known.index(club) / len(known) + 0.15 * age + 0.1 * unit(seed, club, "season", year)

    return sorted(known, key=strength)


# --- forms of competition ---------------------------------------------------------------------------------


def _single(teams: Sequence[str]) -> list[Round]:
    """Everybody once against everybody, by the circle method; who is at home alternates."""
    circle: list[str | None] = [*teams] if len(teams) % 2 == 0 else [*teams, None]
    rounds = []
    for number in range(len(circle) - 1):
        half = len(circle) // 2
        pairs = zip(circle[:half], reversed(circle[half:]), strict=True)
        met = [(a, b) if (number + place) % 2 else (b, a) for place, (a, b) in enumerate(pairs)]
        rounds.append([(a, b) for a, b in met if a is not None and b is not None])
        circle[1:] = [circle[-1], *circle[1:-1]]
    return rounds


def _swapped(rounds: Iterable[Round]) -> list[Round]:
    return [[(away, home) for home, away in pairs] for pairs in rounds]


def _double(teams: Sequence[str]) -> list[Round]:
    once = _single(teams)
    return once + _swapped(once)


def _table(points: Points) -> list[str]:
    return sorted(points, key=lambda club: (-points[club], club))


def _side_by_side(*groups: list[Round]) -> Generator[Round, None, None]:
    for number in range(max(map(len, groups))):
        yield [pair for rounds in groups if number < len(rounds) for pair in rounds[number]]


def _play_single(teams: list[str], _: Points, __: int) -> Generator[Round, None, None]:
    yield from _single(teams)


def _play_double(teams: list[str], _: Points, __: int) -> Generator[Round, None, None]:
    yield from _double(teams)


def _play_quadruple(teams: list[str], _: Points, __: int) -> Generator[Round, None, None]:
    yield from _double(teams)
    yield from _double(teams)


def _play_scottish(teams: list[str], points: Points, year: int) -> Generator[Round, None, None]:
    """Ten clubs meet four times. Twelve meet three times, then the table's halves once more among themselves."""
    if len(teams) == 10:
        yield from _play_quadruple(teams, points, year)
        return
    yield from _double(teams)
    yield from _single(teams)
    table = _table(points)
    yield from _side_by_side(_single(table[:6]), _swapped(_single(table[6:])))


def _play_belgian(teams: list[str], points: Points, year: int) -> Generator[Round, None, None]:
    """A double round and, since the files have them, double rounds of six, six and four by the table."""
    yield from _double(teams)
    if year >= 2023:
        table = _table(points)
        yield from _side_by_side(_double(table[:6]), _double(table[6:12]), _double(table[12:]))


def _play_mexican(teams: list[str], points: Points, _: int) -> Generator[Round, None, None]:
    """Two tournaments, each a single round and a knock-out of the best eight over two legs."""
    for rounds in (_single(teams), _swapped(_single(teams))):
        points.update(dict.fromkeys(teams, 0))
        yield from rounds
        left = _table(points)[:8]
        while len(left) > 1:
            ties = [(left[-1 - place], left[place]) for place in range(len(left) // 2)]
            before = dict(points)
            yield ties
            yield from _swapped([ties])
            # More points over the two legs, else the better place
            left = [max((b, a), key=lambda club: points[club] - before[club]) for a, b in ties]


FORMS: dict[str, Form] = {
    "single": _play_single,
    "double": _play_double,
    "quadruple": _play_quadruple,
    "scottish": _play_scottish,
    "belgian": _play_belgian,
    "mexican": _play_mexican,
}


# --- when -------------------------------------------------------------------------------------------------


def _round_days(league: League, year: int, rounds: int) -> list[date]:
    """Return a Saturday for each round, and Tuesdays where there are more rounds than Saturdays."""
    first, last = league.days(year)
    saturdays = [day for day in _weekly(first, last) if not (league.winter_break and _in_winter(day))]
    if rounds <= len(saturdays):
        return [saturdays[number * len(saturdays) // rounds] for number in range(rounds)]
    extra = rounds - len(saturdays)
    tuesdays = [saturdays[number * len(saturdays) // extra] + timedelta(days=3) for number in range(extra)]
    return sorted([*saturdays, *tuesdays])


def _weekly(first: date, last: date) -> list[date]:
    saturday = first + timedelta(days=(5 - first.weekday()) % 7)
    return [saturday + timedelta(days=7 * week) for week in range(((last - saturday).days - 1) // 7 + 1)]


def _in_winter(day: date) -> bool:
    return (day.month, day.day) >= (12, 20) or (day.month, day.day) <= (1, 11)


def _match_day(day: date, chance: bytes, *, final: bool) -> date:
    """Spread a round over its days: most on Saturday and Sunday, a few on Friday and Monday."""
    if final:
        return day + timedelta(days=SUNDAY)
    if day.weekday() != 5:
        return day + timedelta(days=chance[0] & 1)
    return day + timedelta(days=_SPREAD[chance[0] % len(_SPREAD)])


_TIMES = {4: ("20:00", "19:45"), 5: ("15:00", "15:00", "12:30", "17:30"), 6: ("14:00", "16:30")}


def _time(day: date, chance: int) -> str:
    times = _TIMES.get(day.weekday(), ("19:45", "20:00", "19:30"))
    return times[chance % len(times)]


# --- how it ends ------------------------------------------------------------------------------------------


def _goals(expected: float, chance: float) -> int:
    """Return the number of goals below which a Poisson variable stays with this chance."""
    likelihood = exp(-expected)
    cumulated, goals = likelihood, 0
    while chance > cumulated and goals < 9:
        goals += 1
        likelihood *= expected / goals
        cumulated += likelihood
    return goals


def _score(edge: float, chance: bytes) -> tuple[int, int, int, int]:
    home = _goals(1.35 * exp(0.6 * edge), int.from_bytes(chance[2:4], "big") / 65536)
    away = _goals(1.3 * exp(-0.6 * edge), int.from_bytes(chance[4:6], "big") / 65536)
    # A little less than half of the goals fall before half time
    return home, away, sum(c < 112 for c in chance[6 : 6 + home]), sum(c < 112 for c in chance[15 : 15 + away])


def _points(goals: tuple[int, int, int, int]) -> tuple[int, int]:
    home, away = goals[0], goals[1]
    return (3, 0) if home > away else (0, 3) if home < away else (1, 1)


# --- the season -------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def season(seed: int, league: League, year: int) -> tuple[Match, ...]:
    """Return all matches of the season that starts in ``year``, in the order in which they are played."""
    ranked = members(seed, league, year)
    strengths = {club: 0.55 - 1.1 * place / (len(ranked) - 1) for place, club in enumerate(ranked)}
    teams = sorted(ranked, key=lambda club: unit(seed, league.code, year, club))
    points = dict.fromkeys(teams, 0)
    # What the rounds look like may depend on the table; how many there are does not
    total = sum(1 for _ in FORMS[league.form](teams, dict.fromkeys(teams, 0), year))
    days = _round_days(league, year, total)
    matches = []
    for number, pairs in enumerate(FORMS[league.form](teams, points, year)):
        for home, away in pairs:
            chance = digest(seed, league.code, year, number, home, away)
            edge = strengths[home] - strengths[away]
            day = _match_day(days[number], chance, final=number == total - 1)
            match = _match(league, year, home, away, day, edge, chance)
            for club, gained in zip((home, away), _points(match.goals), strict=True):
                points[club] = points.get(club, 0) + gained
            matches.append(match)
    return tuple(sorted(_postponed(matches), key=lambda match: (match.day, match.time, match.home)))


def _match(league: League, year: int, home: str, away: str, day: date, edge: float, chance: bytes) -> Match:
    steps = int((edge + 0.25) * STEPS)
    return Match(
        league,
        year,
        home,
        away,
        scheduled=day,
        day=day,
        time=_time(day, chance[1]),
        goals=_score(edge, chance),
        edge=steps,
        closing_edge=steps + chance[22] % 25 - 12,
        chance=chance,
    )


def _postponed(matches: list[Match]) -> list[Match]:
    """Move about one match in sixty to a free Tuesday or Wednesday, some weeks later in the same season."""
    busy: defaultdict[str, set[date]] = defaultdict(set)
    for match in matches:
        busy[match.home].add(match.day)
        busy[match.away].add(match.day)
    last = matches[-1].day - timedelta(days=21)
    played = []
    for match in matches:
        later = _later(match, busy[match.home] | busy[match.away], last) or match
        busy[match.home].add(later.day)
        busy[match.away].add(later.day)
        played.append(later)
    return played


def _later(match: Match, busy: set[date], last: date) -> Match | None:
    if match.chance[23] >= 4:
        return None
    tuesday = match.day + timedelta(days=(1 - match.day.weekday()) % 7 + 14 + 7 * (match.chance[21] % 5))
    near = timedelta(days=1)
    while tuesday <= last:
        if not busy & {tuesday - near, tuesday, tuesday + near}:
            return _moved(match, tuesday)
        tuesday += timedelta(days=7)
    return None


def _moved(match: Match, day: date) -> Match:
    values = {name: getattr(match, name) for name in Match.__slots__}
    return Match(**(values | {"day": day, "time": "19:45"}))
