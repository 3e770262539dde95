"""What the provider corrects in a match that is out already."""

from __future__ import annotations

from random import Random

from simulator.generated.statsbomb.record import Event, Record
from simulator.generated.statsbomb.spelling import number
from simulator.generated.statsbomb.words import BODY, SHOT_TYPES

CORRECTED_PASSES = 0.01


def revise(record: Record, chance: Random) -> None:
    """Change shots' expected goals and some passes' body parts; no event comes or goes."""
    for event in record.events:
        if event.kind == "Shot" and event.detail["type"] != SHOT_TYPES["Penalty"]:
            event.detail["statsbomb_xg"] = number(0.01 + 0.3 * chance.random(), 8)
        elif event.kind == "Pass" and "body_part" in event.detail and chance.random() < CORRECTED_PASSES:
            _other_foot(event)


def _other_foot(event: Event) -> None:
    left = event.detail["body_part"] == BODY["Left Foot"]
    event.detail["body_part"] = BODY["Right Foot" if left else "Left Foot"]
