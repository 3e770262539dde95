"""The play-by-play of a game: cells without names, six a row or two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from simulator.generated.basketball_reference.pages.frame import View, document, filter_bar, long_date
from simulator.generated.basketball_reference.pages.leaders import season_of
from simulator.generated.basketball_reference.pages.markup import player_link, team_link, wrapped
from simulator.generated.basketball_reference.records import Game, Play, Team

ORDINALS = {1: "1st", 2: "2nd", 3: "3rd"}
BLANK = "&nbsp;"


def play_by_play_page(view: View, game_id: str) -> bytes | None:
    """Return a game's page, None while it is not out."""
    game = view.world.game(game_id, view.today)
    plays = view.world.plays(game_id, view.today)
    if game is None or not plays:
        return None
    year = season_of(game_id)
    away, home = view.world.team(year, game.away), view.world.team(year, game.home)
    title = f"{nickname(away)} vs {nickname(home)}, {long_date(game.game_date)}"
    heading = f"<h1>{away.name} at {home.name} Play-By-Play, {long_date(game.game_date)}</h1>\n"
    table = (
        '<table class="suppress_all sortable stats_table" id="pbp" data-cols-to-freeze=",1">\n'
        f"    <caption>Play-By-Play Table</caption>\n    {''.join(_rows(plays, away, home))}\n</table>"
    )
    sides = ((away, game.away_points), (home, game.home_points))
    content = (
        _other_scores(view, game),
        f'<div class="scorebox">\n{"".join(_side(team, points, year) for team, points in sides)}{_meta(game)}</div>\n',
        _kinds(game_id),
        wrapped("pbp", "Play-By-Play", table),
    )
    return document(view, title, content, heading=heading)


def nickname(team: Team) -> str:
    """Return what a team is called without its city."""
    return "Trail Blazers" if team.name.endswith("Trail Blazers") else team.name.rsplit(maxsplit=1)[-1]


def _other_scores(view: View, game: Game) -> str:
    others = [other for other in view.world.games_on(game.game_date, view.today) if other.game_id != game.game_id]
    tables = "".join(
        f'<table class="teams poptip" data-tip="{other.away} at {other.home}"><tbody>\n'
        f"<tr><td>{other.away}</td><td>{other.away_points}</td></tr>\n"
        f"<tr><td>{other.home}</td><td>{other.home_points}</td></tr>\n</tbody></table>\n"
        for other in others
    )
    return f'<div id="all_other_scores" class="section_wrapper setup_commented commented">\n<!--\n{tables}-->\n</div>\n'


def _side(team: Team, points: int | None, year: int) -> str:
    return (
        f"<div>\n<div>\n<strong>\n{team_link(team.team_id, year, escape(team.name))}\n</strong>\n</div>\n"
        f'<div class="scores">\n<div class="score">{points}</div>\n</div>\n</div>\n'
    )


def _meta(game: Game) -> str:
    clock = game.start_time.replace("p", " PM").replace("a", " AM")
    when = f"{clock}, {long_date(game.game_date)}"
    return f'<div class="scorebox_meta">\n<div>{when}</div><div>{escape(game.arena)}</div>\n</div>\n'


def _kinds(game_id: str) -> str:
    address = f"/boxscores/pbp/{game_id}.html"
    return filter_bar((("Box Score", f"/boxscores/{game_id}.html", False), ("Play-By-Play", address, True)))


def _rows(plays: Sequence[Play], away: Team, home: Team) -> Iterator[str]:
    lead = 0
    for period, played in groupby(plays, key=lambda play: play.period):
        yield _period_header(period, away, home)
        for play in played:
            before, lead = lead, play.away_score - play.home_score
            yield f"<tr>\n<td>{_clock(play)}</td>\n{_cells(play, away, before, lead)}\n</tr>\n"


def _period_header(period: int, away: Team, home: Team) -> str:
    name = f"{_ordinal(period)} Q" if period <= 4 else f"{_ordinal(period - 4)} OT"
    cells = "".join(
        f'         <th aria-label="{text}" data-stat="{text}" class=" center" >{text}</th>\n'
        for text in ("Time", away.city, "", "Score", "", home.city)
    )
    return (
        f'<tr class=\'thead\' id="q{period}">\n<th colspan="6">{name}</th>\n</tr>\n\n      \n'
        f'      <tr class="thead">\n{cells}      </tr>\n      '
    )


def _ordinal(number: int) -> str:
    return ORDINALS.get(number, f"{number}th")


def _clock(play: Play) -> str:
    return f"{play.seconds_remaining // 60}:{play.seconds_remaining % 60:02d}.0"


def _cells(play: Play, away: Team, before: int, lead: int) -> str:
    event = linked(play)
    if play.team_id is None:
        return f"<td colspan=\"5\" class='center'>{event}</td>"
    mark = "bbr-play-score" if play.points else ""
    own = (f"<td class='{mark}'>{event}</td>", f"<td class='{mark}'>{f'+{play.points}' if play.points else BLANK}</td>")
    score = f"<td class='{_turn(play, before, lead)} center'>{play.away_score}-{play.home_score}</td>"
    other = f"<td>{BLANK}</td><td>{BLANK}</td>"
    return f"{own[0]}{own[1]}{score}{other}" if play.team_id == away.team_id else f"{other}{score}{own[1]}{own[0]}"


def _turn(play: Play, before: int, lead: int) -> str:
    if not play.points:
        return ""
    if not lead:
        return "bbr-play-tie"
    return "bbr-play-leadchange" if before * lead < 0 else ""


def linked(play: Play) -> str:
    """Return a play's text with its people linked, each where its name comes next."""
    parts, rest = [], play.text
    for name, player_id in play.people:
        words, _, rest = rest.partition(name)
        parts += [escape(words, quote=False), player_link(player_id, name)]
    return "".join((*parts, escape(rest, quote=False)))
