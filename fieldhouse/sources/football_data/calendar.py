"""When there is something to fetch: what the flag value ``auto`` means for this source."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from fieldhouse.source import Scope, Window

# Belgium and the second divisions kick off in late July; Spain and Italy have played into the middle of June
KICK_OFF = (7, 20)
LAST_ROUND = (6, 15)
SUMMER_DAYS = 34
PLAYED_BEFORE = timedelta(days=7)
PLAYED_AFTER = timedelta(days=14)


def main_leagues_play(scope: Scope) -> tuple[bool, str]:
    """Return whether the main divisions play in or around the scope's window, and why (not)."""
    window = scope.window
    if seasons := str(scope.params.get("seasons") or "").strip():
        return True, f"the seasons {seasons} were asked for"
    if any(map(_calendar_plays, _days(window))):
        return True, f"the main leagues play from 20 July to 15 June, and {_said(window)} touches that"
    if match_date := _known_fixture(scope):
        return True, f"it is between seasons, but a match is known for {match_date}, close to {_said(window)}"
    return False, f"the main leagues rest from 16 June to 19 July, and no match is known close to {_said(window)}"


def all_year(_: Scope) -> tuple[bool, str]:
    """Say that some extra league is always in season."""
    return True, "some of the extra leagues play in every month of the year"


def _calendar_plays(day: date) -> bool:
    return not LAST_ROUND < (day.month, day.day) < KICK_OFF


def _days(window: Window) -> Iterable[date]:
    # No rest is longer, so later days of a long window cannot change the answer
    length = min((window.end - window.start).days, SUMMER_DAYS)
    return (window.start + timedelta(days=n) for n in range(length + 1))


def _known_fixture(scope: Scope) -> date | None:
    fixtures = scope.rows("fixture")
    if fixtures is None:
        return None
    earliest, latest = scope.window.start - PLAYED_BEFORE, scope.window.end + PLAYED_AFTER
    dates: list[date] = fixtures.column("match_date").to_pylist()
    return min((day for day in dates if earliest <= day <= latest), default=None)


def _said(window: Window) -> str:
    return str(window.start) if window.start == window.end else f"{window.start} to {window.end}"
