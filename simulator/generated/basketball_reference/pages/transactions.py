"""A season's transactions: a list of days, newest first, with a paragraph a deal."""

from __future__ import annotations

from datetime import date
from html import escape
from itertools import groupby

from simulator.generated.basketball_reference.pages.frame import (
    View,
    document,
    long_date,
    season_heading,
    season_label,
)
from simulator.generated.basketball_reference.pages.markup import player_link
from simulator.generated.basketball_reference.records import Deal, PlayerLink, TeamLink


def transactions_page(view: View, year: int) -> bytes | None:
    """Return the deals from July before a season to the June that ends it, None before that July."""
    if view.today < date(year - 1, 7, 1):
        return None
    deals = view.world.deals(year, view.today)
    days = "".join(
        f"<li><span>{long_date(day)}</span>{''.join(_paragraph(view, year, deal) for deal in made)}</li>\n"
        for day, made in groupby(deals, key=lambda deal: deal.day)
    )
    content = (
        f"<p>Deals made between <span><strong>July 1, {year - 1}</strong></span> and <span>"
        f"<strong>June 30, {year}</strong></span> are listed here.\n<br>\nNot every day brings news.<br>\n"
        '<div class="section_heading">\n  <span class="section_anchor" id="transactions_link"'
        ' data-label="Transactions"></span>\n  <h2>Transactions</h2>\n</div>\n'
        f"<ul class='page_index'>\n{days}</ul>\n",
    )
    title = f"{season_label(year)} NBA Transactions"
    return document(view, title, content, heading=season_heading(view, year, "Transactions"))


def _paragraph(view: View, year: int, deal: Deal) -> str:
    return f"<p>{''.join(_part(view, year, part) for part in deal.parts)}</p>"


def _part(view: View, year: int, part: str | TeamLink | PlayerLink) -> str:
    if isinstance(part, TeamLink):
        name = escape(view.world.team(year, part.team_id).name)
        address = f"/teams/{part.team_id}/{year}.html"
        return f'<a data-attr-{part.direction}="{part.team_id}" href="{address}">{name}</a>'
    if isinstance(part, PlayerLink):
        return player_link(part.player_id, view.world.player(part.player_id).name)
    return escape(part, quote=False)
