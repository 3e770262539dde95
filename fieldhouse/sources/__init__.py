"""The sources: one package each, found by name."""

from __future__ import annotations

from importlib import import_module

from fieldhouse.errors import ConfigurationError
from fieldhouse.source import Source

NAMES = ("football_data",)


def get(name: str) -> Source:
    """Return the declaration of the source ``name``.

    :raises ConfigurationError: there is no such source; the message lists those that there are.
    """
    if name not in NAMES:
        raise ConfigurationError(f"there is no source {name!r}; the sources are: {', '.join(NAMES)}")
    source: Source = import_module(f"fieldhouse.sources.{name}").SOURCE
    return source
