"""A match of a handful of events in the provider's format, written by hand, to be changed by each test."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fieldhouse.source import Rows
from fieldhouse.sources.statsbomb.parse import parse

Json = dict[str, Any]
HOME, AWAY = {"id": 1, "name": "Rovers"}, {"id": 2, "name": "United"}
IDENTIFIER = {"competition_id": "11", "season_id": "90", "match_id": "77"}
STARTS = {1: 0, 2: 45, 3: 90, 4: 105, 5: 120}


def uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def player(number: int) -> Json:
    return {"id": number, "name": f"Player {number}"}


def a_match(**changed: Any) -> Json:
    return {
        "match_id": 77,
        "match_date": "2020-10-31",
        "kick_off": "21:00:00.000",
        "competition": {"competition_id": 11, "country_name": "Spain", "competition_name": "La Liga"},
        "season": {"season_id": 90, "season_name": "2020/2021"},
        "home_team": {"home_team_id": 1, "home_team_name": "Rovers"},
        "away_team": {"away_team_id": 2, "away_team_name": "United"},
        "home_score": 0,
        "away_score": 0,
        "match_status": "available",
        "match_status_360": "scheduled",
        "metadata": {"data_version": "1.1.0"},
        **changed,
    }


def an_event(kind: str, seconds: Any = 0.0, period: Any = 1, team: Json = HOME, **members: Any) -> Json:
    """Return an event at so many seconds of its period; its index and id come with :func:`in_order`."""
    minute, second = divmod(int(seconds), 60)
    return {
        "period": period,
        "timestamp": f"00:{minute:02}:{second:02}.{round(seconds % 1 * 1000):03}",
        "minute": STARTS[period] + minute,
        "second": second,
        "type": {"id": 30, "name": kind},
        "possession": 1,
        "possession_team": HOME,
        "play_pattern": {"id": 1, "name": "Regular Play"},
        "team": team,
        **members,
    }


def in_order(events: Sequence[Json]) -> list[Json]:
    return [{"id": uuid(number), "index": number, **event} for number, event in enumerate(events, 1)]


def a_goal(period: int = 1, team: Json = HOME, outcome: str = "Goal") -> Json:
    return an_event("Shot", 60.0, period, team, shot={"outcome": {"id": 97, "name": outcome}})


def eleven(first: int) -> Json:
    return {"formation": 442, "lineup": [{"player": player(number)} for number in range(first, first + 11)]}


def some_events(*between: Json, half: float = 2700.0) -> list[Json]:
    """Return two halves of so many seconds with these events in them, in the order of time."""
    frame = [
        an_event("Starting XI", tactics=eleven(1)),
        an_event("Starting XI", team=AWAY, tactics=eleven(21)),
        *(an_event("Half End", half, period) for period in (1, 2)),
    ]
    return in_order(sorted([*frame, *between], key=lambda event: (event["period"], event["timestamp"])))


def squad(*numbers: int, **members: Any) -> list[Json]:
    return [
        {"player_id": number, "player_name": f"Player {number}", "cards": [], "positions": [], **members}
        for number in numbers
    ]


def some_lineups(home: Sequence[Json] = (), away: Sequence[Json] = ()) -> list[Json]:
    return [
        {"team_id": 1, "team_name": "Rovers", "lineup": list(home) or squad(*range(1, 15))},
        {"team_id": 2, "team_name": "United", "lineup": list(away) or squad(*range(21, 35))},
    ]


def files(
    match: Json | None = None,
    events: Any = None,
    lineups: Any = None,
    three_sixty: Any = None,
) -> dict[str, bytes]:
    """Return a match's files; what is given as bytes is a file as it is."""
    given = {
        "match.json": a_match() if match is None else match,
        "lineups.json": some_lineups() if lineups is None else lineups,
        "events.json": some_events() if events is None else events,
        "three-sixty.json": three_sixty,
    }
    return {name: _encoded(content) for name, content in given.items() if content is not None}


def _encoded(content: Any) -> bytes:
    # as the provider writes it: pretty, with a blank before the colon
    return content if isinstance(content, bytes) else json.dumps(content, indent=2, separators=(",", " : ")).encode()


def parsed(**given: Any) -> Rows:
    return parse("match", IDENTIFIER, files(**given))


def rows(table: str, **given: Any) -> list[Json]:
    found: list[Json] = parsed(**given)[table].to_pylist()
    return found


def competitions(entries: Any) -> Rows:
    return parse("competitions", {}, {"competitions.json": _encoded(entries)})


def without(record: Mapping[str, Any], *names: str) -> Json:
    return {name: value for name, value in record.items() if name not in names}


FRAME: dict[str, Any] = {
    "event_uuid": uuid(1),
    "visible_area": [0.0, 80.0, 120.0, 80.0],
    "freeze_frame": [
        {"teammate": True, "actor": True, "keeper": False, "location": [35.5, 34.25]},
        {"teammate": False, "actor": False, "keeper": True, "location": [119.0, 40.0]},
    ],
}
