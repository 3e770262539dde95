"""The parser on all recorded matches, against an independent reading with the json module."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from fieldhouse.source import Rows
from fieldhouse.sources.statsbomb import parse as parser
from fieldhouse.sources.statsbomb.events import UNKNOWN_COLUMNS
from fieldhouse.sources.statsbomb.matches import match_table, read_match
from fieldhouse.sources.statsbomb.reading import Origin, read_document
from tests.sources.statsbomb import small
from tests.sources.statsbomb.recorded import Recorded, read_listing, recorded_matches

SEASONS = {"11/42": 33, "11/90": 35, "43/106": 2}
SHOOT_OUT = 3869685

# Written down from the provider's own files, apart from the parser's tables
PATHS = {
    "event_id": "id",
    "event_index": "index",
    **{name: name for name in ("period", "minute", "second", "possession", "duration")},
    **{
        f"{name}_id": f"{name}.id" for name in ("type", "team", "player", "position", "possession_team", "play_pattern")
    },
    **{name: f"{name}.name" for name in ("type", "team", "player", "position", "possession_team", "play_pattern")},
    "location_x": "location.0",
    "location_y": "location.1",
    "pass_recipient_id": "pass.recipient.id",
    "pass_recipient": "pass.recipient.name",
    "pass_length": "pass.length",
    "pass_angle": "pass.angle",
    **{f"pass_{name}": f"pass.{name}.name" for name in ("height", "outcome", "type", "body_part", "technique")},
    "pass_end_x": "pass.end_location.0",
    "pass_end_y": "pass.end_location.1",
    "pass_assisted_shot_id": "pass.assisted_shot_id",
    "shot_statsbomb_xg": "shot.statsbomb_xg",
    "shot_end_x": "shot.end_location.0",
    "shot_end_y": "shot.end_location.1",
    "shot_end_z": "shot.end_location.2",
    **{f"shot_{name}": f"shot.{name}.name" for name in ("outcome", "type", "technique", "body_part")},
    "shot_key_pass_id": "shot.key_pass_id",
    "carry_end_x": "carry.end_location.0",
    "carry_end_y": "carry.end_location.1",
    "ball_receipt_outcome": "ball_receipt.outcome.name",
    "dribble_outcome": "dribble.outcome.name",
    "duel_type": "duel.type.name",
    "duel_outcome": "duel.outcome.name",
    "interception_outcome": "interception.outcome.name",
    "fifty_fifty_outcome": "50_50.outcome.name",
    "goalkeeper_type": "goalkeeper.type.name",
    "goalkeeper_outcome": "goalkeeper.outcome.name",
    "foul_committed_type": "foul_committed.type.name",
    "foul_committed_card": "foul_committed.card.name",
    "bad_behaviour_card": "bad_behaviour.card.name",
    "substitution_outcome": "substitution.outcome.name",
    "substitution_replacement_id": "substitution.replacement.id",
    "substitution_replacement": "substitution.replacement.name",
    "formation": "tactics.formation",
}
FLAGS = {
    **{name: name for name in ("under_pressure", "counterpress", "out", "off_camera")},
    **{
        f"pass_{name}": f"pass.{name}"
        for name in ("cross", "switch", "through_ball", "cut_back", "shot_assist", "goal_assist")
    },
    "shot_first_time": "shot.first_time",
    "foul_committed_penalty": "foul_committed.penalty",
    "foul_won_penalty": "foul_won.penalty",
}


@pytest.fixture(scope="module")
def root(recordings: Callable[[str], Path]) -> Path:
    return recordings("statsbomb")


@pytest.fixture(scope="module")
def shoot_out(root: Path) -> Recorded:
    return next(match for match in recorded_matches(root, "43/106") if match.number == SHOOT_OUT)


def at(event: Any, path: str) -> Any:
    """Return what is at a path of an event, None for nothing."""
    for name in path.split("."):
        if isinstance(event, list):
            event = event[int(name)] if int(name) < len(event) else None
        else:
            event = event.get(name) if event is not None else None
    return event


def flag_at(event: dict[str, Any], path: str) -> bool | None:
    part = path.partition(".")[0]
    if "." in path and part not in event:
        return None
    return at(event, path) is True


@pytest.mark.parametrize(("season", "count"), SEASONS.items())
def test_a_season_has_the_rows_and_the_goals_of_its_files(root: Path, season: str, count: int) -> None:
    matches = 0
    for match in recorded_matches(root, season):
        rows = match.rows
        assert rows["event"].num_rows == len(match.events), match.number
        assert rows["lineup_player"].num_rows == len(match.players), match.number
        assert rows["event"]["event_id"].to_pylist() == [event["id"] for event in match.events], match.number
        assert goals(rows) == (match.match["home_score"], match.match["away_score"]), match.number
        assert json.loads(rows["event"].schema.metadata[UNKNOWN_COLUMNS]) == []
        refuse_wrong_times(match)
        matches += 1
    assert matches == count


def goals(rows: Rows) -> tuple[int, int]:
    """Return the score as an analyst would take it from the tables."""
    (match,) = rows["match"].to_pylist()
    event = rows["event"]
    is_goal = pc.or_(
        pc.fill_null(pc.equal(event["shot_outcome"], "Goal"), False), pc.equal(event["type"], "Own Goal For")
    )
    scorers = event.filter(pc.and_(is_goal, pc.less_equal(event["period"], 4)))["team_id"].to_pylist()
    scored = Counter(scorers)
    return scored[match["home_team_id"]], scored[match["away_team_id"]]


def refuse_wrong_times(match: Recorded) -> None:
    """Playing times agree with the line-ups' positions where these are sure, and make eleven players a team."""
    length = sum(longest(match.events).values())
    players = match.rows["lineup_player"].to_pylist()
    for team in {player["team_id"] for player in players}:
        squad = [player for player in players if player["team_id"] == team]
        assert sum(player["started"] for player in squad) == 11
        if not any(player["red_cards"] for player in squad):
            assert abs(sum(player["seconds_played"] for player in squad) - 11 * length) < 12
    for player in players:
        positions = json.loads(player["positions"])
        assert (player["minute_on"] is not None) == bool(positions)
        if positions and positions[-1]["end_reason"].startswith("Substitution - Off"):
            assert player["minute_off"] == int(positions[-1]["to"][:-3])


def longest(events: list[dict[str, Any]]) -> dict[int, float]:
    """Return the seconds of each period but the shoot-out."""
    seconds: dict[int, float] = {}
    for event in events:
        if event["period"] < 5:
            hours, minutes, rest = event["timestamp"].split(":")
            time = int(hours) * 3600 + int(minutes) * 60 + float(rest)
            seconds[event["period"]] = max(seconds.get(event["period"], 0), time)
    return seconds


@pytest.mark.parametrize("number", [303377, 3773386, SHOOT_OUT])
def test_every_column_of_an_event_is_what_its_member_says(root: Path, number: int) -> None:
    matches: Iterator[Recorded] = chain.from_iterable(recorded_matches(root, season) for season in SEASONS)
    match = next(match for match in matches if match.number == number)
    event = match.rows["event"]
    found = {name: event[name].to_pylist() for name in event.column_names}
    for column, path in PATHS.items():
        assert found[column] == [at(each, path) for each in match.events], column
    for column, path in FLAGS.items():
        assert found[column] == [flag_at(each, path) for each in match.events], column
    assert [json.loads(detail) for detail in found["detail"]] == match.events
    assert found["timestamp"] == [seconds_of(each["timestamp"]) for each in match.events]
    assert set(found) == {*PATHS, *FLAGS, "match_id", "timestamp", "detail"}


def seconds_of(text: str) -> float:
    hours, minutes, seconds = text.split(":")
    thousandths = (int(hours) * 3600 + int(minutes) * 60) * 1000 + round(float(seconds) * 1000)
    return thousandths / 1000


def test_the_final_has_extra_time_and_a_shoot_out_that_is_not_in_its_score(shoot_out: Recorded) -> None:
    event = shoot_out.rows["event"].to_pylist()
    assert {row["period"] for row in event} == {1, 2, 3, 4, 5}
    assert goals(shoot_out.rows) == (3, 3)
    assert sum(row["shot_outcome"] == "Goal" and row["period"] == 5 for row in event) == 6


def test_a_line_up_whose_positions_are_out_of_order_has_true_times(shoot_out: Recorded) -> None:
    times = {row["player_id"]: row for row in shoot_out.rows["lineup_player"].to_pylist()}
    varane, acuna = times[5485], times[19597]
    assert (varane["minute_off"], json.loads(varane["positions"])[-1]["end_reason"]) == (112, "Final Whistle")
    assert (acuna["minute_on"], acuna["minute_off"], acuna["started"]) == (63, None, False)


def test_own_goals_count_for_the_other_team(root: Path) -> None:
    own = [match for match in recorded_matches(root, "11/90") if b'"Own Goal For"' in match.files["events.json"]]
    assert len(own) >= 3
    for match in own:
        assert goals(match.rows) == (match.match["home_score"], match.match["away_score"])


@pytest.mark.parametrize("listing", ["data/matches/2/44", "data/matches/11/4", "data/matches/43/106"])
def test_a_listing_s_records_are_read_whole(root: Path, listing: str) -> None:
    for record in read_listing(root / f"{listing}.json"):
        row = match_row(record)
        assert row["referee"] == at(record, "referee.name")
        assert row["stadium"] == at(record, "stadium.name")
        assert row["home_team_country"] == at(record, "home_team.country.name")
        assert row["home_manager"] == at(record, "home_team.managers.0.name")
        assert row["away_manager_id"] == at(record, "away_team.managers.0.id")
        assert row["match_week"] == record["match_week"]
        assert row["xy_fidelity_version"] == at(record, "metadata.xy_fidelity_version")
        assert row["match_status_360"] == record["match_status_360"]
        assert row["kick_off"].isoformat("milliseconds") == record["kick_off"]
        assert row["extra"] is None


def match_row(record: dict[str, Any]) -> dict[str, Any]:
    origin = Origin("match", {}, "match.json")
    document = read_document(origin, json.dumps(record).encode())
    (row,) = match_table(document, read_match(document, {})).to_pylist()
    found: dict[str, Any] = row
    return found


def test_records_of_2018_have_names_in_place_of_objects(root: Path) -> None:
    row = match_row(read_listing(root / "misc/matches_49_3_old.json")[0])
    assert (row["stadium"], row["stadium_id"]) == ("Sahlen's Stadium at WakeMed Soccer Park", None)
    assert (row["referee"], row["data_version"]) == ("M. Vega", "1.0.2")
    assert (row["kick_off"], row["home_team_gender"], row["home_managers"], row["extra"]) == (None, None, None, None)


def test_line_ups_of_2018_have_neither_cards_nor_positions(root: Path) -> None:
    lineups = json.loads((root / "misc/lineup_7457_old.json").read_bytes())
    for team, number in zip(lineups, (1, 2), strict=True):
        team["team_id"] = number
    rows = small.rows("lineup_player", lineups=lineups)
    assert len(rows) == 27
    assert {(row["cards"], row["positions"], row["yellow_cards"], row["red_cards"]) for row in rows} == {(None,) * 4}


@pytest.mark.parametrize(
    ("file", "count"),
    [("competitions.cap2026-02", 75), ("data/competitions", 66), ("misc/competitions_old2018", 3)],
)
def test_competitions_of_all_ages(root: Path, file: str, count: int) -> None:
    data = (root / f"{file}.json").read_bytes()
    table = parser.parse("competitions", {}, {"competitions.json": data})["competition"]
    entries = {(entry["competition_id"], entry["season_id"]): entry for entry in json.loads(data)}
    assert table.num_rows == count == len(entries)
    for row in table.to_pylist():
        entry = entries[row["competition_id"], row["season_id"]]
        assert (row["competition"], row["season"]) == (entry["competition_name"], entry["season_name"])
        assert row["gender"] == entry.get("competition_gender")
        assert row["match_updated_at"].isoformat()[:16] == entry["match_updated"][:16]
        assert (row["match_updated_360_at"] is None) == (entry.get("match_updated_360") is None)
        assert row["extra"] is None


def test_the_recorded_frames_have_all_their_players(root: Path) -> None:
    frames = json.loads((root / "misc/threesixty_3795108_trimmed.json").read_bytes())
    events = small.some_events()
    events[0]["id"] = frames[0]["event_uuid"]
    found = small.parsed(events=events, three_sixty=frames)
    assert found["frame"]["event_id"].to_pylist() == [frame["event_uuid"] for frame in frames]
    assert [json.loads(area) for area in found["frame"]["visible_area"].to_pylist()] == [
        frame["visible_area"] for frame in frames
    ]
    players = [(frame["event_uuid"], player) for frame in frames for player in frame["freeze_frame"]]
    rows = found["freeze_frame"].to_pylist()
    assert [(row["event_id"], row["teammate"], row["location_x"], row["location_y"]) for row in rows] == [
        (event, player["teammate"], *player["location"]) for event, player in players
    ]
    assert [row["frame_index"] for row in rows] == [*range(1, 21), *range(1, 21)]
