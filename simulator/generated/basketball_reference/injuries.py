"""Who is injured, from when to when, and what the list says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from simulator.generated.basketball_reference.calendar import first_day, last_day, year_of
from simulator.generated.basketball_reference.chance import Chance
from simulator.generated.basketball_reference.people import LAST_SEASON
from simulator.generated.basketball_reference.records import Injury
from simulator.generated.basketball_reference.rosters import opening, season_rosters
from simulator.generated.basketball_reference.teams import FIRST_SEASON, teams

PARTS = ("Ankle", "Knee", "Hamstring", "Back", "Calf", "Foot", "Wrist", "Shoulder", "Hip", "Illness", "Groin")
_DAY = timedelta(days=1)
# Days for which an injury is thought to be a small one
_DAY_TO_DAY = 3
# Days after which the list has another word about somebody
_WORD = 9


@dataclass(frozen=True, slots=True)
class Spell:
    """A player's injury: he misses the games of ``first`` to ``last``."""

    player_id: str
    first: date
    last: date
    part: str
    out_for_season: bool

    def covers(self, day: date) -> bool:
        """Return whether he misses a game of that day."""
        return self.first <= day <= self.last


@lru_cache(maxsize=32)
def spells(seed: int, year: int) -> Mapping[str, tuple[Spell, ...]]:
    """Return {player: his injuries of a season}."""
    found: dict[str, tuple[Spell, ...]] = {}
    for roster in opening(seed, year).values():
        for _, career in roster:
            chance = Chance(seed, "injury", year, career.player.player_id)
            number = chance.happens(0.55) + chance.happens(0.15)
            found[career.player.player_id] = tuple(_spell(chance, career.player.player_id, year) for _ in range(number))
    return found


def is_injured(seed: int, year: int, player_id: str, day: date) -> bool:
    """Return whether a player misses the games of a day."""
    return any(spell.covers(day) for spell in spells(seed, year).get(player_id, ()))


def injuries(seed: int, today: date) -> list[Injury]:
    """Return the list of a date; injuries of a season are forgotten in the last week of July."""
    year = year_of(today)
    listed = [*_listed(seed, year, today), *(_listed(seed, year - 1, today) if today.month == 7 else ())]
    names = teams(year - 1 if today.month == 7 else year)
    return sorted(listed, key=lambda injury: (names[injury.team_id].name, injury.player_id))


def _listed(seed: int, year: int, today: date) -> list[Injury]:
    if not FIRST_SEASON <= year <= LAST_SEASON:
        return []
    known = spells(seed, year)
    rows = ((team, career) for team, roster in season_rosters(seed, year).on(today).items() for career in roster)
    now = (
        (team, next((s for s in known.get(career.player.player_id, ()) if s.first < today <= s.last), None))
        for team, career in rows
    )
    return [_injury(spell, team, today) for team, spell in now if spell]


def _spell(chance: Chance, player_id: str, year: int) -> Spell:
    begin = first_day(year) - 5 * _DAY
    first = begin + chance.below((last_day(year) - begin).days + 40) * _DAY
    out = chance.happens(0.05)
    days = 400 if out else chance.between(2, 21) + chance.happens(0.12) * chance.between(20, 70)
    last = min(first + days * _DAY, date(year, 7, 25))
    return Spell(player_id, first, last, chance.one_of(PARTS), out)


def _injury(spell: Spell, team: str, today: date) -> Injury:
    known = (today - spell.first).days
    updated = spell.first + (known - 1) // _WORD * _WORD * _DAY
    return Injury(spell.player_id, team, updated, _description(spell, known, updated))


def _description(spell: Spell, known: int, updated: date) -> str:
    if spell.out_for_season:
        return f"Out For Season ({spell.part}) - He had surgery and will not play again this season."
    if known <= _DAY_TO_DAY:
        return f"Day To Day ({spell.part}) - He left practice early on {updated:%A} and is questionable."
    return f"Out ({spell.part}) - He is out; as of {updated:%B} {updated.day} there is no date for his return."
