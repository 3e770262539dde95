"""Tables in the two ways in which the site writes them: rows on lines of their own, or all in one line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

# A header row comes back after so many players
REPEATED_AFTER = 20
# What the site greys out: nothing, or nothing but zeros
ZEROS = frozenset({"", "0", ".000", "0.0"})


@dataclass(frozen=True)
class Column:
    """A column: its ``data-stat``, what its header shows, where its cells' text stands and what a tip says of it.

    :param over: the text of the header over it and its neighbours.
    """

    stat: str
    label: str
    tip: str = ""
    align: str = "right"
    over: str = ""


@dataclass(frozen=True)
class Style:
    """How a table is written: what opens a line, and what ends it."""

    indent: str
    end: str
    gap: str


LINES = Style("         ", "\n", "")
ONE_LINE = Style(" ", " ", " ")


def cell(stat: str, text: str, attributes: str = "", align: str = "right", html: str | None = None) -> str:
    """Return a cell.

    :param attributes: what its tag has beside class and ``data-stat``, after a blank each.
    :param html: what is shown, if it is more than ``text``.
    """
    shown = html if html is not None else text
    return f'<td class="{align} {"iz" if text in ZEROS else ""}" data-stat="{stat}"{attributes} >{shown}</td>'


def rank_cell(rank: int | None) -> str:
    """Return the cell that begins a ranked row; None for a row without a rank."""
    sorted_by = "" if rank is None else f' csk="{rank}"'
    return f'<th scope="row" class="right " data-stat="ranker"{sorted_by} >{"" if rank is None else rank}</th>'


def player_cell(stat: str, player_id: str, name: str, key: str, tag: str = "td") -> str:
    """Return the cell of a player, whose id it tells a script. ``key``: what it is sorted by."""
    scope = ' scope="row"' if tag == "th" else ""
    sorted_by = f' csk="{escape(key)}"' if key else ""
    return (
        f'<{tag}{scope} class="left " data-append-csv="{player_id}" data-stat="{stat}"{sorted_by} >'
        f"{player_link(player_id, name)}</{tag}>"
    )


def player_link(player_id: str, name: str) -> str:
    """Return a link to a player."""
    return f'<a href="/players/{player_id[0]}/{player_id}.html">{escape(name, quote=False)}</a>'


def team_link(team_id: str, season: int, text: str) -> str:
    """Return a link to a team's season."""
    return f'<a href="/teams/{team_id}/{season}.html">{text}</a>'


def row(cells: Iterable[str], style: Style, row_class: str = "") -> str:
    """Return a row."""
    named = f'class="{row_class}" ' if row_class else ""
    return f"<tr {named}>{style.gap}{style.gap.join(cells)}{style.gap}</tr>{style.end}"


def header_row(columns: Sequence[Column], style: Style, *, repeated: bool = False) -> str:
    """Return the row of the columns' names, of the head or repeated in the body."""
    opened = '<tr class="thead">' if repeated else "<tr>"
    cells = (style.indent + _header_cell(column, repeated=repeated) + style.end.strip(" ") for column in columns)
    return f"{opened}{style.end}{''.join(cells)}{style.indent}</tr>{style.end}"


def over_header_row(columns: Sequence[Column], style: Style, *, repeated: bool = False) -> str:
    """Return the row over the columns' names: one cell for neighbours under one text."""
    runs: list[tuple[str, int]] = []
    for column in columns:
        if runs and runs[-1][0] == column.over:
            runs[-1] = (column.over, runs[-1][1] + 1)
        else:
            runs.append((column.over, 1))
    cells = "".join(
        f'{style.indent}<th aria-label="" data-stat="{_over_stat(text)}" colspan="{width}"'
        f' class=" over_header center" >{text}</th>{style.end.strip(" ")}'
        for text, width in runs
    )
    return f'<tr class="over_header{" thead" if repeated else ""}">{style.end}{cells}{style.indent}</tr>{style.end}'


def _over_stat(text: str) -> str:
    return f"header_{text.rsplit(maxsplit=1)[-1].lower()}" if text else ""


def _header_cell(column: Column, *, repeated: bool) -> str:
    scope, tips = ("", "") if repeated else ('scope="col" ', "poptip ")
    ranker = "ranker" if column.stat == "ranker" else ""
    tip = f' data-tip="{column.tip}"' if column.tip else ""
    over = f' data-over-header="{column.over}"' if column.over else ""
    return (
        f'<th aria-label="{column.label}" data-stat="{column.stat}" {scope}class="{ranker} {tips}{column.align}"'
        f"{tip}{over} >{column.label}</th>"
    )


def table(
    table_id: str,
    caption: str,
    columns: Sequence[Column],
    rows: Iterable[str],
    style: Style,
    *,
    classes: str = "sortable stats_table",
    attributes: str = "",
    foot: str = "",
) -> str:
    """Return a table with its head; ``attributes`` as of :func:`cell`."""
    foot = f"<tfoot>{foot}</tfoot>{style.end}" if foot else ""
    over = over_header_row(columns, style) if any(column.over for column in columns) else ""
    return "".join(
        (
            f'<table class="{classes}" id="{table_id}"{attributes}>{style.end}<caption>{caption} Table</caption>',
            f"{style.end}<colgroup>{'<col>' * len(columns)}</colgroup>{style.end}<thead>{style.end}",
            over,
            header_row(columns, style),
            f"</thead>{style.end}<tbody>",
            *rows,
            # In one line the foot stands before the body's end
            f"</tbody>{style.end}{foot}" if style is LINES else f"{foot}</tbody>{style.end}",
            "</table>",
        )
    )


def with_repeated_headers(rows: Sequence[str], header: str, after: int = REPEATED_AFTER) -> Iterable[str]:
    """Give rows, with the header again after so many of them."""
    for number, each in enumerate(rows):
        if number and number % after == 0:
            yield header
        yield each


def wrapped(table_id: str, heading: str, markup: str, *, hidden: bool = False) -> str:
    """Return a table in its section of the page. ``hidden``: in a comment, from which a script brings it out."""
    held = f'<div class="table_container" id="div_{table_id}">\n{markup}\n</div>'
    commented = " setup_commented commented" if hidden else ""
    return (
        f'<div id="all_{table_id}" class="table_wrapper{commented}">\n'
        f'<div class="section_heading assoc_{table_id}" id="{table_id}_sh">\n'
        f'  <span class="section_anchor" id="{table_id}_link" data-label="{heading}"></span><h2>{heading}</h2>\n'
        f"</div>\n" + (f'<div class="placeholder"></div>\n<!--\n{held}\n-->\n' if hidden else f"{held}\n") + "</div>\n"
    )


def number(value: float | None, digits: int) -> str:
    """Return a figure as the site shows it, '' for None."""
    return "" if value is None else f"{value:.{digits}f}"


def share(made: float, attempted: float, digits: int = 3) -> str:
    """Return a share as the site shows it: ``.571``, ``1.000``, '' where nothing was attempted."""
    return fraction(made / attempted, digits) if attempted else ""


def fraction(value: float | None, digits: int = 3) -> str:
    """Return a number without the zero before its point, as the site shows shares; '' for None."""
    if value is None:
        return ""
    text = f"{value:.{digits}f}"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text
