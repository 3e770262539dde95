"""The toy with versions, an optional file, a file that the listing holds itself, and a listing that is whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pyarrow as pa

from fieldhouse.errors import PageChanged
from fieldhouse.source import (
    Candidate,
    Client,
    DatasetType,
    Files,
    Identifier,
    Listing,
    Recheck,
    RemoteFile,
    Rows,
    Scope,
    Source,
)
from tests.engine import toy

NOTE, LEFT, RIGHT = "note.txt", *toy.SIDES
SETTLED_AT = "2026-01-01T00:00:00+00:00"


def discover(_: Scope, client: Client) -> Iterator[Candidate | Listing]:
    """An entry's ``right`` is its version; without one the file is not promised."""
    body = client.get("list.json")
    try:
        entries = json.loads(body)
    except ValueError as error:
        raise PageChanged(f"list.json is no JSON: {error}") from error
    for entry in entries:
        number = entry["number"]
        files = [
            RemoteFile(NOTE, "list.json", content=entry.get("note", "")),
            RemoteFile(LEFT, f"{number}/{LEFT}", version=entry.get("left")),
        ]
        if "right" in entry:
            files.append(RemoteFile(RIGHT, f"{number}/{RIGHT}", version=entry["right"]))
        if entry.get("announced"):
            files = []
        yield Candidate("pair", {"number": number}, tuple(files), settled_at=datetime.fromisoformat(SETTLED_AT))
    yield Listing("pair")


def parse(_: str, identifier: Identifier, files: Files) -> Rows:
    found = []
    for side in (side for side in toy.SIDES if side in files):
        try:
            found += [(int(identifier["number"]), side, *row) for row in toy.read(files[side])]
        except PageChanged as error:
            raise PageChanged(f"{side}: {error}") from error
    columns = ["pair", "side", "n", "value"]
    kinds = [pa.int64(), pa.string(), pa.int64(), pa.int64()]
    arrays = {name: pa.array([row[place] for row in found], kinds[place]) for place, name in enumerate(columns)}
    return {"item": pa.table(arrays)}


PAIR = DatasetType(
    name="pair",
    title="Pair",
    key=("number",),
    tables=toy.SOURCE.dataset_types[0].tables,
    files=(NOTE, *toy.SIDES),
    optional=(RIGHT,),
    recheck=Recheck(every=timedelta(days=30)),
)
SOURCE: Source = replace(toy.SOURCE, dataset_types=(PAIR,), discover=discover, parser="tests.engine.ladder:parse")
