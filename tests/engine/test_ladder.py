"""The ladder of a fetch: the provider's own word, then a conditional request, then the bytes; and its exceptions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fieldhouse.engine.discover import Request, discover_files
from fieldhouse.engine.life import rollback
from fieldhouse.engine.status import Selection
from fieldhouse.errors import PageChanged
from fieldhouse.source import Client, Gap, Scope, Window
from simulator.answer import Answer
from tests.engine.ladder import SOURCE, discover
from tests.engine.toy import EPOCH, Toy, lake_state, outcomes, sheet, shift_clock, table_state, work

DAY = timedelta(days=1)


@pytest.fixture
def ladder(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> Toy:
    """Two pairs with versions, and nothing fetched yet."""
    shift_clock(monkeypatch, EPOCH)
    toy.source = SOURCE
    toy.world.put_pair(1, [1, 2], [3], left="a", note="one")
    toy.world.put_pair(2, [4], [5], left="a", note="two")
    return toy


@pytest.fixture
def filled(ladder: Toy) -> Toy:
    """The same, fetched once; both sides of the first pair."""
    ladder.world.entries["pair 1"]["right"] = "a"
    assert not ladder.run().failed
    ladder.asked()
    return ladder


def put(toy: Toy, number: int, **entry: str) -> None:
    toy.world.entries[f"pair {number}"].update(entry)


def states(toy: Toy) -> dict[str, tuple[str, int | None]]:
    rows = toy.rows("select identifier, state, current_revision from lake.dataset order by 1")
    return {identifier.removeprefix("number="): (state, revision) for identifier, state, revision in rows}


def kinds(toy: Toy) -> list[str]:
    return [kind for (kind,) in toy.rows("select kind from lake.event order by event_id")]


def test_the_providers_word_saves_the_request(filled: Toy) -> None:
    assert outcomes(filled.run()) == {}
    assert [(request.path, request.status) for request in filled.server.requests()] == [("/list.json", 304)]


def test_only_the_file_with_another_version_is_asked_for(filled: Toy) -> None:
    put(filled, 1, right="b")
    filled.world.files["/1/right.csv"] = sheet([3, 6])
    assert outcomes(filled.run()) == {"fetched": 1}
    assert filled.asked() == ["/1/right.csv"]
    assert states(filled)["1"] == ("complete", 2)
    assert filled.rows("select count(*) from toy.item where pair = 1") == [(4,)]


def test_a_version_that_moved_over_the_same_bytes_is_no_revision_and_no_reason_next_time(filled: Toy) -> None:
    put(filled, 1, left="b")
    before = lake_state(filled.settings)
    assert outcomes(filled.run()) == {"unchanged": 1}
    assert filled.asked() == ["/1/left.csv"]
    assert lake_state(filled.settings) == before
    assert outcomes(filled.run()) == {}
    assert filled.asked() == []


def test_what_the_listing_holds_itself_costs_no_request(filled: Toy) -> None:
    put(filled, 2, note="two, told anew")
    assert outcomes(filled.run()) == {"fetched": 1}
    assert filled.asked() == []
    with filled.context() as context:
        (file,) = context.catalog.rows(
            "select f.path, f.sha256 from lake.file as f inner join lake.dataset as d using (dataset_id) "
            "where d.identifier = 'number=2' and f.revision = d.current_revision and f.name = 'note.txt'"
        )
        assert context.lake.read_raw(*file) == b"two, told anew"


def test_bytes_that_changed_without_a_word_are_found_by_the_recheck(
    filled: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled.world.files["/2/left.csv"] = sheet([4, 44])
    shift_clock(monkeypatch, EPOCH + 29 * DAY)
    assert outcomes(filled.run()) == {}
    shift_clock(monkeypatch, EPOCH + 31 * DAY)
    assert outcomes(filled.run()) == {"fetched": 1, "unchanged": 1}
    # the others conditionally
    assert [r.status for r in filled.server.requests() if r.path == "/1/left.csv"][-1] == 304
    assert states(filled) == {"1": ("complete", 1), "2": ("complete", 2)}


def test_a_file_that_is_wanted_later_is_fetched_for_what_is_here(filled: Toy) -> None:
    put(filled, 2, right="a")
    assert outcomes(filled.run()) == {"fetched": 1}
    assert filled.asked() == ["/2/right.csv"]
    # and not given up when it is not wanted any more
    del filled.world.entries["pair 2"]["right"]
    put(filled, 2, left="b")
    filled.world.files["/2/left.csv"] = sheet([4, 44])
    assert outcomes(filled.run()) == {"fetched": 1}
    assert filled.asked() == ["/2/left.csv"]
    assert states(filled)["2"] == ("complete", 3)
    assert filled.rows("select side, count(*) from toy.item where pair = 2 group by 1 order by 1") == [
        ("left.csv", 2),
        ("right.csv", 1),
    ]


def test_a_promised_file_that_is_not_there_is_remembered(filled: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    right = filled.world.files.pop("/2/right.csv")
    put(filled, 2, right="a")
    assert outcomes(filled.run()) == {"unchanged": 1}
    assert (filled.asked(), states(filled)["2"]) == (["/2/right.csv"], ("partial", 1))
    assert outcomes(filled.run()) == {}
    assert filled.asked() == []
    # asked again when the listing says something else of it
    put(filled, 2, right="b")
    filled.run()
    assert filled.asked() == ["/2/right.csv"]
    # or when the re-check is due
    filled.world.files["/2/right.csv"] = right
    shift_clock(monkeypatch, EPOCH + 31 * DAY)
    filled.run()
    assert "/2/right.csv" in filled.asked()
    assert states(filled)["2"] == ("complete", 2)
    assert {"dataset_partial", "dataset_completed"} <= set(kinds(filled))


def test_a_new_dataset_without_its_promised_file_is_partial(ladder: Toy) -> None:
    del ladder.world.files["/1/right.csv"]
    put(ladder, 1, right="a")
    assert outcomes(ladder.run()) == {"fetched": 2}
    assert states(ladder) == {"1": ("partial", 1), "2": ("complete", 1)}


def test_an_optional_file_that_cannot_be_read_keeps_nothing_else_out(ladder: Toy) -> None:
    whole = ladder.world.files["/1/right.csv"]
    ladder.world.files["/1/right.csv"] = b"\x00\x00"
    put(ladder, 1, right="a")
    report = ladder.run()
    assert outcomes(report) == {"fetched": 1, "page_changed": 1}
    assert "right.csv" in report.problems[0].message
    # the bytes are kept with those that they came with, and the rest is loaded
    assert states(ladder)["1"] == ("partial", 2)
    assert ladder.rows("select revision, state from lake.revision where dataset_id = 1 order by 1") == [
        (1, "quarantined"),
        (2, "good"),
    ]
    assert ladder.rows("select count(*) from toy.item where pair = 1") == [(2,)]
    # once more: the way may have spoiled them
    ladder.asked()
    report = ladder.run()
    assert (outcomes(report), ladder.asked()) == ({"unchanged": 1}, ["/1/right.csv"])
    assert "right.csv" in report.remarks[0]
    # and then no more, until the provider says something else
    assert (outcomes(ladder.run()), ladder.asked()) == ({}, [])
    ladder.world.files["/1/right.csv"] = whole
    put(ladder, 1, right="b")
    assert outcomes(ladder.run()) == {"fetched": 1}
    assert states(ladder)["1"] == ("complete", 3)


def test_a_withdrawn_dataset_is_kept_and_comes_back(filled: Toy) -> None:
    before, rows = lake_state(filled.settings), table_state(filled.settings, "toy.item")
    entry = filled.world.entries.pop("pair 1")
    assert outcomes(filled.run()) == {}
    assert states(filled) == {"1": ("withdrawn", 1), "2": ("complete", 1)}
    assert table_state(filled.settings, "toy.item") == rows
    filled.world.entries["pair 1"] = entry
    assert outcomes(filled.run()) == {"unchanged": 1}
    assert lake_state(filled.settings) == before
    assert kinds(filled)[-2:] == ["dataset_withdrawn", "dataset_returned"]


def test_a_run_that_looks_at_one_dataset_withdraws_no_other(filled: Toy) -> None:
    assert outcomes(filled.run(select={"number": "2"})) == {}
    assert states(filled) == {"1": ("complete", 1), "2": ("complete", 1)}


def test_what_is_only_announced_is_known_and_not_asked_for(ladder: Toy) -> None:
    put(ladder, 2, announced="yes")
    assert outcomes(ladder.run(force=True)) == {"fetched": 1}
    assert states(ladder) == {"1": ("complete", 1), "2": ("scheduled", None)}
    del ladder.world.entries["pair 2"]["announced"]
    assert outcomes(ladder.run()) == {"fetched": 1}


def test_a_listing_that_did_not_change_is_read_from_the_lake(filled: Toy) -> None:
    filled.world.etags = True
    answered = [r.status for r in run_and_requests(filled) if r.path == "/list.json"]
    assert answered == [304]


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(b"rot")], ids=["lost", "damaged"])
def test_a_listing_that_the_lake_lost_is_asked_for_again(filled: Toy, harm: Callable[[Path], Any]) -> None:
    run_and_requests(filled)
    (kept,) = Path(filled.settings.lake.removeprefix("file://")).joinpath("listings").rglob("list.json.zst")
    harm(kept)
    assert [r.status for r in run_and_requests(filled) if r.path == "/list.json"] == [304, 200]
    assert [r.status for r in run_and_requests(filled) if r.path == "/list.json"] == [304]


def test_half_a_listing_is_not_taken_for_the_whole_next_time(filled: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its validators are those of the whole."""
    whole = filled.world.answer
    monkeypatch.setattr(
        filled.world,
        "answer",
        lambda *url: Answer(b'[{"number', "application/json", etag=whole(*url).etag),  # type: ignore[union-attr]
    )
    put(filled, 2, note="told anew")
    with pytest.raises(Exception, match=r"list\.json is no JSON"):
        filled.run()
    monkeypatch.setattr(filled.world, "answer", whole)
    assert outcomes(filled.run()) == {"fetched": 1}
    assert states(filled)["1"] == ("complete", 1)


def run_and_requests(toy: Toy) -> list[Any]:
    toy.server.simulator.log.clear()
    toy.run()
    return list(toy.server.requests())


# --- where the rungs meet something else -----------------------------------------------------------------------


def test_an_optional_file_that_turns_bad_leaves_the_good_one(filled: Toy) -> None:
    """What came with it is taken all the same."""
    put(filled, 1, left="b", right="b")
    filled.world.files["/1/left.csv"] = sheet([1, 2, 7])
    filled.world.files["/1/right.csv"] = b"\x00\x00"
    report = filled.run()
    assert outcomes(report) == {"page_changed": 1}
    assert "the one from before stays" in report.problems[0].message
    assert filled.rows("select side, count(*) from toy.item where pair = 1 group by 1 order by 1") == [
        ("left.csv", 3),
        ("right.csv", 1),
    ]
    assert outcomes(filled.run()) == {"unchanged": 1}
    assert outcomes(filled.run()) == {}
    assert states(filled)["1"] == ("complete", 3)


def test_a_lost_file_that_the_run_does_not_want_is_asked_for_all_the_same(filled: Toy) -> None:
    (path,) = filled.rows("select path from lake.file where name = 'right.csv'")[0]
    Path(filled.settings.lake.removeprefix("file://")).joinpath(path).unlink()
    with filled.context() as context:
        context.catalog.mark_lost([path], EPOCH)
    del filled.world.entries["pair 1"]["right"]
    assert outcomes(filled.run()) == {"unchanged": 1}
    assert "/1/right.csv" in filled.asked()
    assert filled.rows("select count(*) from lake.file where lost_at is not null") == [(0,)]


def test_a_file_that_was_missing_beside_others_is_asked_for_with_the_next_change(filled: Toy) -> None:
    """The provider's word of that look was for files that we did not get."""
    right, left = filled.world.files["/1/right.csv"], filled.world.files.pop("/1/left.csv")
    put(filled, 1, left="b", right="b")
    assert outcomes(filled.run()) == {"not_published": 1}
    assert outcomes(filled.run()) == {}
    filled.world.files |= {"/1/left.csv": left + b"2,9\n", "/1/right.csv": right + b"1,9\n"}
    put(filled, 1, right="c")
    assert outcomes(filled.run()) == {"fetched": 1}
    assert filled.rows("select count(*) from toy.item where pair = 1") == [(5,)]


def test_a_dataset_that_is_listed_again_is_withdrawn_no_more(filled: Toy) -> None:
    entries = {name: filled.world.entries.pop(name) for name in ("pair 1", "pair 2")}
    filled.world.put_pair(3, [1], [1], left="a")
    filled.run()
    assert {state for state, _ in states(filled).values()} == {"withdrawn", "complete"}
    filled.world.entries |= entries
    # one is only announced, the other one's file is gone
    put(filled, 1, announced="yes")
    del filled.world.files["/2/left.csv"]
    filled.run()
    assert (states(filled)["1"], states(filled)["2"]) == (("complete", 1), ("complete", 1))
    assert outcomes(filled.run()) == {}


def test_a_file_by_hand_stays_until_the_provider_says_something_new(filled: Toy, tmp_path: Path) -> None:
    mine = tmp_path / "left.csv"
    mine.write_bytes(sheet([8, 9]))
    with filled.context() as context:
        request = Request(
            Window(EPOCH.date(), EPOCH.date()), params={"dataset_types": ["pair"]}, select={"number": "1"}
        )
        work(context, discover_files(context, "by hand", request, [f"left.csv={mine}"]))
    values = "select array_agg(value order by n) from toy.item where pair = 1 and side = 'left.csv'"
    assert filled.rows(values) == [([8, 9],)]
    assert outcomes(filled.run()) == {}
    put(filled, 1, left="b")
    assert outcomes(filled.run()) == {"fetched": 1}
    assert filled.rows(values) == [([1, 2],)]


def test_a_rollback_stands_when_an_optional_file_turns_bad(filled: Toy) -> None:
    put(filled, 1, left="b")
    filled.world.files["/1/left.csv"] = sheet([1, 2, 7])
    filled.run()
    with filled.context() as context:
        work(context, rollback(context, "back", Selection("pair", {"number": "1"})))
    put(filled, 1, right="b")
    filled.world.files["/1/right.csv"] = b"\x00\x00"
    filled.run()
    assert states(filled)["1"][1] == 1


def test_a_listing_that_is_none_fails_the_run_and_stops_nothing_else(filled: Toy) -> None:
    def discover_in_part(scope: Scope, client: Client) -> Iterator[Any]:
        found = list(discover(scope, client))
        yield Gap("pair", {"number": "1"}, PageChanged("list of 1 is none"), "list.json")
        yield from (each for each in found if getattr(each, "identifier", {}).get("number") == "2")

    put(filled, 2, note="told anew")
    filled.source = replace(SOURCE, discover=discover_in_part)
    report = filled.run()
    assert (outcomes(report), report.failed) == ({"fetched": 1}, True)
    assert "list of 1 is none" in report.problems[0].message
    filled.source = SOURCE
    assert [r.status for r in run_and_requests(filled) if r.path == "/list.json"] == [200]
