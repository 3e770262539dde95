"""Each trap of the provider's format, on files of a few events: what recorded ones do not hold, or hold rarely."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fieldhouse.sources.statsbomb.events import UNKNOWN_COLUMNS
from tests.sources.statsbomb.small import (
    AWAY,
    FRAME,
    a_goal,
    a_match,
    an_event,
    competitions,
    eleven,
    in_order,
    parsed,
    player,
    rows,
    some_events,
    some_lineups,
    squad,
    uuid,
)


def only(kind: str, **members: Any) -> dict[str, Any]:
    """Return the row of a match's only event of a type."""
    (row,) = [row for row in rows("event", events=some_events(an_event(kind, 5.0, **members))) if row["type"] == kind]
    return row


def test_timestamps_start_anew_in_each_period_and_are_seconds() -> None:
    events = some_events(an_event("Pass", 1.25), an_event("Pass", 1.25, 2), half=2832.123)
    times = [(row["period"], row["timestamp"], row["minute"]) for row in rows("event", events=events)]
    assert times == [(1, 0, 0), (1, 0, 0), (1, 1.25, 0), (1, 2832.123, 47), (2, 1.25, 45), (2, 2832.123, 92)]


def test_a_period_may_last_an_hour() -> None:
    assert only("Pass", timestamp="01:00:01.5")["timestamp"] == 3601.5


def test_events_are_ordered_by_their_index() -> None:
    events = some_events(an_event("Pass", 1.0))
    assert parsed(events=events[::-1])["event"].equals(parsed(events=events)["event"])


def test_an_event_of_a_team_has_neither_player_nor_position_nor_place_nor_duration() -> None:
    row = only("Half Start")
    assert {row[name] for name in ("player_id", "player", "position_id", "position", "location_x", "duration")} == {
        None
    }


def test_a_ball_receipt_keeps_its_star_and_has_no_duration() -> None:
    row = only("Ball Receipt*", ball_receipt={"outcome": {"id": 9, "name": "Incomplete"}})
    assert (row["ball_receipt_outcome"], row["duration"]) == ("Incomplete", None)


@pytest.mark.parametrize("flag", ["under_pressure", "counterpress", "out", "off_camera"])
def test_a_flag_that_is_absent_is_false(flag: str) -> None:
    assert only("Pass")[flag] is False
    assert only("Pass", **{flag: True})[flag] is True


def test_a_flag_of_a_pass_is_null_for_what_is_no_pass() -> None:
    assert only("Pass", **{"pass": {"cross": True}})["pass_cross"] is True
    assert only("Pass", **{"pass": {}})["pass_cross"] is False
    assert only("Carry", carry={"end_location": [1.0, 2.0]})["pass_cross"] is None


@pytest.mark.parametrize(("end", "height"), [([118.0, 40.0], None), ([120.0, 38.5, 2.25], 2.25)])
def test_a_shot_ends_at_two_or_three_numbers(end: list[float], height: float | None) -> None:
    row = only("Shot", shot={"end_location": end})
    assert [row["shot_end_x"], row["shot_end_y"], row["shot_end_z"]] == [*end[:2], height]


def test_the_whole_event_is_in_detail_without_the_blanks_of_the_file() -> None:
    events = some_events(an_event("Pass", 5.0, related_events=[uuid(1)], **{"pass": {"length": 0.10, "new": None}}))
    details = [row["detail"] for row in rows("event", events=events)]
    assert [json.loads(detail) for detail in details] == events
    assert details[2] == json.dumps(events[2], separators=(",", ":"))


def test_an_unknown_type_and_an_unknown_member_are_kept_in_detail_and_reported() -> None:
    table = parsed(events=some_events(an_event("Telepathy", 5.0, obv_total_net=0.5)))["event"]
    assert table["type"].to_pylist()[2] == "Telepathy"
    assert json.loads(table["detail"].to_pylist()[2])["obv_total_net"] == 0.5
    assert json.loads(table.schema.metadata[UNKNOWN_COLUMNS]) == ["obv_total_net"]
    assert json.loads(parsed()["event"].schema.metadata[UNKNOWN_COLUMNS]) == []


def test_names_keep_their_accents() -> None:
    assert only("Pass", player={"id": 1, "name": "Dragan Stojković"})["player"] == "Dragan Stojković"


def test_goals_are_shots_and_own_goals_of_periods_1_to_4() -> None:
    own_goal = [an_event("Own Goal Against", 70.0), an_event("Own Goal For", 70.0, team=AWAY)]
    events = some_events(a_goal(), a_goal(2, AWAY), *own_goal, a_goal(4), a_goal(5), a_goal(outcome="Saved"))
    assert rows("match", match=a_match(home_score=2, away_score=2), events=events)[0]["home_score"] == 2


def test_a_score_that_was_awarded_keeps_no_match_out() -> None:
    """What the events add up to is for the marts to compare: both are true."""
    match = a_match(home_score=3, away_score=0)
    assert rows("match", match=match, events=some_events(a_goal()))[0]["home_score"] == 3


def lineup_of(*events: dict[str, Any], half: float = 2700.0) -> dict[int, tuple[Any, ...]]:
    names = ("started", "minute_on", "minute_off", "seconds_played")
    found = rows("lineup_player", events=some_events(*events, half=half))
    return {row["player_id"]: tuple(row[name] for name in names) for row in found}


def test_who_stays_on_the_bench_has_played_0_seconds() -> None:
    assert lineup_of()[1] == (True, 0, None, 5400)
    assert lineup_of()[12] == (False, None, None, 0)


def test_a_substitution_ends_one_time_of_play_and_starts_another() -> None:
    change = an_event("Substitution", 600.0, 2, player=player(3), substitution={"replacement": player(12)})
    played = lineup_of(change, half=2760.0)
    assert played[3] == (True, 0, 55, 3360)
    assert played[12] == (False, 55, None, 2160)


@pytest.mark.parametrize("kind", ["foul_committed", "bad_behaviour"])
@pytest.mark.parametrize(("card", "seconds"), [("Yellow Card", 5400), ("Second Yellow", 600), ("Red Card", 600)])
def test_who_is_sent_off_leaves(kind: str, card: str, seconds: int) -> None:
    assert (
        lineup_of(an_event("X", 600.0, player=player(3), **{kind: {"card": {"id": 5, "name": card}}}))[3][3] == seconds
    )


def test_a_card_for_a_substitute_on_the_bench_changes_nothing() -> None:
    card = {"card": {"id": 5, "name": "Red Card"}}
    assert lineup_of(an_event("Bad Behaviour", 600.0, player=player(12), bad_behaviour=card))[12] == (
        False,
        None,
        None,
        0,
    )


@pytest.mark.parametrize(("members", "seconds"), [({"player_off": {"permanent": True}}, 600), ({}, 5400)])
def test_who_goes_off_for_treatment_comes_back_unless_it_says_permanent(members: Any, seconds: int) -> None:
    assert lineup_of(an_event("Player Off", 600.0, player=player(3), **members))[3][3] == seconds


def test_extra_time_is_played_and_the_shoot_out_is_not() -> None:
    ends = [an_event("Half End", 930.0, 3), an_event("Half End", 960.0, 4), an_event("Half End", 300.0, 5)]
    card = {"card": {"id": 5, "name": "Red Card"}}
    played = lineup_of(*ends, an_event("Bad Behaviour", 100.0, 5, player=player(2), bad_behaviour=card))
    assert played[1] == played[2] == (True, 0, None, 5400 + 930 + 960)


def test_without_a_starting_eleven_nobody_knows_who_played() -> None:
    events = in_order([an_event("Half End", 2700.0), an_event("Half End", 2700.0, team=AWAY)])
    assert {row["started"] for row in rows("lineup_player", events=events)} == {None}


def test_cards_are_counted_a_second_yellow_as_red() -> None:
    cards = [{"card_type": kind} for kind in ("Yellow Card", "Second Yellow")]
    first, other, *_ = rows("lineup_player", lineups=some_lineups([*squad(1, cards=cards), *squad(2)]))
    assert (first["yellow_cards"], first["red_cards"]) == (1, 1)
    assert (other["yellow_cards"], other["red_cards"], other["cards"], other["positions"]) == (0, 0, "[]", "[]")


def test_unknown_members_of_a_player_are_in_extra() -> None:
    first, *_ = rows("lineup_player", lineups=some_lineups(squad(1, player_height=188.0, player_nickname=None)))
    assert json.loads(first["extra"]) == {"player_height": 188.0}
    assert first["player_nickname"] is None


def test_a_bare_match_has_nulls_for_what_its_record_lacks() -> None:
    (row,) = rows("match")
    lacking = ("referee", "stadium", "home_manager", "home_managers", "home_team_country", "competition_stage", "extra")
    assert {row[name] for name in lacking} == {None}
    assert (row["kick_off"].isoformat(), row["match_date"].isoformat()) == ("21:00:00", "2020-10-31")


def test_the_managers_are_a_list_and_the_first_is_named() -> None:
    managers = [{"id": 9, "name": "Ana Pérez", "nickname": None}, {"id": 8, "name": "Bo"}]
    home = {"home_team_id": 1, "home_team_name": "Rovers", "managers": managers, "home_team_group": "G"}
    (row,) = rows("match", match=a_match(home_team=home, weather="snow"))
    assert (row["home_manager_id"], row["home_manager"], row["home_team_group"]) == (9, "Ana Pérez", "G")
    assert json.loads(row["home_managers"]) == managers
    assert json.loads(row["extra"]) == {"weather": "snow"}


def test_what_a_record_says_of_its_files_is_no_member_of_the_match() -> None:
    assert parsed(match=a_match(last_updated="2020-07-29T05:00"))["match"].equals(parsed()["match"])


def test_frames_name_their_event_and_count_their_players() -> None:
    found = parsed(three_sixty=[FRAME])
    assert found["frame"].to_pylist() == [
        {"match_id": 77, "event_id": uuid(1), "visible_area": "[0.0,80.0,120.0,80.0]", "extra": None}
    ]
    names = ("event_id", "frame_index", "teammate", "actor", "keeper", "location_x", "location_y")
    assert [tuple(row[name] for name in names) for row in found["freeze_frame"].to_pylist()] == [
        (uuid(1), 1, True, True, False, 35.5, 34.25),
        (uuid(1), 2, False, False, True, 119.0, 40.0),
    ]


@pytest.mark.parametrize("three_sixty", [None, []])
def test_without_frames_their_tables_are_empty_and_have_all_columns(three_sixty: Any) -> None:
    found, full = parsed(three_sixty=three_sixty), parsed(three_sixty=[FRAME])
    for table in ("frame", "freeze_frame"):
        assert found[table].num_rows == 0
        assert found[table].schema == full[table].schema


def test_an_unknown_member_of_a_frame_is_in_extra() -> None:
    (row,) = rows("frame", three_sixty=[{**FRAME, "camera": 3}])
    assert json.loads(row["extra"]) == {"camera": 3}


def test_competitions_old_and_new() -> None:
    new = {
        "competition_id": 9,
        "season_id": 27,
        "country_name": "Germany",
        "competition_name": "1. Bundesliga",
        "season_name": "2015/2016",
        "competition_youth": False,
        "match_updated": "2020-07-29T05:00",
        "match_updated_360": None,
        "rating": 5,
    }
    old = {"competition_id": 2, "season_id": 1, "competition_name": "WSL", "season_name": "2018"}
    first, second = competitions([new, old])["competition"].to_pylist()
    assert (first["competition"], first["is_youth"], first["match_updated_at"]) == ("WSL", None, None)
    assert second["match_updated_at"].isoformat() == "2020-07-29T05:00:00+00:00"
    assert (second["match_updated_360_at"], second["extra"]) == (None, '{"rating":5}')


def test_the_small_match_is_as_said() -> None:
    assert len(eleven(1)["lineup"]) == 11
    assert {name: table.num_rows for name, table in parsed().items()} == {
        "match": 1,
        "lineup_player": 28,
        "event": 4,
        "frame": 0,
        "freeze_frame": 0,
    }
