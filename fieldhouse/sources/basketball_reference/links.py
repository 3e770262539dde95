"""Where the site's links lead: players, teams, coaches, by the ids that are in the addresses."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fieldhouse.sources.basketball_reference.page import Grid, shown

_PATHS = {
    "player": re.compile(r"/players/\w/([\w.-]+)\.html"),
    "team": re.compile(r"/(?:teams|contracts)/([A-Z0-9]{2,4})(?:/|\.html)"),
    "coach": re.compile(r"/coaches/([\w.-]+)\.html"),
    "executive": re.compile(r"/executives/([\w.-]+)\.html"),
}


def party_of_href(href: str) -> tuple[str, str | None]:
    """Return what an address within the site is of (player, team, coach, executive or other) and its id.

    An address of something else is ``other`` and has no id.
    """
    for kind, path in _PATHS.items():
        if found := path.search(href):
            return kind, found[1]
    return "other", None


def id_of_href(kind: str, href: str | None) -> str | None:
    """Return the id in an address, None if it is not of such a thing."""
    found, party_id = party_of_href(href or "")
    return party_id if found == kind else None


def player_ids(grid: Grid, stat: str) -> list[str]:
    """Return the player's id in each of a column's cells.

    :raises PageChanged: a cell without one.
    """
    marks = grid.attributes(stat, "data-append-csv")
    ids = [mark or id_of_href("player", href) for mark, href in zip(marks, grid.hrefs(stat), strict=True)]
    return _whole(grid, stat, ids, "a player's id")


def team_ids(grid: Grid, stat: str) -> list[str | None]:
    """Return the team's code in each of a column's cells, None for a cell without a link to a team."""
    return [id_of_href("team", href) for href in grid.hrefs(stat)]


def required_team_ids(grid: Grid, stat: str) -> list[str]:
    """Return the team's code in each of a column's cells. :raises PageChanged: a cell without one."""
    return _whole(grid, stat, team_ids(grid, stat), "a link to a team")


def _whole(grid: Grid, stat: str, ids: Sequence[str | None], expected: str) -> list[str]:
    for number, (party_id, text) in enumerate(zip(ids, grid.texts(stat), strict=True), 1):
        if not party_id:
            place = f"{shown(text)} without one in row {number} of the table {grid.id}"
            raise grid.origin.changed(f"{expected} in each cell of {stat}", place)
    return [party_id for party_id in ids if party_id]
