"""The play-by-play page of a game: its table ``pbp``, whose cells have no ``data-stat``.

A row is the time, the visitors' event and points, the score, the home team's points and event; or the time and one
cell across the rest. A header row of one cell ("2nd Q", "1st OT") begins a period.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import pyarrow as pa

from fieldhouse.source import Identifier, Rows
from fieldhouse.sources.basketball_reference.events import kind_of
from fieldhouse.sources.basketball_reference.games import GameId, read_game_id
from fieldhouse.sources.basketball_reference.page import Origin, Page, shown

EMPTY = "&nbsp;"
QUARTERS = 4
QUARTER_TENTHS = 12 * 60 * 10
OVERTIME_TENTHS = 5 * 60 * 10

_TYPES = {
    "game_id": pa.string(),
    "event_number": pa.int16(),
    "season": pa.int16(),
    "game_date": pa.date32(),
    "away_team_id": pa.string(),
    "home_team_id": pa.string(),
    "period": pa.int16(),
    "clock": pa.string(),
    "seconds_remaining": pa.float64(),
    "elapsed_seconds": pa.float64(),
    "event_type": pa.string(),
    "event_team_id": pa.string(),
    "away_event": pa.string(),
    "home_event": pa.string(),
    "neutral_event": pa.string(),
    "away_points": pa.int16(),
    "home_points": pa.int16(),
    "away_score": pa.int16(),
    "home_score": pa.int16(),
    "player_id": pa.string(),
    "second_player_id": pa.string(),
    "third_player_id": pa.string(),
    "shot_points": pa.int16(),
    "shot_type": pa.string(),
    "shot_distance_feet": pa.int16(),
    "extra": pa.string(),
}

# Between two tags of a cell that closes there may be links, and nothing that opens another cell
_INNER = r"([^<]*(?:<(?!/?t[dhr]\b)[^<]*)*)"
_CELL = rf"\s*<td\b[^>]*>{_INNER}</td>"
_LINE = re.compile(
    rf"<tr\b[^>]*>(?:{_CELL}{_CELL}(?:{_CELL}{_CELL}{_CELL}{_CELL})?|\s*<th\b[^>]*>([^<]*)</th>"
    rf"|(?:\s*<th\b[^>]*>[^<]*</th>)+)\s*</tr>"
)
_ROW = re.compile(r"<tr\b")
_TAG = re.compile(r"<[^>]+>")
_PLAYER = re.compile(r"""/players/\w/([\w.'-]+)\.html""")
_PERIOD = re.compile(r"(\d+)(?:st|nd|rd|th) (Q|OT)")
_CLOCK = re.compile(r"(\d+):([0-5]\d)(?:\.(\d))?")
_SCORE = re.compile(r"(\d+)-(\d+)")
_POINTS = re.compile(r"\+([123])")
_SCOREBOX_TEAM = re.compile(rb"""<strong>\s*<a\b[^>]*href=["'][^"']*/teams/(\w+)/(\d{4})\.html""")


class _Teams(NamedTuple):
    away: str
    home: str
    season: int


def read(data: bytes, identifier: Identifier, origin: Origin) -> Rows:
    """Read a game's events.

    :returns: ``play_by_play``, in the page's order.
    :raises PageChanged: the page has no such table or not this game's, or one of its rows is none of those above.
    """
    game = read_game_id(identifier["game_id"], origin)
    page = Page(data, origin)
    table = page.html("pbp")
    if table is None:
        raise page.missing("pbp")
    teams = _read_teams(page, game, origin)
    events = list(_read_events(table, teams, origin))
    if not events:
        raise origin.changed("events in the table pbp", "none")
    of_game = (game.text, teams.season, game.game_date, teams.away, teams.home)
    same = [[value] * len(events) for value in of_game]
    numbers = range(1, len(events) + 1)
    columns = zip(_TYPES.items(), [same[0], numbers, *same[1:], *zip(*events, strict=True)], strict=True)
    return {"play_by_play": pa.table({name: pa.array(values, type_) for (name, type_), values in columns})}


def _read_teams(page: Page, game: GameId, origin: Origin) -> _Teams:
    """Return the teams that the page names above its table. :raises PageChanged: it is not this game's page."""
    above = page.data[: page.data.find(b'id="pbp"')]
    day = f"{game.game_date:%B} {game.game_date.day}, {game.game_date.year}"
    found = _SCOREBOX_TEAM.findall(above, max(above.find(b'class="scorebox"'), 0))
    if len(found) != 2 or found[1][0].decode() != game.home_team_id or day.encode() not in above:
        codes = " and ".join(code.decode() for code, _ in found) or "no team"
        raise origin.changed(f"{day}, a team and {game.home_team_id} above the table pbp", f"{page.title}, {codes}")
    away, season = found[0]
    return _Teams(away.decode(), game.home_team_id, int(season))


def _read_events(table: str, teams: _Teams, origin: Origin) -> Iterator[tuple[Any, ...]]:
    """Yield what ``_TYPES`` names from ``period`` on."""
    period = 0
    score = (0, 0)
    for clock, first, away_points, score_cell, home_points, last, header in _read_lines(table, origin):
        if clock is None:
            period = period if header is None else _next_period(header, period, origin)
            continue
        remaining, elapsed = _read_clock(clock, period, origin)
        team, cell, text = _place(teams, first, last, origin)
        event_type, shot_points, shot_type, distance = kind_of(text)
        players = _PLAYER.findall(cell) if "<" in cell else []
        if score_cell:
            score = _read_score(score_cell, score, origin)
        yield (
            period,
            clock,
            remaining,
            elapsed,
            event_type,
            team,
            text if team == teams.away else None,
            text if team == teams.home else None,
            None if team else text,
            _read_points(away_points, origin) if away_points else None,
            _read_points(home_points, origin) if home_points else None,
            *score,
            *(players[:3] if len(players) >= 3 else (*players, None, None, None)[:3]),
            shot_points,
            shot_type,
            distance,
            json.dumps({"player_ids": players[3:]}) if len(players) > 3 else None,
        )


def _read_lines(table: str, origin: Origin) -> list[tuple[Any, ...]]:
    lines = [line.groups() for line in _LINE.finditer(table)]
    if strange := len(_ROW.findall(table)) - len(lines):
        expected = "rows of 6 cells, of 2, or of header cells in the table pbp"
        raise origin.changed(expected, f"{strange} rows that are none of these")
    return lines


def _place(teams: _Teams, first: str, last: str | None, origin: Origin) -> tuple[str | None, str, str]:
    """Return the team in whose cell the event is, the cell and its text; no team for the cell across both."""
    if last is None:
        return None, first, _text(first)
    away, home = "" if first == EMPTY else _text(first), "" if last == EMPTY else _text(last)
    if bool(away) == bool(home):
        raise origin.changed("the event of one team in a row of the table pbp", f"{shown(away)} and {shown(home)}")
    return (teams.away, first, away) if away else (teams.home, last, home)


def _text(cell: str) -> str:
    if "<" in cell:
        cell = _TAG.sub("", cell)
    if "&" in cell:
        cell = html.unescape(cell)
    return cell.strip()


def _next_period(header: str, period: int, origin: Origin) -> int:
    found = _PERIOD.fullmatch(header.strip())
    number = int(found[1]) + (QUARTERS if found[2] == "OT" else 0) if found else 0
    if number != period + 1:
        raise origin.changed(f"a header that begins period {period + 1}", shown(header.strip()))
    return number


def _read_clock(clock: str, period: int, origin: Origin) -> tuple[float, float]:
    """Return what is left of the period and what has passed of the game, in seconds."""
    remaining = _tenths(clock)
    length = QUARTER_TENTHS if period <= QUARTERS else OVERTIME_TENTHS
    if not (period and 0 <= remaining <= length):
        raise origin.changed(f"a time that is left of period {period}", shown(clock))
    before = (period - 1) * QUARTER_TENTHS
    if period > QUARTERS:
        before = QUARTERS * QUARTER_TENTHS + (period - 1 - QUARTERS) * OVERTIME_TENTHS
    return remaining / 10, (before + length - remaining) / 10


@lru_cache(maxsize=QUARTER_TENTHS)
def _tenths(clock: str) -> int:
    """Return a time in tenths of a second, -1 for what is none."""
    found = _CLOCK.fullmatch(clock)
    return int(found[1]) * 600 + int(found[2]) * 10 + int(found[3] or 0) if found else -1


def _read_score(cell: str, before: tuple[int, int], origin: Origin) -> tuple[int, int]:
    """Return the score in a cell, the one before where it shows none."""
    if found := _SCORE.fullmatch(cell):
        return int(found[1]), int(found[2])
    if _text(cell):
        raise origin.changed("a score as 84-88", shown(_text(cell)))
    return before


def _read_points(cell: str, origin: Origin) -> int | None:
    if cell == EMPTY:
        return None
    text = _text(cell)
    if text and not _POINTS.fullmatch(text):
        raise origin.changed("points as +2", shown(text))
    return int(text) if text else None
