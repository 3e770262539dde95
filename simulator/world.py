"""What stands behind the server: a world has a date and answers URLs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol, runtime_checkable

from simulator.answer import Answer


class Untold(ValueError):
    """Nobody in this world listens to that source, word or value; the text says who listens to what."""


class World(Protocol):
    """Recorded or generated: the server does not know which."""

    @property
    def mode(self) -> str:
        """``recorded`` or ``generated``."""

    @property
    def today(self) -> date:
        """The date that this world has."""

    @property
    def bases(self) -> Mapping[str, str]:
        """{source: its base URL without the scheme} of the sources that this world answers for."""

    def set_date(self, today: date) -> None:
        """Move this world to another date, forwards or back."""

    def answer(self, host: str, path: str, query: str) -> Answer | None:
        """Return what ``https://host/path?query`` answers on this world's date, None for no such page.

        :param path: starts with a slash, percent-decoded.
        """

    def describe(self) -> dict[str, Any]:
        """Return what a reader of the state may want to know beside mode and date, as JSON values."""


@runtime_checkable
class Listener(Protocol):
    """A world whose sources can be told what no date brings about."""

    def tell(self, source: str, word: str, texts: list[str]) -> None:
        """Hand a source a list of texts, such as the games that it holds back; the last list counts.

        :raises Untold: it does not listen to that word.
        """


def tell(world: World, source: str, word: str, texts: list[str]) -> None:
    """Hand a list of texts to a world's source.

    :raises Untold: nobody there listens.
    """
    if not isinstance(world, Listener):
        raise Untold(f"a {world.mode} world listens to nothing, so that {source} cannot be told {word}")
    world.tell(source, word, texts)
