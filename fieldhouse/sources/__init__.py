"""The sources, found by name: ours, one package each, and those that other distributions register by entry points."""

from __future__ import annotations

from importlib import import_module

from fieldhouse import registered
from fieldhouse.errors import ConfigurationError
from fieldhouse.source import Source

GROUP = "fieldhouse.sources"
NAMES = ("basketball_reference", "football_data", "statsbomb")
# Schemas and Connections of our own, which a source would share
TAKEN = frozenset(
    {*NAMES, "catalog", "fieldhouse", "information_schema", "lake", "marts", "public", "slack", "staging", "warehouse"}
)


def names() -> tuple[str, ...]:
    """Return the names of all sources, ours first. None is imported.

    :raises ConfigurationError: what a distribution registers cannot be used.
    """
    return (*NAMES, *outside_names())


def outside_names() -> tuple[str, ...]:
    """Return the names of the sources that other distributions register. None is imported.

    :raises ConfigurationError: one of them cannot be used.
    """
    return registered.names(GROUP, TAKEN)


def get(name: str) -> Source:
    """Return the declaration of the source ``name``.

    :raises ConfigurationError: there is no such source, and the message lists those that there are; or what a
        distribution registers cannot be used.
    """
    if name in NAMES:
        ours: Source = import_module(f"fieldhouse.sources.{name}").SOURCE
        return ours
    source = registered.load(GROUP, name, Source, TAKEN)
    if source is None:
        raise ConfigurationError(f"there is no source {name!r}; the sources are: {', '.join(names())}")
    return source
