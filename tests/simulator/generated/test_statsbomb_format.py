"""The generated StatsBomb's format against that of the recorded files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from simulator.generated.statsbomb.spelling import Spelled, number, pretty
from tests.simulator.generated.statsbomb import RECORDED, body, events, kind, listing, records

# Between them they have every member that is generated; two are of 11/42, one is of 11/90
RECORDED_EVENTS = ("303666", "303725", "3773587")
GENERATED = sorted(records())


def paths(value: Any, path: str = "") -> Iterable[str]:
    """Return where there are values of which types; null is a type."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from paths(member, f"{path}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from paths(item, f"{path}[]")
    else:
        yield f"{path}:{type(value).__name__}"


def event_paths(made: Iterable[dict[str, Any]]) -> set[str]:
    return {path for event in made for path in paths(event, kind(event))}


@pytest.fixture(scope="module")
def statsbomb(recordings: Callable[[str], Path]) -> Path:
    return recordings("statsbomb") / "data"


@pytest.fixture(scope="module")
def recorded_events(statsbomb: Path) -> list[set[str]]:
    return [event_paths(read(statsbomb / "events" / f"{match_id}.json")) for match_id in RECORDED_EVENTS]


@cache
def generated_events() -> frozenset[str]:
    return frozenset().union(*(event_paths(events(match_id)) for match_id in GENERATED))


def read(file: Path) -> Any:
    return json.loads(file.read_bytes())


# --- spelling ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["competitions", "matches/11/42", "matches/43/106", "lineups/3869685",
                                  "events/3869685"])  # fmt: skip
def test_recorded_files_are_spelled_by_our_rule(statsbomb: Path, name: str) -> None:
    text = (statsbomb / f"{name}.json").read_text("utf-8")
    assert pretty(json.loads(text, parse_float=Spelled)) == text


@pytest.mark.parametrize("name", ["competitions", "matches/11/318", "matches/87/318", "lineups/4030207",
                                  "events/4030207", "events/4020101", "three-sixty/4030207"])  # fmt: skip
def test_generated_files_are_spelled_by_the_same_rule(name: str) -> None:
    text = body(name).decode("utf-8")
    assert pretty(json.loads(text, parse_float=Spelled)) == text
    assert "\r" not in text


@pytest.mark.parametrize(
    ("value", "text"), [(0.00096431986, "9.6431986E-4"), (0.000062, "6.2E-5"), (0.0, "0.0"), (14, "14.0"),
                        (-1.5707963, "-1.5707963"), (0.001, "0.001"), (-0.000855, "-8.55E-4")],
)  # fmt: skip
def test_numbers_are_written_as_java_writes_them(value: float, text: str) -> None:
    assert number(value, 8) == text


# --- members ----------------------------------------------------------------------------------------------


def test_events_have_only_members_that_recorded_ones_have(recorded_events: list[set[str]]) -> None:
    assert generated_events() - set().union(*recorded_events) == set()


def test_events_have_all_members_that_are_common(recorded_events: list[set[str]]) -> None:
    common = set.intersection(*recorded_events)
    assert len(common) > 300
    assert common - generated_events() == set()


def test_top_members_come_in_the_recorded_order(statsbomb: Path) -> None:
    known: dict[str, int] = {}
    followed = {
        (a, b)
        for event in read(statsbomb / "events" / f"{RECORDED_EVENTS[0]}.json")
        for place, a in enumerate(event)
        for b in list(event)[place + 1 :]
    }
    for event in events(GENERATED[0]):
        for a, b in zip(event, list(event)[1:], strict=False):
            assert (b, a) not in followed, (kind(event), a, b)
            known[a] = known.get(a, 0) + 1
    assert known["off_camera"]
    assert known["under_pressure"]


@pytest.mark.parametrize("member", ["type", "play_pattern", "position"])
def test_words_have_their_numbers(statsbomb: Path, member: str) -> None:
    def words(made: Iterable[dict[str, Any]]) -> set[tuple[int, str]]:
        return {(event[member]["id"], event[member]["name"]) for event in made if member in event}

    recorded = set().union(*(words(read(statsbomb / "events" / f"{m}.json")) for m in (*RECORDED_EVENTS, RECORDED)))
    generated = set().union(*(words(events(match_id)) for match_id in GENERATED))
    assert generated <= recorded


def test_details_have_their_numbers(statsbomb: Path) -> None:
    def words(made: Iterable[dict[str, Any]]) -> set[tuple[str, str, int, str]]:
        return {
            (kind(event), name, value["id"], value["name"])
            for event in made
            for member, detail in event.items()
            if isinstance(detail, dict) and "name" not in detail
            for name, value in detail.items()
            if isinstance(value, dict) and name not in {"recipient", "replacement"}
        }

    numbers = {(name, text): key for _, name, key, text in
               set().union(*(words(read(statsbomb / "events" / f"{m}.json")) for m in RECORDED_EVENTS))}  # fmt: skip
    for _, name, key, text in set().union(*(words(events(match_id)) for match_id in GENERATED)):
        assert numbers.get((name, text), key) == key, (name, text)


@pytest.mark.parametrize("season", ["11/318", "87/318"])
def test_listings_have_the_recorded_members_in_their_order(statsbomb: Path, season: str) -> None:
    recorded = [row for name in ("11/42", "11/90", "2/44") for row in read(statsbomb / f"matches/{name}.json")]
    known = {path for row in recorded for path in paths(row)}
    order = list(recorded[0])
    for row in listing(season):
        if row["match_status"] == "available":
            assert set(paths(row)) <= known
        assert [member for member in row if member in order] == [member for member in order if member in row]
        assert row.keys() - {"stadium", "referee"} == set(order) - {"stadium", "referee"}


def test_competitions_and_lineups_have_the_recorded_members_in_their_order(statsbomb: Path) -> None:
    recorded, made = read(statsbomb / "competitions.json"), json.loads(body("competitions"))
    assert {tuple(row) for row in made} == {tuple(row) for row in recorded}
    recorded, made = read(statsbomb / "lineups/3869685.json"), json.loads(body(f"lineups/{GENERATED[0]}"))
    assert set(paths(made)) <= set(paths(recorded))
    assert {tuple(player) for side in made for player in side["lineup"]} == {
        tuple(player) for side in recorded for player in side["lineup"]
    }


def test_frames_have_the_recorded_members(statsbomb: Path) -> None:
    recorded = read(statsbomb.parent / "misc" / "threesixty_3795108_trimmed.json")
    made = json.loads(body("three-sixty/4020103"))
    assert set(paths(made)) == set(paths(recorded))
    assert [tuple(frame) for frame in made[:1]] == [tuple(frame) for frame in recorded[:1]]
    assert tuple(made[0]["freeze_frame"][0]) == tuple(recorded[0]["freeze_frame"][0])
