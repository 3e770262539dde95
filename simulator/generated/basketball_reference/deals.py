"""Transactions and contracts: what the rosters' changes read like."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import lru_cache

from simulator.generated.basketball_reference.calendar import first_day, year_of
from simulator.generated.basketball_reference.chance import Chance
from simulator.generated.basketball_reference.people import (
    CAREER,
    LAST_SEASON,
    NEWCOMER,
    PLACES,
    Career,
    generation,
    people,
)
from simulator.generated.basketball_reference.records import Contract, Deal, Option, PlayerLink, TeamLink
from simulator.generated.basketball_reference.rosters import CONTRACT, Move, place_of, season_rosters
from simulator.generated.basketball_reference.teams import FIRST_SEASON, franchises

_DAY = timedelta(days=1)
_SIGNED = (" to a multi-year contract.", " to a multi-year contract.", ".")
# US dollars of a place's first salary; the last places have the minimum
_SALARIES = (44e6, 34e6, 27e6, 20e6, 16e6, 13e6, 11e6, 9e6, 7e6, 5.5e6, 4.5e6, 3.5e6, 2.7e6, 2.3e6, 2.1e6)
_RAISE = 1.06
_MINIMUM = 2_048_494

Part = str | TeamLink | PlayerLink


def season_label(year: int) -> str:
    """Return a season as contracts name it: "2025-26"."""
    return f"{year - 1}-{year % 100:02}"


@lru_cache(maxsize=16)
def deals(seed: int, year: int) -> tuple[Deal, ...]:
    """Return all deals of a season, from July before it on, the newest first."""
    found = [*_summer(seed, year), *_camps(seed, year), *_winter(seed, year)]
    order = sorted(range(len(found)), key=lambda place: (found[place].day, place))
    return tuple(found[place] for place in reversed(order))


def contracts(seed: int, today: date) -> list[Contract]:
    """Return the contracts in force on a date, the highest salary first; who was waived is still paid."""
    year = year_of(today)
    if not FIRST_SEASON <= year <= LAST_SEASON:
        return []
    rosters = season_rosters(seed, year)
    owed = [(team, career) for team, roster in rosters.on(today).items() for career in roster]
    rows = [_contract(seed, year, team, career, rosters.places[career.player.player_id]) for team, career in owed]
    rows.extend(_waived(seed, today))
    label = season_label(year)
    return sorted(rows, key=lambda row: (-row.salaries[label][0], row.player_id, row.team_id))


# --- deals ------------------------------------------------------------------------------------------------


def _summer(seed: int, year: int) -> Iterator[Deal]:
    """Yield who signs with a new team, who is new in the league and who has ended."""
    if year == FIRST_SEASON:
        return
    everybody, now, before = people(seed), franchises(year), franchises(year - 1)
    for franchise in range(len(now)):
        for place in range(PLACES):
            career = everybody.career(franchise, place, year)
            chance = Chance(seed, "summer", year, career.player.player_id)
            team = now[place_of(franchise, place, year)].team_id
            day = date(year - 1, 7, 6) + chance.below(50) * _DAY
            if career.first == year:
                yield _signed(day, team, career, ".")
                yield from _ended(seed, franchise, place, year, chance)
            elif franchise >= len(before) or team != now[place_of(franchise, place, year - 1) % len(now)].team_id:
                yield _signed(day, team, career, chance.one_of(_SIGNED))


def _ended(seed: int, franchise: int, place: int, year: int, chance: Chance) -> Iterator[Deal]:
    number = generation(franchise, place, year) - 1
    old = people(seed).careers.get((franchise, place, number))
    if old and chance.happens(0.4):
        day = date(year - 1, 7, 1) + chance.below(100) * _DAY
        yield Deal(day, (PlayerLink(old.player.player_id), " announced retirement."))


def _camps(seed: int, year: int) -> Iterator[Deal]:
    """Yield each team's guest of the training camp, who is waived before the season, and extensions."""
    chance, opening = Chance(seed, "camps", year), first_day(year)
    rosters = season_rosters(seed, year).on(opening)
    for number, team in enumerate(franchises(year)):
        guest = people(seed).career(number, NEWCOMER, year)
        signed = opening - chance.between(10, 40) * _DAY
        yield _signed(signed, team.team_id, guest, " to an Exhibit 10 contract.")
        waived = min(signed + chance.between(1, 20) * _DAY, opening - 3 * _DAY)
        yield Deal(waived, _left(team.team_id, guest, " waived "))
        if chance.happens(0.3):
            extended = rosters[team.team_id][chance.below(6)]
            yield _signed(opening - chance.between(1, 9) * _DAY, team.team_id, extended, " to a contract extension.")


def _winter(seed: int, year: int) -> Iterator[Deal]:
    chance = Chance(seed, "winter", year)
    for move in season_rosters(seed, year).moves:
        yield Deal(move.day, _WORDS[move.kind](chance, year, move))
    giver, taker = chance.shuffled(team.team_id for team in franchises(year))[:2]
    text: tuple[Part, ...] = (
        "The ", TeamLink(giver, "from"), f" traded a {year + 1} 2nd round draft pick to the ",
        TeamLink(taker, "to"), " for cash.",
    )  # fmt: skip
    yield Deal(date(year, 1, 9) + chance.below(20) * _DAY, text)


def _signed(day: date, team: str, career: Career, end: str) -> Deal:
    return Deal(day, ("The ", TeamLink(team, "to"), " signed ", PlayerLink(career.player.player_id), end))


def _left(team: str, career: Career, verb: str) -> tuple[Part, ...]:
    return "The ", TeamLink(team, "from"), verb, PlayerLink(career.player.player_id), "."


def _tell_waived(_: Chance, __: int, move: Move) -> tuple[Part, ...]:
    step = move.steps[0]
    return _left(str(step.source), step.career, " waived ")


def _tell_signed(_: Chance, __: int, move: Move) -> tuple[Part, ...]:
    step = move.steps[0]
    return _signed(move.day, str(step.target), step.career, " to a 10-day contract.").parts


def _tell_claimed(_: Chance, __: int, move: Move) -> tuple[Part, ...]:
    step = move.steps[0]
    return (
        "The ",
        TeamLink(str(step.target), "to"),
        " claimed ",
        PlayerLink(step.career.player.player_id),
        " on waivers.",
    )


def _tell_trade(chance: Chance, year: int, move: Move) -> tuple[Part, ...]:
    ways = dict.fromkeys((str(step.source), str(step.target)) for step in move.steps)
    given = {way: [s.career for s in move.steps if (s.source, s.target) == way] for way in ways}
    teams = {team for way in ways for team in way}
    pick = f" and a {year + chance.between(1, 6)} {chance.one_of(('1st', '2nd'))} round draft pick"
    if len(ways) == len(teams) == 2:
        source, target = next(iter(ways))
        first, second = given.values()
        parts: list[Part] = ["The ", TeamLink(source, "from"), " traded ", *_names(first)]
        parts += [pick] if chance.happens(0.5) else []
        return *parts, " to the ", TeamLink(target, "to"), " for ", *_names(second), "."
    parts = [f"In a {len(teams)}-team trade, "]
    for number, ((source, target), careers) in enumerate(given.items()):
        join = "" if number == 0 else "; and  " if number == len(given) - 1 else "; "
        parts += [
            f"{join}the ",
            TeamLink(source, "from"),
            " traded ",
            *_names(careers),
            " to the ",
            TeamLink(target, "to"),
        ]
    return *parts, "."


def _names(careers: list[Career]) -> Iterator[Part]:
    """Yield links, with commas and a last "and" between."""
    for number, career in enumerate(careers):
        if number:
            yield " and " if number == len(careers) - 1 else ", "
        yield PlayerLink(career.player.player_id)


_WORDS: dict[str, Callable[[Chance, int, Move], tuple[Part, ...]]] = {
    "trade": _tell_trade,
    "waived": _tell_waived,
    "signed": _tell_signed,
    "claimed": _tell_claimed,
}


# --- contracts --------------------------------------------------------------------------------------------


def _contract(seed: int, year: int, team: str, career: Career, place: int) -> Contract:
    """Return a contract: it ends when the player's place changes teams, or with his career."""
    if place == NEWCOMER:
        return Contract(career.player.player_id, team, {season_label(year): (_MINIMUM, None)}, None)
    number = (year + place) // CONTRACT
    begin, end = CONTRACT * number - place, CONTRACT * (number + 1) - place
    chance = Chance(seed, "contract", career.player.player_id, number)
    first = max(_SALARIES[place] * (0.4 + 0.6 * career.skill * chance.unit()), _MINIMUM)
    last_option = _option(chance)
    until = min(end, career.first + CAREER)
    salaries: dict[str, tuple[int, Option | None]] = {
        season_label(y): (round(first * _RAISE ** (y - begin)), last_option if y == until - 1 > year else None)
        for y in range(year, until)
    }
    return Contract(
        career.player.player_id, team, salaries, sum(pay for pay, option in salaries.values() if not option)
    )


def _option(chance: Chance) -> Option | None:
    drawn = chance.unit()
    if drawn < 0.15:
        return "player"
    if drawn < 0.3:
        return "team"
    return "early_termination" if drawn < 0.33 else None


def _waived(seed: int, today: date) -> Iterator[Contract]:
    """Yield what is still owed this season to who was waived and not claimed."""
    year = year_of(today)
    rosters = season_rosters(seed, year)
    claimed = {step.career for move in rosters.moves if move.kind == "claimed" for step in move.steps}
    steps = (move.steps[0] for move in rosters.moves if move.kind == "waived" and move.day < today)
    for step in steps:
        if step.career not in claimed:
            player_id, label = step.career.player.player_id, season_label(year)
            pay, _ = _contract(seed, year, str(step.source), step.career, rosters.places[player_id]).salaries[label]
            yield Contract(player_id, str(step.source), {label: (pay, None)}, pay)
