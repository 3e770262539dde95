"""Where the SQL is: ``include/sql`` of the checkout, or its copy inside an installed package."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_CHECKOUT = Path(__file__).parents[1] / "include" / "sql"
_INSTALLED = Path(__file__).parent / "include" / "sql"
FOLDER = _CHECKOUT if _CHECKOUT.is_dir() else _INSTALLED


@cache
def query(name: str, database: str = "catalog") -> str:
    """Return the text of ``include/sql/<database>/queries/<name>.sql``."""
    return (FOLDER / database / "queries" / f"{name}.sql").read_text(encoding="utf-8")


def migrations(schema: str) -> list[Path]:
    """Return the files that make ``schema`` (``catalog``, ``warehouse`` or a source), in order."""
    return sorted((FOLDER / schema).glob("*.sql"))
