"""A season's schedule by month, and its index, which shows the month of the day."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from simulator.generated.basketball_reference.pages.frame import (
    View,
    document,
    filter_bar,
    season_heading,
    season_label,
    short_date,
)
from simulator.generated.basketball_reference.pages.layout import FIRST_PLAY_IN
from simulator.generated.basketball_reference.pages.markup import (
    LINES,
    Column,
    cell,
    row,
    table,
    team_link,
    wrapped,
)
from simulator.generated.basketball_reference.records import REGULAR_SEASON, Game

COLUMNS = (
    Column("date_game", "Date", align="center"),
    Column("game_start_time", "Start (ET)", align="center"),
    Column("visitor_team_name", "Visitor/Neutral", align="center"),
    Column("visitor_pts", "PTS", "Points", "center"),
    Column("home_team_name", "Home/Neutral", align="center"),
    Column("home_pts", "PTS", "Points", "center"),
    Column("box_score_text", "&nbsp;", align="center"),
    Column("overtimes", "&nbsp;", align="center"),
    Column("attendance", "Attend.", "Attendance", "center"),
    Column("game_duration", "LOG", "Length of Game", "center"),
    Column("arena_name", "Arena", align="center"),
    Column("game_remarks", "Notes", align="center"),
)
ONLY_NEW = frozenset({"game_duration", "arena_name"})


def index_page(view: View, year: int) -> bytes | None:
    """Return a season's schedule page, None before it is out."""
    months = view.world.months(year, view.today)
    if not months:
        return None
    current = f"{view.today:%B}".lower()
    shown = current if current in months and year == view.world.last_season(view.today) else months[0]
    return _page(view, year, shown, f"{season_label(year)} NBA Schedule and Results")


def month_page(view: View, year: int, slug: str) -> bytes | None:
    """Return the page of a month, None if it has no game."""
    if slug not in view.world.months(year, view.today):
        return None
    return _page(view, year, slug, f"{slug.title()} {season_label(year)} NBA Schedule and Results")


def _page(view: View, year: int, slug: str, title: str) -> bytes:
    months = view.world.months(year, view.today)
    links = ((month.title(), f"/leagues/NBA_{year}_games-{month}.html", month == slug) for month in months)
    name = f"{slug.title()} Schedule"
    columns = [column for column in COLUMNS if view.layout.is_new or column.stat not in ONLY_NEW]
    games = table(
        "schedule",
        name,
        columns,
        _rows(view, year, slug, columns),
        LINES,
        classes="suppress_glossary sortable stats_table",
        attributes=' data-cols-to-freeze=",1"',
    )
    content = (filter_bar(links), wrapped("schedule", name, games))
    return document(view, title, content, heading=season_heading(view, year, "Schedule and Results"))


def _rows(view: View, year: int, slug: str, columns: list[Column]) -> Iterator[str]:
    # A month of playoffs alone needs no line before them
    is_regular = False
    for game in view.world.schedule(year, slug, view.today):
        was_regular, is_regular = is_regular, game.stage == REGULAR_SEASON
        if was_regular and not is_regular and year < FIRST_PLAY_IN:
            yield f"<tr class='thead'><th colspan='{len(columns)}'>Playoffs</th></tr>\n"
        cells = _cells(view, year, game)
        yield row((cells[column.stat] for column in columns), LINES)


def _cells(view: View, year: int, game: Game) -> dict[str, str]:
    day = game.game_date
    address = f"/boxscores/index.fcgi?month={day.month}&amp;day={day.day}&amp;year={day.year}"
    box_score = f'<a href="/boxscores/{game.game_id}.html">Box Score</a>' if game.published else ""
    return {
        "date_game": f'<th scope="row" class="left " data-stat="date_game" csk="{game.game_id}" >'
        f'<a href="{address}">{short_date(day)}</a></th>',
        "game_start_time": cell("game_start_time", game.start_time),
        "visitor_team_name": _team(view, year, game, "visitor_team_name", game.away),
        "visitor_pts": cell("visitor_pts", _number(game.away_points)),
        "home_team_name": _team(view, year, game, "home_team_name", game.home),
        "home_pts": cell("home_pts", _number(game.home_points)),
        "box_score_text": cell("box_score_text", box_score, align="center"),
        "overtimes": cell("overtimes", _overtimes(game.overtimes), align="center"),
        "attendance": cell("attendance", f"{game.attendance:,}" if game.attendance else ""),
        "game_duration": cell("game_duration", _duration(game.duration_minutes)),
        "arena_name": cell("arena_name", escape(game.arena, quote=False), align="left"),
        "game_remarks": cell("game_remarks", escape(game.remarks, quote=False), align="left"),
    }


def _team(view: View, year: int, game: Game, stat: str, team_id: str) -> str:
    link = team_link(team_id, year, escape(view.world.team(year, team_id).name))
    return cell(stat, link, f' csk="{team_id}.{game.game_id}"', "left")


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _overtimes(count: int | None) -> str:
    return "" if not count else "OT" if count == 1 else f"{count}OT"


def _duration(minutes: int | None) -> str:
    return "" if minutes is None else f"{minutes // 60}:{minutes % 60:02d}"
