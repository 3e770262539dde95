"""``three-sixty.json`` to the rows of tables frame and freeze_frame."""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa
from msgspec import Raw

from fieldhouse.sources.statsbomb.reading import (
    Document,
    extra_of,
    fitting,
    known_members,
    refuse_doubles,
    text_of,
    uuids,
)
from fieldhouse.sources.statsbomb.shapes import Frame

FRAME = pa.schema(
    [("match_id", pa.int32()), ("event_id", pa.string()), ("visible_area", pa.string()), ("extra", pa.string())]
)
FREEZE_FRAME = pa.schema(
    [
        ("match_id", pa.int32()),
        ("event_id", pa.string()),
        ("frame_index", pa.int16()),
        ("teammate", pa.bool_()),
        ("actor", pa.bool_()),
        ("keeper", pa.bool_()),
        ("location_x", pa.float64()),
        ("location_y", pa.float64()),
    ]
)


def frame_tables(document: Document | None, match_id: int, events: Collection[str]) -> dict[str, pa.Table]:
    """Return tables frame and freeze_frame, empty ones if there is no file.

    :param events: the ids of the match's events.
    :raises PageChanged: the file is none of this match's, or names an event twice.
    """
    if document is None:
        return {"frame": FRAME.empty_table(), "freeze_frame": FREEZE_FRAME.empty_table()}
    frames: list[Frame] = document.read(list[Frame])
    ids = [frame.event_uuid for frame in frames]
    refuse_doubles(document.origin, "event_uuid", ids)
    if ids and not set(ids) & set(events):
        raise document.origin.changed("frames of events in events.json", f"{len(ids):,} frames, none of them of one")
    with fitting(document.origin):
        event_ids = uuids(document.origin, ids)
        return {
            "frame": _frames(document, match_id, event_ids, frames),
            "freeze_frame": _freeze_frames(match_id, event_ids, frames),
        }


def _frames(document: Document, match_id: int, event_ids: pa.Array, frames: list[Frame]) -> pa.Table:
    areas = pa.array([text_of(frame.visible_area) for frame in frames], pa.string())
    return pa.Table.from_arrays(
        [_repeated(match_id, len(frames)), event_ids, areas, _extras(document, len(frames))], schema=FRAME
    )


def _extras(document: Document, height: int) -> pa.Array:
    members = document.read(list[dict[str, Raw]])
    if {name for each in members for name in each} <= known_members(Frame):
        return pa.nulls(height, pa.string())
    return pa.array([extra_of(each, Frame) for each in members], pa.string())


def _freeze_frames(match_id: int, event_ids: pa.Array, frames: list[Frame]) -> pa.Table:
    players = [player for frame in frames for player in frame.freeze_frame]
    whose = [number for number, frame in enumerate(frames) for _ in frame.freeze_frame]
    places = [index for frame in frames for index in range(1, len(frame.freeze_frame) + 1)]
    columns = [
        _repeated(match_id, len(players)),
        event_ids.take(pa.array(whose, pa.int32())),
        pa.array(places, pa.int16()),
        pa.array([player.teammate for player in players], pa.bool_()),
        pa.array([player.actor for player in players], pa.bool_()),
        pa.array([player.keeper for player in players], pa.bool_()),
        *(pa.array([player.location and player.location[axis] for player in players], pa.float64()) for axis in (0, 1)),
    ]
    return pa.Table.from_arrays(columns, schema=FREEZE_FRAME)


def _repeated(match_id: int, height: int) -> pa.Array:
    return pa.repeat(pa.scalar(match_id, pa.int32()), height)
