"""Recorded matches with the dataset that each belongs to, and their files as the json module sees them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from fieldhouse.source import Rows
from fieldhouse.sources.statsbomb.parse import parse

# The file's time stamps are no members of match.json
OF_FILES = ("last_updated", "last_updated_360")


@dataclass(frozen=True)
class Recorded:
    """A match whose events and line-ups were recorded."""

    root: Path
    match: dict[str, Any]

    @property
    def number(self) -> int:
        return int(self.match["match_id"])

    @property
    def identifier(self) -> dict[str, str]:
        return {
            "competition_id": str(self.match["competition"]["competition_id"]),
            "season_id": str(self.match["season"]["season_id"]),
            "match_id": str(self.number),
        }

    @cached_property
    def files(self) -> dict[str, bytes]:
        return {
            "match.json": json.dumps(self.match).encode(),
            "lineups.json": (self.root / f"lineups/{self.number}.json").read_bytes(),
            "events.json": (self.root / f"events/{self.number}.json").read_bytes(),
        }

    @cached_property
    def events(self) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = json.loads(self.files["events.json"])
        return events

    @cached_property
    def players(self) -> list[dict[str, Any]]:
        return [player for team in json.loads(self.files["lineups.json"]) for player in team["lineup"]]

    @cached_property
    def rows(self) -> Rows:
        return parse("match", self.identifier, self.files)


def recorded_matches(root: Path, season: str) -> Iterator[Recorded]:
    """Yield the matches of a season (``11/90``) whose events were recorded, one after the other."""
    for record in read_listing(root / f"data/matches/{season}.json"):
        if (root / f"data/events/{record['match_id']}.json").exists():
            yield Recorded(root / "data", record)


def read_listing(path: Path) -> list[dict[str, Any]]:
    """Return the records of a season's listing, each as it is in ``match.json``."""
    listing = json.loads(path.read_bytes())
    return [{name: value for name, value in record.items() if name not in OF_FILES} for record in listing]
