"""How these tests ask the generated site, and what they see in a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

from simulator.generated.basketball_reference import BasketballReference

SEED = 1
# One world for all tests: what it has played it need not play again
SITE = BasketballReference(SEED)
COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)


def page(address: str, today: date, site: BasketballReference = SITE) -> str:
    """Return a page that is there."""
    path, _, query = address.partition("?")
    answer = site.answer(path, query, today)
    assert answer.status == 200, (address, today)
    return answer.body.decode()


def status(address: str, today: date, site: BasketballReference = SITE) -> int:
    path, _, query = address.partition("?")
    return site.answer(path, query, today).status


def leaders(day: date) -> str:
    return f"/friv/dailyleaders.fcgi?month={day.month}&day={day.day}&year={day.year}&type=all"


@dataclass
class Shape:
    """What a table is made of.

    :param header: the ``data-stat`` names in its head, in order.
    :param rows: the names of its body's rows, each kind of row once.
    :param cells: (tag, data-stat, names of attributes, whether it has a link) of the cells in its body.
    """

    header: list[str]
    hidden: bool
    rows: set[tuple[str, ...]] = field(default_factory=set)
    cells: set[tuple[str, str, tuple[str, ...], bool]] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)


def shapes(text: str) -> dict[str, Shape]:
    """Return {id: shape} of a page's tables, those in comments too."""
    found = dict(_shapes(text, hidden=False))
    for comment in COMMENT.findall(text):
        if "<table" in comment:
            found.update(_shapes(comment, hidden=True))
    return found


def _shapes(text: str, *, hidden: bool) -> Iterator[tuple[str, Shape]]:
    for table in LexborHTMLParser(text).css("table[id]"):
        yield str(table.attributes["id"]), _shape(table, hidden=hidden)


def _shape(table: LexborNode, *, hidden: bool) -> Shape:
    heads = table.css("thead tr")
    shape = Shape([stat(cell) for cell in heads[-1].css("th")] if heads else [], hidden)
    for row in table.css("tbody tr"):
        cells = row.css("th, td")
        name = (row.attributes.get("class") or "").strip()
        shape.classes.add(name)
        if name == "thead" or "over_header" in name:
            continue
        shape.rows.add(tuple(stat(cell) for cell in cells))
        shape.cells.update((str(cell.tag), stat(cell), _attributes(cell), bool(cell.css("a"))) for cell in cells)
    return shape


def stat(cell: LexborNode) -> str:
    return cell.attributes.get("data-stat") or ""


def _attributes(cell: LexborNode) -> tuple[str, ...]:
    return tuple(sorted(name for name in cell.attributes if name in {"csk", "data-append-csv", "colspan"}))


@cache
def title(text: str) -> str:
    return text.partition("<title>")[2].partition("</title>")[0]
