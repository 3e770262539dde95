"""StatsBomb's files to the rows of our tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fieldhouse.errors import ConfigurationError
from fieldhouse.source import Files, Identifier, Rows
from fieldhouse.sources.statsbomb.events import event_table, read_events
from fieldhouse.sources.statsbomb.frames import frame_tables
from fieldhouse.sources.statsbomb.lineups import lineup_table
from fieldhouse.sources.statsbomb.matches import competition_table, match_table, read_match
from fieldhouse.sources.statsbomb.playing import playing_times
from fieldhouse.sources.statsbomb.reading import Document, Origin, read_document

FILES: Mapping[str, tuple[str, ...]] = {
    "competitions": ("competitions.json",),
    "match": ("match.json", "lineups.json", "events.json"),
}
THREE_SIXTY = "three-sixty.json"


def parse(dataset_type: str, identifier: Identifier, files: Files) -> Rows:
    """Read the files of a dataset; ``three-sixty.json`` may be missing, and its tables are empty then.

    Table event names in its schema's metadata, as a JSON list, the members of events that no column and no known kind
    of detail takes (``fieldhouse.unknown_columns``).

    :returns: ``competition``; or ``match``, ``lineup_player``, ``event``, ``frame`` and ``freeze_frame``, sorted by
        their keys, and events by their index.
    :raises PageChanged: the bytes are not what they should be; the text begins with the file's name.
    """
    if dataset_type not in _READERS:
        raise ConfigurationError(f"statsbomb has no dataset type {dataset_type!r}; it has: {', '.join(_READERS)}")
    if missing := [name for name in FILES[dataset_type] if name not in files]:
        raise ConfigurationError(f"statsbomb/{dataset_type} needs {', '.join(missing)}; given: {', '.join(files)}")
    documents = {name: read_document(Origin(dataset_type, identifier, name), data) for name, data in files.items()}
    return _READERS[dataset_type](documents, identifier)


def _parse_competitions(documents: Mapping[str, Document], _: Identifier) -> Rows:
    return {"competition": competition_table(documents["competitions.json"])}


def _parse_match(documents: Mapping[str, Document], identifier: Identifier) -> Rows:
    match = read_match(documents["match.json"], identifier)
    events, details, unknown = read_events(documents["events.json"], match)
    event = event_table(documents["events.json"].origin, match.match_id, events, details, unknown)
    playing = playing_times(events, event["timestamp"].to_pylist())
    return {
        "match": match_table(documents["match.json"], match),
        "lineup_player": lineup_table(documents["lineups.json"], match, playing),
        "event": event,
        **frame_tables(documents.get(THREE_SIXTY), match.match_id, {each.id for each in events}),
    }


_READERS: Mapping[str, Callable[[Mapping[str, Document], Identifier], Rows]] = {
    "competitions": _parse_competitions,
    "match": _parse_match,
}
