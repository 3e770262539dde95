"""Where the SQL is: ``include/sql`` of the checkout or its copy in an installed package, or an outside source's own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from fieldhouse import sources
from fieldhouse.errors import ConfigurationError
from fieldhouse.source import Source

_CHECKOUT = Path(__file__).parents[1] / "include" / "sql"
_INSTALLED = Path(__file__).parent / "include" / "sql"
FOLDER = _CHECKOUT if _CHECKOUT.is_dir() else _INSTALLED
DATABASES = ("catalog", "warehouse")


@cache
def query(name: str, database: str = "catalog") -> str:
    """Return the text of ``include/sql/<database>/queries/<name>.sql``."""
    return (FOLDER / database / "queries" / f"{name}.sql").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Migration:
    """A file that makes tables.

    :param file: ``<schema>/<name>.sql``, as the ledger of migrations has it.
    :param shown: where a person finds it.
    """

    file: str
    path: Path
    shown: str


def migrations(schema: str) -> list[Migration]:
    """Return the files that make ``schema`` (``catalog``, ``warehouse`` or a source), in order.

    :raises ConfigurationError: there is no such source, or its SQL is not where it says.
    """
    ours = FOLDER / schema
    is_ours = schema in DATABASES or ours.is_dir()
    folder, shown = (ours, f"include/sql/{schema}") if is_ours else _outside(sources.get(schema))
    if folder is None:
        return []
    return [Migration(f"{schema}/{p.name}", p, f"{shown}/{p.name}") for p in sorted(folder.glob("*.sql"))]


def _outside(source: Source) -> tuple[Path | None, str]:
    """Return the folder of a source that brings its own SQL; None for one that has no tables."""
    if not source.sql and not any(t.tables for t in source.dataset_types):
        return None, ""
    package, colon, name = source.sql.partition(":")
    if not (package and colon and name):
        raise ConfigurationError(
            f"source {source.name} says that its SQL is in {source.sql!r}; Source.sql must be package:folder"
        )
    try:
        folder = Path(str(files(package) / name))
    except ImportError as error:
        raise ConfigurationError(f"source {source.name}: {source.sql} cannot be imported ({error})") from error
    if not any(folder.glob("*.sql")):
        raise ConfigurationError(
            f"source {source.name}: {folder} has no *.sql file; is it part of the package's data, and unpacked?"
        )
    return folder, source.sql
