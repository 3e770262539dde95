"""Generated worlds: seasons made from a seed and a date, in the sources' true formats.

A source is a module here with a class that fulfils :class:`Generator`; ``GENERATORS`` names it. Whatever it
answers is a pure function of seed, date and URL, so that two servers agree and a season can be replayed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Protocol, runtime_checkable

from simulator.answer import Answer
from simulator.generated.basketball_reference import BasketballReference
from simulator.generated.football_data import FootballData
from simulator.generated.statsbomb import StatsBomb
from simulator.sources import BY_NAME, UnknownSource
from simulator.world import Untold

# A Saturday in the middle of the European seasons, with matches played, corrected, postponed and to come.
# Fixed, so that what is generated without a date is the same on every machine and every day.
DEFAULT_DATE = date(2026, 2, 21)
DEFAULT_SEED = 1


class Generator(Protocol):
    """One source's generated payloads."""

    @property
    def host(self) -> str:
        """The host that it answers for."""

    def answer(self, path: str, query: str, today: date) -> Answer | None:
        """Return what the host answers to ``path?query`` on that date, None for no such page."""

    def describe(self, today: date) -> Mapping[str, Any]:
        """Return what there is on that date, as JSON values."""


@runtime_checkable
class Listening(Protocol):
    """A generator that can be told what no date brings about."""

    def tell(self, word: str, texts: list[str]) -> None:
        """Take a list of texts under a word, in place of the last one.

        :raises Untold: it does not know the word, or a text.
        """


GENERATORS: dict[str, Callable[[int], Generator]] = {
    "basketball_reference": BasketballReference,
    "football_data": FootballData,
    "statsbomb": StatsBomb,
}


class GeneratedWorld:
    """A world made from a seed.

    :param only: names of the sources to answer for; empty for all that can be generated.
    :param matches: how many matches StatsBomb has, for tests of scale; None for its sample.
    :raises UnknownSource: one of ``only`` cannot be generated.
    """

    mode = "generated"

    def __init__(
        self,
        *,
        seed: int = DEFAULT_SEED,
        today: date = DEFAULT_DATE,
        only: tuple[str, ...] = (),
        matches: int | None = None,
    ) -> None:
        for name in only:
            if name not in GENERATORS:
                raise UnknownSource(f"{name!r} is not generated; generated sources are: {', '.join(GENERATORS)}")
        self.seed = seed
        self._today = today
        self._generators = {name: GENERATORS[name](seed) for name in only or GENERATORS}
        if matches is not None and "statsbomb" in self._generators:
            self._generators["statsbomb"] = StatsBomb(seed, matches=matches)
        self._by_host = {generator.host: generator for generator in self._generators.values()}

    @property
    def today(self) -> date:
        """The date up to which this world's seasons have been played."""
        return self._today

    @property
    def bases(self) -> dict[str, str]:
        """{source: base} of the generated sources."""
        return {name: BY_NAME[name].base for name in self._generators}

    def set_date(self, today: date) -> None:
        """Play the seasons up to another date."""
        self._today = today

    def answer(self, host: str, path: str, query: str) -> Answer | None:
        """Return what the host's generator answers today."""
        generator = self._by_host.get(host.lower())
        return generator.answer(path, query, self._today) if generator else None

    def describe(self) -> dict[str, Any]:
        """Return the seed and what each source has."""
        return {"seed": self.seed} | {
            name: generator.describe(self._today) for name, generator in self._generators.items()
        }

    def tell(self, source: str, word: str, texts: list[str]) -> None:
        """Hand a list of texts to a source's generator."""
        generator = self._generators.get(source)
        if not isinstance(generator, Listening):
            listening = [name for name, known in self._generators.items() if isinstance(known, Listening)]
            raise Untold(f"{source!r} listens to nothing; those that do: {', '.join(listening) or 'none'}")
        generator.tell(word, texts)
