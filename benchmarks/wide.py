"""The CSV files as they are, one row a match, read with Arrow: needs nothing but pyarrow, so that any peer can.

Both sides of a comparison call :func:`read_wide`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

KEY = ("division", "season", "HomeTeam", "AwayTeam", "Date")
TEXTS = {"Div", "Date", "Time", "HomeTeam", "AwayTeam", "FTR", "HTR", "Res", "Referee", "Country", "League", "Season"}
ALIASES = {"Home": "HomeTeam", "Away": "AwayTeam", "HT": "HomeTeam", "AT": "AwayTeam"}
NUMBER = r"^\s*-?\d+(\.\d*)?\s*$"


def read_wide(path: Path, identifier: Mapping[str, str]) -> pa.Table:
    """Return a file's rows: texts as text, everything else as double precision, with division and season."""
    lines = _even_lines(_decode(path.read_bytes()))
    names = [ALIASES.get(name, name) for name in lines[0].split(",")]
    wanted = [name for name in dict.fromkeys(names) if name and not name.startswith("Unnamed")]
    # of two columns with one name the first counts
    names = [name if name not in names[:place] else f"again {place}" for place, name in enumerate(names)]
    body = "\n".join(lines[1:]).encode()
    try:
        table = _read(body, names, wanted, pa.float64())
    except pa.ArrowInvalid:
        table = _as_numbers(_read(body, names, wanted, pa.string()))
    table = table.filter(pc.and_(table["HomeTeam"].is_valid(), table["Date"].is_valid()))
    return _without_doubles(_with_identity(table, identifier))


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252").removeprefix("\u00ef\u00bb\u00bf")


def _even_lines(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if line.strip(", \t")]
    width = lines[0].count(",") + 1
    return [_even(line, width) for line in lines]


def _even(line: str, width: int) -> str:
    if '"' in line:
        line = ",".join(cell.replace(",", " ") for cell in next(csv.reader([line])))
    missing = width - 1 - line.count(",")
    return line + "," * missing if missing >= 0 else ",".join(line.split(",")[:width])


def _read(body: bytes, names: list[str], wanted: list[str], other: pa.DataType) -> pa.Table:
    return arrow_csv.read_csv(
        io.BytesIO(body),
        arrow_csv.ReadOptions(column_names=names, use_threads=False),
        arrow_csv.ParseOptions(quote_char=False),
        arrow_csv.ConvertOptions(
            include_columns=wanted,
            column_types={name: pa.string() if name in TEXTS else other for name in wanted},
            null_values=["", " "],
            strings_can_be_null=True,
        ),
    )


def _as_numbers(table: pa.Table) -> pa.Table:
    for place, name in enumerate(table.column_names):
        if name not in TEXTS:
            cells = table[name]
            readable = pc.if_else(pc.match_substring_regex(cells, NUMBER), pc.utf8_trim_whitespace(cells), None)
            table = table.set_column(place, name, readable.cast(pa.float64()))
    return table


def _with_identity(table: pa.Table, identifier: Mapping[str, str]) -> pa.Table:
    division = identifier.get("division") or identifier["league"]
    season = table["Season"] if "Season" in table.column_names else None
    rows = table.num_rows
    table = table.append_column("division", pa.repeat(pa.scalar(division), rows))
    return table.append_column("season", pa.repeat(identifier["season"], rows) if season is None else season)


def _without_doubles(table: pa.Table) -> pa.Table:
    """Keep the first of the rows with one key."""
    numbered = table.append_column("number", pa.array(range(table.num_rows)))
    first = numbered.group_by(list(KEY)).aggregate([("number", "min")])["number_min"]
    return table if len(first) == table.num_rows else table.take(first)
