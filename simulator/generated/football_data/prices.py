"""Odds as bookmakers quote them: decimal, with a margin, and coherent over a market's outcomes.

Prices depend on a few hundred steps of opinion, not on the match, so they are worked out once and looked up.
"""

from __future__ import annotations

from bisect import bisect
from functools import cache
from math import exp

# What of a fair price a bookmaker pays. Max is the best of many, so it lies above all; exchanges come close.
MARGINS = {"Max": 1.06, "Avg": 0.95, "BFE": 1.02, "PS": 0.98, "P": 0.98, "BbMx": 1.06, "BbAv": 0.95}
USUAL_MARGIN = 0.94

# How much stronger the home side is, is counted in steps of this part of a unit
STEPS = 128
# Prices before 2005 are fractions turned into decimals: 8/11 is 1.727
_RUNGS = (
    1.062, 1.083, 1.1, 1.111, 1.125, 1.143, 1.167, 1.182, 1.2, 1.222, 1.25, 1.286, 1.3, 1.333, 1.364,
    1.4, 1.444, 1.5, 1.533, 1.571, 1.615, 1.667, 1.727, 1.8, 1.833, 1.909, 2, 2.1, 2.2, 2.25, 2.375, 2.5,
    2.625, 2.75, 2.875, 3, 3.2, 3.25, 3.4, 3.5, 3.75, 4, 4.333, 4.5, 5, 5.5, 6, 6.5, 7, 7.5, 8, 9, 10,
    11, 12, 13, 15, 17, 19, 21, 23, 26, 29, 34, 41, 51,
)  # fmt: skip
LADDER = [f"{rung:g}" for rung in _RUNGS]


def result_chances(edge: int) -> tuple[float, float, float]:
    """Return the chances of home win, draw and away win for an edge in steps."""
    strength = edge / STEPS
    draw = 0.27 * exp(-0.6 * strength * strength)
    home = (1 - draw) / (1 + exp(-2.2 * strength))
    return home, draw, 1 - draw - home


def total_chances(edge: int) -> tuple[float, float]:
    """Return the chances of three goals or more, and of fewer."""
    over = 0.46 + 0.1 * (edge / STEPS) ** 2
    return over, 1 - over


def handicap(edge: int) -> str:
    """Return the home side's Asian handicap in quarters of a goal: ``-0.25``, ``0``, ``1.5``."""
    return f"{_handicap(edge):g}"


def _handicap(edge: int) -> float:
    return round(edge / STEPS * -4.4) / 4 + 0.0  # adding 0.0 turns -0.0 into 0.0


def handicap_chances(edge: int) -> tuple[float, float]:
    """Return the chances of both sides after the handicap: near a half each, whatever the edge."""
    home = 0.5 + 0.3 * (edge / STEPS * 1.1 + _handicap(edge))
    return home, 1 - home


@cache
def result_prices(edge: int, margin: float, ladder: bool = False) -> str:
    """Return ``home,draw,away``."""
    return _prices(result_chances(edge), margin, ladder=ladder)


@cache
def total_prices(edge: int, margin: float, ladder: bool = False) -> str:
    """Return ``over,under`` for 2.5 goals."""
    return _prices(total_chances(edge), margin, ladder=ladder)


@cache
def handicap_prices(edge: int, margin: float, ladder: bool = False) -> str:
    """Return ``home,away`` after the handicap."""
    return _prices(handicap_chances(edge), margin, ladder=ladder)


def _prices(chances: tuple[float, ...], margin: float, *, ladder: bool) -> str:
    prices = (max(1.01, margin / max(chance, 0.02)) for chance in chances)
    return ",".join(_on_ladder(price) if ladder else f"{price:.2f}".rstrip("0").rstrip(".") for price in prices)


def _on_ladder(price: float) -> str:
    return LADDER[min(bisect(_RUNGS, price), len(LADDER) - 1)]
