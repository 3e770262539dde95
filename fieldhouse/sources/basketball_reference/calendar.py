"""When there is something to fetch: what the flag value ``auto`` means for each dataset type."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from fieldhouse.source import Scope, Window
from fieldhouse.sources.basketball_reference.seasons import SUMMER_GAMES, season_of

# Box scores are looked at again for a week, season tables as long
LOOKED_BACK = timedelta(days=8)
# From here to there some club plays in every year but those of a lockout or of 2020, and there the pages say so
FIRST_GAMES = (10, 1)
PLAYOFFS_FROM = (6, 1)
LAST_GAMES = (6, 30)
SCHEDULE_FROM = (8, 10)
LONGEST_REST = 130


def games_are_played(scope: Scope) -> tuple[bool, str]:
    """Return whether games are played in or shortly before the scope's window, and why (not)."""
    if asked := _asked(scope):
        return True, asked
    window = scope.window
    if any(day >= FIRST_GAMES or day < PLAYOFFS_FROM for day in _month_days(window)):
        return True, f"the league plays from October to June, and {said(window)} touches that"
    if any(first <= window.end and window.start <= last for first, last in SUMMER_GAMES):
        return True, f"in 2020 and 2021 the league played on in summer, and {said(window)} touches that"
    games = _known_games(scope)
    if near := [day for day in games if window.start - LOOKED_BACK <= day <= window.end]:
        return True, f"a game is known for {max(near)}, in or shortly before {said(window)}"
    is_june = any(day <= LAST_GAMES for day in _month_days(window))
    season = season_of(window.end)
    if is_june and not any(season.start <= day <= season.end for day in games):
        return True, f"the Finals may be played in June, and no schedule of {season} is here yet"
    before, after = [d for d in games if d < window.start], [d for d in games if d > window.end]
    known = [f"the last one was on {max(before)}"] if before else []
    known += [f"the next one is on {min(after)}"] if after else []
    return False, f"no game is known in or shortly before {said(window)}" + "".join(f"; {words}" for words in known)


def schedule_is_out(scope: Scope) -> tuple[bool, str]:
    """Return whether the schedule may change: until the end of June, when it alone can tell of Finals that nobody has
    heard of, and from August on for the next season.
    """
    if any(PLAYOFFS_FROM <= day <= LAST_GAMES for day in _month_days(scope.window)):
        return True, "the Finals are played in June"
    if any(SCHEDULE_FROM <= day < FIRST_GAMES for day in _month_days(scope.window)):
        return True, "the schedule of the coming season comes out in August"
    return games_are_played(scope)


def always_reported(_: Scope) -> tuple[bool, str]:
    """Say that injuries are reported in every month: players are hurt in summer leagues and for their countries too."""
    return True, "injuries are reported in every month"


def all_year(_: Scope) -> tuple[bool, str]:
    """Say that players are signed and traded in every month."""
    return True, "players are signed, traded and waived in every month"


def said(window: Window) -> str:
    """Return a window in words."""
    return str(window.start) if window.start == window.end else f"{window.start} to {window.end}"


def _asked(scope: Scope) -> str:
    seasons = str(scope.params.get("seasons") or "").strip()
    return f"the seasons {seasons} were asked for" if seasons else ""


def _month_days(window: Window) -> Iterable[tuple[int, int]]:
    # later days of a longer window cannot change the answer
    length = min((window.end - window.start).days, LONGEST_REST)
    days = (window.start + timedelta(days=n) for n in range(length + 1))
    return ((day.month, day.day) for day in days)


def _known_games(scope: Scope) -> list[date]:
    schedule = scope.rows("schedule")
    return [] if schedule is None else schedule.column("game_date").to_pylist()
