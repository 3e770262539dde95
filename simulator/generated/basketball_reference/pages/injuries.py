"""Who is injured: a page that only ever says how it is now."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from simulator.generated.basketball_reference.pages.frame import View, document, short_date
from simulator.generated.basketball_reference.pages.markup import (
    LINES,
    Column,
    cell,
    player_cell,
    row,
    table,
    team_link,
    wrapped,
)
from simulator.generated.basketball_reference.records import Injury

COLUMNS = (
    Column("player", "Player", align="left"),
    Column("team_name", "Team", align="left"),
    Column("date_update", "Update", align="left"),
    Column("note", "Description", align="left"),
)


def injuries_page(view: View) -> bytes:
    """Return the list; its table has no row when nobody is injured."""
    injuries = view.world.injuries(view.today)
    name = f"{len(injuries)} Injuries"
    rows = [row(_cells(view, injury), LINES) for injury in injuries]
    return document(
        view, "NBA Injury Report", (wrapped("injuries", name, table("injuries", name, COLUMNS, rows, LINES)),)
    )


def _cells(view: View, injury: Injury) -> Iterator[str]:
    player = view.world.player(injury.player_id)
    year = view.world.last_season(view.today)
    team = view.world.team(year, injury.team_id)
    yield player_cell("player", player.player_id, player.name, player.last_first, tag="th")
    yield cell("team_name", team_link(team.team_id, year, escape(team.name)), align="left")
    yield cell("date_update", short_date(injury.updated), f' csk="{injury.updated}"', "left")
    yield cell("note", escape(injury.description, quote=False), align="left")
