"""Durations as a person says them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fieldhouse import clock


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "1 second"),
        (59.6, "1 minute"),
        (90, "1 minute 30 seconds"),
        (3600, "1 hour"),
        (86_399, "1 day"),
        (36_120 * 7.5, "3 days 3 hours"),
        (86_400 * 1_200, "1,200 days"),
    ],
)
def test_in_words(seconds: float, words: str) -> None:
    assert clock.in_words(timedelta(seconds=seconds)) == words
