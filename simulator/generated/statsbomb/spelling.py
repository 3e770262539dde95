"""How the provider spells JSON: two blanks an indent, a blank on both sides of the colon, arrays on the line."""

from __future__ import annotations

import json
from math import floor, log10
from typing import Any


class Spelled(float):
    """A number that is written as this text. Parsing with ``parse_float=Spelled`` keeps a file's own spelling."""

    text: str

    def __new__(cls, text: str) -> Spelled:
        """Return the number that a JSON text spells."""
        made = super().__new__(cls, text)
        made.text = text
        return made


def pretty(value: Any, pad: str = "") -> str:
    """Return a JSON value as the provider writes it, without a newline at the end.

    :param pad: the blanks before the line on which the value begins.
    """
    if isinstance(value, dict):
        inner = pad + "  "
        members = ",\n".join(f'{inner}"{key}" : {pretty(item, inner)}' for key, item in value.items())
        return f"{{\n{members}\n{pad}}}" if value else "{ }"
    if isinstance(value, list):
        return f"[ {', '.join(pretty(item, pad) for item in value)} ]" if value else "[ ]"
    if isinstance(value, Spelled):
        return value.text
    return json.dumps(value, ensure_ascii=False)


def number(value: float, digits: int = 7) -> str:
    """Return a number of so many significant digits; the provider writes less than a thousandth as 8.55E-4."""
    rounded = float(f"{value:.{digits}g}")
    if rounded == 0 or abs(rounded) >= 0.001:
        return repr(rounded)
    exponent = floor(log10(abs(rounded)))
    return f"{float(f'{rounded / 10**exponent:.{digits}g}')!r}E{exponent}"


def point(x: int, y: int, *more: int) -> str:
    """Return a location that is given in tenths of a yard."""
    return f"[ {', '.join(repr(part / 10) for part in (x, y, *more))} ]"


def named(number: int, name: str, pad: str = "    ") -> str:
    """Return an object with id and name, as a member's value on a line with that indent."""
    return f'{{\n{pad}  "id" : {number},\n{pad}  "name" : "{name}"\n{pad}}}'
