"""Where chance comes from: the same parts give the same numbers on every machine and in every Python."""

from __future__ import annotations

from random import Random


def drawn_from(*parts: object) -> Random:
    """Return chance that depends on the parts alone; only its ``random()`` is promised to stay as it is."""
    return Random("|".join(map(str, parts)))  # noqa: S311 - nothing here is secret
