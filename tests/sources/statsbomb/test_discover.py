"""What StatsBomb's listings lead to, on recorded ones and on small ones that say what recorded ones do not."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import msgspec
import pytest

from fieldhouse.engine.candidates import choose_selectors
from fieldhouse.errors import NotPublished, PageChanged
from fieldhouse.params import complete_params
from fieldhouse.selectors import parse_selectors
from fieldhouse.source import Candidate, Gap, Listing, Scope, Window
from fieldhouse.sources.statsbomb import SOURCE
from fieldhouse.sources.statsbomb.discover import OF_FILES, discover
from fieldhouse.sources.statsbomb.records import without_members

Found = list[Candidate | Listing | Gap]
TODAY = date(2026, 2, 21)
LISTINGS = ["data/matches/2/44", "data/matches/11/4", "data/matches/11/42", "data/matches/11/90", "data/matches/43/106"]
OLD = "misc/matches_49_3_old"
RECORD: Mapping[str, Any] = {
    "match_id": 7,
    "match_date": "2020-01-01",
    "last_updated": "2020-02-03T04:05:06.789",
    "match_status": "available",
    "last_updated_360": "2021-01-01T00:00",
    "match_status_360": "available",
}


@dataclass
class Files:
    """Answers from memory as the provider does from its repository, and keeps what was asked for."""

    bodies: dict[str, bytes]
    asked: list[str] = field(default_factory=list)

    def get(self, url: str, **_: object) -> bytes:
        self.asked.append(url)
        if url not in self.bodies:
            raise NotPublished(f"{url} does not exist (status 404)")
        return self.bodies[url]


@pytest.fixture
def recorded(recordings: Callable[[str], Path]) -> Files:
    """Return the recorded listings, under a competitions.json that names no season besides."""
    folder = recordings("statsbomb")
    bodies = {f"{name.removeprefix('data/')}.json": (folder / f"{name}.json").read_bytes() for name in LISTINGS}
    bodies["matches/49/3.json"] = (folder / f"{OLD}.json").read_bytes()
    return Files(bodies | {"competitions.json": competitions((2, 44), (11, 4), (11, 42), (11, 90), (43, 106), (49, 3))})


def competitions(*seasons: tuple[int, int]) -> bytes:
    return json.dumps([{"competition_id": c, "season_id": s, "match_updated": None} for c, s in seasons]).encode()


def world(*records: Mapping[str, Any], **bodies: bytes) -> Files:
    listing = json.dumps(records).encode()
    return Files({"competitions.json": competitions((11, 90)), "matches/11/90.json": listing, **bodies})


def found(client: Files, selectors: str = "", **params: Any) -> Found:
    scope = Scope(
        Window(TODAY, TODAY), TODAY, params=complete_params(SOURCE, params), selectors=parse_selectors(selectors)
    )
    return list(discover(scope, client))


def matches(client: Files, selectors: str = "", **params: Any) -> list[Candidate]:
    return [c for c in found(client, selectors, **params) if isinstance(c, Candidate) and c.dataset_type == "match"]


def match(record: Mapping[str, Any], **params: Any) -> Candidate:
    (only,) = matches(world(record), **params)
    return only


# --- recorded listings ---------------------------------------------------------------------------------------


def test_every_match_of_every_recorded_season(recorded: Files) -> None:
    everything = found(recorded)
    names = [c for c in everything if isinstance(c, Candidate) and c.dataset_type == "match"]
    count = {key: sum(c.identifier["season_id"] == key for c in names) for key in ("44", "4", "42", "90", "106", "3")}
    assert count == {"44": 38, "4": 34, "42": 33, "90": 35, "106": 64, "3": 12}
    assert all(tuple(c.identifier) == SOURCE.dataset_type("match").key for c in names)
    marks = [each.identifier.get("season_id") for each in everything if isinstance(each, Listing)]
    assert marks == ["44", "4", "42", "90", "106", "3", None]
    assert everything.index(Listing("match", {"competition_id": "11", "season_id": "90"})) > everything.index(
        next(c for c in names if c.identifier["match_id"] == "3773386")
    )


def test_a_match_as_it_is_recorded(recorded: Files) -> None:
    (found_,) = matches(recorded, "match_id=3773386", with_360=True)
    record, *others = found_.files
    assert [(file.name, file.url, file.version) for file in others] == [
        ("lineups.json", "lineups/3773386.json", "2023-07-25T03:54:59.280826"),
        ("events.json", "events/3773386.json", "2023-07-25T03:54:59.280826"),
        ("three-sixty.json", "three-sixty/3773386.json", "2023-07-25T04:25:41.348202"),
    ]
    assert record.name == "match.json"
    assert record.content is not None
    assert record.content.encode() in recorded.bodies["matches/11/90.json"].replace(
        b'  "last_updated" : "2023-07-25T03:54:59.280826",\n  "last_updated_360" : "2023-07-25T04:25:41.348202",\n', b""
    )
    assert found_.settled_at == found_.due_at == datetime(2023, 7, 25, 3, 54, 59, 280826, UTC)


@pytest.mark.parametrize("name", [*LISTINGS, "data/matches/11/4.mod", OLD])
def test_a_record_loses_what_is_said_of_files_and_nothing_else(recordings: Callable[[str], Path], name: str) -> None:
    body = (recordings("statsbomb") / f"{name}.json").read_bytes()
    records = [bytes(record).decode() for record in msgspec.json.decode(body, type=list[msgspec.Raw])]
    for record in records:
        cut = without_members(record, OF_FILES)
        kept = {key: value for key, value in json.loads(record).items() if key not in OF_FILES}
        assert list(json.loads(cut).items()) == list(kept.items())
        assert without_members(record, ()) == record
        assert cut.split("\n") == [line for line in record.split("\n") if '"last_updated' not in line]


@pytest.mark.parametrize(
    ("record", "cut"),
    [
        ("{}", "{}"),
        ("{ }", "{ }"),
        ('{"b" : 1}', '{"b" : 1}'),
        ('{"a" : 1}', "{}"),
        ('{ "a" : {"x": [1, 2]} }', "{  }"),
        ('{"a":1, "b":2}', '{"b":2}'),
        ('{"b":2 ,\t"a":null}', '{"b":2}'),
        ('{"b":2,"a":1,"c":3}', '{"b":2,"c":3}'),
        ('{"a":1,"a":2,"b":3}', '{"b":3}'),
        ('{"b":{"a":1},"c":["a", {"a":2}],"a":3}', '{"b":{"a":1},"c":["a", {"a":2}]}'),
        ('{"b":"\\"a\\": 1, }","a":"}, {\\\\"}', '{"b":"\\"a\\": 1, }"}'),
        ('{"\\u0061":1,"á":"\\u00e9"}', '{"á":"\\u00e9"}'),
    ],
)
def test_members_are_cut_where_they_are(record: str, cut: str) -> None:
    assert without_members(record, ("a",)) == cut
    assert isinstance(json.loads(cut), dict)


@pytest.mark.parametrize(
    "name", ["data/competitions.json", "competitions.cap2026-02.json", "misc/competitions_old2018.json"]
)
def test_recorded_competitions_are_a_dataset_byte_for_byte(recordings: Callable[[str], Path], name: str) -> None:
    body = (recordings("statsbomb") / name).read_bytes()
    client = Files({"competitions.json": body})
    (only,) = found(client, dataset_types=["competitions"])
    assert isinstance(only, Candidate)
    assert [(file.name, file.url) for file in only.files] == [("competitions.json", "competitions.json")]
    assert (only.files[0].content or "").encode() == body
    assert client.asked == ["competitions.json"]
    seasons = {(e["competition_id"], e["season_id"]) for e in json.loads(body)}
    assert sum(isinstance(each, Gap) for each in found(client)) == len(seasons)


# --- selectors: only the listings that may hold what is wanted are asked for ---------------------------------


@pytest.mark.parametrize(
    ("selectors", "listings", "number"),
    [
        ("competition_id=11/season_id=90", "11/90", 35),
        ("competition_id=11/season_id=42,90", "11/42 11/90", 68),
        ("competition_id=11/season_id=*", "11/4 11/42 11/90", 102),
        ("season_id=40..50", "2/44 11/42", 71),
        ("competition_id=43;competition_id=11/season_id=90", "11/90 43/106", 99),
        ("competition_id=11/season_id=90/match_id=3773386", "11/90", 1),
        ("competition_id=43/match_date=2022-12-01..2022-12-18", "43/106", 24),
        ("competition_id=43/match_date=2022-12-18..", "43/106", 1),
        ("competition_id=12", "", 0),
    ],
)
def test_selectors(recorded: Files, selectors: str, listings: str, number: int) -> None:
    assert len(matches(recorded, selectors)) == number
    assert recorded.asked == ["competitions.json", *(f"matches/{each}.json" for each in listings.split())]


def test_a_match_without_a_date_is_not_narrowed_by_dates() -> None:
    undated = {**RECORD, "match_date": None}
    assert len(matches(world(undated), "match_date=2020-01-01..")) == 1
    assert matches(world(RECORD), "match_date=2020-01-02..") == []


# --- what a record says --------------------------------------------------------------------------------------


def names(candidate: Candidate) -> list[str]:
    return [file.name for file in candidate.files]


@pytest.mark.parametrize("status", ["available", None, "absent"])
def test_a_match_that_is_available(status: str | None) -> None:
    record = {key: value for key, value in RECORD.items() if key != "match_status"}
    assert names(match(record if status == "absent" else {**RECORD, "match_status": status})) == [
        "match.json",
        "lineups.json",
        "events.json",
    ]


@pytest.mark.parametrize("status", ["scheduled", "processing", "collecting", "cancelled"])
def test_a_match_that_is_not_available_has_nothing_to_ask_for(status: str) -> None:
    candidate = match({**RECORD, "match_status": status}, with_360=True)
    assert (candidate.files, candidate.settled_at, candidate.due_at) == ((), None, None)


@pytest.mark.parametrize(
    ("with_360", "status", "asked"),
    [
        (True, "available", True),
        (False, "available", False),
        (True, "scheduled", False),
        (True, "processing", False),
        (True, None, False),
    ],
)
def test_frames_are_asked_for_where_they_are_promised(with_360: bool, status: str | None, asked: bool) -> None:
    assert ("three-sixty.json" in names(match({**RECORD, "match_status_360": status}, with_360=with_360))) is asked


def test_versions_are_what_the_listing_says_of_each_file() -> None:
    versions = {file.name: file.version for file in match(RECORD, with_360=True).files}
    assert versions == {
        "match.json": match({**RECORD, "last_updated": "later", "last_updated_360": None}).files[0].version,
        "lineups.json": "2020-02-03T04:05:06.789",
        "events.json": "2020-02-03T04:05:06.789",
        "three-sixty.json": "2021-01-01T00:00",
    }
    assert versions["match.json"] != match({**RECORD, "home_score": 1}).files[0].version


@pytest.mark.parametrize("nothing", [None, ""])
def test_without_a_timestamp_a_file_has_no_version(nothing: str | None) -> None:
    candidate = match({**RECORD, "last_updated": nothing, "last_updated_360": nothing}, with_360=True)
    assert [file.version for file in candidate.files[1:]] == [None, None, None]
    assert candidate.settled_at == candidate.due_at == datetime(2020, 1, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-07-29T05:00", datetime(2020, 7, 29, 5, tzinfo=UTC)),
        ("2020-07-29T05:00:01.123456", datetime(2020, 7, 29, 5, 0, 1, 123456, tzinfo=UTC)),
        ("2020-07-29T05:00:00Z", datetime(2020, 7, 29, 5, tzinfo=UTC)),
        ("yesterday", datetime(2020, 1, 31, tzinfo=UTC)),
    ],
)
def test_when_a_match_settles(text: str, moment: datetime) -> None:
    assert match({**RECORD, "last_updated": text}).settled_at == moment


def test_a_record_without_any_date() -> None:
    candidate = match({"match_id": 7})
    assert (candidate.settled_at, candidate.due_at) == (None, None)


# --- listings that are not what they should be ---------------------------------------------------------------

HTML = b"<!DOCTYPE html><html><title>Sorry</title></html>"
OTHER_SEASON = {**RECORD, "competition": {"competition_id": 11}, "season": {"season_id": 42}}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        pytest.param(HTML, "begins with b'<!DOCTYPE", id="HTML"),
        pytest.param(b"", "is not a list", id="0 bytes"),
        pytest.param(b'{"matches": []}', "is not a list", id="an object"),
        pytest.param(b"null", "is not a list", id="null"),
        pytest.param(b'[{"match_id": 7}, {"match_i', "is not a list", id="half"),
        pytest.param(b'[{"match_id": 7}]\x00\x00', "is not a list", id="NUL"),
        pytest.param(b'[{"match_id": 7, "home": "\xff"}]', "is not a list", id="no UTF-8"),
        pytest.param(b'[{"match_id": 7, "home": "a\nb"}]', "is not a list", id="a line end in a string"),
        pytest.param(b'[{"match_id": 7, "x": ' + b"[" * 10**5, "is not a list", id="nested without end"),
        pytest.param(b'[{"match_id": 7, "x": ' + b"9" * 5000 + b"}]", "is not a list", id="a number without end"),
        pytest.param(b'[{"match_date": "2020-01-01"}]', "match_id", id="no match_id"),
        pytest.param(b'[{"match_id": "../../7"}]', "match_id", id="match_id is a path"),
        pytest.param(b'[{"match_id": 7.5}]', "match_id", id="match_id is no whole number"),
        pytest.param(b'[{"match_id": -7}]', "match_id", id="match_id is negative"),
        pytest.param(b'[{"match_id": true}]', "match_id", id="match_id is true"),
        pytest.param(b'[{"match_id": 7}, 8]', "is not a list", id="a number among records"),
        pytest.param(b'[{"match_id": 7}, {"match_id": 7}]', "names a match twice", id="twice"),
        pytest.param(json.dumps([OTHER_SEASON]).encode(), "season_id=42, expected only", id="another season"),
    ],
)
def test_a_listing_that_is_none(body: bytes, says: str) -> None:
    """It stops no other season, withdraws nothing, and is read as a whole next time."""
    _, gap = found(world(**{"matches/11/90.json": body}))
    assert isinstance(gap, Gap)
    assert isinstance(gap.error, PageChanged)
    assert gap.url == "matches/11/90.json"
    assert str(gap.error).startswith("statsbomb: matches/11/90.json")
    assert says in str(gap.error)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(HTML, id="HTML"),
        pytest.param(b"[]", id="empty"),
        pytest.param(b'{"competitions": []}', id="an object"),
        pytest.param(b'[{"competition_id": 11}]', id="no season_id"),
        pytest.param(b'[{"competition_id": "11/../..", "season_id": 90}]', id="a path"),
        pytest.param(b"\xef\xbb\xbf[]", id="BOM"),
    ],
)
def test_competitions_that_are_none(body: bytes) -> None:
    with pytest.raises(PageChanged, match=r"competitions\.json"):
        found(Files({"competitions.json": body}))


@pytest.mark.parametrize("listing", [None, b"[]", b"[ ]\n"])
def test_a_season_without_a_listing_stops_no_other_and_withdraws_nothing(listing: bytes | None) -> None:
    """Not its own matches, and none of a season that is no longer named."""
    client = world(RECORD, **{"competitions.json": competitions((11, 4), (11, 90))})
    if listing is not None:
        client.bodies["matches/11/4.json"] = listing
    gap, other, mark = found(client)[1:]
    assert isinstance(gap, Gap)
    assert gap.identifier == {"competition_id": "11", "season_id": "4"}
    assert "matches/11/4.json" in str(gap.error)
    assert isinstance(other, Candidate)
    assert mark == Listing("match", {"competition_id": "11", "season_id": "90"})


def test_a_season_that_is_named_twice_is_asked_for_once() -> None:
    client = world(RECORD, **{"competitions.json": competitions((11, 90), (11, 90))})
    assert len(matches(client)) == 1
    assert client.asked == ["competitions.json", "matches/11/90.json"]


# --- the declaration -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("nothing", [None, ""])
def test_selectors_that_are_empty_in_the_form_mean_everything(nothing: str | None) -> None:
    param = next(param for param in SOURCE.params if param.name == "selectors")
    jsonschema.validate(nothing, param.schema)
    assert choose_selectors(SOURCE, {}, {"selectors": nothing}, "") == ()


def test_frames_alone_are_optional() -> None:
    assert SOURCE.dataset_type("match").optional == ("three-sixty.json",)
    assert SOURCE.dataset_type("competitions").optional == ()


def test_the_declaration_is_light() -> None:
    """A Dag file imports it."""
    heavy = ["pyarrow", "pandas", "psycopg", "httpx", "obstore", "fieldhouse.sources.statsbomb.parse"]
    code = f"import sys, fieldhouse.sources.statsbomb; print([m for m in {heavy!r} if m in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"
