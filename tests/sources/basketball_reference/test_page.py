"""Tables out of pages: by id, plain or in a comment, by their columns' names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from fieldhouse.errors import PageChanged
from fieldhouse.sources.basketball_reference.page import Grid, Origin, Page, attribute, hrefs_of, text_of

ORIGIN = Origin("team_season", {"season": "2025"}, "team_season.html", "https://example.org/leagues/NBA_2025.html")
NAVIGATION = "<table><tr><td>Lakers</td><td>100</td><td>F</td><td>Box</td></tr></table>"
TEAMS = """<table class="x" id="teams" data-cols-to-freeze=2><caption>Teams</caption><thead>
<tr class="over_header"><th data-stat="header_a" colspan="2">Over</th></tr>
<tr><th data-stat="ranker" data-tip="<b>Rank</b> > all">Rk</th>
<th data-stat="team">Team</th><th data-stat="g">G</th></tr>
</thead><tbody>
<tr ><th data-stat="ranker" csk="1" >1</th>
<td class="left " data-stat="team"><a href='/teams/BOS/2025.html'>Boston</a>*</td>
<td data-stat="g" >82</td></tr>
<tr class="thead"><th data-stat="ranker">Rk</th><th data-stat="team">Team</th><th data-stat="g">G</th></tr>
<tr class="thead"><th colspan="3">Playoffs</th></tr>
<tr class="full_table"><th data-stat="ranker" csk="2" >2</th><td data-stat="team" csk="O&#39;Neal">AT&amp;T &nbsp; Luka
Don\u010di\u0107</td><td data-stat="g" ></td></tr>
</tbody><tfoot><tr><th data-stat="ranker"></th><td data-stat="team">League Average</td><td data-stat="g">82</td></tr>
</tfoot></table>"""


def document(*parts: str, end: str = "</body></html>\n\n") -> bytes:
    return "".join(("\n<!DOCTYPE html>\n<html><title>A &amp; B</title><body>", *parts, end)).encode()


def grid(*parts: str, name: str = "teams") -> Grid:
    return Page(document(*parts), ORIGIN).require(name)


@pytest.fixture(scope="module")
def root(recordings: Callable[[str], Path]) -> Path:
    return recordings("basketball_reference")


@pytest.mark.parametrize("wrap", ["{}", "<!--\n{}\n-->", "<div><!-- {} --></div>"], ids=["plain", "comment", "inner"])
def test_a_table_is_read_by_the_names_of_its_columns(wrap: str) -> None:
    found = grid(NAVIGATION, wrap.format(TEAMS), NAVIGATION)
    assert (found.id, len(found), found.stats) == ("teams", 2, ("ranker", "team", "g"))
    assert found.header == {"ranker": "Rk", "team": "Team", "g": "G"}
    assert found.texts("team") == ["Boston*", "AT&T Luka Dončić"]
    assert found.texts("g") == ["82", ""]
    assert found.texts("nothing") == ["", ""]
    assert found.attributes("ranker", "csk") == ["1", "2"]
    assert found.attributes("team", "csk") == [None, "O'Neal"]
    assert found.hrefs("team") == ["/teams/BOS/2025.html", None]
    assert found.row_classes == ["", "full_table"]
    assert found.dividers == [(1, "Playoffs")]


def test_the_plain_table_stands_before_the_hidden_one_and_the_first_before_the_second() -> None:
    hidden, first, second = (TEAMS.replace("Boston", name) for name in ("Hidden", "First", "Second"))
    assert grid(f"<!--{hidden}-->", first, second).texts("team")[0] == "First*"
    page = Page(document(f"<!--{hidden}-->", first.replace('id="teams"', 'id="other"')), ORIGIN)
    assert page.ids == ("other", "teams")
    assert page.require("missing", "teams").texts("team")[0] == "Hidden*"


def test_of_two_cells_with_one_name_the_first_stands() -> None:
    rows = '<tr><td data-stat="DUMMY">a</td><td data-stat="g">1</td><td data-stat="DUMMY">b</td></tr>'
    found = grid(f'<table id="teams"><tbody>{rows * 2}</tbody></table>')
    assert (found.stats, found.texts("DUMMY")) == (("DUMMY", "g"), ["a", "a"])
    ragged = grid(f'<table id="teams"><tbody>{rows}<tr><td data-stat="g" colspan="3">2</td></tr></tbody></table>')
    assert (ragged.texts("g"), ragged.texts("DUMMY")) == (["1", "2"], ["a", ""])


@pytest.mark.parametrize(
    "cell",
    [
        "<td data-stat='g' class='right'>7</td>",
        '<td data-tip="5 > 4" data-stat="g">7</td>',
        '<td data-tip=\'a "b"\' data-stat="g">7</td>',
        '<td data-hide data-stat = "g">7</td>',
        '<td\n class="right"\n data-stat="g"\n>\n7\n</td>',
        '<td data-stat="g" csk="<b>">7<!-- 8 --></td>',
        '<td data-stat="g"><strong>7</strong>',
    ],
)
def test_a_cell_is_written_in_many_ways(cell: str) -> None:
    found = grid(f'<table id="teams"><tbody><tr>{cell}</tr></tbody></table>')
    assert found.texts("g") == ["7"]


def test_the_foot_is_no_row_wherever_it_stands() -> None:
    foot = '<tfoot><tr><td data-stat="g">Average</td></tr></tfoot>'
    body = '<tbody><tr><td data-stat="g">1</td></tr></tbody>'
    for parts in (foot + body, body + foot):
        assert grid(f'<table id="teams"><thead></thead>{parts}</table>').texts("g") == ["1"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (document(TEAMS, end=""), "do not end with </html>"),
        (document(TEAMS.removesuffix("</table>")), "the whole table teams"),
        (document(TEAMS.replace("82</td>", "82<table></table></td>")), "another table inside it"),
        (document(TEAMS).replace("č".encode(), b"\xe8"), "byte 0xe8"),
        (document(TEAMS.replace("82", "8\0002")), "a NUL character"),
        (document(TEAMS.replace("teams", "others")), r"a table teams.*'A & B' with the tables others"),
        (document(NAVIGATION), "no table that has an id"),
        (b"", "0 bytes without a title"),
    ],
)
def test_what_is_no_such_page_says_so(data: bytes, said: str) -> None:
    with pytest.raises(PageChanged, match=said) as caught:
        Page(data, ORIGIN).require("teams")
    text = str(caught.value)
    assert text.startswith("basketball_reference/team_season season=2025, team_season.html: expected")
    assert ORIGIN.url in text


def test_every_prefix_of_a_page_is_refused() -> None:
    data = document(TEAMS).rstrip()
    for length in range(len(data)):
        with pytest.raises(PageChanged):
            Page(data[:length], ORIGIN).require("teams")


def test_a_table_alone_needs_no_document() -> None:
    assert len(Page(TEAMS.encode(), ORIGIN).require("teams")) == 2
    assert Page(NAVIGATION.encode(), ORIGIN).table("teams") is None


@given(st.lists(st.tuples(st.sampled_from(["", "a", "b", "c"]), st.booleans(), st.integers(0, 99)), max_size=8))
def test_only_tables_with_an_id_are_ever_taken(tables: list[tuple[str, bool, int]]) -> None:
    parts = []
    for table_id, hidden, number in tables:
        named = f' id="{table_id}"' if table_id else ""
        cell = f"{number}{'' if table_id else ' of no table'}"
        table = f'<table class="stats"{named}><tr><td data-stat="g">{cell}</td></tr></table>'
        parts.append(f"<!--{table}-->" if hidden else table)
    page = Page(document(*parts), ORIGIN)
    order = sorted((table for table in tables if table[0]), key=lambda table: table[1])
    first = {table_id: str(number) for table_id, _, number in reversed(order)}
    assert {table_id: page.require(table_id).texts("g") for table_id in page.ids} == {
        table_id: [number] for table_id, number in first.items()
    }
    assert "" not in page.ids


@pytest.mark.parametrize(
    ("name", "table_id"),
    [
        ("leagues/NBA_2017.html", "opponent-stats-per_game"),
        ("leagues/NBA_2025.rw.html", "advanced-team"),
        ("per_game/stats_html.cap2024-10.html", "per_game_stats"),
        ("totals/NBA_2019_totals.cap2018-11.html", "totals_stats"),
        ("dailyleaders/2003-11-03.cap2018-10.html", "stats"),
        ("schedule/bh/2018_april.html", "schedule"),
        ("boxscore_fragments/202410280PHO.html", "box-LAL-game-basic"),
    ],
)
def test_it_reads_what_a_tree_of_the_page_holds(root: Path, name: str, table_id: str) -> None:
    data = (root / name).read_bytes()
    text = data.decode()
    start = text.index(f'id="{table_id}"')
    start = text.rindex("<table", 0, start)
    tree = BeautifulSoup(text[start : text.index("</table>", start) + 8], "lxml")
    rows = [row for row in tree.select("tbody tr") if row.find("td") and "thead" not in (row.get("class") or [])]
    found = Page(data, ORIGIN).require(table_id)
    assert len(found) == len(rows) > 0
    named = [{cell.get("data-stat"): cell for cell in row.find_all(["td", "th"])} for row in rows]
    for stat in (stat for stat in found.stats if stat not in {"", "DUMMY"}):
        cells = [row.get(stat) for row in named]
        assert found.texts(stat) == [" ".join(cell.get_text().split()) if cell else "" for cell in cells]
        assert found.attributes(stat, "csk") == [cell.get("csk") if cell else None for cell in cells]
        links = [cell and cell.find("a") for cell in cells]
        assert found.hrefs(stat) == [link.get("href") if link else None for link in links]


def test_no_recorded_table_without_an_id_is_taken(root: Path) -> None:
    seen = 0
    for path in sorted(root.glob("[at]*/*.html")):
        page = Page(path.read_bytes(), ORIGIN)
        seen += path.read_bytes().count(b"<table>")
        assert set(page.ids) <= {
            f"{kind}{post}" for kind in ("advanced", "advanced_stats", "totals_stats") for post in ("", "_post")
        }
    assert seen > 30


def test_pieces_of_html() -> None:
    assert text_of("\n <b>a</b><br/>b&nbsp;&eacute; ") == "a b é"
    assert hrefs_of('<a name="x"></a><a class="y" href="/one?a=1&amp;b=2">1</a><a href=/two>2</a>') == [
        "/one?a=1&b=2",
        "/two",
    ]
    assert attribute("data-csk=\"1\" csk = '2'", "csk") == "2"
    assert attribute("scope=row", "csk") is None
