"""Invented players: whoever plays in this league never did in a true one."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from simulator.generated.basketball_reference.chance import Chance
from simulator.generated.basketball_reference.records import Player
from simulator.generated.basketball_reference.teams import FIRST_SEASON

# A roster's places, the best player first
PLACES = 15
FRANCHISES = 30
CAREER = 8
LAST_SEASON = 2060
# Signed in mid-season, one a franchise
NEWCOMER = PLACES
POSITIONS = ("PG", "C", "SF", "SG", "PF")

GIVEN = (
    "Aaron", "Abdou", "Alonzo", "Anders", "Andrija", "Anton", "Ántonio", "Bastien", "Benat", "Boubacar", "Brandt",
    "Bryson", "Caleb", "Cheikh", "Clint", "Colby", "Damir", "Dario", "Darnell", "DeAndre", "Dejan", "Demetri",
    "Devin", "Donte", "Edvin", "Elías", "Emil", "Enzo", "Ezra", "Félix", "Gorjan", "Grant", "Håkon", "Hugo",
    "Ibrahima", "Ilja", "Isaiah", "Ivo", "JaKobe", "Jalen", "Jamal", "Jérôme", "Jonas", "Jordan", "José", "Josué",
    "Keon", "Kofi", "Kristaps", "Lamar", "Léo", "Luka", "Malik", "Marcus", "Mateo", "Milan", "Moussa", "Nate",
    "Nikola", "Noah", "Omari", "Oskar", "Ousmane", "Pelé", "Quentin", "Rashad", "Raúl", "Reggie", "Rubén", "Ryan",
    "Samir", "Šarūnas", "Tariq", "Terrell", "Théo", "Tomáš", "Trey", "Tyrell", "Vasilije", "Victor", "Walker",
    "Wes", "Xavier", "Yannick", "Zeke", "A.J.", "C.J.", "P.J.",
)  # fmt: skip
FAMILY = (
    "Abara", "Adeyinka", "Alcott", "Amsel", "Aubrey", "Babić", "Baldree", "Bancroft", "Barlow", "Beauvais",
    "Bellweather", "Bjornsen", "Blackshear", "Boateng", "Bogdanek", "Brightwell", "Brûlé", "Calloway", "Carnahan",
    "Casimir", "Castañeda", "Chalmette", "Cissokho", "Coldwater", "Coverdale", "Crowder-Hale", "Čavić",
    "D'Aubigny", "Dampier", "Danforth", "De la Cour", "Delacroix", "Diabaté", "Dolezal", "Drăgan", "Drinkwater",
    "Dunleith", "Easterling", "Eaglin", "Ekström", "Ellisor", "Emeka", "Fairbanks", "Fenwick", "Ferragut",
    "Fitzhugh", "Folarin", "Gaspard", "Gentry-Moss", "Gilcrest", "Goran", "Grimsby", "Gueye-Diop", "Gutiérrez",
    "Halloran", "Harrowgate", "Hasanović", "Hightower", "Holloway", "Ibekwe", "Ilić", "Ironside", "Jakupović",
    "Jefferies", "Jurgens", "Kabongo", "Keïta-Sow", "Kessington", "Kilgore", "Kirkwood", "Klepac", "Kovařík",
    "Lachance", "Lambright", "Larkspur", "Lefèvre", "Lindqvist", "Lockridge", "Loyola", "Lubanza", "Maddox-Ray",
    "Mahlangu", "Malveaux", "Marchetti", "Mbaye-Ka", "McAllister", "McCrory", "Medvedić", "Merriweather",
    "Mikkelsen", "Montclair", "Müllner", "N'Dour", "Nakamba", "Nettles", "Nordahl", "O'Rourke", "Obafemi",
    "Okonjo", "Olaniyan", "Ormsby", "Özdil", "Palmquist", "Pavlović", "Peñalver", "Pettibone", "Poindexter",
    "Prescod", "Quarterman", "Quist", "Rademacher", "Ransome", "Renaud", "Ridgeway", "Rosiček", "Rutherglen",
    "Sabourin", "Saldaña", "Sankara", "Satterfield", "Šćepanović", "Seabrook", "Sissoko", "Skarsgaard",
    "Söderlund", "St. Cyr", "Stallworth", "Sundiata", "Tackett", "Tarkanian", "Thibodaux", "Tillery", "Touré-Bâ",
    "Trimble", "Udoka-Bell", "Ulmanis", "Vanterpool", "Varnado", "Villanueva", "Vukčević", "Waddell",
    "Weatherspoon", "Whitlock", "Wojtowicz", "Xhaka", "Yarbrough", "Yeboah", "Zeidler", "Žalgys", "Zubiri",
)  # fmt: skip
SUFFIXES = ("Jr.", "II", "III", "IV")
# Letters that have no decomposition into a plain one and a mark
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ß": "ss"})


@dataclass(frozen=True, slots=True)
class Career:
    """Who holds a place in the league over some seasons, and how good he is.

    :param first: end year of the first season; the last is ``CAREER`` - 1 later.
    :param skill: about 0.7 to 1.3; a multiple of what others of his place do.
    """

    player: Player
    first: int
    skill: float


@dataclass(frozen=True)
class People:
    """Everybody who ever plays in a world."""

    careers: Mapping[tuple[int, int, int], Career]
    by_id: Mapping[str, Career]

    def career(self, franchise: int, place: int, year: int) -> Career:
        """Return who holds a place in a season: place 0 to 14, or ``NEWCOMER``."""
        return self.careers[franchise, place, generation(franchise, place, year)]


def generation(franchise: int, place: int, year: int) -> int:
    """Return the number of the career that a place is in; the next begins ``CAREER`` seasons later."""
    return (year - FIRST_SEASON + _phase(franchise, place)) // CAREER


def _phase(franchise: int, place: int) -> int:
    return (franchise * 3 + place * 5) % CAREER


@lru_cache(maxsize=4)
def people(seed: int) -> People:
    """Return the people of a world."""
    careers: dict[tuple[int, int, int], Career] = {}
    taken: Counter[str] = Counter()
    for key in _places():
        careers[key] = _career(seed, *key, taken)
    by_id = {career.player.player_id: career for career in careers.values()}
    return People(MappingProxyType(careers), MappingProxyType(by_id))


def _places() -> Iterator[tuple[int, int, int]]:
    """Yield (franchise, place, number of the career), the earliest careers first, as ids are given."""
    for number in range((LAST_SEASON - FIRST_SEASON) // CAREER + 2):
        for franchise in range(FRANCHISES):
            for place in range(PLACES + 1):
                yield franchise, place, number


def _career(seed: int, franchise: int, place: int, number: int, taken: Counter[str]) -> Career:
    chance = Chance(seed, "person", *_namesake(franchise, place), number)
    given, family = chance.one_of(GIVEN), chance.one_of(FAMILY)
    suffix = f" {chance.one_of(SUFFIXES)}" if chance.happens(0.06) else ""
    own = Chance(seed, "career", franchise, place, number)
    first = FIRST_SEASON + number * CAREER - _phase(franchise, place)
    born = date(first - own.between(20, 23), own.between(1, 12), own.between(1, 28))
    player = Player(
        player_id=_player_id(given, family, taken),
        name=f"{given} {family}{suffix}",
        last_first=f"{family},{given}",
        short=f"{given[0]}. {family}",
        position=POSITIONS[place % len(POSITIONS)],
        birth_date=born,
    )
    return Career(player, first, 0.7 + 0.6 * own.unit())


def _namesake(franchise: int, place: int) -> tuple[int, int]:
    """Return whose name a place's people have: two players of the league always share theirs."""
    return (3, 4) if (franchise, place) == (19, 4) else (franchise, place)


def _player_id(given: str, family: str, taken: Counter[str]) -> str:
    stem = _letters(family)[:5] + _letters(given)[:2]
    taken[stem] += 1
    return f"{stem}{taken[stem]:02}"


def _letters(name: str) -> str:
    return re.sub("[^a-z]", "", unicodedata.normalize("NFKD", name.lower().translate(_PLAIN)))
