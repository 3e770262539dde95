"""What a benchmark says: a table of figures, and claims that hold or not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Claim:
    """Something that must hold: ``value`` is at least, or at most, ``bound``."""

    text: str
    value: float
    bound: float
    at_least: bool = True

    @property
    def holds(self) -> bool:
        """Whether it does."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    def sentence(self) -> str:
        """Return it as text."""
        word = "at least" if self.at_least else "at most"
        verdict = "holds" if self.holds else "MISSED"
        return f"{self.text}: {number(self.value)}, {word} {number(self.bound)} ({verdict})"


@dataclass(frozen=True)
class Figures:
    """One table.

    :param given: what was measured, in words: what each side was given.
    """

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    given: str
    claims: Sequence[Claim] = ()

    def show(self, console: Console) -> None:
        """Print it."""
        table = Table(*self.header, title=self.title, title_justify="left", caption=self.given, caption_justify="left")
        for row in self.rows:
            table.add_row(*row)
        console.print(table)
        for claim in self.claims:
            console.print(claim.sentence(), style="green" if claim.holds else "bold red", highlight=False)
        console.print()

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "title": self.title,
            "header": list(self.header),
            "rows": [list(row) for row in self.rows],
            "given": self.given,
            "claims": [claim.sentence() for claim in self.claims],
        }


def number(value: float) -> str:
    """Return a number with as many digits as mean something."""
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def spread(values: Iterable[float]) -> str:
    """Return the median, with the range where there are several values."""
    found = sorted(values)
    middle = number(median(found))
    return middle if len(found) == 1 else f"{middle} ({number(found[0])} to {number(found[-1])})"


def median_ratio(numerators: Sequence[float], denominators: Sequence[float]) -> float:
    """Return the median of pairwise ratios: each pair was measured side by side."""
    return median(a / b for a, b in zip(numerators, denominators, strict=True))
