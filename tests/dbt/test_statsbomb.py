"""The marts of real matches: what is known of them, what their files say when read apart, and what dbt's tests see."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from fieldhouse.sources.statsbomb import SOURCE as STATSBOMB
from fieldhouse.warehouse import DatasetRows, Warehouse
from tests.dbt.conftest import RECORDED_MATCHES, Marts
from tests.sources.statsbomb.recorded import Recorded, recorded_matches

pytestmark = pytest.mark.xdist_group("dbt")

SOURCE = ("--select", "tag:statsbomb")
SINGULAR = ("--select", "tag:statsbomb,test_type:singular")
MATCHES, TEAMS, PLAYERS = MARTS = ("statsbomb__matches", "statsbomb__team_match", "statsbomb__player_match")
NAMES = ("goals", "shots", "on target", "Pass", "completed", "Pressure", "Foul Committed", "Carry", "cards", "xg")
COLUMNS = (
    "{}, goals, shots, shots_on_target, passes, completed_passes, pressures, fouls, carries, "
    "yellow_cards + red_cards, xg"
)
SENT_OFF = {"Red Card", "Second Yellow"}
FINAL, TWO_RED_CARDS, OWN_GOALS, OWN_GOALS_AND_RED_CARD = 3869685, 303615, 303696, 3773466
ARGENTINA, FRANCE, BARCELONA, ESPANYOL = 779, 771, 217, 214


@pytest.fixture(scope="module")
def recorded(recordings: Callable[[str], Path]) -> dict[int, Recorded]:
    found = (match for season in RECORDED_MATCHES for match in recorded_matches(recordings("statsbomb"), season))
    wanted = {number for numbers in RECORDED_MATCHES.values() for number in numbers}
    return {match.number: match for match in found if match.number in wanted}


def rows(marts: Marts, mart: str, columns: str, condition: str, *parameters: Any) -> list[Any]:
    return marts.rows(f"select {columns} from marts.{mart} where {condition} order by 1, 2", *parameters)


def test_final_of_2022(built: Marts) -> None:
    """Argentina 3:3 France after 2:0 at half-time, 4:2 on penalties."""
    columns = (
        "home_team, away_team, home_score, away_score, home_half_time_score, away_half_time_score, extra_time, "
        "home_shoot_out_score, away_shoot_out_score, winner_id, competition, season, competition_stage"
    )
    (final,) = rows(built, MATCHES, columns, "match_id = %s", FINAL)
    where = ("FIFA World Cup", "2022", "Final")
    assert final == ("Argentina", "France", 3, 3, 2, 0, True, 4, 2, ARGENTINA, *where)
    goals = rows(built, PLAYERS, "player, goals, penalties", "match_id = %s and goals > 0", FINAL)
    assert [(goals, penalties) for _, goals, penalties in goals] == [(3, 2), (2, 1), (1, 0)]
    assert [player.split()[0] for player, *_ in goals] == ["Kylian", "Lionel", "Ángel"]
    on_the_pitch = rows(built, PLAYERS, "count(*), 1", "match_id = %s and minute_on is not null", FINAL)
    assert on_the_pitch == [(22 + 6 + 7, 1)]


def test_other_matches(built: Marts) -> None:
    columns = "match_id, home_team, home_score, away_score, away_team, extra_time, home_shoot_out_score, winner_id"
    assert rows(built, MATCHES, columns, "match_id <> %s", FINAL) == [
        (303615, "Barcelona", 1, 0, "Espanyol", False, None, BARCELONA),
        (303696, "Barcelona", 2, 2, "Atlético Madrid", False, None, None),
        (3773466, "Celta Vigo", 0, 3, "Barcelona", False, None, BARCELONA),
        (3857256, "Serbia", 2, 3, "Switzerland", False, None, 773),
    ]


def teams_of(match: Recorded) -> dict[int, Any]:
    """Return {team: the numbers of NAMES}, read from the JSON."""
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for event in match.events:
        counts[event["team"]["id"]].update(counted(event))
    return {team: tuple(each[name] for name in NAMES) for team, each in counts.items()}


def players_of(match: Recorded) -> dict[int, Any]:
    """Return the same by player; own goals are nobody's."""
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for event in match.events:
        if "player" in event:
            counts[event["player"]["id"]].update(counted(event))
    return {player: tuple(each[name] for name in NAMES) for player, each in counts.items()}


def counted(event: dict[str, Any]) -> dict[str, float]:
    shot, kind = event.get("shot"), event["type"]["name"]
    found: dict[str, float] = {kind: 1}
    if shot and event["period"] < 5:
        outcome = shot["outcome"]["name"]
        found |= {"shots": 1, "goals": int(outcome == "Goal"), "xg": shot["statsbomb_xg"]}
        found["on target"] = int(outcome in {"Goal", "Saved", "Saved to Post"})
    if kind == "Own Goal For":
        found["goals"] = 1
    if kind == "Pass":
        found["completed"] = int("outcome" not in event["pass"])
    if "card" in event.get("foul_committed", {}) or "card" in event.get("bad_behaviour", {}):
        found["cards"] = 1
    return found


def test_what_teams_and_players_did_is_what_the_files_say(built: Marts, recorded: dict[int, Recorded]) -> None:
    assert set(recorded) == {number for numbers in RECORDED_MATCHES.values() for number in numbers}
    for number, match in recorded.items():
        teams = {row[0]: row[1:] for row in rows(built, TEAMS, COLUMNS.format("team_id"), "match_id = %s", number)}
        assert teams == {team: approximately(row) for team, row in teams_of(match).items()}, number
        found = rows(built, PLAYERS, COLUMNS.format("player_id"), "match_id = %s", number)
        players = {row[0]: row[1:] for row in found if row[0] in players_of(match)}
        assert players == {player: approximately(row) for player, row in players_of(match).items()}, number


def approximately(row: tuple[float, ...]) -> Any:
    return pytest.approx(row, abs=1e-9)


def test_shares(built: Marts, recorded: dict[int, Recorded]) -> None:
    passes = {team: row[3:5] for team, row in teams_of(recorded[FINAL]).items()}
    both = sum(attempted for attempted, _ in passes.values())
    expected = [
        (team, pytest.approx(completed / attempted), pytest.approx(attempted / both))
        for team, (attempted, completed) in sorted(passes.items())
    ]
    assert rows(built, TEAMS, "team_id, pass_accuracy, possession", "match_id = %s", FINAL) == expected


def test_expected_assists(built: Marts, recorded: dict[int, Recorded]) -> None:
    for number, match in recorded.items():
        chances: Counter[int] = Counter()
        xg = {event["id"]: event["shot"]["statsbomb_xg"] for event in match.events if "shot" in event}
        for event in match.events:
            if shot := event.get("pass", {}).get("assisted_shot_id"):
                chances[event["player"]["id"]] += xg[shot]
        found = dict(rows(built, PLAYERS, "player_id, xa", "match_id = %s and xa > 0", number))
        assert found == pytest.approx(dict(chances)), number


def times_of(match: Recorded) -> tuple[float, dict[int, float]]:
    """Return the length of a match without its shoot-out, and {player: time on the pitch}, in seconds."""
    ends = max(at for at, _ in timed(match))
    came: dict[int, float] = {}
    went: dict[int, float] = {}
    for at, event in timed(match):
        if event["type"]["name"] == "Starting XI":
            came |= {each["player"]["id"]: 0.0 for each in event["tactics"]["lineup"]}
        elif event["type"]["name"] == "Substitution":
            came[event["substitution"]["replacement"]["id"]] = at
            went[event["player"]["id"]] = at
        elif is_sent_off(event):
            went.setdefault(event["player"]["id"], at)
    return ends, {player: went.get(player, ends) - start for player, start in came.items()}


def timed(match: Recorded) -> list[tuple[float, dict[str, Any]]]:
    """Return the events before the shoot-out, each with the seconds of play before it."""
    length: dict[int, float] = defaultdict(float)
    for event in match.events:
        length[event["period"]] = max(length[event["period"]], second(event))
    played = [event for event in match.events if event["period"] < 5]
    return [(sum(length[p] for p in range(1, event["period"])) + second(event), event) for event in played]


def is_sent_off(event: dict[str, Any]) -> bool:
    cards = [event.get(kind, {}).get("card", {}).get("name") for kind in ("foul_committed", "bad_behaviour")]
    return any(card in SENT_OFF for card in cards)


def second(event: dict[str, Any]) -> float:
    hours, minutes, seconds = event["timestamp"].split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def test_minutes_are_those_of_the_events(built: Marts, recorded: dict[int, Recorded]) -> None:
    for number, match in recorded.items():
        length, times = times_of(match)
        found = rows(built, PLAYERS, "player_id, seconds_played", "match_id = %s and minute_on is not null", number)
        assert dict(found) == pytest.approx(times, abs=0.6), number
        assert rows(built, TEAMS, "distinct seconds, 1", "match_id = %s", number) == [(round(length), 1)]


def test_eleven_play_until_one_is_sent_off(built: Marts, recorded: dict[int, Recorded]) -> None:
    """Eleven times the length of the match, but for the time after a red card; in one match both teams end with ten."""
    missing = built.rows(
        "select t.match_id, t.team_id, 11 * max(t.seconds) - sum(p.seconds_played) "
        "from marts.statsbomb__team_match as t "
        "inner join marts.statsbomb__player_match as p using (match_id, team_id) group by 1, 2"
    )
    expected = {
        (number, team): without_a_player(match, team) for number, match in recorded.items() for team in teams_of(match)
    }
    # eleven times of play, each rounded to a second, against one
    assert {(match, team): float(seconds) for match, team, seconds in missing} == pytest.approx(expected, abs=11)
    short = {key for key, seconds in expected.items() if seconds}
    assert short == {(TWO_RED_CARDS, BARCELONA), (TWO_RED_CARDS, ESPANYOL), (OWN_GOALS_AND_RED_CARD, BARCELONA)}


def without_a_player(match: Recorded, team: int) -> float:
    ends, times = times_of(match)
    return sum(
        ends - at
        for at, event in timed(match)
        if event["team"]["id"] == team and is_sent_off(event) and event["player"]["id"] in times
    )


def test_a_card_on_the_bench_is_no_time_of_play(built: Marts) -> None:
    columns = "player, started, minute_on, seconds_played, passes, yellow_cards + red_cards"
    bench = rows(built, PLAYERS, columns, "match_id = %s and minute_on is null", TWO_RED_CARDS)
    assert bench == [("Víctor Sánchez Mata", False, None, 0, 0, 1)]


def test_own_goals_are_the_other_team_s_goals(built: Marts, recorded: dict[int, Recorded]) -> None:
    scorers = {
        event["player"]["id"] for event in recorded[OWN_GOALS].events if "Own Goal Against" in event["type"]["name"]
    }
    assert scorers
    found = rows(built, PLAYERS, "player_id, own_goals", "match_id = %s and own_goals > 0", OWN_GOALS)
    assert found == [(scorer, 1) for scorer in sorted(scorers)]
    teams = rows(built, TEAMS, "own_goals_for, goals, goals_against", "match_id = %s", OWN_GOALS)
    assert sum(own for own, *_ in teams) == len(scorers)
    assert [row[1:] for row in teams] == [(2, 2), (2, 2)]


def test_dbt_s_own_tests_see_what_is_wrong(copy: Marts) -> None:
    """Those that the provider's slips may break only warn: a warning does not stop the marts."""
    copy.rows("update marts.statsbomb__team_match set goals = goals + 1, xg = xg + 0.1 where match_id = %s", FINAL)
    copy.rows("update marts.statsbomb__player_match set seconds_played = seconds_played + 60 where match_id = 303696")
    statuses = copy.run("test", *SINGULAR, code=1)
    assert {node.split(".")[-1]: status for node, status in statuses.items()} == {
        "score_is_the_goals": "warn",
        "team_is_its_shots": "fail",
        "team_is_its_players": "warn",
        "eleven_play_all_the_time": "warn",
    }


def load(marts: Marts, match: Recorded, dataset: int, change: Callable[[str, Any], Any], **moved: str) -> None:
    """Load a match as a dataset's newest activation, its events changed."""
    ((activation,),) = marts.rows("select nextval('lake.activation_number')")
    identifier = {**match.identifier, **moved}
    files = dict(match.files)
    for name in ("match.json", "events.json"):
        files[name] = json.dumps(change(name, json.loads(files[name]))).encode()
    tables = STATSBOMB.parse("match", identifier, files)
    functions = {name: partial(lambda table: table, table) for name, table in tables.items()}
    warehouse = Warehouse(marts.dsn)
    warehouse.load("statsbomb", 1, [DatasetRows(dataset, str(identifier), 2, activation, functions)])
    warehouse.close()


def without_pressure(name: str, file: Any) -> Any:
    """Make every pressure a block."""
    for event in file if name == "events.json" else ():
        if event["type"]["name"] == "Pressure":
            event["type"] = {"id": 6, "name": "Block"}
    return file


def in_another_season(name: str, file: Any) -> Any:
    if name == "match.json":
        file["season"] = {"season_id": 1, "season_name": "another"}
    return file


def state(marts: Marts) -> dict[str, dict[int, Any]]:
    """Return {mart: {match: (a digest of its rows, where they lie)}}; rows that are written again lie elsewhere."""
    digest = "md5(string_agg(t::text, '' order by t::text)), array_agg(ctid::text order by ctid)::text"
    return {
        mart: {
            match: tuple(rest)
            for match, *rest in marts.rows(f"select match_id, {digest} from marts.{mart} t group by 1")
        }
        for mart in MARTS
    }


def test_what_changed_is_built_anew_and_nothing_else(copy: Marts, recorded: dict[int, Recorded]) -> None:
    """A match is corrected, one moves to another season and so to another dataset, one is deleted."""
    datasets = dict(copy.rows("select match_id, _dataset_id from statsbomb.match"))
    before = state(copy)
    load(copy, recorded[FINAL], datasets[FINAL], without_pressure)
    load(copy, recorded[OWN_GOALS], 10_000, in_another_season, season_id="1")
    for table in ("statsbomb.match", "statsbomb.lineup_player", "statsbomb.event"):
        copy.rows(f"delete from {table} where match_id = %s", TWO_RED_CARDS)
    copy.rows("delete from fieldhouse.loaded where dataset_id = %s", datasets[TWO_RED_CARDS])
    copy.run("run", *SOURCE)

    after = state(copy)
    for mart in MARTS:
        assert set(after[mart]) == set(before[mart]) - {TWO_RED_CARDS}
        written = {match for match in after[mart] if after[mart][match] != before[mart][match]}
        assert written == {FINAL, OWN_GOALS}, mart
    assert rows(copy, TEAMS, "pressures, 1", "match_id = %s", FINAL) == [(0, 1), (0, 1)]
    assert rows(copy, MATCHES, "season_id, _dataset_id", "match_id = %s", OWN_GOALS) == [(1, 10_000)]
    copy.run("run", "--full-refresh", *SOURCE)
    assert digests(state(copy)) == digests(after)


def digests(of: dict[str, dict[int, Any]]) -> dict[str, dict[int, str]]:
    return {mart: {match: digest for match, (digest, _) in rows.items()} for mart, rows in of.items()}
