"""Generated StatsBomb: what follows from the seed, what the days bring, and a world of any size."""

from __future__ import annotations

import json
from datetime import date, timedelta

import httpx
import pytest

from simulator.generated import GeneratedWorld
from simulator.generated.statsbomb import DATA, StatsBomb
from simulator.generated.statsbomb.schedule import matches
from simulator.server import Config, Running, serve
from tests.simulator.generated.statsbomb import (
    CASES,
    CHANGES,
    END,
    SEASONS,
    TODAY,
    WORLD,
    body,
    changed,
    found,
    listing,
    records,
)

HOST = "raw.githubusercontent.com"
FILES = ("events", "lineups", "three-sixty")


def updated(match_id: int, today: date, member: str = "last_updated") -> str:
    return str(records(today)[match_id][member])


def competition(season: str, today: date) -> dict[str, str]:
    rows = json.loads(body("competitions", today))
    return next(row for row in rows if f"{row['competition_id']}/{row['season_id']}" == season)


# --- determinism ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["competitions", "matches/11/318", "lineups/4020103", "events/4020103",
                                  "three-sixty/4020103"])  # fmt: skip
def test_a_file_follows_from_seed_and_date_alone(path: str) -> None:
    first = body(path)
    matches.cache_clear()
    assert body(path, world=StatsBomb(1)) == first
    if path != "competitions":
        assert body(path, world=StatsBomb(2)) != first


def test_no_order_of_asking_matters() -> None:
    match_id, since = changed("revised")
    days = (since, since - timedelta(days=1))
    late_first = [body(f"events/{match_id}", day, StatsBomb(1)) for day in days]
    world = StatsBomb(1)
    early_first = [body(f"events/{match_id}", day, world) for day in days[::-1]]
    assert late_first == early_first[::-1]


def test_more_matches_than_are_kept_are_played_anew_the_same() -> None:
    world = StatsBomb(1)
    first = {match_id: found(f"lineups/{match_id}", world=world) for match_id in list(records())[:10]}
    assert {match_id: found(f"lineups/{match_id}", world=world) for match_id in first} == first


@pytest.mark.parametrize(
    "path", ["competitions.txt", "matches/11/42", "matches/999/1", "events/1", "events/4020130", "lineups/x"]
)
def test_what_is_not_there_is_not_answered(path: str) -> None:
    assert found(path) is None


def test_a_query_has_no_answer() -> None:
    assert WORLD.answer(f"{DATA}/competitions.json", "a=b", TODAY) is None


# --- the sample -------------------------------------------------------------------------------------------


def test_the_default_date_has_two_seasons_with_24_matches() -> None:
    rows = json.loads(body("competitions"))
    assert [f"{row['competition_id']}/{row['season_id']}" for row in rows] == list(SEASONS)
    assert len(records()) == CASES["matches"] == 24
    assert list(SEASONS) == CASES["seasons"]


def test_every_listed_match_has_its_files() -> None:
    for match_id in records():
        assert found(f"events/{match_id}")
        assert found(f"lineups/{match_id}")


def test_360_is_promised_with_and_without_a_file() -> None:
    status = {match_id: row["match_status_360"] for match_id, row in records().items()}
    there = [match_id for match_id in status if found(f"three-sixty/{match_id}")]
    assert sorted(there) == sorted(CASES["with_360"])
    assert len(there) == 3
    assert sorted(m for m, word in status.items() if word == "available") == sorted(there + CASES["promised_360"])
    assert set(status.values()) == {"available", "scheduled", "processing"}


def test_members_that_the_provider_leaves_out_now_and_then() -> None:
    rows = list(records().values())
    assert 1 <= sum("stadium" not in row for row in rows) < len(rows)
    assert 1 <= sum("referee" not in row for row in rows) < len(rows)
    assert 1 <= sum("managers" not in row["home_team"] for row in rows) < len(rows)
    nicknames = [row["home_team"]["managers"][0]["nickname"] for row in rows if "managers" in row["home_team"]]
    assert None in nicknames
    assert any(nicknames)


# --- the passing of time ----------------------------------------------------------------------------------


def test_a_match_is_listed_when_its_day_is_over() -> None:
    day = date(2025, 10, 24)
    while day < END:
        for season in SEASONS:
            known = found(f"matches/{season}", day)
            for row in json.loads(known.body) if known else ():
                played = row["match_status"] == "available"
                assert (row["match_date"] < day.isoformat()) is played, (day, row["match_id"])
                assert (row["home_score"] is not None) is played
                assert row["last_updated"] < day.isoformat()
        day += timedelta(days=3)
    assert len(records(END)) == 37


def test_before_the_first_match_there_is_no_season() -> None:
    assert json.loads(body("competitions", date(2025, 10, 25))) == []
    assert found("matches/11/318", date(2025, 10, 25)) is None
    assert len(listing("11/318", date(2025, 10, 26))) == 2
    assert len(json.loads(body("competitions", date(2025, 10, 26)))) == 1


def test_the_next_match_is_scheduled_and_has_no_files() -> None:
    rows = [row for row in listing("11/318") if row["match_status"] == "scheduled"]
    assert [row["match_id"] for row in rows] == CASES["scheduled"] == [4020118]
    assert not any(found(f"{file}/4020118") for file in FILES)


def test_a_revised_match_has_other_events_and_a_later_update() -> None:
    match_id, since = changed("revised")
    before = since - timedelta(days=1)
    assert updated(match_id, since) > updated(match_id, before)
    old, new = (json.loads(body(f"events/{match_id}", day)) for day in (before, since))
    different = [one["id"] for one, other in zip(old, new, strict=True) if one != other]
    assert 5 < len(different) < 60
    assert [event["id"] for event in old] == [event["id"] for event in new]
    assert found(f"lineups/{match_id}", before) == found(f"lineups/{match_id}", since)
    assert competition("11/318", since)["match_updated"] == updated(match_id, since)


def test_a_touched_match_has_a_later_update_and_the_same_bytes() -> None:
    match_id, since = changed("touched")
    before = since - timedelta(days=1)
    assert updated(match_id, since) > updated(match_id, before)
    assert [found(f"{file}/{match_id}", since) for file in FILES] == [
        found(f"{file}/{match_id}", before) for file in FILES
    ]


def test_a_silent_correction_moves_nothing_but_bytes() -> None:
    match_id, since = changed("silent")
    before = since - timedelta(days=1)
    assert records(since)[match_id] == records(before)[match_id]
    assert competition("11/318", since) == competition("11/318", before)
    old, new = found(f"events/{match_id}", before), found(f"events/{match_id}", since)
    assert old
    assert new
    assert old.body != new.body
    assert old.etag != new.etag


def test_360_arrives_a_week_later() -> None:
    match_id, since = changed("360")
    before = since - timedelta(days=1)
    assert since == date.fromisoformat(records()[match_id]["match_date"]) + timedelta(days=8)
    assert found(f"three-sixty/{match_id}", before) is None
    assert found(f"three-sixty/{match_id}", since)
    assert [records(day)[match_id]["match_status_360"] for day in (before, since)] == ["processing", "available"]
    assert updated(match_id, since, "last_updated_360") > updated(match_id, before, "last_updated_360")
    assert updated(match_id, since) == updated(match_id, before)
    season = competition("11/318", since)
    assert season["match_updated_360"] == updated(match_id, since, "last_updated_360")


def test_a_match_is_withdrawn_and_returns_the_same() -> None:
    match_id, gone = changed("withdrawn")
    _, back = changed("returned")
    before = gone - timedelta(days=1)
    assert found(f"events/{match_id}", before)
    for day in (gone, back - timedelta(days=1)):
        assert match_id not in records(day)
        assert not any(found(f"{file}/{match_id}", day) for file in FILES)
        assert WORLD.describe(day)["matches"] == len(records(day))
    assert found(f"events/{match_id}", back) == found(f"events/{match_id}", before)
    assert competition("11/318", gone)["match_updated"] > competition("11/318", before)["match_updated"]
    assert competition("11/318", back)["match_updated"] > competition("11/318", gone)["match_updated"]


def test_what_is_described_stands_before_a_reader_of_the_default_date() -> None:
    assert all(since > TODAY for since in (changed(what)[1] for what in CHANGES))
    assert json.loads(json.dumps(CASES)) == CASES


# --- a large world ----------------------------------------------------------------------------------------


def test_a_large_world_has_as_many_matches_as_wanted() -> None:
    world = StatsBomb(1, matches=1000)
    seasons = [f"11/{row['season_id']}" for row in json.loads(body("competitions", world=world))]
    rows = {row["match_id"]: row for season in seasons for row in listing(season, world=world)}
    assert (len(seasons), len(rows), world.describe(TODAY)) == (
        3, 1000, {"seasons": seasons, "matches": 1000})  # fmt: skip
    chosen = list(rows)[:9]
    made = {match_id: json.loads(body(f"events/{match_id}", world=world)) for match_id in chosen}
    ids = [event["id"] for events in made.values() for event in events]
    assert len(set(ids)) == len(ids)
    for match_id, events in made.items():
        row = rows[match_id]
        teams = {row["home_team"]["home_team_id"], row["away_team"]["away_team_id"]}
        assert {event["team"]["id"] for event in events} == teams
        assert {team["team_id"] for team in json.loads(body(f"lineups/{match_id}", world=world))} == teams
        known = {event["id"] for event in events}
        assert all(known.issuperset(event.get("related_events", ())) for event in events)
        home = [e for e in events if e["team"]["id"] == row["home_team"]["home_team_id"]]
        goals = sum(e["type"]["name"] == "Own Goal For" or e.get("shot", {}).get("outcome", {}).get("name") == "Goal"
                    for e in home)  # fmt: skip
        assert goals == row["home_score"]


def test_in_a_large_world_one_match_is_revised_each_day() -> None:
    world = StatsBomb(1, matches=50)
    before, after = ({row["match_id"]: row for row in listing("11/1", day, world)}
                     for day in (TODAY, TODAY + timedelta(days=1)))  # fmt: skip
    (revised,) = [match_id for match_id, row in after.items() if row != before[match_id]]
    old, new = (found(f"events/{revised}", day, world) for day in (TODAY, TODAY + timedelta(days=1)))
    assert old
    assert new
    assert old.body != new.body
    assert old.etag != new.etag


def test_a_large_world_is_chosen_by_the_servers_configuration() -> None:
    described = Config(only=("statsbomb",), matches=400).world().describe()
    assert described["statsbomb"]["matches"] == 400
    assert GeneratedWorld(only=("football_data",), matches=400).bases.keys() == {"football_data"}


# --- over HTTP --------------------------------------------------------------------------------------------


def test_over_http(generated: Running) -> None:
    url = generated.base(HOST) + DATA
    for path in ("competitions", "matches/11/318", "events/4020103", "lineups/4020103", "three-sixty/4020103"):
        first = httpx.get(f"{url}/{path}.json")
        assert first.content == body(path)
        assert first.headers["content-type"] == "text/plain; charset=utf-8"
        assert first.headers["cache-control"] == "max-age=300"
        assert "last-modified" not in first.headers
        again = httpx.get(f"{url}/{path}.json", headers={"if-none-match": first.headers["etag"]})
        assert again.status_code == 304
    assert httpx.get(f"{url}/three-sixty/4020104.json").status_code == 404
    assert generated.state()["sources"]["statsbomb"] == generated.base(HOST) + DATA


def test_a_server_may_have_this_source_alone() -> None:
    with serve(Config(only=("statsbomb",), matches=10)) as running:
        assert list(running.state()["sources"]) == ["statsbomb"]
        assert httpx.get(f"{running.base(HOST)}{DATA}/events/5000009.json").status_code == 200
