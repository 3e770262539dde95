"""Invented clubs and people. Nobody real is meant: surnames are put together from syllables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any

from simulator.generated.football_data.clubs import clubs
from simulator.generated.statsbomb.chance import drawn_from
from simulator.generated.statsbomb.spelling import named

CLUBS = 8
SQUAD = 20
SPAIN = (214, "Spain")
COUNTRIES = (
    *[SPAIN] * 7,
    (11, "Argentina"),
    (31, "Brazil"),
    (78, "France"),
    (160, "Netherlands"),
    (183, "Portugal"),
    (203, "Serbia"),
    (242, "Uruguay"),
)
FORENAMES = (
    "Ander", "Íñigo", "Joël", "Tomás", "Marçal", "Ruší", "Óscar", "Yeray", "Núno", "Félix", "Björn", "Héctor", "Amadou",
    "Kévin", "Žarko",
)  # fmt: skip
BEGINNINGS = ("Val", "Quin", "Otxa", "Bel", "Mar", "Zur", "Lla", "Fer", "Ñar", "Cas")
MIDDLES = ("de", "tar", "mo", "ri", "lén", "gu")
ENDINGS = ("oñez", "arbe", "íquez", "osal", "uera", "antxo", "ević", "eira")


@dataclass(eq=False, slots=True)
class Player:
    """A footballer.

    :param member: the member ``player`` of an event, with the comma before it.
    :param value: id and name as a member of a detail; ``deep`` the same two levels further in.
    """

    player_id: int
    name: str
    nickname: str | None
    jersey_number: int
    country: tuple[int, str]
    member: str
    value: str
    deep: str


@dataclass(frozen=True)
class Club:
    """A club with its squad; the first eleven of it, the goalkeeper first, start most matches."""

    team_id: int
    name: str
    squad: tuple[Player, ...]
    manager: dict[str, Any]
    stadium: dict[str, Any]


@lru_cache(maxsize=8)
def all_clubs(seed: int) -> tuple[Club, ...]:
    """Return the clubs of a world."""
    return tuple(_club(seed, number) for number in range(CLUBS))


def referee(seed: int, number: int) -> dict[str, Any]:
    """Return one of the referees."""
    name, _ = _name(drawn_from(seed, "referee", number))
    return {"id": 2700 + number, "name": name, "country": _country(SPAIN)}


def _club(seed: int, number: int) -> Club:
    chance = drawn_from(seed, "club", number)
    name = clubs("Spain")[number]
    return Club(
        team_id=3200 + number,
        name=name,
        squad=tuple(_player(chance, 70_000 + 100 * number, place) for place in range(SQUAD)),
        manager=_manager(chance, number),
        stadium={"id": 5200 + number, "name": f"Estadio de {name.split()[-1]}", "country": _country(SPAIN)},
    )


def _player(chance: Random, first_id: int, place: int) -> Player:
    name, short = _name(chance)
    number = first_id + place * 3 + int(chance.random() * 3)
    nickname = short if chance.random() < 0.75 else None
    country = COUNTRIES[int(chance.random() * len(COUNTRIES))]
    values = [named(number, name, " " * pad) for pad in (2, 4, 6)]
    return Player(number, name, nickname, place + 1, country, f',\n  "player" : {values[0]}', values[1], values[2])


def _manager(chance: Random, number: int) -> dict[str, Any]:
    name, short = _name(chance)
    born = f"{1955 + int(chance.random() * 30)}-{1 + int(chance.random() * 12):02}-{1 + int(chance.random() * 28):02}"
    nickname = short if chance.random() < 0.5 else None
    return {"id": 4100 + number, "name": name, "nickname": nickname, "dob": born, "country": _country(SPAIN)}


def _name(chance: Random) -> tuple[str, str]:
    forename = FORENAMES[int(chance.random() * len(FORENAMES))]
    surnames = [
        "".join(parts[int(chance.random() * len(parts))] for parts in (BEGINNINGS, MIDDLES, ENDINGS)) for _ in "12"
    ]
    return f"{forename} {' '.join(surnames)}", f"{forename} {surnames[0]}"


def _country(country: tuple[int, str]) -> dict[str, Any]:
    return {"id": country[0], "name": country[1]}
