"""What other distributions register with us by entry points: whole sources, and fetch policies."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TypeVar

from fieldhouse.errors import ConfigurationError

T = TypeVar("T")
# It becomes a schema's name, a folder's and a Variable's
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST_NAME = 40


def names(group: str, taken: Collection[str]) -> tuple[str, ...]:
    """Return the names that distributions register in ``group``, in order. None of them is imported.

    :param taken: names that are ours.
    :raises ConfigurationError: a name is taken, registered twice, or no name; the text says by which distribution.
    """
    return tuple(sorted(_registered(group, frozenset(taken))))


def load(group: str, name: str, kind: type[T], taken: Collection[str]) -> T | None:
    """Return the object that a distribution registers as ``name``, or None where none does.

    :raises ConfigurationError: as :func:`names`; or it cannot be imported, or is no ``kind`` of that name.
    """
    entry = _registered(group, frozenset(taken)).get(name)
    if entry is None:
        return None
    try:
        found = entry.load()
    except Exception as error:  # whatever somebody else's module raises when it is imported
        raise ConfigurationError(
            f"{_who(entry)} cannot be imported ({type(error).__name__}: {error}): mend or remove that distribution"
        ) from error
    if not isinstance(found, kind):
        raise ConfigurationError(
            f"{_who(entry)} is a {type(found).__name__}; it must be a {kind.__module__}.{kind.__name__}"
        )
    if (own := getattr(found, "name", name)) != name:
        raise ConfigurationError(f"{_who(entry)} calls itself {own!r}: give it the name that it is registered by")
    return found


@cache
def _registered(group: str, taken: frozenset[str]) -> dict[str, EntryPoint]:
    found: dict[str, EntryPoint] = {}
    for entry in entry_points(group=group):
        if not NAME.fullmatch(entry.name) or len(entry.name) > LONGEST_NAME:
            raise ConfigurationError(
                f"{_who(entry)}: a name is lower-case letters, digits and single underscores, "
                f"{LONGEST_NAME} at most, the first a letter; rename it or remove that distribution"
            )
        if entry.name in taken:
            raise ConfigurationError(f"{_who(entry)}: the name is Fieldhouse's own; rename it or remove it")
        if entry.name in found:
            raise ConfigurationError(f"{_who(entry)} is also {_who(found[entry.name])}: remove one of the two")
        found[entry.name] = entry
    return found


def _who(entry: EntryPoint) -> str:
    distribution = f"{entry.dist.name} {entry.dist.version}" if entry.dist else "an unknown distribution"
    return f"{entry.group} {entry.name!r} of {distribution} ({entry.value})"
