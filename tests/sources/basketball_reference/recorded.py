"""Recorded pages as rows, each read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from fieldhouse.sources.basketball_reference import boxscores, play_by_play, schedule
from fieldhouse.sources.basketball_reference.page import Origin

Row = dict[str, Any]


@cache
def read(path: Path, dataset_type: str, **identifier: str) -> list[Row]:
    rows: list[Row] = read_table(path, dataset_type, **identifier).to_pylist()
    return rows


def read_table(path: Path, dataset_type: str, **identifier: str) -> pa.Table:
    reader, table = {
        "schedule": (schedule.read, "schedule"),
        "boxscores": (boxscores.read, "player_boxscore"),
        "play_by_play": (play_by_play.read, "play_by_play"),
    }[dataset_type]
    origin = Origin(dataset_type, identifier, path.name, "https://site")
    return reader(path.read_bytes(), identifier, origin)[table]


def month(folder: Path, path: str, season: str, name: str) -> dict[str, Row]:
    rows = read(folder / path, "schedule", season=season, month=name)
    games = {row["game_id"]: row for row in rows}
    assert len(games) == len(rows)
    return games


def differences(first: dict[Any, Row], second: dict[Any, Row]) -> set[str]:
    """Return the columns in which rows with one key differ."""
    return {
        name for key in first.keys() & second.keys() for name in first[key] if first[key][name] != second[key][name]
    }
