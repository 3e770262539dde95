"""Which request a fault happens to, and what the faults of the content make of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from simulator.answer import Answer
from simulator.faults import PAGES, Fault, FaultError, Faults, apply, change_cells, change_columns, parse_fault

HOST, PATH = "www.football-data.co.uk", "/mmz4281/2526/E0.csv"
NOW = datetime(2026, 2, 21, 12, tzinfo=UTC)
HTML = "text/html; charset=UTF-8"
# A tip with markup, a name that begins another, a comment
PAGE = (
    b'<table id="t"><tr><th data-stat="fg" data-tip="<b>made</b>">FG</th><th data-stat=\'fga\'>FGA</th>'
    b'<th data-stat="fg_pct">%</th></tr>\n<tr><th data-stat="fg" >7</th><td data-stat="fg_pct" >.500</td></tr></table>'
    b'<!-- <table><tr><td class="right" data-stat="fg"><a href="/x">3</a></td> </tr></table> -->'
)
CSV = b"\xef\xbb\xbfDiv,Date,FTHG,,\r\nE0,15/08/2025,4,,\r\nE0,\xe9\r\n"


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("*", True),
        ("*E0.csv", True),
        (f"{HOST}/*", True),
        ("*/2425/*", False),
        ("E0.csv", False),
        ("re:2526/E[0-3]", True),
        ("re:^www.*E1", False),
        ("*?x=1", True),
        ("re:x=1$", True),
    ],
)
def test_patterns(pattern: str, fits: bool) -> None:
    assert Fault(pattern, "hang").fits(HOST, PATH, "x=1") is fits


def test_count_and_skip() -> None:
    faults = Faults()
    faults.add(Fault("*", "status", count=2, skip=1))
    taken = [faults.take(HOST, PATH, "", page_exists=True) is not None for _ in range(5)]
    assert taken == [False, True, True, False, False]


def test_the_oldest_fitting_fault_happens_and_then_the_next() -> None:
    faults = Faults()
    faults.add(Fault("*", "status", count=1))
    number = faults.add(Fault("*", "hang"))
    kinds = [fault.kind for _ in range(2) if (fault := faults.take(HOST, PATH, "", page_exists=True))]
    assert kinds == ["status", "hang"]
    assert faults.remove(number) == 1
    assert [planned["hits"] for planned in faults.list()] == [1]


def test_a_fault_of_the_content_waits_for_content() -> None:
    faults = Faults()
    faults.add(Fault("*", "half", count=1))
    assert faults.take(HOST, "/none", "", page_exists=False) is None
    assert faults.take(HOST, PATH, "", page_exists=True) is not None


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"pattern": "*", "kind": "explode"}, "there is no fault 'explode'; there are: status"),
        ({"kind": "hang"}, "needs pattern"),
        ({"pattern": "*", "kind": "hang", "colour": 1}, "has no colour"),
        ({"pattern": "re:(", "kind": "hang"}, "not a regular expression"),
        ({"pattern": "*", "kind": "redirect"}, "needs a location"),
        ({"pattern": "*", "kind": "block_page", "page": "nice"}, "no page 'nice'; there are: just_a_moment, rate_l"),
    ],
)
def test_what_is_no_fault_is_refused(values: dict[str, object], says: str) -> None:
    with pytest.raises(FaultError, match=says.replace("(", r"\(")):
        parse_fault(values)


def test_columns_renamed() -> None:
    assert change_columns(CSV, Fault("*", "columns", rename={"FTHG": "HomeGoals"})) == CSV.replace(
        b"FTHG", b"HomeGoals"
    )


def test_columns_dropped() -> None:
    changed = change_columns(CSV, Fault("*", "columns", drop=("Date",)))
    assert changed == b"\xef\xbb\xbfDiv,FTHG,,\r\nE0,4,,\r\nE0\r\n"


def test_columns_added() -> None:
    changed = change_columns(CSV, Fault("*", "columns", add={"xG": "1.5"}))
    assert changed == (b"\xef\xbb\xbfDiv,Date,FTHG,,,xG\r\nE0,15/08/2025,4,,,1.5\r\nE0,\xe9,,,,1.5\r\n")


def test_cells_renamed() -> None:
    changed = change_cells(PAGE, Fault("*", "columns", rename={"fg": "made"}))
    assert changed == PAGE.replace(b'data-stat="fg"', b'data-stat="made"')
    assert changed.count(b'"made"') == 3
    assert b'data-stat="fg_pct"' in changed


def test_cells_dropped() -> None:
    changed = change_cells(PAGE, Fault("*", "columns", drop=("fg",)))
    assert changed == (
        b'<table id="t"><tr><th data-stat=\'fga\'>FGA</th><th data-stat="fg_pct">%</th></tr>\n'
        b'<tr><td data-stat="fg_pct" >.500</td></tr></table><!-- <table><tr> </tr></table> -->'
    )


def test_cells_added() -> None:
    changed = change_cells(PAGE, Fault("*", "columns", add={"vibe": "9"}))
    assert changed.count(b'</td><td data-stat="vibe">9</td>') == 2


def test_columns_of_a_page_are_its_cells() -> None:
    fault = Fault("*", "columns", rename={"fg": "made"})
    assert apply(fault, Answer(PAGE, HTML), NOW).body == change_cells(PAGE, fault)
    assert apply(fault, Answer(b"fg,fga\n1,2\n", "text/csv"), NOW).body == b"made,fga\n1,2\n"


@pytest.mark.parametrize(
    ("fault", "status", "title"),
    [
        (Fault("*", "block_page"), 200, b"<title>Just a moment...</title>"),
        (Fault("*", "block_page", page="rate_limited"), 200, b"<title>Rate Limited Request (429 error) | Sports-Ref"),
        (Fault("*", "status", status=429, page="rate_limited"), 429, b"<title>Rate Limited Request (429 error)"),
        (Fault("*", "status", status=403, page="just_a_moment"), 403, b"<title>Just a moment...</title>"),
        (Fault("*", "status", status=403), 403, b"<h1>403</h1>"),
        (Fault("*", "block_page", body="<title>mine</title>"), 200, b"<title>mine</title>"),
    ],
)
def test_pages_of_a_host_that_shuts_its_doors(fault: Fault, status: int, title: bytes) -> None:
    answer = apply(fault, Answer(PAGE, HTML), NOW)
    assert answer.status == status
    assert title in answer.body
    assert set(PAGES) == {"just_a_moment", "rate_limited"}


@pytest.mark.parametrize(
    ("fault", "body"),
    [
        (Fault("*", "half"), b"012"),
        (Fault("*", "half", after_bytes=4), b"0123"),
        (Fault("*", "empty"), b""),
        (Fault("*", "replace", replace={"12": "x"}), b"0x345"),
    ],
)
def test_changed_content_is_told_from_the_original(fault: Fault, body: bytes) -> None:
    original = Answer(b"012345", "text/csv", etag='"original"', last_modified=datetime(2026, 2, 1, tzinfo=UTC))
    answer = apply(fault, original, NOW)
    assert answer.body == body
    assert answer.etag != original.etag
    assert answer.last_modified == NOW
