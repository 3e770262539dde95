"""``fieldhouse parse``: provider files from disk to rows, with no network and no database."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fieldhouse.cli.arguments import dataset_type_of, identifier_of
from fieldhouse.engine.archive import parse_files
from fieldhouse.engine.discover import name_files
from fieldhouse.errors import ConfigurationError, PageChanged, SourceError
from fieldhouse.source import DatasetType

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 10_000


def parse(
    what: Annotated[str, typer.Argument(metavar="SOURCE/DATASET_TYPE", help="such as football_data/season")],
    words: Annotated[list[str], typer.Argument(metavar="key=value ... [name=]FILE ...", help="identifier, then files")],
    as_json: Annotated[bool, typer.Option("--json", help="the rows are JSON in any case")] = False,  # noqa: ARG001
) -> None:
    """Read provider files and print a JSON object a line: {"table": ..., "row": {...}}.

    Example: fieldhouse parse football_data/season division=E0 season=2425 E0.csv

    Exit code 3, and one sentence, when the bytes are not what they should be.
    """
    source, dataset_type = dataset_type_of(what)
    pairs, files = _divide(dataset_type, words)
    identifier = identifier_of(dataset_type, pairs, whole=True)
    contents = {name: path.read_bytes() for name, path in files.items()}
    try:
        tables = parse_files(source, dataset_type, identifier, contents)
    except SourceError as error:
        named = " ".join(f"{key}={value}" for key, value in identifier.items())
        raise PageChanged(f"{what} {named} ({', '.join(map(str, files.values()))}): {error}") from error
    for line in iter_lines(dict(tables)):
        sys.stdout.write(line)


def _divide(dataset_type: DatasetType, words: list[str]) -> tuple[dict[str, str], dict[str, Path]]:
    """Tell identifier words from files: a word whose key is one of the dataset type's belongs to the identifier."""
    pairs: dict[str, str] = {}
    files: list[str] = []
    for word in words:
        key, equals, value = word.partition("=")
        if equals and key in dataset_type.key:
            pairs[key] = value
        else:
            files.append(word)
    if not files:
        raise ConfigurationError(f"name at least one file of {dataset_type.name} to read")
    return pairs, name_files(dataset_type, files)


def iter_lines(tables: dict[str, pa.Table]) -> Iterator[str]:
    """Yield the rows of all tables as JSON lines."""
    for name, table in tables.items():
        for batch in table.to_batches(max_chunksize=BATCH_ROWS):
            for row in batch.to_pylist():
                yield json.dumps({"table": name, "row": row}, ensure_ascii=False, default=_plain) + "\n"


def _plain(value: Any) -> str | float:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
