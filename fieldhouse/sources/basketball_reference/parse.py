"""A page of basketball-reference.com to the rows of our tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from fieldhouse.errors import ConfigurationError
from fieldhouse.source import Files, Identifier, Rows
from fieldhouse.sources.basketball_reference import (
    boxscores,
    contracts,
    injuries,
    play_by_play,
    schedule,
    transactions,
)
from fieldhouse.sources.basketball_reference.addresses import BASE_URL, KINDS, address
from fieldhouse.sources.basketball_reference.page import Origin
from fieldhouse.sources.basketball_reference.season_tables import read_player_season, read_team_season

_READERS: Mapping[str, Callable[[bytes, Identifier, Origin], Rows]] = {
    "schedule": schedule.read,
    "boxscores": boxscores.read,
    "play_by_play": play_by_play.read,
    "player_season": read_player_season,
    "team_season": read_team_season,
    "injuries": injuries.read,
    "transactions": transactions.read,
    "contracts": contracts.read,
}
_VALUES = {
    "season": (re.compile(r"(19|20)[0-9]{2}"), "the year in which it ends, as 2026"),
    "month": (re.compile(r"[a-z]+(-[0-9]{4})?"), "a month as january or october-2019"),
    "kind": (re.compile("|".join(KINDS)), f"one of {', '.join(KINDS)}"),
    "date": (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "a date as 2026-01-31"),
    "game_id": (re.compile(r"[0-9]{9}[A-Z]{3}"), "a game's id as 202601310BOS"),
}


def parse(dataset_type: str, identifier: Identifier, files: Files) -> Rows:
    """Read the one page of a dataset.

    A table with ``extra`` names in its schema's metadata, as a JSON list, the columns that no column of ours takes
    (``fieldhouse.unknown_columns``).

    :returns: all tables of the dataset type.
    :raises PageChanged: the bytes are not what they should be.
    :raises NotPublished: there is nothing on the page yet.
    :raises NothingScheduled: there is nothing that the page could show.
    """
    if dataset_type not in _READERS:
        valid = ", ".join(_READERS)
        raise ConfigurationError(f"basketball_reference has no dataset type {dataset_type!r}; it has: {valid}")
    if len(files) != 1:
        raise ConfigurationError(
            f"basketball_reference/{dataset_type} is one file, not {len(files)}: {', '.join(files)}"
        )
    _check_values(identifier)
    ((name, data),) = files.items()
    origin = Origin(dataset_type, identifier, name, f"{BASE_URL}/{address(dataset_type, identifier)}")
    return _READERS[dataset_type](data, identifier, origin)


def _check_values(identifier: Identifier) -> None:
    for key, value in identifier.items():
        form, said = _VALUES.get(key, (None, ""))
        if form and not form.fullmatch(value):
            raise ConfigurationError(f"basketball_reference: {value!r} is no {key}; it is {said}")
