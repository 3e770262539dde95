"""Which of what a source names a run looks at, and what a narrowed run must not conclude."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import pytest

from fieldhouse.config import Settings, SourceSettings
from fieldhouse.engine.candidates import choose_selectors, wanted_candidates
from fieldhouse.engine.context import Context
from fieldhouse.engine.discover import Request, preview
from fieldhouse.errors import ConfigurationError, NotPublished
from fieldhouse.selectors import parse_selectors
from fieldhouse.source import Candidate, Client, DatasetType, Gap, Listing, Param, Scope, Source, Window, pace_of
from tests.engine.toy import Toy, discover_toy, outcomes

Found = Candidate | Listing | Gap
TODAY = date(2026, 1, 1)
TYPES = (
    DatasetType("cup", "Cup", (), ()),
    DatasetType("match", "Match", ("season", "match"), (), selectable=("day",)),
)
SELECTORS = Param("selectors", "Selectors", "", "", {"type": "string"})
CUP: Found = Candidate("cup", {}, ())
PAIRS = [(1, 10), (1, 11), (2, 20), (2, 21)]
MATCHES: list[Found] = [Candidate("match", {"season": str(season), "match": str(match)}, ()) for season, match in PAIRS]
SEASONS: list[Found] = [Listing("match", {"season": "1"}), Listing("match", {"season": "2"})]
WHOLE = partial(Listing, "match")
TEN, TWENTY = {"season": "1", "match": "10"}, {"season": "2", "match": "20"}
ALL: list[Found] = [CUP, *MATCHES[:2], SEASONS[0], *MATCHES[2:], SEASONS[1], Listing("match"), Listing("cup")]


def source_of(found: list[Found]) -> Source:
    return Source(
        "league", "League", "https://x.test", pace_of(1), TYPES, lambda *_: iter(found), "x:y", params=(SELECTORS,)
    )


def wanted(
    selectors: str,
    found: list[Found],
    types: tuple[DatasetType, ...] = TYPES,
    notes: list[dict[str, str]] | None = None,
) -> list[Found]:
    source = source_of(found)
    scope = Scope(Window(TODAY, TODAY), TODAY, selectors=parse_selectors(selectors))
    with Context(Settings("file:///nowhere", "", ""), source) as context:
        return list(wanted_candidates(context, scope, types, [] if notes is None else notes))


def test_without_selectors_everything_is_wanted() -> None:
    assert wanted("", ALL) == ALL


@pytest.mark.parametrize(
    ("selectors", "expected"),
    [
        ("season=1", [CUP, *MATCHES[:2], SEASONS[0], SEASONS[0], Listing("cup")]),
        ("season=1..2", [CUP, *MATCHES[:2], SEASONS[0], *MATCHES[2:], SEASONS[1], Listing("cup")]),
        # of season 3, which is not named any more, everything is withdrawn
        ("season=1,3/match=*", [CUP, *MATCHES[:2], SEASONS[0], SEASONS[0], WHOLE({"season": "3"}), Listing("cup")]),
        ("season=*", ALL),
        ("match=10..20", [CUP, *MATCHES[:3], Listing("cup")]),
        ("season=2/match=20", [CUP, MATCHES[2], WHOLE(TWENTY), WHOLE(TWENTY), Listing("cup")]),
        (
            "season=1/match=10;season=2",
            [CUP, MATCHES[0], WHOLE(TEN), *MATCHES[2:], SEASONS[1], WHOLE(TEN), SEASONS[1], Listing("cup")],
        ),
    ],
)
def test_a_mark_counts_where_nothing_was_left_out(selectors: str, expected: list[Found]) -> None:
    assert wanted(selectors, ALL) == expected


def test_what_discover_itself_left_out_is_not_withdrawn() -> None:
    """The engine does not see the day of a match: the source filters by it."""
    seen: list[Found] = [CUP, MATCHES[0], SEASONS[0], Listing("match")]
    assert wanted("day=2026-01-01..", seen) == [CUP, MATCHES[0]]


def test_a_closed_type_is_neither_looked_at_nor_marked() -> None:
    assert wanted("", ALL, TYPES[:1]) == [CUP, Listing("cup")]
    assert wanted("", ALL, ()) == []


def test_discover_is_told_which_types_are_open() -> None:
    told: list[Mapping[str, Any]] = []

    def discover(scope: Scope, _: Client) -> Iterator[Found]:
        told.append(scope.params)
        yield CUP

    scope = Scope(Window(TODAY, TODAY), TODAY, params={"dataset_types": [], "force": False})
    source = replace(source_of([]), discover=discover)
    with Context(Settings("file:///nowhere", "", ""), source) as context:
        assert list(wanted_candidates(context, scope, TYPES[:1], [])) == [CUP]
    assert told == [{"dataset_types": ["cup"], "force": False}]


@pytest.mark.parametrize("selectors", ["season=3", "season=1/match=20", "season=3;match=9"])
def test_nothing_that_fits_is_an_error_with_the_valid_keys(selectors: str) -> None:
    """A type without any of the keys is no answer to a selector."""
    with pytest.raises(ConfigurationError) as caught:
        wanted(selectors, ALL)
    text = str(caught.value)
    assert text.startswith(f"no dataset with {selectors.replace(';', ' or ')} exists")
    assert "season, match, day" in text


def test_no_error_where_nothing_that_is_open_could_fit() -> None:
    assert wanted("season=3", ALL, TYPES[:1]) == [CUP, Listing("cup")]


def test_a_value_that_nothing_has_is_noted() -> None:
    notes: list[dict[str, str]] = []
    wanted("season=1,3;season=2/match=20", ALL, notes=notes)
    assert [(note["dataset_type"], note["outcome"]) for note in notes] == [("season=3", "nothing_scheduled")]


def test_a_gap_is_noted_and_the_rest_is_looked_at() -> None:
    notes: list[dict[str, str]] = []
    gap = Gap("match", {"season": "1"}, NotPublished("season/1.json does not exist (status 404)"))
    assert wanted("season=1,2", [gap, *MATCHES[2:], SEASONS[1]], notes=notes) == [*MATCHES[2:], SEASONS[1]]
    assert [(note["dataset_type"], note["outcome"]) for note in notes] == [("match", "not_published")]
    assert notes[0]["reason"].startswith("season=1: season/1.json does not exist")
    assert wanted("season=1", [gap]) == [], "no matter of a wrong selector"


# --- where selectors come from -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("select", "param", "default", "text"),
    [
        ({}, "", "", ""),
        ({}, "", "season=1", "season=1"),
        ({}, "season=2;season=3", "season=1", "season=2 season=3"),
        ({"season": "4,5"}, "", "season=1", "season=4,5"),
    ],
)
def test_the_nearest_word_counts(select: dict[str, str], param: str, default: str, text: str) -> None:
    selectors = choose_selectors(source_of([]), select, {"selectors": param}, default)
    assert " ".join(selector.text for selector in selectors) == text


def test_both_words_and_parameter_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="not by both"):
        choose_selectors(source_of([]), {"season": "1"}, {"selectors": "season=2"}, "")


@pytest.mark.parametrize(
    ("select", "param", "default"), [({"team": "1"}, "", ""), ({}, "team=1", ""), ({}, "", "team=1")]
)
def test_a_key_that_the_source_does_not_have(select: dict[str, str], param: str, default: str) -> None:
    with pytest.raises(ConfigurationError, match=r"team is no key of cup, match; .*: season, match, day"):
        choose_selectors(source_of([]), select, {"selectors": param}, default)


def test_a_source_without_the_parameter_has_no_default() -> None:
    assert choose_selectors(source_of([]), {}, {}, "season=1") == ()


# --- a whole run ---------------------------------------------------------------------------------------------


def listed(toy: Toy, *gaps: Gap) -> Callable[[Scope, Client], Iterator[Found]]:
    def discover(scope: Scope, client: Client) -> Iterator[Found]:
        yield from discover_toy(scope, client)
        yield from gaps
        yield Listing("pair")

    return discover


@pytest.fixture
def two(toy: Toy) -> Toy:
    """Return the toy source with two pairs, whose listing says that they are all."""
    toy.source = replace(toy.source, discover=listed(toy), params=(SELECTORS,))
    for number in (1, 2):
        toy.world.put_pair(number, [number], [number])
    return toy


def states(toy: Toy) -> dict[str, str]:
    return dict(toy.rows("select identifier, state from lake.dataset order by identifier"))


def test_a_narrowed_run_withdraws_nothing(two: Toy) -> None:
    two.run()
    del two.world.entries["pair 1"]
    assert outcomes(two.run(selectors="number=2")) in ({}, {"unchanged": 1})
    assert states(two) == {"number=1": "complete", "number=2": "complete"}
    two.run()
    assert states(two) == {"number=1": "withdrawn", "number=2": "complete"}


def test_settings_narrow_a_run_that_does_not_say(two: Toy) -> None:
    (own,) = two.settings.sources.values()
    two.settings = replace(two.settings, sources={"toy": SourceSettings(url=own.url, selectors="number=2..")})
    two.run()
    assert states(two) == {"number=2": "complete"}
    two.run(select={"number": "1"})
    assert states(two) == {"number=1": "complete", "number=2": "complete"}
    scopes = two.rows("select scope ->> 'selectors' from lake.plan order by plan_id")
    assert scopes == [('["number=2.."]',), ('["number=1"]',)]


def test_a_gap_is_in_the_report_and_in_the_catalog(two: Toy) -> None:
    gap = Gap("pair", {"number": "7"}, NotPublished("7.json does not exist"))
    two.source = replace(two.source, discover=listed(two, gap))
    report = two.run()
    assert not report.failed
    assert any("pair: not_published (number=7: 7.json does not exist" in line for line in report.lines())
    assert two.rows("select notes -> 0 ->> 'outcome' from lake.plan") == [("not_published",)]
    with two.context() as context:
        assert len(preview(context, Request(Window(TODAY, TODAY)))[2]) == 1
