"""A page of basketball-reference.com: its tables by id, their columns by ``data-stat``.

Only the table that is asked for is read, and its tags are read where they stand in the text. A tree of the whole
page would take longer than everything that comes after it. A table may stand in an HTML comment: until 2021 the
site hid most of a page's tables that way and let a script bring them out.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from fieldhouse.errors import PageChanged
from fieldhouse.source import Identifier, format_identifier

SOURCE = "basketball_reference"
SHOWN = 60

# What a start tag holds after its name; a quoted value may hold a ">". Possessive, as are the others below, since what
# one of them has taken it never needs to give back.
_ATTRIBUTES = r"""[^>"']*+(?:(?:"[^"]*+"|'[^']*+')[^>"']*+)*+"""
_TABLE = re.compile(rb"<table\b(%s)>" % _ATTRIBUTES.encode())
# Bytes are read a fifth faster than text, and most cells are never looked at one by one
_ROW = re.compile(rb"<tr\b")
_ROW_TAG = re.compile(rb"%s>" % _ATTRIBUTES.encode())
# The data-stat is taken along while the tag is read, where all before it is of the form name="value". A class comes
# first in nearly every cell, which is therefore tried before any other name.
_CELL = re.compile(
    rb"""<t[dh]\b((?: class="[^"]*+")?+(?:(?:\s*+(?!data-stat)[\w-]++="[^"]*+")*+\s*+data-stat="([^"]*+)")?"""
    rb"%s)>([^<]*+(?:<(?!/?t[dh]\b)[^<]*+)*+)" % _ATTRIBUTES.encode()
)
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_BLANK = re.compile(r"\s")
_BREAK = re.compile(r"<br\b[^>]*>")
_TAG = re.compile(rf"</?[a-zA-Z]{_ATTRIBUTES}>")
_LINK = re.compile(rf"<a\b({_ATTRIBUTES})>")
_TITLE = re.compile(rb"<title\b[^>]*>(.*?)</title>", re.DOTALL | re.IGNORECASE)
# Stands between cells while a column is worked on as one text
_NUL = b"\0"


@dataclass(frozen=True)
class Origin:
    """Where bytes come from, in words."""

    dataset_type: str
    identifier: Identifier
    file: str
    url: str

    def __str__(self) -> str:
        identifier = format_identifier(self.identifier)
        return f"{SOURCE}/{self.dataset_type}{' ' if identifier else ''}{identifier}, {self.file}"

    def changed(self, expected: str, found: str) -> PageChanged:
        """Return the error of bytes that do not mean what they should."""
        return PageChanged(
            f"{self}: expected {expected}, found {found}; "
            f"compare the file with {self.url}, then fetch it again or teach the parser its new format"
        )


class Place(NamedTuple):
    """Where a table stands in the bytes. ``end``: of its content, -1 if it has none. ``hidden``: in a comment.
    ``nested``: with another table inside it."""

    start: int
    end: int
    hidden: bool
    nested: bool


class Page:
    """The tables of a page that have an id.

    :raises PageChanged: a document without its end.
    """

    def __init__(self, data: bytes, origin: Origin) -> None:
        self.data = data
        self.origin = origin
        if _is_document(data) and b"</html>" not in data[-1024:].lower():
            raise origin.changed("a whole page", f"{len(data)} bytes that do not end with </html>")

    @property
    def title(self) -> str:
        """What the page calls itself; empty for a part of a page."""
        found = _TITLE.search(self.data)
        return text_of(found[1].decode(errors="replace")) if found else ""

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of its tables in order, those in comments last."""
        return tuple(self._places)

    @cached_property
    def _places(self) -> dict[str, Place]:
        return find_tables(self.data)

    def html(self, *ids: str) -> str | None:
        """Return the first of the tables that is there, as the page writes it, without comments of its own.

        :raises PageChanged: its end is missing, it holds another table, or it is not UTF-8.
        """
        table_id = next((table_id for table_id in ids if table_id in self._places), None)
        return None if table_id is None else self._html(table_id).decode()

    def table(self, *ids: str) -> Grid | None:
        """Return the first of the tables that is there, None if there is none of them. :raises: as :meth:`html`."""
        table_id = next((table_id for table_id in ids if table_id in self._places), None)
        return None if table_id is None else Grid(table_id, self._html(table_id), self.origin)

    def require(self, *ids: str) -> Grid:
        """Return the first of the tables that is there.

        :raises PageChanged: there is none of them, or as :meth:`html`.
        """
        if (grid := self.table(*ids)) is None:
            raise self.missing(*ids)
        return grid

    def missing(self, *ids: str) -> PageChanged:
        """Return the error of a page that has none of these tables."""
        title = f"the page {shown(self.title)}" if self.title else f"{len(self.data)} bytes without a title"
        tables = f"the tables {', '.join(self.ids)}" if self.ids else "no table that has an id"
        return self.origin.changed(f"a table {' or '.join(ids)}", f"{title} with {tables}")

    def _html(self, table_id: str) -> bytes:
        place = self._places[table_id]
        if place.end < 0:
            raise self.origin.changed(f"the whole table {table_id}", "the end of the page before its end")
        if place.nested:
            raise self.origin.changed(f"rows of cells in the table {table_id}", "another table inside it")
        markup = self.data[place.start : place.end]
        try:
            markup.decode()
        except UnicodeDecodeError as error:
            found = f"byte 0x{markup[error.start]:02x} in the table {table_id}"
            raise self.origin.changed("text in UTF-8", found) from None
        if _NUL in markup:
            raise self.origin.changed("text", f"a NUL character in the table {table_id}")
        return _COMMENT.sub(b"", markup) if b"<!--" in markup else markup


class Grid:
    """A table by columns. Header rows, also those repeated in the body, and rows of ``tfoot`` are no rows of it."""

    def __init__(self, table_id: str, markup: bytes, origin: Origin) -> None:
        self.id = table_id
        self.origin = origin
        head, body = _sections(markup)
        self._all_rows = _read_rows(body)
        self._rows = [row for row in self._all_rows if not row.is_header]
        headers = _read_rows(head) or [row for row in self._all_rows if row.is_header]
        self._header = headers[-1] if headers else Row(b"", (), (), (), is_header=True)

    def __len__(self) -> int:
        return len(self._rows)

    @cached_property
    def header(self) -> dict[str, str]:
        """What the table's header says over each column, {``data-stat``: text}."""
        return dict(zip(_decoded(self._header.stats), _shown(self._header.markups), strict=True))

    @cached_property
    def stats(self) -> tuple[str, ...]:
        """The ``data-stat`` names of its columns in order, each once; of the header first, then of its cells."""
        return tuple(dict.fromkeys([*_decoded(self._header.stats), *self._markups]))

    @cached_property
    def dividers(self) -> list[tuple[int, str]]:
        """The index of the row that follows and the text of each header row inside the body that has a text of its
        own ("Playoffs"); its first one where there are several ("Reserves")."""
        found, index = [], 0
        usual = _first_text(self._header)
        for row in self._all_rows:
            if not row.is_header:
                index += 1
            elif (text := _first_text(row)) != usual and "over_header" not in row.classes:
                found.append((index, text))
        return found

    @property
    def row_classes(self) -> list[str]:
        """The class of each row, '' for a row without."""
        return [attribute(tag, "class") or "" for tag in _decoded([row.attributes for row in self._rows])]

    def texts(self, stat: str) -> list[str]:
        """Return what a column's cells show: no tags, single blanks, '' for a cell that is empty or not there."""
        return _shown(self._markups.get(stat) or [b""] * len(self))

    def attributes(self, stat: str, name: str) -> list[str | None]:
        """Return an attribute of a column's cells, None for a cell without it."""
        return [attribute(tag, name) for tag in _decoded(self._tags.get(stat) or [b""] * len(self))]

    def hrefs(self, stat: str) -> list[str | None]:
        """Return where the first link in each of a column's cells leads, None for a cell without a link."""
        markups = _decoded(self._markups.get(stat) or [b""] * len(self))
        return [next(iter(hrefs_of(markup)), None) for markup in markups]

    @cached_property
    def _markups(self) -> dict[str, Sequence[bytes]]:
        return _columns(self._rows, [row.markups for row in self._rows])

    @cached_property
    def _tags(self) -> dict[str, Sequence[bytes]]:
        return _columns(self._rows, [row.tags for row in self._rows])


class Row(NamedTuple):
    """A row of a table, and of each of its cells the attributes, the ``data-stat`` ('' for none) and the HTML.

    :param is_header: it names columns, or heads a part of the table.
    """

    attributes: bytes
    tags: Sequence[bytes]
    stats: Sequence[bytes]
    markups: Sequence[bytes]
    is_header: bool

    @property
    def classes(self) -> list[str]:
        """The classes of the row."""
        return _classes(self.attributes)


def shown(text: str) -> str:
    """Return ``text`` in quotes, shortened."""
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}...")


def text_of(markup: str) -> str:
    """Return what a piece of HTML shows: no tags, entities decoded, single blanks."""
    if "<" in markup:
        markup = _TAG.sub("", _BREAK.sub(" ", markup))
    return " ".join(html.unescape(markup).split())


def hrefs_of(markup: str) -> list[str]:
    """Return where the links in a piece of HTML lead, in order."""
    if "<a" not in markup:
        return []
    return [href for link in _LINK.findall(markup) if (href := attribute(link, "href")) is not None]


def attribute(attributes: str, name: str) -> str | None:
    """Return one of a tag's attributes, entities decoded; None if it is not there."""
    found = _attribute_pattern(name).search(attributes)
    return html.unescape(found[1] or found[2] or found[3] or "") if found else None


@lru_cache(maxsize=64)
def _attribute_pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"""(?<![\w-]){re.escape(name)}\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")


def _is_document(data: bytes) -> bool:
    start = data[:256].removeprefix(b"\xef\xbb\xbf").lstrip()[:9].lower()
    return start.startswith((b"<!doctype", b"<html"))


def find_tables(data: bytes) -> dict[str, Place]:
    """Return the tables that have an id, in order, those in comments last; of two with one id the first."""
    places: dict[str, Place] = {}
    for table_id, place in sorted(_find_tables(data), key=lambda found: found[1].hidden):
        places.setdefault(table_id, place)
    return places


def _find_tables(data: bytes) -> Iterator[tuple[str, Place]]:
    start, seen, hidden = data.find(b"<table"), 0, False
    while start >= 0:
        # Only what stands between tables opens or closes a comment: to look back through a large one takes long
        opened, closed = data.rfind(b"<!--", seen, start), data.rfind(b"-->", seen, start)
        hidden = opened > closed if opened != closed else hidden
        end = data.find(b"</table", start)
        following = data.find(b"<table", start + 1)
        tag = _TABLE.match(data, start)
        if tag and (table_id := attribute(tag[1].decode(errors="replace"), "id")):
            yield table_id, Place(start, end, hidden, nested=0 <= following < end)
        start, seen = following, max(end, start)


def _sections(markup: bytes) -> tuple[bytes, bytes]:
    """Return the HTML of a table's head and of its body; the foot, wherever it stands, is neither."""
    head, found, body = markup.partition(b"</thead>")
    if not found:
        head, body = b"", markup
    body, found, foot = body.partition(b"<tfoot")
    return head, body + foot.partition(b"</tfoot>")[2] if found else body


def _read_rows(markup: bytes) -> list[Row]:
    """Return the rows that have cells."""
    rows = []
    for part in _ROW.split(markup)[1:]:
        tag = _ROW_TAG.match(part)
        cells = _CELL.findall(part, tag.end()) if tag else []
        if tag and cells:
            tags, stats, markups = zip(*cells, strict=True)
            if b"" in stats and b"data-stat" in part:
                stats = tuple((attribute(tag, "data-stat") or "").encode() for tag in _decoded(tags))
            is_header = b"<td" not in part or (b"thead" in tag[0] and "thead" in _classes(tag[0]))
            rows.append(Row(tag[0], tags, stats, markups, is_header))
    return rows


def _classes(attributes: bytes) -> list[str]:
    return (attribute(attributes.decode(), "class") or "").split()


def _first_text(row: Row) -> str:
    return next(filter(None, _shown(row.markups)), "")


def _decoded(parts: Sequence[bytes]) -> list[str]:
    return _NUL.join(parts).decode().split("\0") if parts else []


def _shown(markups: Sequence[bytes]) -> list[str]:
    """Return what each piece of HTML shows, as :func:`text_of` does, for a whole column in few steps."""
    joined = _NUL.join(markups).decode()
    if "<" in joined:
        joined = _TAG.sub("", _BREAK.sub(" ", joined) if "<br" in joined else joined)
    if "&" in joined:
        joined = html.unescape(joined)
    texts = joined.split("\0") if markups else []
    # Most columns are numbers, which need no more than that
    return texts if _BLANK.search(joined) is None else [" ".join(text.split()) for text in texts]


def _columns(rows: Sequence[Row], cells: Sequence[Sequence[bytes]]) -> dict[str, Sequence[bytes]]:
    """Return {``data-stat``: a cell of each row}, empty where a row lacks it. Of two with one name the first stands."""
    if not rows:
        return {}
    columns: dict[str, Sequence[bytes]] = {}
    names = rows[0].stats
    if all(row.stats == names for row in rows):
        for stat, column in zip(_decoded(names), zip(*cells, strict=True), strict=True):
            columns.setdefault(stat, column)
        return columns
    ragged: dict[str, dict[int, bytes]] = {}
    for number, (row, parts) in enumerate(zip(rows, cells, strict=True)):
        for stat, part in zip(_decoded(row.stats), parts, strict=True):
            ragged.setdefault(stat, {}).setdefault(number, part)
    return {stat: [cell.get(number, b"") for number in range(len(rows))] for stat, cell in ragged.items()}
