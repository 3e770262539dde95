"""The seven sources: where each lives in the real world, and which recordings archives are its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class SimulatedSource:
    """A source of the simulator.

    :param base: its base URL without the scheme: host, then a path where all of its URLs share one.
    :param archives: the top folders of the recordings that hold its payloads.
    """

    name: str
    base: str
    archives: tuple[str, ...]


SOURCES = (
    SimulatedSource("basketball_reference", "www.basketball-reference.com", ("basketball_reference",)),
    SimulatedSource("draftkings", "sportsbook-nash.draftkings.com", ("draftkings",)),
    SimulatedSource("reddit", "oauth.reddit.com", ("reddit",)),
    SimulatedSource("statsbomb", "raw.githubusercontent.com/statsbomb/open-data/master/data", ("statsbomb",)),
    SimulatedSource("football_data", "www.football-data.co.uk", ("football_data",)),
    SimulatedSource("jolpica", "api.jolpi.ca/ergast/f1", ("jolpica",)),
    SimulatedSource("fastf1", "livetiming.formula1.com/static", ("f1_live_timing", "f1_misc")),
)
BY_NAME = {source.name: source for source in SOURCES}


class UnknownSource(ValueError):
    """A name that is none of the sources'."""


def chosen(names: Iterable[str]) -> tuple[SimulatedSource, ...]:
    """Return the sources of these names, all of them for no name.

    :raises UnknownSource: the message lists the valid names.
    """
    names = tuple(names)
    for name in names:
        if name not in BY_NAME:
            raise UnknownSource(f"there is no source {name!r}; there are: {', '.join(BY_NAME)}")
    return tuple(source for source in SOURCES if not names or source.name in names)
