"""What stands around every page's content: head, navigation with tables of its own, footer, and what differs by day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from html import escape
from itertools import groupby

from simulator.generated.basketball_reference.pages.layout import Layout, layout_on
from simulator.generated.basketball_reference.pages.markup import team_link
from simulator.generated.basketball_reference.records import Game, Team
from simulator.generated.basketball_reference.world import World

SITE = "https://www.basketball-reference.com"
NAME = "Basketball-Reference.com"
SECTIONS = (
    ("Players", "/players/"), ("Teams", "/teams/"), ("Seasons", "/leagues/"), ("Leaders", "/leaders/"),
    ("Scores", "/boxscores/"), ("Playoffs", "/playoffs/"), ("Draft", "/draft/"),
)  # fmt: skip
KINDS = (
    ("Per Game", "per_game"), ("Totals", "totals"), ("Per 36 Min", "per_minute"), ("Per 100 Poss", "per_poss"),
    ("Advanced", "advanced"), ("Play-by-Play", "play-by-play"), ("Shooting", "shooting"),
)  # fmt: skip


@dataclass(frozen=True)
class View:
    """Who looks at what: the league on a date, at an address.

    :param address: path and query.
    """

    world: World
    today: date
    address: str

    @property
    def layout(self) -> Layout:
        """How pages are written on this date."""
        return layout_on(self.today)


def season_label(year: int) -> str:
    """Return a season as the site writes it: ``2025-26``."""
    return f"{year - 1}-{year % 100:02d}"


def long_date(day: date) -> str:
    """Return ``January 9, 2026``."""
    return f"{day:%B} {day.day}, {day.year}"


def short_date(day: date) -> str:
    """Return ``Fri, Jan 9, 2026``."""
    return f"{day:%a, %b} {day.day}, {day.year}"


def filter_bar(links: Iterable[tuple[str, str, bool]]) -> str:
    """Return a bar of (text, address, whether it is this page)."""
    buttons = (
        f'<div class="{" current" if current else ""}">\n\t<a href="{address}">{text}</a>\n</div>'
        for text, address, current in links
    )
    return f'<div class="filter">\n\n{"".join(buttons)}</div>\n'


def season_heading(view: View, year: int, name: str) -> str:
    """Return the heading of a season's page, with the seasons before and after."""
    label = season_label(year)
    return (
        '<div id="info" class="leagues"><div id="meta"><div>\n'
        f'<h1>\n\t<span>{label}</span> <span>NBA</span> <span class="header_end">{name}</span>\n</h1>\n'
        '<div class="prevnext">\n'
        f'<a href="/leagues/NBA_{year - 1}.html" class="button2 prev">{season_label(year - 1)} {name}</a>\n'
        f'<a href="/leagues/NBA_{year + 1}.html" class="button2 next">{season_label(year + 1)} {name}</a>\n'
        f"</div>\n<p><strong>As of:</strong> {long_date(view.today)}</p></div></div></div>\n"
    )


def kinds_bar(year: int, kind: str) -> str:
    """Return the bar of a season's kinds of statistics."""
    return filter_bar((text, f"/leagues/NBA_{year}_{each}.html", each == kind) for text, each in KINDS)


def document(view: View, title: str, content: Iterable[str], *, heading: str = "") -> bytes:
    """Return a page.

    :param title: without the site's name.
    :param heading: what stands before the content, instead of the title as its heading.
    """
    token = sha256(f"{view.world.seed}|{view.today}|{view.address}".encode()).hexdigest()
    return "".join(
        (
            _head(view, title, token),
            _navigation(view),
            heading,
            f'<div id="content" role="main" class="index">\n{"" if heading else f"<h1>{escape(title)}</h1>{_NL}"}',
            _advertisement(token),
            *content,
            "\n<!-- global.nonempty_tables_num: 2, table_count: 2 -->\n</div><!-- div#content -->\n",
            _footer(view, token),
        )
    ).encode()


_NL = "\n"


def _head(view: View, title: str, token: str) -> str:
    address = escape(view.address)
    return f"""<!DOCTYPE html>
<html data-version="klecko-" data-root="/home/bbr/build" lang="en" class="no-js" >
<head>
    <meta charset="utf-8">
    <meta http-equiv="x-ua-compatible" content="ie=edge">
    <meta name="viewport" content="width=device-width, initial-scale=1.0, maximum-scale=2.0" />
    <title>{escape(title, quote=False)} | {NAME}</title>
    <meta name="Description" content="{escape(title)}: scores, statistics and more on {NAME}">
    <link rel="canonical" href="{SITE}{address}" />
    <link rel="stylesheet" href="/req/{view.today:%Y%m%d}1/css/bbr/sr-min.css">
<script>
  var sr_is_production = true; var sr_page_token = "{token[:32]}";
  if (sr_page_token.length > 8 && document.cookie < "z") {{ document.documentElement.className += " js"; }}
</script>
</head>
<body class="bbr">
<div id="wrap">
"""


def _navigation(view: View) -> str:
    links = "".join(f'<li class=""><a href="{address}">{text}</a></li>\n' for text, address in SECTIONS)
    year = view.world.last_season(view.today)
    return (
        f'<div id="header" role="banner">\n<ul id="subnav"><li><a href="/">{NAME}</a></li></ul>\n'
        f'<div id="nav" role="navigation"><ul id="main_nav">\n{links}'
        f'<li id="header_teams"><div>\n{_division_tables(view.world.teams(year).values(), year)}</div></li>\n'
        f'<li id="header_scores"><div class="game_summaries">\n{_score_tables(view)}</div></li>\n'
        "</ul></div>\n</div><!-- div#header -->\n"
    )


def _division_tables(teams: Iterable[Team], year: int) -> str:
    ordered = sorted(teams, key=lambda team: (team.conference, team.division, team.name))
    return "".join(
        f"<table>\n<tr><th>{division}</th><th></th><th></th><th></th></tr>\n"
        f"{''.join(_division_row(team, year) for team in members)}</table>\n"
        for division, members in groupby(ordered, key=lambda team: team.division)
    )


def _division_row(team: Team, year: int) -> str:
    address = f"/teams/{team.team_id}/{year}"
    return (
        f"<tr><td>{team_link(team.team_id, year, team.team_id)}</td><td>{escape(team.name)}</td>"
        f'<td><a href="{address}_games.html">Schedule</a></td><td><a href="{address}/gamelog/">Log</a></td></tr>\n'
    )


def _score_tables(view: View) -> str:
    day = date.fromordinal(view.today.toordinal() - 1)
    played = [game for game in view.world.games_on(day, view.today) if game.played]
    return "".join(f'<div class="game_summary nohover">\n{_score_table(game)}</div>\n' for game in played)


def _score_table(game: Game) -> str:
    sides: Sequence[tuple[str, int | None]] = ((game.away, game.away_points), (game.home, game.home_points))
    rows = "".join(f'<tr><td>{team}</td><td class="right">{points}</td><td></td></tr>\n' for team, points in sides)
    return f'<table class="teams"><tbody>\n{rows}</tbody></table>\n'


def _advertisement(token: str) -> str:
    return (
        f'<div class="adblock primary" id="fs_{token[-12:]}">\n<script>\n  if (window.freestar && 1 < 2) '
        f'{{ freestar.queue.push(["slot", "{token[32:44]}"]); }}\n</script>\n</div>\n'
    )


def _footer(view: View, token: str) -> str:
    return f"""<div id="footer" role="contentinfo">
<div id="footer_header"><ul class="bullets-inline"><li><a href="/">Home</a></li>
<li>You are here: <a href="{escape(view.address)}">this page</a></li></ul></div>
<div id="site_menu"><p id="site_menu_link">Full Site Menu</p>
<ul>{"".join(f'<li><a href="{address}">{text}</a></li>' for text, address in SECTIONS)}</ul></div>
<div id="footer_general"><p>A generated league: every player, game and figure on this page is invented.</p></div>
</div><!-- div#footer -->
</div><!-- div#wrap -->
<script>vjs_page("{token[:16]}"); // {view.today.isoformat()}
</script>
</body>
</html>
"""
