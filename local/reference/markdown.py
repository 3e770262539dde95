"""Markdown: tables, and text that must not break them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

GENERATED = "<!-- written from the code by `make docs`; an edit here is lost -->"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; cells may hold any text."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def code(text: str) -> str:
    """Return text as code."""
    return f"`{text}`" if text else ""


def codes(texts: Iterable[str]) -> str:
    """Return texts as code, with commas."""
    return ", ".join(map(code, texts))


def demoted(text: str, levels: int) -> str:
    """Return Markdown with its headings so many levels deeper."""
    return re.sub(r"^(#+ )", "#" * levels + r"\1", text.strip(), flags=re.MULTILINE)


def join(*parts: str) -> str:
    """Return the parts that are not empty, a blank line between them."""
    return "\n\n".join(part for part in parts if part)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
