"""Daily leaders: every line of a day's box scores, the best game first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from simulator.generated.basketball_reference.pages.frame import View, document, long_date
from simulator.generated.basketball_reference.pages.markup import (
    LINES,
    Column,
    cell,
    header_row,
    player_cell,
    rank_cell,
    row,
    share,
    table,
    team_link,
    with_repeated_headers,
    wrapped,
)
from simulator.generated.basketball_reference.records import Line

FIRST_YEAR = 1946
COLUMNS = (
    Column("ranker", "Rk", "Rank"),
    Column("player", "Player", align="left"),
    Column("team_id", "Tm", "Team", "left"),
    Column("game_location", "&nbsp;", align="center"),
    Column("opp_id", "Opp", "Opponent", "left"),
    Column("game_result", "&nbsp;", align="center"),
    Column("mp", "MP", "Minutes Played"),
    Column("fg", "FG", "Field Goals"),
    Column("fga", "FGA", "Field Goal Attempts"),
    Column("fg_pct", "FG%", "Field Goal Percentage"),
    Column("fg3", "3P", "3-Point Field Goals"),
    Column("fg3a", "3PA", "3-Point Field Goal Attempts"),
    Column("fg3_pct", "3P%", "3-Point Field Goal Percentage"),
    Column("ft", "FT", "Free Throws"),
    Column("fta", "FTA", "Free Throw Attempts"),
    Column("ft_pct", "FT%", "Free Throw Percentage"),
    Column("orb", "ORB", "Offensive Rebounds"),
    Column("drb", "DRB", "Defensive Rebounds"),
    Column("trb", "TRB", "Total Rebounds"),
    Column("ast", "AST", "Assists"),
    Column("stl", "STL", "Steals"),
    Column("blk", "BLK", "Blocks"),
    Column("tov", "TOV", "Turnovers"),
    Column("pf", "PF", "Personal Fouls"),
    Column("pts", "PTS", "Points"),
    Column("plus_minus", "+/-", "Plus/Minus"),
    Column("game_score", "GmSc", "Game Score"),
)
SHARES = {"fg_pct": ("fg", "fga"), "fg3_pct": ("fg3", "fg3a"), "ft_pct": ("ft", "fta")}


def leaders_page(view: View, day: date) -> bytes:
    """Return a day's page: a table of its lines, or none where none are out."""
    lines = view.world.leaders(day, view.today)
    columns = [column for column in COLUMNS if view.layout.has_plus_minus or column.stat != "plus_minus"]
    name = f"{len(lines)} Players"
    content = [_neighbours(day), _form(day)]
    if lines:
        rows = [row(_cells(view, rank, line), LINES) for rank, line in enumerate(lines, 1)]
        repeated = with_repeated_headers(rows, header_row(columns, LINES, repeated=True))
        freeze = ' data-cols-to-freeze=",2"'
        content.append(wrapped("stats", name, table("stats", name, columns, repeated, LINES, attributes=freeze)))
    return document(view, f"NBA Daily Stats Leaders for {long_date(day)}", content)


def _neighbours(day: date) -> str:
    def button(other: date, side: str) -> str:
        address = f"/friv/dailyleaders.fcgi?month={other.month}&day={other.day}&year={other.year}&type=all"
        return f'<a href="{address}" class="button2 {side}">{other:%b} {other.day}, {other.year}</a>'

    before, after = button(day - timedelta(days=1), "prev"), button(day + timedelta(days=1), "next")
    current = f'<span class="button2 current">{day:%b} {day.day}, {day.year}</span>'
    return f'<div class="prevnext">\n  {before}\n  {current}\n  {after}\n</div>\n'


def _form(day: date) -> str:
    # The site never closes its options
    months = "\n".join(
        f'<option value="{number:02d}" {"selected" if number == day.month else ""}>{date(2000, number, 1):%B}'
        for number in range(1, 13)
    )
    days = "\n".join(f'<option value="{n:02d}" {"selected" if n == day.day else ""}>{n}' for n in range(1, 32))
    years = "\n".join(
        f'<option value="{year}" {"selected" if year == day.year else ""}>{year}'
        for year in range(FIRST_YEAR, day.year + 1)
    )
    fields = "".join(
        f"<div class='formfield'>\n<select name='{name}' id='{name}' size='1'>\n{options}\n</select>\n</div>\n"
        for name, options in (("month", months), ("day", days), ("year", years))
    )
    return (
        f"<form action='dailyleaders.fcgi' method='get' class='srbasic'>\n<div class='fieldset linear group'>\n{fields}"
        "<div class='formfield'>\n<input type='submit' value='Find Stats' />\n</div>\n</div>\n</form>\n"
    )


def _cells(view: View, rank: int, line: Line) -> Iterator[str]:
    year = season_of(line.game_id)
    player = view.world.player(line.player_id)
    yield rank_cell(rank)
    yield player_cell("player", player.player_id, player.name, player.last_first)
    yield cell("team_id", team_link(line.team_id, year, line.team_id), align="left")
    yield cell("game_location", "" if line.is_home else "@", align="center")
    yield cell("opp_id", team_link(line.opponent_id, year, line.opponent_id), align="left")
    result = f'<a href="/boxscores/{line.game_id}.html">{"W" if line.won else "L"}</a>'
    yield cell("game_result", result, align="center")
    yield cell("mp", f"{line.seconds // 60}:{line.seconds % 60:02d}", f' csk="{line.seconds}"')
    for column in COLUMNS[7:-2]:
        yield cell(column.stat, _count(line, column.stat))
    if view.layout.has_plus_minus:
        yield cell("plus_minus", f"{line.plus_minus:+d}" if line.plus_minus else "0")
    yield cell("game_score", f"{line.game_score:.1f}")


def _count(line: Line, stat: str) -> str:
    if stat in SHARES:
        made, attempted = SHARES[stat]
        return share(getattr(line, made), getattr(line, attempted))
    return str(getattr(line, stat))


def season_of(game_id: str) -> int:
    """Return the end year of the season that a game belongs to."""
    return int(game_id[:4]) + (int(game_id[4:6]) >= 8)
