"""The recorded season pages, and small ones in the site's form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fieldhouse.source import Rows
from fieldhouse.sources.basketball_reference.page import Origin
from fieldhouse.sources.basketball_reference.season_tables import read_player_season, read_team_season

# The file, its season and kind, players in the regular season and in the playoffs
PLAYER_PAGES = {
    "advanced/NBA_2018_advanced.bh.html": ("2018", "advanced", 664, 210),
    "advanced/NBA_2019_advanced.html": ("2019", "advanced", 708, 0),
    "advanced/NBA_2021_advanced.me.html": ("2021", "advanced", 705, 0),
    "advanced/NBA_2023_advanced.zk.html": ("2023", "advanced", 679, 0),
    "per_game/NBA_2023_per_game.zk.html": ("2023", "per_game", 679, 0),
    "per_game/NBA_2025_per_game.rw.html": ("2025", "per_game", 735, 0),
    "per_game/stats_html.cap2022-01.html": ("2022", "per_game", 630, 0),
    "per_game/stats_html.cap2024-10.html": ("2025", "per_game", 376, 0),
    "totals/NBA_2001_totals.html": ("2001", "totals", 537, 0),
    "totals/NBA_2018_totals.html": ("2018", "totals", 664, 0),
    "totals/NBA_2019_totals.cap2018-11.html": ("2019", "totals", 451, 0),
    "totals/NBA_2019_totals_blank_age.html": ("2019", "totals", 691, 0),
    "totals/NBA_2024_totals.bh.html": ("2024", "totals", 735, 214),
}
TEAM_PAGES = {"leagues/NBA_2017.html": "2017", "leagues/NBA_2023.rw.html": "2023", "leagues/NBA_2025.rw.html": "2025"}
# Not a dataset of ours: adjusted ratings, and pieces with sums where we keep what a game averages
OTHER_PAGES = {
    "leagues/NBA_2023_ratings.rw.html",
    "leagues/NBA_2024_ratings.rw.html",
    "leagues/NBA_2025_ratings.rw.html",
    "leagues/fragment_2017_opponent.html",
    "leagues/fragment_2017_team.html",
}


def players(data: bytes, season: str, kind: str) -> Rows:
    identifier = {"season": season, "kind": kind}
    origin = Origin("player_season", identifier, "player_season.html", f"https://example.org/NBA_{season}_{kind}.html")
    return read_player_season(data, identifier, origin)


def teams(data: bytes, season: str) -> Rows:
    identifier = {"season": season}
    return read_team_season(data, identifier, Origin("team_season", identifier, "team_season.html", "https://x.org"))


def page(table_id: str, stats: Sequence[str], rows: Sequence[Sequence[str]], season: int = 2025) -> bytes:
    """Return a page in the site's form; a row's cells are in the order of ``stats``."""
    head = "".join(f'<th data-stat="{stat}">{stat}</th>' for stat in stats)
    body = "".join(f"<tr>{''.join(_cells(stats, row, season))}</tr>" for row in rows)
    table = f'<table id="{table_id}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f"<!DOCTYPE html><html><title>{season}</title><body>{table}</body></html>".encode()


def _cells(stats: Sequence[str], row: Sequence[str], season: int) -> Iterator[str]:
    for stat, text in zip(stats, row, strict=True):
        if stat in {"name_display", "player"}:
            player_id = "".join(letter for letter in text.lower() if letter.isalpha())
            yield f'<td data-append-csv="{player_id}" data-stat="{stat}">{text}</td>'
        elif stat in {"team_name_abbr", "team_id", "team"}:
            code = text.rstrip("*")
            link = f'<a href="/teams/{code}/{season}.html">{code}</a>{text.removeprefix(code)}'
            yield f'<td data-stat="{stat}">{link if len(code) == 3 and code.isalpha() and code != "TOT" else text}</td>'
        else:
            yield f'<td data-stat="{stat}">{text}</td>'
