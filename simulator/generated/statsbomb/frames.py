"""What the cameras saw around the events: the 360 file of a match."""

from __future__ import annotations

from random import Random

from simulator.generated.statsbomb.record import ENCODING, Event

# About half of all passes have no frame
SHARE = 0.55
# Frames are drawn from so many scenes, each with another actor: a scene for each event would cost seconds
SCENES = 150


def frames_file(chance: Random, events: list[Event], ids: list[str]) -> bytes:
    """Return the frames of some of the events, each with its actor where the event is."""
    scenes = [_scene(chance) for _ in range(SCENES)]
    frames = [
        _frame(ids[event.place], event, *scenes[int(chance.random() * SCENES)])
        for event in events
        if event.player and event.x is not None and chance.random() < SHARE
    ]
    return f"[ {', '.join(frames)} ]".encode(ENCODING)


def _frame(event_id: str, event: Event, area: str, before: str, after: str) -> str:
    actor = _seen((event.x or 0) / 10, event.y / 10, teammate=True, actor=True, keeper=event.position == 1)
    return (
        f'{{\n  "event_uuid" : "{event_id}",\n  "visible_area" : {area},\n'
        f'  "freeze_frame" : [ {before}, {actor}, {after} ]\n}}'
    )


def _scene(chance: Random) -> tuple[str, str, str]:
    """Return a visible area, and who is seen of the actor's team and of the other."""
    left, right = 20 + 50 * chance.random(), 75 + 45 * chance.random()
    corners = [right, 80.0, left, 80.0, left + 9 * chance.random(), 0.0, right - 9 * chance.random(), 0.0, right, 80.0]
    area = f"[ {', '.join(map(repr, corners))} ]"
    seen = [
        [
            _seen(left + (right - left) * chance.random(), 80 * chance.random(), teammate=own)
            for _ in range(3 + int(7 * chance.random()))
        ]
        for own in (True, False)
    ]
    return area, ", ".join(seen[0]), ", ".join(seen[1])


def _seen(x: float, y: float, *, teammate: bool, actor: bool = False, keeper: bool = False) -> str:
    said = {"teammate": teammate, "actor": actor, "keeper": keeper}
    members = "".join(f'    "{name}" : {"true" if value else "false"},\n' for name, value in said.items())
    return f'{{\n{members}    "location" : [ {x!r}, {y!r} ]\n  }}'
