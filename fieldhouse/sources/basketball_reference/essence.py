"""The part of a page that counts: its tables as they stand in the bytes. The rest changes with every answer."""

from __future__ import annotations

import re
from itertools import chain

from fieldhouse.sources.basketball_reference.page import find_tables
from fieldhouse.sources.basketball_reference.season_columns import OPPONENT, PLAYER_TABLES, TEAM_ADVANCED, SeasonTable


def _ids(*tables: SeasonTable) -> tuple[str, ...]:
    return tuple(chain.from_iterable(chain.from_iterable(table.ids.values()) for table in tables))


TABLES = {
    "schedule": ("schedule",),
    "boxscores": ("stats",),
    "play_by_play": ("pbp",),
    "player_season": _ids(*PLAYER_TABLES.values()),
    "team_season": _ids(OPPONENT, TEAM_ADVANCED),
    "injuries": ("injuries",),
    "contracts": ("player-contracts",),
}
_TRANSACTIONS = re.compile(rb"""<ul\b[^>]*\bclass=["'][^"']*\bpage_index\b.*?</ul>""", re.DOTALL)


def essence(dataset_type: str, _: str, data: bytes) -> bytes:
    """Return the tables, or the list, that a dataset type's page is read for, with the page's title.

    The second parameter is the file's name; a dataset here has one file.

    :returns: all of ``data`` where such a part is missing or has no end, so that nothing is taken for the same.
    """
    found = _lists(data) if dataset_type == "transactions" else _tables(data, TABLES[dataset_type])
    return b"\n".join([_title(data), *found]) if found else data


def _lists(data: bytes) -> list[bytes]:
    return _TRANSACTIONS.findall(data)


def _tables(data: bytes, ids: tuple[str, ...]) -> list[bytes]:
    places = find_tables(data)
    wanted = [places[table_id] for table_id in ids if table_id in places]
    return [] if any(place.end < 0 for place in wanted) else [data[place.start : place.end] for place in wanted]


def _title(data: bytes) -> bytes:
    start = data.find(b"<title")
    return data[start : data.find(b"</title", start)] if start >= 0 else b""
