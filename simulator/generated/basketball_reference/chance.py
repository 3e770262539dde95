"""Where chance comes from: the same parts give the same numbers on every machine and in every Python."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import TypeVar

from simulator.generated.statsbomb.chance import drawn_from

T = TypeVar("T")


class Chance:
    """Numbers that depend on the parts alone."""

    def __init__(self, *parts: object) -> None:
        self.unit = drawn_from(*parts).random

    def below(self, number: int) -> int:
        """Return 0 to ``number`` - 1."""
        return int(self.unit() * number)

    def between(self, low: int, high: int) -> int:
        """Return ``low`` to ``high``, both included."""
        return low + int(self.unit() * (high - low + 1))

    def happens(self, share: float) -> bool:
        """Return True in this share of calls."""
        return self.unit() < share

    def one_of(self, items: Sequence[T]) -> T:
        """Return one of the items."""
        return items[int(self.unit() * len(items))]

    def around(self, mean: float, spread: float) -> float:
        """Return a number near the mean; ``spread`` is about its standard deviation."""
        unit = self.unit
        return mean + (unit() + unit() + unit() + unit() - 2) * spread * 1.73

    def shuffled(self, items: Iterable[T]) -> list[T]:
        """Return the items in another order."""
        result = list(items)
        for last in range(len(result) - 1, 0, -1):
            other = self.below(last + 1)
            result[last], result[other] = result[other], result[last]
        return result


class Weighted:
    """Picks places 0, 1, 2 ... by weight."""

    def __init__(self, weights: Iterable[float]) -> None:
        self._sums = list(accumulate(weights))
        self._last = len(self._sums) - 1

    def pick(self, unit: float) -> int:
        """Return the place that a number from 0 to 1 falls on."""
        return min(bisect(self._sums, unit * self._sums[-1]), self._last)
