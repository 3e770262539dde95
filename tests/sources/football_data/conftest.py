"""Small files in the site's format, and all recorded ones with the dataset that each belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fieldhouse.source import Rows
from fieldhouse.sources.football_data.parse import parse

HEADER = "Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,FTR,HS,Referee,B365H,B365D,B365A"
PLAYED = "E0,17/08/2024,Arsenal,Chelsea,2,0,H,11,A Taylor,1.5,4,6.5"
LATER = "E0,24/08/2024,Fulham,Leeds,1,1,D,8,M Oliver,2.1,3.3,3.4"


@dataclass(frozen=True)
class Recorded:
    """A recorded file; ``name`` is its path in the archive."""

    name: str
    dataset_type: str
    identifier: dict[str, str]
    path: Path

    def parse(self) -> Rows:
        return parse(self.dataset_type, self.identifier, {self.path.name: self.path.read_bytes()})


def season(*lines: str, header: str = HEADER, code: str = "2425", division: str = "E0") -> Rows:
    data = "".join(f"{line}\r\n" for line in (header, *lines)).encode()
    return parse("season", {"division": division, "season": code}, {"season.csv": data})


@pytest.fixture(scope="session")
def recorded(recordings: Callable[[str], Path]) -> dict[str, Recorded]:
    root = recordings("football_data")
    return {file.name: file for file in _all(root)}


def _all(root: Path) -> Iterator[Recorded]:
    for path in sorted(root.glob("mmz4281/*/*.csv")):
        code = path.parent.name
        yield Recorded(f"{code}/{path.name}", "season", {"division": path.stem, "season": code}, path)
    for path in sorted(root.glob("snapshots/*.csv")):
        code, division = path.name.split(".")[0].split("_")
        yield Recorded(path.name, "season", {"division": division, "season": code}, path)
    for path in sorted(root.glob("new/*.csv")):
        yield Recorded(path.name, "extra_league", {"league": path.stem}, path)
    for path in sorted(root.glob("fixtures/*.csv")):
        yield Recorded(path.name, "fixtures", {}, path)
