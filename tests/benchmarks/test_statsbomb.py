"""The parts of StatsBomb's benchmarks: a mirror that answers as the provider does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from benchmarks import statsbomb_mirror
from benchmarks.planning_run import AFTER, candidates
from benchmarks.statsbomb_mirror import Mirror, World, mirror, written

RECORD: dict[str, Any] = {
    "match_id": 7,
    "season": {"season_id": 42},
    "last_updated": "2020-07-29T05:00",
    "last_updated_360": None,
}
EVENTS: list[dict[str, Any]] = [{"id": "a"}, {"id": "b", "duration": 0.5}, {"id": "c", "duration": 2.0}]
FILES = {
    "competitions.json": b"[]",
    "matches/11/42.json": written([RECORD, {**RECORD, "match_id": 8}]),
    "events/7.json": written(EVENTS),
    "lineups/7.json": b"[ ]",
}
WORLD = World("small", {42: 2}, FILES, {7: 3, 8: 3})


@pytest.fixture
def server() -> Iterator[Mirror]:
    with mirror(WORLD) as found:
        yield found


def test_it_answers_as_a_static_host_does_and_counts(server: Mirror) -> None:
    base = server.base_url(WORLD)
    with httpx.Client() as client:
        first = client.get(f"{base}/lineups/7.json")
        assert (first.status_code, first.content) == (200, b"[ ]")
        same = client.get(f"{base}/lineups/7.json", headers={"If-None-Match": first.headers["etag"]})
        assert (same.status_code, same.content) == (304, b"")
        assert client.get(f"{base}/three-sixty/7.json").status_code == 404
        assert client.get(f"{base}/events/7.json").content == FILES["events/7.json"]
    assert server.kinds() == {200: 2, 304: 1, 404: 1}
    server.forget_requests()
    assert server.kinds() == {}


def test_one_match_changes_and_nothing_else_does(server: Mirror) -> None:
    def get(path: str) -> httpx.Response:
        return httpx.get(f"{server.base_url(WORLD)}/{path}")

    before = {path: get(path) for path in FILES}
    assert server.change_one(WORLD, changed=True) == 7
    changed = {path for path, answer in before.items() if get(path).headers["etag"] != answer.headers["etag"]}
    assert changed == {"events/7.json", "matches/11/42.json"}
    first, second = get("matches/11/42.json").json()
    assert first == RECORD | {"last_updated": statsbomb_mirror.NEW_DAY}
    assert second == RECORD | {"match_id": 8}
    assert get("events/7.json").json() == [EVENTS[0], EVENTS[1] | {"duration": 10.5}, EVENTS[2]]
    server.change_one(WORLD, changed=False)
    assert get("events/7.json").content == FILES["events/7.json"]


def test_a_larger_world_is_the_recorded_matches_under_other_ids() -> None:
    templates = [(RECORD, b"lineups 7", b"events 7", 3), ({**RECORD, "match_id": 8}, b"lineups 8", b"events 8", 4)]
    entry = {"competition_id": 11, "season_id": 42, "season_name": "2019/2020"}
    world = statsbomb_mirror.larger("large", [3, 2], templates, entry)
    assert (world.matches, world.selector) == (5, "competition_id=11/season_id=1001,1002")
    assert list(world.rows.values()) == [3, 4, 3, 4, 3]
    listed = {s: [r["match_id"] for r in json.loads(world.files[f"matches/11/{s}.json"])] for s in world.seasons}
    assert [*listed[1001], *listed[1002]] == list(world.rows)
    (last,) = listed[1002][1:]
    assert world.files[f"events/{last}.json"] == b"events 7"
    assert [each["season_id"] for each in json.loads(world.files["competitions.json"])] == [1001, 1002]


def test_as_many_candidates_change_as_are_asked_for() -> None:
    found = list(candidates(1000, 3))
    assert len({each.identifier["match_id"] for each in found}) == 1000
    assert sum(each.files[0].version == AFTER for each in found) == 3
