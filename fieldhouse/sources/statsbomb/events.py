"""``events.json`` to the rows of table event."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Raw

from fieldhouse.errors import PageChanged
from fieldhouse.sources.statsbomb.event_columns import EVENT, INTEGER, NUMBER, PARTS, TEXT, Column
from fieldhouse.sources.statsbomb.reading import Document, Origin, fitting, known_members, refuse_doubles, shown, uuids
from fieldhouse.sources.statsbomb.shapes import Event, Match, StrictEvent

UNKNOWN_COLUMNS = b"fieldhouse.unknown_columns"
SHOOT_OUT = 5
TIMESTAMP = r"^\d\d:\d\d:\d\d(\.\d+)?$"


def read_events(document: Document, match: Match) -> tuple[list[Event], list[Raw], list[str]]:
    """Return a match's events by their index, each also as it was written, and the members that no shape names.

    :raises PageChanged: they are not those of this match, or not all of them.
    """
    events, unknown = _decode(document)
    details: list[Raw] = document.read(list[Raw])
    if not events:
        raise document.origin.changed("the events of a match", "an empty list")
    order = sorted(range(len(events)), key=lambda place: events[place].index)
    events = [events[place] for place in order]
    _refuse_gaps(document.origin, events)
    refuse_doubles(document.origin, "event id", [event.id for event in events])
    _refuse_other_teams(document.origin, events, match)
    return events, [details[place] for place in order], unknown


def _decode(document: Document) -> tuple[list[Event], list[str]]:
    # To look for members that nobody knows costs as much as all the rest, and there are hardly ever any
    try:
        return document.read(list[StrictEvent]), []
    except PageChanged:
        events = document.read(list[Event])
    names = {name for members in document.read(list[dict[str, Raw]]) for name in members}
    return events, sorted(names - known_members(Event))


def _refuse_gaps(origin: Origin, events: Sequence[Event]) -> None:
    for expected, event in enumerate(events, 1):
        if event.index != expected:
            found = f"index {event.index} after {expected - 1}"
            raise origin.changed(f"the indexes 1 to {len(events)}, each once", found)


def _refuse_other_teams(origin: Origin, events: Sequence[Event], match: Match) -> None:
    expected = {match.home_team.team_id: match.home_team.team_name, match.away_team.team_id: match.away_team.team_name}
    found = {event.team.id: event.team.name for event in events}
    if found.keys() != expected.keys():
        raise origin.changed(f"events of {_names(expected)}, as match.json has it", f"those of {_names(found)}")


def _names(teams: Mapping[int, str]) -> str:
    return shown(" and ".join(f"{name} ({number})" for number, name in sorted(teams.items())))


def event_table(
    origin: Origin, match_id: int, events: Sequence[Event], details: Sequence[Raw], unknown: Sequence[str]
) -> pa.Table:
    """Return table event. :raises PageChanged: a value does not fit its column."""
    with fitting(origin):
        columns = {
            "match_id": pa.repeat(pa.scalar(match_id, INTEGER), len(events)),
            "timestamp": _seconds(origin, [event.timestamp for event in events]),
            **{name: _array(origin, column, events) for name, column in EVENT.items()},
            **_parts(origin, events),
            "detail": pa.array([bytes(detail) for detail in details], TEXT),
        }
    return pa.table(columns).replace_schema_metadata({UNKNOWN_COLUMNS: json.dumps(list(unknown))})


def _array(origin: Origin, column: Column, of: Sequence[Any]) -> pa.Array:
    values = column.values(of)
    return uuids(origin, values) if column.is_uuid else pa.array(values, column.type)


def _parts(origin: Origin, events: Sequence[Event]) -> dict[str, pa.Array]:
    columns: dict[str, pa.Array] = {}
    for part, names in PARTS.values():
        parts = list(map(part, events))
        having = [each for each in parts if each is not None]
        numbers = iter(range(len(having)))
        # The columns are as long as those who have the part, and stretched at once: nobody has most of them
        places = pa.array([None if each is None else next(numbers) for each in parts], pa.int32())
        columns |= {name: _array(origin, column, having).take(places) for name, column in names.items()}
    return columns


def _seconds(origin: Origin, timestamps: Sequence[str]) -> pa.Array:
    column = pa.array(timestamps, TEXT)
    good = pc.match_substring_regex(column, TIMESTAMP)
    if not pc.all(good).as_py():
        bad = column.filter(pc.invert(good))[0].as_py()
        raise origin.changed("a timestamp as 00:12:34.567", shown(repr(bad)))
    hours, minutes, seconds = (
        pc.utf8_slice_codeunits(column, start, stop).cast(NUMBER) for start, stop in ((0, 2), (3, 5), (6, None))
    )
    whole = pc.add(pc.multiply(hours, 3600), pc.multiply(minutes, 60))
    # by way of whole thousandths: 94.817 is then the number that 94.817 is
    return pc.divide(pc.round(pc.multiply(pc.add(whole, seconds), 1000)), 1000)
