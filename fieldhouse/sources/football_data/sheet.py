"""Provider bytes to rows of text, and the sentence that is said when they are not what they should be."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import zip_longest

from fieldhouse.errors import PageChanged
from fieldhouse.source import Identifier, format_identifier

Row = list[str]
SHOWN = 60


@dataclass(frozen=True)
class Origin:
    """Where bytes come from, in words."""

    dataset_type: str
    identifier: Identifier
    file: str
    address: str

    def __str__(self) -> str:
        identifier = format_identifier(self.identifier)
        return f"football_data/{self.dataset_type}{' ' if identifier else ''}{identifier}, {self.file}"

    def changed(self, expected: str, found: str, line: int | None = None) -> PageChanged:
        """Return the error of bytes that do not mean what they should."""
        where = f"{self}, line {line}" if line else str(self)
        return PageChanged(
            f"{where}: expected {expected}, found {found}; "
            f"compare the file with {self.address}, then fetch it again or teach the parser its new format"
        )


@dataclass(frozen=True)
class Sheet:
    """A CSV file. ``lines`` are the rows' line numbers in the file; a row may be shorter or longer than the header."""

    origin: Origin
    header: tuple[str, ...]
    rows: list[Row]
    lines: list[int]

    @cached_property
    def columns(self) -> list[tuple[str, ...]]:
        """The cells by position, at least as many columns as the header has, missing cells as empty text."""
        return [column[1:] for column in zip_longest(self.header, *self.rows, fillvalue="")]

    def texts(self, position: int | None) -> list[str]:
        """Return a column without the blanks around its cells; all empty for a column that is not there."""
        if position is None:
            return [""] * len(self.rows)
        return [cell.strip() for cell in self.columns[position]]

    def reordered(self, order: list[int]) -> Sheet:
        """Return the sheet with only the rows of ``order``, in that order."""
        rows, lines = [self.rows[n] for n in order], [self.lines[n] for n in order]
        return replace(self, rows=rows, lines=lines)


def read_sheet(data: bytes, origin: Origin) -> Sheet:
    """Read a CSV file; rows of bare commas are dropped.

    :raises PageChanged: the bytes are no CSV file, or end in the middle of a line.
    """
    text = _decode(data, origin)
    if text.lstrip().startswith("<"):
        raise origin.changed("a CSV file", f"a page that begins with {shown(text.lstrip())}")
    rows = _split(text, origin)
    header = tuple(cell.strip() for cell in rows[0])
    if not text.endswith(("\n", "\r")) and len(rows[-1]) < sum(map(bool, header)):
        raise origin.changed(
            f"a line of {len(header)} cells", f"the end of the file after cell {len(rows[-1])}", len(rows)
        )
    filled = [n for n, row in enumerate(rows) if n and "".join(row).strip()]
    return Sheet(origin, header, [rows[n] for n in filled], [n + 1 for n in filled])


def shown(text: str) -> str:
    """Return ``text`` in quotes, shortened."""
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}...")


def _decode(data: bytes, origin: Origin) -> str:
    try:
        # The site has written a byte order mark since 2024/25; older files are cp1252
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = _decode_cp1252(data, origin)
    if "\0" in text:
        raise origin.changed("text", "a NUL character", text.count("\n", 0, text.index("\0")) + 1)
    # Hard blanks stand before names and inside numbers
    text = text.replace("\xa0", " ")
    if not text.strip():
        raise origin.changed("a CSV file", f"{len(data)} bytes without a character")
    return text


def _decode_cp1252(data: bytes, origin: Origin) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise origin.changed("text in UTF-8 or cp1252", f"byte 0x{data[error.start]:02x}", line) from None


def _split(text: str, origin: Origin) -> list[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        raise origin.changed("comma-separated values", str(error), reader.line_num) from None
    if reader.line_num != len(rows):
        # A stray quotation mark swallows line ends up to the next one, and with them matches
        line = next(n for n, row in enumerate(rows, 1) if any("\n" in cell or "\r" in cell for cell in row))
        raise origin.changed("one match on each line", "a quoted cell that spans lines", line)
    return rows
