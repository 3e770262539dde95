"""What kind of event a text tells."""

from __future__ import annotations

import pytest

from fieldhouse.sources.basketball_reference.events import Kind, kind_of


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("V. Carter misses 2-pt jump shot from 8 ft", Kind("missed_shot", 2, "jump shot", 8)),
        ("K. Martin makes 2-pt dunk at rim (assist by J. Kidd)", Kind("made_shot", 2, "dunk", 0)),
        ("J. Kidd misses 3-pt jump shot from 31 ft (block by A. Davis)", Kind("missed_shot", 3, "jump shot", 31)),
        ("J. Kidd makes 2-pt tip-in", Kind("made_shot", 2, "tip-in", None)),
        ("A. Horford makes free throw 1 of 2", Kind("free_throw_made")),
        ("A. Horford misses technical free throw", Kind("free_throw_missed")),
        ("A. Horford makes flagrant free throw 2 of 2", Kind("free_throw_made")),
        ("A. Horford misses clear path free throw 1 of 2", Kind("free_throw_missed")),
        ("Offensive rebound by Team", Kind("offensive_rebound")),
        ("Defensive rebound by K. Martin", Kind("defensive_rebound")),
        ("Turnover by J. Williams (offensive foul)", Kind("turnover")),
        ("Shooting foul by K. Thompson (drawn by A. Horford)", Kind("foul")),
        ("Def 3 sec tech foul by Team", Kind("foul")),
        ("Taunting technical by D. Green", Kind("foul")),
        ("Defensive three seconds by K. Martin", Kind("violation")),
        ("Violation by Team (kicked ball)", Kind("violation")),
        ("S. Curry enters the game for J. Poole", Kind("substitution")),
        ("Official timeout", Kind("timeout")),
        ("New Jersey 20 second timeout", Kind("timeout")),
        ("D. Green ejected from game", Kind("ejection")),
        ("Instant Replay (Challenge: Ruling Stands)", Kind("replay")),
        ("Jump ball: D. Green vs. R. Williams (M. Smart gains possession)", Kind("jump_ball")),
        ("Start of 1st overtime", Kind("period_start")),
        ("End of 4th quarter", Kind("period_end")),
        ("The lights went out", Kind("other")),
        ("", Kind("other")),
    ],
)
def test_kind(text: str, kind: Kind) -> None:
    assert kind_of(text) == kind
