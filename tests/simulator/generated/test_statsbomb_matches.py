"""Generated StatsBomb matches: consistent in themselves, with all the traps of true ones."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import date
from itertools import chain, groupby, pairwise
from typing import Any
from uuid import UUID

import pytest

from fieldhouse.sources.statsbomb.parse import parse
from simulator.generated.statsbomb import StatsBomb
from tests.simulator.generated.statsbomb import CASES, END, SEASONS, WORLD, body, changed, events, found, kind, listing
from tests.simulator.generated.statsbomb import records as listed

RECORDS = listed()
SHOOT_OUT: int = CASES["shoot_outs"][0]
BEGINS = {1: 0, 2: 45, 3: 90, 4: 105, 5: 120}

matches = pytest.mark.parametrize("match_id", sorted(RECORDS))
# Enough to see all kinds of match, for what takes its time
some = pytest.mark.parametrize("match_id", [4020101, 4020108, *CASES["own_goals"][:1], 4030201, SHOOT_OUT])
Events = list[dict[str, Any]]


def every_event() -> Iterable[dict[str, Any]]:
    return chain.from_iterable(events(match_id) for match_id in RECORDS)


def teams(match_id: int) -> tuple[int, int]:
    row = RECORDS[match_id]
    return row["home_team"]["home_team_id"], row["away_team"]["away_team_id"]


def is_goal(event: dict[str, Any]) -> bool:
    return bool(kind(event) == "Own Goal For" or event.get("shot", {}).get("outcome", {}).get("name") == "Goal")


# --- consistency ------------------------------------------------------------------------------------------


@matches
def test_goals_are_the_score(match_id: int) -> None:
    scored = Counter(e["team"]["id"] for e in events(match_id) if is_goal(e) and e["period"] < 5)
    home, away = teams(match_id)
    row = RECORDS[match_id]
    assert (scored[home], scored[away]) == (row["home_score"], row["away_score"])


@matches
def test_a_match_is_as_large_as_a_true_one(match_id: int) -> None:
    assert 2_700 < len(events(match_id)) < 5_600
    assert 2_400_000 < len(body(f"events/{match_id}")) < 5_000_000


@matches
def test_indexes_and_ids(match_id: int) -> None:
    made = events(match_id)
    assert [event["index"] for event in made] == list(range(1, len(made) + 1))
    ids = {event["id"] for event in made}
    assert len(ids) == len(made)
    assert {UUID(each).version for each in ids} == {4}
    for event in made:
        assert ids.issuperset(event.get("related_events", ()))
        assert event["id"] not in event.get("related_events", ())


@some
def test_time_runs_on_within_a_period_and_starts_anew_with_the_next(match_id: int) -> None:
    for period, made in groupby(events(match_id), key=lambda event: event["period"]):
        played = list(made)
        assert kind(played[0]) in {"Starting XI", "Half Start"}
        assert [kind(event) for event in played[-2:]] == ["Half End", "Half End"]
        assert played[0]["timestamp"] == "00:00:00.000"
        seconds = [_seconds(event["timestamp"]) for event in played]
        # A pressure begins before the end of the carry that it is noted after
        assert max(earlier - later for earlier, later in pairwise(seconds)) < 4
        for event, second in zip(played, seconds, strict=True):
            assert event["minute"] == BEGINS[period] + int(second) // 60
            assert event["second"] == int(second) % 60


def _seconds(timestamp: str) -> float:
    hours, minutes, seconds = timestamp.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


@some
def test_possessions_are_counted_and_belong_to_one_team(match_id: int) -> None:
    made = events(match_id)
    assert made[0]["possession"] == 1
    assert {later["possession"] - earlier["possession"] for earlier, later in pairwise(made)} == {0, 1}
    for _, group in groupby(made, key=lambda event: event["possession"]):
        assert len({(event["possession_team"]["id"], event["play_pattern"]["id"]) for event in group}) == 1
    assert 120 < made[-1]["possession"] < 400


@matches
def test_only_players_on_the_pitch_have_events(match_id: int) -> None:
    pitch: dict[int, set[int]] = {}
    for event in events(match_id):
        team = event["team"]["id"]
        if "tactics" in event:
            lineup = {each["player"]["id"]: each["position"]["id"] for each in event["tactics"]["lineup"]}
            assert not pitch.get(team) or lineup.keys() == pitch[team]
            assert len(set(lineup.values())) == len(lineup)
            pitch[team] = set(lineup)
        player: dict[str, Any] = event.get("player", {})
        if player:
            assert player["id"] in pitch[team], (event["index"], kind(event))
        if swap := event.get("substitution"):
            assert swap["replacement"]["id"] not in pitch[team]
            pitch[team] ^= {player["id"], swap["replacement"]["id"]}
        card = next((event[m]["card"]["name"] for m in ("foul_committed", "bad_behaviour")
                     if "card" in event.get(m, {})), "")  # fmt: skip
        if card in {"Red Card", "Second Yellow"}:
            pitch[team].remove(player["id"])


@matches
def test_lineups_tell_the_same_as_the_events(match_id: int) -> None:
    made = events(match_id)
    for side in json.loads(body(f"lineups/{match_id}")):
        players = {player["player_id"]: player for player in side["lineup"]}
        own = [event for event in made if event["team"]["id"] == side["team_id"]]
        seen = {event["player"]["id"]: event["player"]["name"] for event in own if "player" in event}
        assert all(players[number]["player_name"] == name for number, name in seen.items())
        on = {event["substitution"]["replacement"]["id"] for event in own if "substitution" in event}
        starters = {each["player"]["id"] for each in own[0]["tactics"]["lineup"]}
        assert {number for number, player in players.items() if player["positions"]} == starters | on
        assert sum(not player["positions"] for player in players.values()) >= 4, "unused substitutes"
        _compare_cards(own, players)
        for player in players.values():
            for earlier, later in pairwise(player["positions"]):
                assert (earlier["to_period"], earlier["to"]) <= (later["from_period"], later["from"])
            assert all(spell["to"] for spell in player["positions"][:-1])


def _compare_cards(own: Events, players: dict[int, dict[str, Any]]) -> None:
    shown = [
        (event["player"]["id"], f"{event['minute']:02}:{event['second']:02}", event[member]["card"]["name"])
        for event in own
        for member in ("foul_committed", "bad_behaviour")
        if "card" in event.get(member, {})
    ]
    told = [(number, card["time"], card["card_type"]) for number, p in players.items() for card in p["cards"]]
    assert sorted(shown) == sorted(told)


@matches
def test_the_parser_reads_every_match(match_id: int) -> None:
    tables = _parsed(match_id, RECORDS[match_id], END)
    assert tables["event"].num_rows == len(events(match_id))
    assert tables["lineup_player"].num_rows == 40
    assert (tables["frame"].num_rows > 1000) is bool(found(f"three-sixty/{match_id}", END))


def _parsed(match_id: int, row: dict[str, Any], today: date, world: StatsBomb = WORLD) -> Any:
    identifier = {"competition_id": str(row["competition"]["competition_id"]),
                  "season_id": str(row["season"]["season_id"]), "match_id": str(match_id)}  # fmt: skip
    answers = {file: found(f"{file}/{match_id}", today, world) for file in ("lineups", "events", "three-sixty")}
    files = {f"{file}.json": answer.body for file, answer in answers.items() if answer}
    return parse("match", identifier, files | {"match.json": json.dumps(row).encode()})


def test_the_parser_reads_other_seeds_and_large_worlds() -> None:
    for world, season in ((StatsBomb(2), "87/318"), (StatsBomb(3, matches=4), "11/1")):
        for row in listing(season, world=world):
            assert _parsed(row["match_id"], row, END, world)["event"].num_rows > 2000
    assert parse("competitions", {}, {"competitions.json": body("competitions")})["competition"].num_rows == 2


# --- traps ------------------------------------------------------------------------------------------------


def test_members_that_some_kinds_lack() -> None:
    lacking: dict[str, set[str]] = {"player": set(), "location": set(), "duration": set()}
    for event in every_event():
        for member, kinds in lacking.items():
            if member not in event:
                kinds.add(kind(event))
        assert ("player" in event) is ("position" in event)
        for flag in ("under_pressure", "counterpress", "off_camera", "out"):
            assert event.get(flag, True) is True
    assert {"Starting XI", "Half Start", "Half End", "Own Goal For", "Tactical Shift"} <= lacking["player"]
    assert {"Starting XI", "Substitution", "Bad Behaviour", "Injury Stoppage"} <= lacking["location"]
    assert lacking["duration"] == {"Ball Receipt*"}


def test_shots_have_two_or_three_numbers_and_a_freeze_frame_except_from_the_spot() -> None:
    shots = [event["shot"] for event in every_event() if kind(event) == "Shot"]
    assert {len(shot["end_location"]) for shot in shots} == {2, 3}
    assert {len(shot["end_location"]) for shot in shots if shot["outcome"]["name"] == "Blocked"} == {2}
    for shot in shots:
        assert ("freeze_frame" in shot) is (shot["type"]["name"] != "Penalty")
        assert 0 < shot["statsbomb_xg"] < 1
    assert b"E-4," in b"".join(body(f"events/{match_id}") for match_id in list(RECORDS)[:4]), "as Java writes it"


def test_a_shot_names_its_pass_and_the_pass_its_shot() -> None:
    made = {event["id"]: event for event in every_event()}
    shots = [event for event in made.values() if "key_pass_id" in event.get("shot", {})]
    assert len(shots) > 100
    for shot in shots:
        passed = made[shot["shot"]["key_pass_id"]]["pass"]
        assert passed["assisted_shot_id"] == shot["id"]
        assert ("goal_assist" in passed) is is_goal(shot)
        assert ("shot_assist" in passed) is not is_goal(shot)


def test_own_goals_come_in_pairs() -> None:
    for match_id in CASES["own_goals"]:
        made = events(match_id)
        for place, event in enumerate(made):
            if kind(event) == "Own Goal For":
                other = made[place + 1]
                assert kind(other) == "Own Goal Against"
                assert other["team"]["id"] != event["team"]["id"]
                assert other["related_events"] == [event["id"]]
                assert event["related_events"] == [other["id"]]
    assert len(CASES["own_goals"]) >= 2


def test_a_cup_match_goes_through_extra_time_to_a_shoot_out() -> None:
    made = events(SHOOT_OUT)
    assert sorted({event["period"] for event in made}) == [1, 2, 3, 4, 5]
    kicks = [event for event in made if event["period"] == 5 and kind(event) == "Shot"]
    goals = Counter(event["team"]["id"] for event in kicks if is_goal(event))
    row = RECORDS[SHOOT_OUT]
    assert row["home_score"] == row["away_score"]
    home, away = teams(SHOOT_OUT)
    assert len(kicks) == 10
    assert goals[home] != goals[away]
    assert {event["shot"]["type"]["name"] for event in kicks} == {"Penalty"}


def test_cup_matches_have_winners_who_go_on() -> None:
    rows = sorted((row for row in RECORDS.values() if row["competition"]["competition_id"] == 87),
                  key=lambda row: row["match_id"])  # fmt: skip
    winners = [teams(row["match_id"])[row["home_score"] < row["away_score"]] for row in rows[:6]]
    assert all(row["home_score"] != row["away_score"] for row in rows[:6])
    met = [team for row in rows[4:] for team in teams(row["match_id"])]
    assert met == winners


def test_cards_of_all_colours() -> None:
    lineups = chain.from_iterable(json.loads(body(f"lineups/{match_id}")) for match_id in RECORDS)
    players = [player for side in lineups for player in side["lineup"]]
    cards = Counter(card["card_type"] for player in players for card in player["cards"])
    assert set(cards) == {"Yellow Card", "Second Yellow", "Red Card"}
    assert {player["player_nickname"] is None for player in players} == {True, False}
    reasons = {spell["start_reason"] for player in players for spell in player["positions"]}
    assert {"Starting XI", "Tactical Shift", "Substitution - On (Tactical)", "Player On"} <= reasons


def test_names_have_letters_beyond_ascii() -> None:
    names = {name for event in every_event() if (name := event.get("player", {}).get("name"))}
    assert any(not name.isascii() for name in names)


# --- 360 --------------------------------------------------------------------------------------------------


def test_frames_belong_to_events_and_show_the_actor_where_the_event_is() -> None:
    match_id = CASES["with_360"][0]
    made = {event["id"]: event for event in events(match_id)}
    frames = json.loads(body(f"three-sixty/{match_id}"))
    assert 0.3 < len(frames) / len(made) < 0.9
    for frame in frames:
        (actor,) = [each for each in frame["freeze_frame"] if each["actor"]]
        assert actor["location"] == made[frame["event_uuid"]]["location"]
        assert len(frame["visible_area"]) % 2 == 0
    assert len({frame["event_uuid"] for frame in frames}) == len(frames)


def test_events_stay_consistent_when_they_are_revised() -> None:
    match_id, since = changed("revised")
    row = next(row for season in SEASONS for row in listing(season, since) if row["match_id"] == match_id)
    assert _parsed(match_id, row, since)["event"].num_rows == len(events(match_id))
