"""What is noted of a match: its events, and who played where and when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import shake_128

from simulator.generated.statsbomb.people import Club, Player
from simulator.generated.statsbomb.plot import FIRST_MINUTE, MINUTE
from simulator.generated.statsbomb.words import DETAILS, PATTERNS, POSITION_MEMBERS, TYPES

ENCODING = "utf-8"


class Event:
    """One event. Locations are tenths of a yard from the view of ``team``, times milliseconds of the period.

    :param place: its place among the events, from 0.
    :param duration: in microseconds; None for a kind that has none.
    :param related: the places of other events.
    :param detail: members of the kind's own object, as JSON text.
    """

    __slots__ = (
        "clock",
        "counterpress",
        "detail",
        "duration",
        "kind",
        "off_camera",
        "out",
        "owner",
        "pattern",
        "period",
        "place",
        "player",
        "position",
        "possession",
        "pressed",
        "related",
        "team",
        "x",
        "y",
    )

    def __init__(
        self, place: int, kind: str, period: int, clock: int, possession: int, owner: int, pattern: int, team: int
    ) -> None:
        self.place = place
        self.kind = kind
        self.period = period
        self.clock = clock
        self.possession = possession
        self.owner = owner
        self.pattern = pattern
        self.team = team
        self.player: Player | None = None
        self.position = 0
        self.x: int | None = None
        self.y = 0
        self.duration: int | None = 0
        self.off_camera = self.out = self.pressed = self.counterpress = False
        self.related: list[int] = []
        self.detail: dict[str, str] = {}


@dataclass(slots=True)
class Spell:
    """A time in a position. A moment is a period and a text such as ``67:51``, of the match; no end: to the end."""

    position: int
    start: tuple[int, str]
    start_reason: str
    end: tuple[int, str] | None = None
    end_reason: str = "Final Whistle"


@dataclass(slots=True)
class Side:
    """A team in a match.

    :param pitch: {player: position} of those on the pitch, the goalkeeper first.
    :param cards: {player: [(moment, card, reason)]}.
    """

    club: Club
    formation: int
    pitch: dict[Player, int]
    bench: list[Player]
    spells: dict[Player, list[Spell]] = field(default_factory=dict)
    cards: dict[Player, list[tuple[tuple[int, str], str, str]]] = field(default_factory=dict)
    substitutions: int = 0

    @property
    def keeper(self) -> Player:
        """The goalkeeper."""
        return next(iter(self.pitch))


@dataclass(frozen=True)
class Record:
    """A match that was played."""

    sides: tuple[Side, Side]
    events: list[Event]


def moment(period: int, clock: int) -> tuple[int, str]:
    """Return period and minute:second of the match, as line-ups have them."""
    return period, f"{FIRST_MINUTE[period] + clock // MINUTE:02}:{clock // 1000 % 60:02}"


def event_ids(key: str, count: int, prefix: str = "") -> list[str]:
    """Return so many UUIDs that follow from the key alone, each beginning with ``prefix`` (hexadecimal, 8 at most)."""
    drawn = shake_128(key.encode()).hexdigest(16 * count)
    ids = []
    for start in range(0, 32 * count, 32):
        h = prefix + drawn[start + len(prefix) : start + 32]
        ids.append(f"{h[:8]}-{h[8:12]}-4{h[13:16]}-{'89ab'[int(h[16], 16) & 3]}{h[17:20]}-{h[20:]}")
    return ids


def events_file(record: Record, ids: list[str]) -> bytes:
    """Return the events file."""
    names = [(side.club.team_id, side.club.name) for side in record.sides]
    owners = [_team("possession_team", *name) for name in names]
    teams = [_team("team", *name) for name in names]
    return f"[ {', '.join(_texts(record.events, ids, owners, teams))} ]".encode(ENCODING)


def _team(member: str, number: int, name: str) -> str:
    return f',\n  "{member}" : {{\n    "id" : {number},\n    "name" : "{name}"\n  }}'


def _texts(events: Iterable[Event], ids: list[str], owners: list[str], teams: list[str]) -> Iterable[str]:
    for e in events:
        minutes, rest = divmod(e.clock, MINUTE)
        seconds, thousandths = divmod(rest, 1000)
        yield (
            f'{{\n  "id" : "{ids[e.place]}",\n  "index" : {e.place + 1},\n  "period" : {e.period},\n'
            f'  "timestamp" : "00:{minutes:02}:{seconds:02}.{thousandths:03}",\n'
            f'  "minute" : {FIRST_MINUTE[e.period] + minutes},\n  "second" : {seconds}{TYPES[e.kind]},\n'
            f'  "possession" : {e.possession}{owners[e.owner]}{PATTERNS[e.pattern]}'
            f"{_OFF_CAMERA if e.off_camera else ''}{_OUT if e.out else ''}{teams[e.team]}"
            f"{e.player.member + POSITION_MEMBERS[e.position] if e.player else ''}{_rest(e, ids)}\n}}"
        )


_OFF_CAMERA = ',\n  "off_camera" : true'
_OUT = ',\n  "out" : true'
_PRESSED = ',\n  "under_pressure" : true'
_COUNTERPRESS = ',\n  "counterpress" : true'


def _rest(e: Event, ids: list[str]) -> str:
    text = "" if e.x is None else f',\n  "location" : [ {e.x / 10}, {e.y / 10} ]'
    if e.duration is not None:
        text += f',\n  "duration" : {e.duration / 1_000_000}'
    # A line-up comes where other kinds have what is related to them
    if e.pressed:
        text += _PRESSED
    if e.counterpress:
        text += _COUNTERPRESS
    if e.related:
        related = '", "'.join([ids[place] for place in e.related])
        text += f',\n  "related_events" : [ "{related}" ]'
    if e.detail:
        members = ",\n".join([f'    "{name}" : {value}' for name, value in e.detail.items()])
        if "_id" in members:
            members = _with_ids(e.detail, ids)
        text += f',\n  "{DETAILS[e.kind]}" : {{\n{members}\n  }}'
    return text


def _with_ids(detail: dict[str, str], ids: list[str]) -> str:
    """Return the members with the ids of the events whose places they name."""
    return ",\n".join(
        f'    "{name}" : "{ids[int(value)]}"' if name.endswith("_id") else f'    "{name}" : {value}'
        for name, value in detail.items()
    )
