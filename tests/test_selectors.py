"""Selectors: what they read, what they fit, what they refuse."""

from __future__ import annotations

import pytest

from fieldhouse.errors import ConfigurationError
from fieldhouse.selectors import Selector, parse_selectors, refuse_unknown_keys, split_keys
from fieldhouse.source import DatasetType, format_identifier

MATCH = DatasetType("match", "Match", ("competition_id", "season_id", "match_id"), (), selectable=("match_date",))
COMPETITIONS = DatasetType("competitions", "Competitions", (), ())


def fits(text: str, **known: str) -> bool:
    return any(selector.matches(known) for selector in parse_selectors(text))


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("n=90", ["90"], ["9", "900", "090", "90.0", ""]),
        ("n=42,90", ["42", "90"], ["43", "42,90"]),
        ("n= 42 , 90 ", ["42", "90"], ["43"]),
        ("n=*", ["1", "", "a/b"], []),
        ("n=1..50", ["1", "50", "07", "2.5"], ["0", "51", "-1", "x", "", "1e1", "2020-01-01", "٣"]),
        ("n=40..", ["40", "41", "99999999999999999999"], ["39", "x"]),
        ("n=..50", ["50", "-3"], ["50.5"]),
        ("n=-5..-3", ["-4"], ["4", "-6"]),
        ("n=9..10", ["9", "10"], ["1", "100"]),
        ("n=1..3,7,20..", ["2", "7", "20"], ["4", "19"]),
        ("n=5..5", ["5"], ["4", "6"]),
        ("n=2020-01-01..2020-12-31", ["2020-01-01", "2020-02-29", "2020-12-31"], ["2021-01-01", "20200601", "2020"]),
        ("n=2020-01-01..", ["2020-01-01"], ["2019-12-31", "2020-13-01", "2020-01-01T00:00"]),
        ("n=2020-01-01", ["2020-01-01"], ["2020-01-02"]),
        ("n=a%2Cb", ["a,b"], ["a", "b"]),
        ("n=a%2Fb%3B%2A%2E%2E", ["a/b;*.."], ["a"]),
        ("n=M%C3%BCnchen", ["München"], ["Munchen"]),
        ("n=__import__('os')", ["__import__('os')"], ["os"]),
        ("n=a=b", ["a=b"], ["a"]),
    ],
)
def test_values(text: str, inside: list[str], outside: list[str]) -> None:
    assert [value for value in inside if not fits(text, n=value)] == []
    assert [value for value in outside if fits(text, n=value)] == []


def test_parts_hold_together_and_lists_make_a_product() -> None:
    text = "competition_id=11,43/season_id=42,90"
    fitting = [
        (c, s) for c in ("11", "43", "2") for s in ("42", "90", "3") if fits(text, competition_id=c, season_id=s)
    ]
    assert fitting == [("11", "42"), ("11", "90"), ("43", "42"), ("43", "90")]


@pytest.mark.parametrize("between", [";", "\n", " ;\r\n ; \n", ";;"])
def test_one_of_several_is_enough(between: str) -> None:
    text = f"a=1/b=2{between}a=3"
    assert len(parse_selectors(text)) == 2
    assert fits(text, a="1", b="2")
    assert fits(text, a="3", b="9")
    assert not fits(text, a="1", b="3")


def test_a_list_of_texts() -> None:
    assert parse_selectors(["a=1", "", "a=2;a=3"]) == parse_selectors("a=1\na=2\na=3")


@pytest.mark.parametrize("nothing", [None, "", " \n ", ";", [], [""]])
def test_nothing_is_no_selector(nothing: list[str] | str | None) -> None:
    assert parse_selectors(nothing) == ()


def test_what_is_not_known_does_not_narrow() -> None:
    (selector,) = parse_selectors("competition_id=11/season_id=90/match_date=2020-01-01..")
    assert selector.matches({})
    assert selector.matches({"competition_id": "11"})
    assert not selector.matches({"competition_id": "43"})
    assert not selector.matches({"season_id": "91"})


def test_an_identifier_is_a_selector_of_itself() -> None:
    identifier = {"team": "A, B; C/D *", "day": "2020-01-01", "dots": ".."}
    (selector,) = parse_selectors(format_identifier(identifier))
    assert selector.exact() == identifier
    assert selector.matches(identifier)


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("competition_id=11", True),
        ("competition_id=11/season_id=1..100/match_id=*", True),
        ("competition_id=11,43", True),
        ("player_id=1", True),
        ("season_id=91", False),
        ("competition_id=11/match_id=1..", False),
        ("match_date=2020-01-01..", False),
    ],
)
def test_whether_all_of_a_season_is_meant(text: str, covered: bool) -> None:
    (selector,) = parse_selectors(text)
    season = {"competition_id": "11", "season_id": "90"}
    assert selector.covers(season, (*MATCH.key, *MATCH.selectable)) is covered


def test_keywords_of_a_notebook() -> None:
    selector = Selector.of({"competition_id": 11, "season_id": [42, "90..92"]})
    assert selector.text == "competition_id=11/season_id=42,90..92"
    assert selector == parse_selectors(selector.text)[0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("11", "'11' is not of the form key=value"),
        ("=11", "is not of the form key=value"),
        ("a=1/2", "a slash inside a value is written %2F"),
        ("a=1/a=2", "names a twice; several values are written a=a,b"),
        ("a=", "'a=' has an empty value"),
        ("a=1,,2", "'a=1,,2' has an empty value"),
        ("a=1,", "has an empty value"),
        ("a=20*", "has a star inside a value"),
        ("a=..", "ends are neither numbers nor dates"),
        ("a=1..x", "ends are neither numbers nor dates"),
        ("a=x..1", "ends are neither numbers nor dates"),
        ("a=1..2..3", "ends are neither numbers nor dates"),
        ("a=1...3", "ends are neither numbers nor dates"),
        ("a=2020-02-30..", "ends are neither numbers nor dates"),
        ("a=20200101..2020-12-31", "from a number to a date"),
        ("a=50..1", "ends before it starts"),
        ("a=2021-01-01..2020-01-01", "ends before it starts"),
    ],
)
def test_what_cannot_be_read(text: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_selectors(text)
    assert says in str(caught.value)
    assert "competition_id=11/season_id=42,90" in str(caught.value), "an example"


@pytest.mark.parametrize("value", ["1;2", []])
def test_what_a_keyword_cannot_be(value: object) -> None:
    with pytest.raises(ConfigurationError, match="selector 'a="):
        Selector.of({"a": value})


def test_a_key_that_no_dataset_has() -> None:
    types = (COMPETITIONS, MATCH)
    refuse_unknown_keys(parse_selectors("match_id=1;match_date=2020-01-01"), types)
    valid = "selected by: competition_id, season_id, match_id, match_date"
    with pytest.raises(ConfigurationError, match=f"league, team is no key of competitions, match; .*{valid}"):
        refuse_unknown_keys(parse_selectors("team=1;league=2"), types)
    with pytest.raises(ConfigurationError, match="by: none"):
        refuse_unknown_keys(parse_selectors("match_id=1"), (COMPETITIONS,))


@pytest.mark.parametrize("text", ["a=1,2", "a=*", "a=1.."])
def test_one_dataset_has_one_value_for_each_key(text: str) -> None:
    with pytest.raises(ConfigurationError, match="give one value for a"):
        Selector.of(split_keys(text)).exact()
