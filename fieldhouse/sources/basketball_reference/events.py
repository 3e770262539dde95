"""What kind of event a text of a play-by-play tells, by the words that the site always uses for it."""

from __future__ import annotations

import re
from typing import NamedTuple


class Kind(NamedTuple):
    """An event's type; of a shot from the field also what it is worth, how it was taken and from how many feet."""

    event_type: str
    shot_points: int | None = None
    shot_type: str | None = None
    shot_distance_feet: int | None = None


_SHOT = re.compile(r" (makes|misses) ([23])-pt (\S.*?)(?: from (\d+) ft| (at rim))?(?: \(|$)")
_FREE_THROW = re.compile(r" (makes|misses) (?:[\w-]+ )*?free throw\b")

# A turnover may be an offensive foul, a substitution is no text's beginning: the beginnings come first
_BEGINNINGS = (
    ("Defensive rebound by ", Kind("defensive_rebound")),
    ("Offensive rebound by ", Kind("offensive_rebound")),
    ("Turnover by ", Kind("turnover")),
    ("Violation by ", Kind("violation")),
    ("Jump ball:", Kind("jump_ball")),
    ("Start of ", Kind("period_start")),
    ("End of ", Kind("period_end")),
    ("Instant Replay", Kind("replay")),
)
_WORDS = (
    (" enters the game for ", Kind("substitution")),
    (" foul ", Kind("foul")),
    (" technical by ", Kind("foul")),
    (" timeout", Kind("timeout")),
    (" seconds by ", Kind("violation")),
    (" ejected from ", Kind("ejection")),
)
_OTHER = Kind("other")


def kind_of(text: str) -> Kind:
    """Return the kind of event that a text without tags tells, ``other`` if none of ours."""
    if " makes " in text or " misses " in text:
        if shot := _SHOT.search(text):
            done, points, how, feet, at_rim = shot.groups()
            distance = int(feet) if feet else 0 if at_rim else None
            return Kind("made_shot" if done == "makes" else "missed_shot", int(points), how, distance)
        if throw := _FREE_THROW.search(text):
            return Kind("free_throw_made" if throw[1] == "makes" else "free_throw_missed")
    for beginning, kind in _BEGINNINGS:
        if text.startswith(beginning):
            return kind
    for words, kind in _WORDS:
        if words in text:
            return kind
    return _OTHER
