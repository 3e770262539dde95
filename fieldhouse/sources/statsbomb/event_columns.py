"""The columns of table event, and what of an event fills them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from fieldhouse.sources.statsbomb.shapes import Event

SMALL, INTEGER, NUMBER, FLAG, TEXT = pa.int16(), pa.int32(), pa.float64(), pa.bool_(), pa.string()


@dataclass(frozen=True)
class Column:
    """A column: its type, and its values in events or in the parts of them that the column's kind has."""

    type: pa.DataType
    values: Callable[[Iterable[Any]], Iterable[Any]]
    is_uuid: bool = False


# A function call for each of 4,000 events and 70 columns takes longer than all else: these loop inside


def _own(name: str, type_: pa.DataType) -> Column:
    return Column(type_, partial(map, attrgetter(name)))


def _id(name: str, type_: pa.DataType = INTEGER) -> Column:
    get = attrgetter(name)
    return Column(type_, lambda of: [None if named is None else named.id for named in map(get, of)])


def _name(name: str) -> Column:
    get = attrgetter(name)
    return Column(TEXT, lambda of: [None if named is None else named.name for named in map(get, of)])


def _place(name: str, axis: int) -> Column:
    get = attrgetter(name)
    return Column(NUMBER, lambda of: [place[axis] if place and len(place) > axis else None for place in map(get, of)])


def _event_id(name: str) -> Column:
    return Column(TEXT, partial(map, attrgetter(name)), is_uuid=True)


EVENT: Mapping[str, Column] = MappingProxyType(
    {
        "event_id": _event_id("id"),
        "event_index": _own("index", INTEGER),
        "period": _own("period", SMALL),
        "minute": _own("minute", SMALL),
        "second": _own("second", SMALL),
        "type_id": _own("type.id", SMALL),
        "type": _own("type.name", TEXT),
        "possession": _own("possession", INTEGER),
        "possession_team_id": _id("possession_team"),
        "possession_team": _name("possession_team"),
        "play_pattern_id": _id("play_pattern", SMALL),
        "play_pattern": _name("play_pattern"),
        "team_id": _own("team.id", INTEGER),
        "team": _own("team.name", TEXT),
        "player_id": _id("player"),
        "player": _name("player"),
        "position_id": _id("position", SMALL),
        "position": _name("position"),
        "location_x": _place("location", 0),
        "location_y": _place("location", 1),
        "duration": _own("duration", NUMBER),
        "under_pressure": _own("under_pressure", FLAG),
        "counterpress": _own("counterpress", FLAG),
        "out": _own("out", FLAG),
        "off_camera": _own("off_camera", FLAG),
    }
)

PASS: Mapping[str, Column] = MappingProxyType(
    {
        "pass_recipient_id": _id("recipient"),
        "pass_recipient": _name("recipient"),
        "pass_length": _own("length", NUMBER),
        "pass_angle": _own("angle", NUMBER),
        "pass_height": _name("height"),
        "pass_end_x": _place("end_location", 0),
        "pass_end_y": _place("end_location", 1),
        "pass_outcome": _name("outcome"),
        "pass_type": _name("type"),
        "pass_body_part": _name("body_part"),
        "pass_technique": _name("technique"),
        "pass_cross": _own("cross", FLAG),
        "pass_switch": _own("switch", FLAG),
        "pass_through_ball": _own("through_ball", FLAG),
        "pass_cut_back": _own("cut_back", FLAG),
        "pass_shot_assist": _own("shot_assist", FLAG),
        "pass_goal_assist": _own("goal_assist", FLAG),
        "pass_assisted_shot_id": _event_id("assisted_shot_id"),
    }
)

SHOT: Mapping[str, Column] = MappingProxyType(
    {
        "shot_statsbomb_xg": _own("statsbomb_xg", NUMBER),
        "shot_end_x": _place("end_location", 0),
        "shot_end_y": _place("end_location", 1),
        "shot_end_z": _place("end_location", 2),
        "shot_outcome": _name("outcome"),
        "shot_type": _name("type"),
        "shot_technique": _name("technique"),
        "shot_body_part": _name("body_part"),
        "shot_first_time": _own("first_time", FLAG),
        "shot_key_pass_id": _event_id("key_pass_id"),
    }
)

# The part of an event that only some have, and the columns that it fills
PARTS: Mapping[str, tuple[Callable[[Event], Any], Mapping[str, Column]]] = MappingProxyType(
    {
        "pass": (attrgetter("pass_"), PASS),
        "shot": (attrgetter("shot"), SHOT),
        "carry": (
            attrgetter("carry"),
            {"carry_end_x": _place("end_location", 0), "carry_end_y": _place("end_location", 1)},
        ),
        "ball_receipt": (attrgetter("ball_receipt"), {"ball_receipt_outcome": _name("outcome")}),
        "dribble": (attrgetter("dribble"), {"dribble_outcome": _name("outcome")}),
        "duel": (attrgetter("duel"), {"duel_type": _name("type"), "duel_outcome": _name("outcome")}),
        "interception": (attrgetter("interception"), {"interception_outcome": _name("outcome")}),
        "50_50": (attrgetter("fifty_fifty"), {"fifty_fifty_outcome": _name("outcome")}),
        "goalkeeper": (
            attrgetter("goalkeeper"),
            {"goalkeeper_type": _name("type"), "goalkeeper_outcome": _name("outcome")},
        ),
        "foul_committed": (
            attrgetter("foul_committed"),
            {
                "foul_committed_type": _name("type"),
                "foul_committed_card": _name("card"),
                "foul_committed_penalty": _own("penalty", FLAG),
            },
        ),
        "foul_won": (attrgetter("foul_won"), {"foul_won_penalty": _own("penalty", FLAG)}),
        "bad_behaviour": (attrgetter("bad_behaviour"), {"bad_behaviour_card": _name("card")}),
        "substitution": (
            attrgetter("substitution"),
            {
                "substitution_outcome": _name("outcome"),
                "substitution_replacement_id": _id("replacement"),
                "substitution_replacement": _name("replacement"),
            },
        ),
        "tactics": (attrgetter("tactics"), {"formation": _own("formation", INTEGER)}),
    }
)
