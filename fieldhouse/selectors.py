"""Selectors: which of a source's datasets are meant, such as ``competition_id=11/season_id=42,90``.

===========================  ==================================================================================
``season_id=90``             this value
``season_id=42,90``          one of these
``season_id=*``              any value, as if the key were not named
``season_id=1..50``          a range, both ends included, of numbers or of dates; ``40..`` and ``..50`` are open
``.../...``                  all of the parts hold, so that lists make a product
``...;...``, or two lines    one of the selectors holds
===========================  ==================================================================================

A value is percent-decoded, as in an identifier: ``%2C`` is a comma, ``%2F`` a slash. Nothing is evaluated.
"""

# ruff: noqa: A005 - imports are absolute

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import unquote

from fieldhouse.errors import ConfigurationError

if TYPE_CHECKING:
    from fieldhouse.source import DatasetType

EXAMPLE = "competition_id=11/season_id=42,90, or season_id=1..50, or match_date=2020-01-01..2020-12-31"
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Bound = Decimal | date
Given = str | Iterable[str] | None


@dataclass(frozen=True)
class Range:
    """The numbers or dates from ``low`` to ``high``; without both, any value at all."""

    low: Bound | None = None
    high: Bound | None = None

    def __contains__(self, value: str) -> bool:
        kind = type(self.high if self.low is None else self.low)
        if kind is type(None):
            return True
        found = _bound(value)
        if type(found) is not kind:
            return False
        return (self.low is None or self.low <= found) and (  # type: ignore[operator]
            self.high is None or found <= self.high  # type: ignore[operator]
        )


ANY = Range()


@dataclass(frozen=True)
class Selector:
    """What the values of some keys must be.

    :param terms: {key: what its value may be}.
    :param text: how it was written.
    """

    terms: Mapping[str, tuple[str | Range, ...]]
    text: str = ""

    @classmethod
    def of(cls, keys: Mapping[str, object]) -> Selector:
        """Return the selector of ``keys``: values are text as in the syntax, numbers or dates, or lists of them.

        :raises ConfigurationError: a value cannot be read; the text shows it and an example.
        """
        terms = {key: _read_values(key, value) for key, value in keys.items()}
        return cls(terms, "/".join(f"{key}={_text(value)}" for key, value in keys.items()))

    def matches(self, known: Mapping[str, str]) -> bool:
        """Return whether a dataset with these key values may be meant. A key that is not known does not narrow."""
        return all(_fits(values, known[key]) for key, values in self.terms.items() if key in known)

    def covers(self, known: Mapping[str, str], keys: Iterable[str]) -> bool:
        """Return whether all datasets with these key values are meant.

        :param keys: the keys that such a dataset has.
        """
        narrowed = (key for key in keys if ANY not in self.terms.get(key, (ANY,)))
        return all(key in known and _fits(self.terms[key], known[key]) for key in narrowed)

    def values_of(self, key: str) -> list[str]:
        """Return the values of a key that are named one by one."""
        return [term for term in self.terms.get(key, ()) if isinstance(term, str)]

    def parts(self, known: Mapping[str, str], keys: Sequence[str]) -> Iterator[dict[str, str]]:
        """Yield the key values with which all datasets are meant, of those that have the values ``known``.

        :param keys: those of an identifier; by another key, or by a range, nobody can say which are meant.
        """
        narrowed = {key: terms for key, terms in self.terms.items() if ANY not in terms}
        free = {key: self.values_of(key) for key in narrowed if key not in known}
        vague = any(key not in keys or len(values) < len(narrowed[key]) for key, values in free.items())
        if not vague and self.matches(known):
            for values in product(*free.values()):
                yield {**known, **dict(zip(free, values, strict=True))}

    def exact(self) -> dict[str, str]:
        """Return the one value of each key. :raises ConfigurationError: a key has a list, a range or a star."""
        values = {key: term[0] for key, term in self.terms.items() if len(term) == 1}
        exact = {key: value for key, value in values.items() if isinstance(value, str)}
        if vague := [key for key in self.terms if key not in exact]:
            raise ConfigurationError(
                f"one dataset is meant: give one value for {', '.join(vague)}, no list and no range"
            )
        return exact


def parse_selectors(given: Given) -> tuple[Selector, ...]:
    """Read selectors, with a semicolon or a new line between them, or as a list of texts; none of them means all.

    :raises ConfigurationError: one cannot be read; the text shows the part and an example.
    """
    texts = [given or ""] if isinstance(given, str | None) else given
    parts = (part.strip() for text in texts for part in re.split(r"[;\n]", text))
    return tuple(Selector.of(split_keys(part)) for part in parts if part)


def split_keys(text: str) -> dict[str, str]:
    """Divide ``key=value/key=value`` into {key: value as it is written}.

    :raises ConfigurationError: a part is not ``key=value``, or a key is named twice.
    """
    keys: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split("/"))):
        key, equals, value = (word.strip() for word in part.partition("="))
        if not (key and equals):
            _refuse(part, "is not of the form key=value; a slash inside a value is written %2F")
        if key in keys:
            _refuse(f"{key}={keys[key]}/{part}", f"names {key} twice; several values are written {key}=a,b")
        keys[key] = value
    return keys


def selectable_keys(dataset_types: Iterable[DatasetType]) -> list[str]:
    """Return the keys by which datasets of these types can be selected, each once."""
    return list(dict.fromkeys(key for t in dataset_types for key in (*t.key, *t.selectable)))


def refuse_unknown_keys(selectors: Sequence[Selector], dataset_types: Sequence[DatasetType]) -> None:
    """Refuse a key that no dataset of these types has: it would narrow nothing, and nobody would know.

    :raises ConfigurationError: the text names the valid keys.
    """
    valid = selectable_keys(dataset_types)
    if unknown := sorted({key for selector in selectors for key in selector.terms if key not in valid}):
        names = ", ".join(t.name for t in dataset_types)
        raise ConfigurationError(
            f"{', '.join(unknown)} is no key of {names}; datasets are selected by: {', '.join(valid) or 'none'}"
        )


def _fits(values: Iterable[str | Range], value: str) -> bool:
    return any(value in term if isinstance(term, Range) else value == term for term in values)


def _text(value: object) -> str:
    return ",".join(map(_text, value)) if isinstance(value, Iterable) and not isinstance(value, str) else str(value)


def _read_values(key: str, value: object) -> tuple[str | Range, ...]:
    if isinstance(value, str):
        return tuple(_read_value(key, part.strip(), value) for part in value.split(","))
    if isinstance(value, Iterable):
        return tuple(term for each in value for term in _read_values(key, each)) or _refuse(f"{key}=", "has no value")
    return (str(value),)


def _read_value(key: str, text: str, whole: str) -> str | Range:
    part = f"{key}={whole}"
    if not text:
        _refuse(part, "has an empty value")
    if text == "*":
        return ANY
    if "*" in text:
        _refuse(part, "has a star inside a value: it stands alone, for any value; a star itself is written %2A")
    if ";" in text:
        _refuse(part, "has a semicolon inside a value; it is written %3B")
    return _read_range(part, text) if ".." in text else unquote(text)


def _read_range(part: str, text: str) -> Range:
    low, _, high = (unquote(end.strip()) for end in text.partition(".."))
    ends = [_bound(end) for end in (low, high)]
    if not (low or high) or any(end and bound is None for end, bound in zip((low, high), ends, strict=True)):
        _refuse(part, "has a range whose ends are neither numbers nor dates; dots in a value are written %2E%2E")
    if None not in ends and type(ends[0]) is not type(ends[1]):
        _refuse(part, "has a range from a number to a date, or from a date to a number")
    if None not in ends and ends[1] < ends[0]:  # type: ignore[operator]
        _refuse(part, "has a range that ends before it starts")
    return Range(*ends)


def _bound(text: str) -> Bound | None:
    if NUMBER.fullmatch(text):
        return Decimal(text)
    try:
        return date.fromisoformat(text) if DATE.fullmatch(text) else None
    except ValueError:
        return None


def _refuse(part: str, problem: str) -> NoReturn:
    raise ConfigurationError(f"selector {part!r} {problem}. Write it as {EXAMPLE}")
