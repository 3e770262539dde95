"""Files that are not what they should be: each is refused by its name, and nothing else ever comes of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from fieldhouse.errors import ConfigurationError, PageChanged
from fieldhouse.sources.statsbomb.parse import parse
from tests.sources.statsbomb.small import (
    AWAY,
    FRAME,
    IDENTIFIER,
    a_goal,
    a_match,
    an_event,
    competitions,
    files,
    in_order,
    parsed,
    player,
    some_events,
    some_lineups,
    squad,
    uuid,
    without,
)

EVENTS = some_events()
GOOD = files()["events.json"]
BAD_EVENTS = {
    "half of it": (GOOD[: len(GOOD) // 2], "expected JSON, found .*truncated"),
    "nothing": (b"", "expected JSON, found .* in 0 bytes"),
    "a page": (b"<!DOCTYPE html><html>", "expected JSON, found .*that start '<!DOCTYPE html><html>'"),
    "NUL bytes": (GOOD[:100] + b"\0" * 50, "a NUL byte at byte 100 of 150"),
    "a NUL character": (GOOD.replace(b"Rovers", b"Ro\\u0000ers"), "NUL characters"),
    "another encoding": (GOOD.replace(b"Rovers", b"Ro\xffers"), "can't decode byte 0xff"),
    "half a character": (GOOD.replace(b"Rovers", b"Ro\\ud800ers"), "expected JSON"),
    "more after the end": (GOOD + b"]", "trailing characters"),
    "an object": ({"message": "Not Found"}, "Expected `array`, got `object`"),
    "an empty list": ([], "found an empty list"),
    "a number as id": ([{**EVENTS[0], "id": 5}], r"Expected `str`, got `int` - at `\$\[0\].id`"),
    "no type": ([without(EVENTS[0], "type")], "missing required field `type`"),
    "no team": ([without(EVENTS[0], "team")], "missing required field `team`"),
    "a place of one number": (some_events(an_event("Pass", 5.0, location=[1.0])), "length >= 2"),
    "no uuid": ([{**EVENTS[0], "id": "x"}, *EVENTS[1:]], "expected a uuid, found 'x'"),
    "an id twice": ([EVENTS[0], {**EVENTS[1], "id": uuid(1)}, *EVENTS[2:]], "each event id once"),
    "a gap": (EVENTS[:1] + EVENTS[2:], "expected the indexes 1 to 3, each once, found index 3 after 1"),
    "an index twice": ([{**event, "index": 1} for event in EVENTS], "found index 1 after 1"),
    "a sixth period": ([{**event, "period": 6} for event in EVENTS], "Expected `int` <= 5"),
    "a period before the first": ([{**event, "period": 0} for event in EVENTS], "Expected `int` >= 1"),
    "a huge minute": ([{**event, "minute": 10**6} for event in EVENTS], "numbers, dates and times that fit"),
    "no time": ([{**event, "timestamp": "1:02"} for event in EVENTS], "expected a timestamp as .*found '1:02'"),
    "another match's": (
        [{**event, "team": {"id": 5, "name": "City"}} for event in EVENTS],
        r"expected events of Rovers \(1\) and United \(2\), as match.json has it, found those of City \(5\)",
    ),
    "one team's": ([{**event, "team": AWAY} for event in EVENTS], r"found those of United \(2\)"),
}


@pytest.mark.parametrize(("content", "words"), BAD_EVENTS.values(), ids=BAD_EVENTS)
def test_bad_events_are_refused(content: Any, words: str) -> None:
    with pytest.raises(PageChanged, match=rf"^events.json of statsbomb/match competition_id=11/.*{words}"):
        parsed(events=content)


VALUES: tuple[Any, ...] = (None, True, -1, 2.5, 1e300, 10**20, "", "x", [], {}, [None], {"id": 1})


def changes(value: Any) -> Iterator[Any]:
    """Yield a document with each of its members, at any depth, left out or replaced by each of ``VALUES``."""
    yield from VALUES
    if isinstance(value, list):
        for place, each in enumerate(value):
            yield from ([*value[:place], changed, *value[place + 1 :]] for changed in changes(each))
    if isinstance(value, dict):
        for name in value:
            yield without(value, name)
            yield from ({**value, name: changed} for changed in changes(value[name]))


RICH = in_order(
    [
        an_event("Starting XI", tactics={"formation": 442, "lineup": [{"player": player(1)}]}),
        a_goal(),
        an_event(
            "Pass", player=player(1), location=[1.0, 2.0], **{"pass": {"end_location": [1.0, 2.0], "cross": True}}
        ),
        an_event("Substitution", 2.0, player=player(1), substitution={"replacement": player(12)}),
        an_event("Bad Behaviour", 3.0, player=player(2), bad_behaviour={"card": {"id": 5, "name": "Red Card"}}),
        an_event("Half End", team=AWAY),
    ]
)
RICH_PLAYER = squad(1, country=player(5), cards=[{"card_type": "Red Card"}], jersey_number=3)
RICH_MATCH = a_match(
    home_score=1, stadium={"id": 1, "name": "X", "country": player(5)}, referee=player(6), match_week=3
)
WHOLE = {"match": RICH_MATCH, "events": RICH, "lineups": some_lineups(RICH_PLAYER, squad(21)), "three_sixty": [FRAME]}


@pytest.mark.parametrize("file", WHOLE)
def test_whatever_else_a_file_says_is_read_or_refused(file: str) -> None:
    assert outcome(**WHOLE) == "read"
    outcomes = Counter(outcome(**{**WHOLE, file: changed}) for changed in changes(WHOLE[file]))
    assert min(outcomes["read"], outcomes["refused"]) > 10


def outcome(**given: Any) -> str:
    try:
        parsed(**given)
    except PageChanged:
        return "refused"
    return "read"


BAD_FRAMES = {
    "NUL bytes": b'[ { "event_uuid" : "' + b"\0" * 900,
    "cut off": b'[ { "event_uuid" : "00000000',
    "an object": {},
    "another match's": [{**FRAME, "event_uuid": uuid(999)}],
    "an event twice": [FRAME, FRAME],
    "no uuid": [{**FRAME, "event_uuid": "x"}, FRAME],
    "a player without a side": [{**FRAME, "freeze_frame": [{"actor": True}]}],
}


@pytest.mark.parametrize("content", BAD_FRAMES.values(), ids=BAD_FRAMES)
def test_bad_frames_are_refused_by_their_name(content: Any) -> None:
    with pytest.raises(PageChanged, match=r"^three-sixty\.json of statsbomb/match "):
        parsed(three_sixty=content)
    assert parsed()["event"].num_rows == len(EVENTS)


BAD_LINEUPS = {
    "a list of other teams": [{**team, "team_id": team["team_id"] + 5} for team in some_lineups()],
    "one team": some_lineups()[:1],
    "one team twice": some_lineups()[:1] * 2,
    "none": [],
    "a player twice": some_lineups(squad(1, 1)),
    "a player in both teams": some_lineups(squad(1), squad(1)),
    "a player without a number": some_lineups([{"player_name": "X"}]),
    "a huge shirt": some_lineups(squad(1, jersey_number=10**6)),
    "another encoding": files(lineups=some_lineups(squad(1, positions=["Wing"])))["lineups.json"].replace(
        b"Wing", b"\xff"
    ),
    "cards of another shape": some_lineups(squad(1, cards=["Red Card"])),
}


@pytest.mark.parametrize("content", BAD_LINEUPS.values(), ids=BAD_LINEUPS)
def test_bad_lineups_are_refused(content: Any) -> None:
    with pytest.raises(PageChanged, match=r"^lineups\.json of statsbomb/match "):
        parsed(lineups=content)


BAD_MATCHES = {
    "another match": a_match(match_id=78),
    "another season": a_match(season={"season_id": 42}),
    "another competition": a_match(competition={"competition_id": 2}),
    "a list": [a_match()],
    "no teams": without(a_match(), "home_team"),
    "itself": a_match(away_team={"away_team_id": 1, "away_team_name": "Rovers"}),
    "no date": a_match(match_date="31/10/2020"),
    "no time": a_match(kick_off="nine"),
    "managers of another shape": a_match(home_team={"home_team_id": 1, "home_team_name": "R", "managers": "Ana"}),
}


@pytest.mark.parametrize("content", BAD_MATCHES.values(), ids=BAD_MATCHES)
def test_bad_matches_are_refused(content: Any) -> None:
    with pytest.raises(PageChanged, match=r"^match\.json of statsbomb/match "):
        parsed(match=content)


ENTRY = {"competition_id": 9, "season_id": 27, "competition_name": "L", "season_name": "S"}


@pytest.mark.parametrize(
    "content",
    [[], {}, [ENTRY, ENTRY], [without(ENTRY, "season_id")], [{**ENTRY, "match_updated": "soon"}], b"<html>"],
    ids=["none", "an object", "one twice", "no season", "no moment", "a page"],
)
def test_bad_competitions_are_refused(content: Any) -> None:
    with pytest.raises(PageChanged, match=r"^competitions\.json of statsbomb/competitions: "):
        competitions(content)


def test_what_was_asked_wrongly_is_no_changed_page() -> None:
    with pytest.raises(ConfigurationError, match="it has: competitions, match"):
        parse("season", {}, {})
    with pytest.raises(ConfigurationError, match=r"needs events\.json"):
        parse("match", IDENTIFIER, {name: data for name, data in files().items() if name != "events.json"})
