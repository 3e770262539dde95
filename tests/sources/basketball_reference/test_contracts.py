"""What teams owe their players, against the recorded page, another reading of it and the older system's dump."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from bs4 import BeautifulSoup

from fieldhouse.errors import PageChanged
from fieldhouse.sources.basketball_reference import contracts
from fieldhouse.sources.basketball_reference.extras import UNKNOWN_COLUMNS
from fieldhouse.sources.basketball_reference.page import Origin
from tests.sources.basketball_reference.declared import declared_schema, schema_of

ORIGIN = Origin("contracts", {}, "contracts.html", "https://site/contracts/players.html")
KEY = ["player_id", "team_id", "season", "place"]
YEARS = ("y1", "y2", "y3", "y4", "y5", "y6")
COLOURS = "<p><span class='salary-pl'>Player Option</span>, <span class='salary-tm'>Team Option</span></p>"

Owed = tuple[str, str, tuple[int | None, ...], int | None]


def parse(data: bytes) -> pa.Table:
    return contracts.read(data, {}, ORIGIN)["contract"]


def line(y1: str = "", y2: str = "", guaranteed: str = "", *, name: str = "doe", team: str = "ATL") -> str:
    cells = "".join(f'<td class="right{css}" data-stat="{stat}">{text}</td>' for stat, css, text in years(y1, y2))
    return (
        f'<tr><th data-stat="ranker">1</th><td data-append-csv="{name}01" data-stat="player">'
        f'<a href="/players/d/{name}01.html">{name}</a></td><td data-stat="team_id">'
        f'<a href="/contracts/{team}.html">{team}</a></td>{cells}<td data-stat="remain_gtd">{guaranteed}</td></tr>'
    )


def years(*texts: str) -> Iterator[tuple[str, str, str]]:
    for stat, text in zip(("y1", "y2"), texts, strict=True):
        css, _, amount = text.rpartition(" ")
        yield stat, f" {css}" if css else "", amount


def page(*lines: str, labels: tuple[str, str] = ("1999-00", "2000-01"), colours: str = COLOURS) -> bytes:
    header = "".join(
        f'<th data-stat="{stat}">{label}</th>'
        for stat, label in zip(("player", "team_id", "y1", "y2", "remain_gtd"), ("", "", *labels, ""), strict=True)
    )
    table = f'<table id="player-contracts"><thead><tr><th data-stat="ranker">Rk</th>{header}</tr></thead><tbody>'
    return f"<html><body>{colours}{table}{''.join(lines)}</tbody></table></body></html>".encode()


@pytest.fixture(scope="module")
def folder(recordings: Callable[[str], Path]) -> Path:
    return recordings("basketball_reference")


@pytest.fixture(scope="module")
def raw(folder: Path) -> bytes:
    return (folder / "contracts/jy_player_contracts.cap2026-06.html").read_bytes()


@pytest.fixture(scope="module")
def rows(raw: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = parse(raw).to_pylist()
    return found


@pytest.fixture(scope="module")
def lines(raw: bytes) -> list[dict[str, Any]]:
    """Return the page's lines as another parser reads them: the cells by name."""
    found = BeautifulSoup(raw, "lxml").select("table#player-contracts > tbody > tr:not(.thead)")
    return [{str(cell["data-stat"]): cell for cell in line.find_all(["th", "td"])} for line in found]


def dollars(text: str) -> int | None:
    return int(re.sub(r"[$,]", "", text)) if text else None


def owed(rows: list[dict[str, Any]]) -> Counter[Owed]:
    """Return {(player, team, dollars of each of six seasons, guarantee): lines}."""
    found: dict[tuple[str, str, int], dict[int, int]] = {}
    first = {key(row): row for row in rows}
    for row in rows:
        found.setdefault(key(row), {})[row["season"]] = row["salary"]
    return Counter(
        {
            (
                first[whose]["player_name"],
                whose[1],
                tuple(salaries.get(season) for season in range(2026, 2032)),
                first[whose]["guaranteed_total"],
            ): first[whose]["times_listed"]
            for whose, salaries in found.items()
        }
    )


def key(row: dict[str, Any]) -> tuple[str, str, int]:
    return row["player_id"], row["team_id"], row["place"]


def test_no_line_and_no_dollar_is_lost(rows: list[dict[str, Any]], lines: list[dict[str, Any]]) -> None:
    expected: Counter[Owed] = Counter(
        (
            cells["player"].get_text(),
            cells["team_id"].get_text(),
            tuple(dollars(cells[year].get_text()) for year in YEARS),
            dollars(cells["remain_gtd"].get_text()),
        )
        for cells in lines
    )
    assert owed(rows) == expected
    assert expected.total() == 530
    # csk is the site's own number for the same cell
    assert sum(row["salary"] * row["times_listed"] for row in rows if row["salary"]) == sum(
        int(cells[year]["csk"]) for cells in lines for year in YEARS if cells[year].get("csk")
    )


def test_players_and_options(rows: list[dict[str, Any]], lines: list[dict[str, Any]]) -> None:
    assert {row["player_id"] for row in rows} == {cells["player"]["data-append-csv"] for cells in lines}
    css = Counter(name for cells in lines for year in YEARS for name in cells[year]["class"] if "salary" in name)
    found: Counter[str] = Counter()
    for row in rows:
        found[row["option"]] += row["times_listed"]
    assert found["player option"] == css["salary-pl"] == 86
    assert found["team option"] == css["salary-tm"] == 293
    assert set(found) == {"player option", "team option", None}


def test_the_key(raw: bytes) -> None:
    table = parse(raw)
    assert table.group_by(KEY).aggregate([]).num_rows == table.num_rows == 1227
    assert sum(table[column].null_count for column in KEY) == 0
    assert set(table["place"].to_pylist()) == {1}


def test_the_columns_are_those_of_the_sql(raw: bytes) -> None:
    assert schema_of(parse(raw)) == declared_schema("contract")


def test_the_older_systems_rows_are_there(rows: list[dict[str, Any]], folder: Path) -> None:
    path = folder / "derived_csv_jyablonski/player_contracts_raw.from_pickle.csv"
    with path.open(encoding="utf-8") as file:
        dump = [line[1:] for line in list(csv.reader(file))[2:] if line[1].isdigit()]
    old: Counter[Owed] = Counter(
        (line[1], line[2], tuple(dollars(text) for text in line[3:9]), dollars(line[9])) for line in dump
    )
    assert old.total() == 530
    assert owed(rows) == old


def test_a_player_of_two_teams(rows: list[dict[str, Any]]) -> None:
    found = {
        (row["team_id"], row["salary"], row["guaranteed_total"], row["times_listed"])
        for row in rows
        if row["player_id"] == "bufkiko01"
    }
    assert found == {
        ("BRK", 5_480_297, 4_503_720, 1),
        ("LAL", 5_480_297, 976_577, 2),
        ("MEM", 5_480_297, 131_970, 1),
    }


def test_a_guarantee_without_a_salary_is_kept(rows: list[dict[str, Any]]) -> None:
    (row,) = [row for row in rows if row["salary"] is None]
    assert (row["player_name"], row["team_id"], row["season"]) == ("Chris Livingston", "MIL", 2026)
    assert row["guaranteed_total"] == 2_296_274


def test_accents(rows: list[dict[str, Any]]) -> None:
    assert {"Nikola Jokić", "Vít Krejčí", "Moussa Diabaté", "N'Faly Dante"} <= {row["player_name"] for row in rows}


# --- small pages ---------------------------------------------------------------------------------------------


def test_seasons_are_what_the_header_says() -> None:
    found = parse(page(line("$1", "$2,000"))).to_pylist()
    assert [(row["season"], row["salary"]) for row in found] == [(2000, 1), (2001, 2000)]


def test_lines_with_other_figures_are_told_apart() -> None:
    found = parse(page(line("$5"), line("$7"), line("$5"), line("$5", team="BOS"))).to_pylist()
    assert [tuple(row[name] for name in ("team_id", "place", "salary", "times_listed")) for row in found] == [
        ("ATL", 1, 5, 2),
        ("ATL", 2, 7, 1),
        ("BOS", 1, 5, 1),
    ]


@pytest.mark.parametrize(
    ("css", "colours", "option"),
    [
        ("salary-et", "", "early termination option"),
        ("salary-pl", "", "player option"),
        ("salary-qo", "<span class='salary-qo'>Qualifying Offer</span>", "qualifying offer"),
        ("salary-zz", COLOURS, "salary-zz"),
        ("iz", COLOURS, None),
    ],
)
def test_the_colour_key_says_what_a_colour_means(css: str, colours: str, option: str | None) -> None:
    assert parse(page(line(f"{css} $5"), colours=colours))["option"].to_pylist() == [option]


def test_an_unknown_column_is_kept() -> None:
    data = page(line("$5").replace("</tr>", '<td data-stat="signed_using">Bird</td></tr>'), line("$6", name="roe"))
    table = parse(data)
    assert table["extra"].to_pylist() == ['{"signed_using": "Bird"}', None]
    assert table.schema.metadata[UNKNOWN_COLUMNS] == b'["signed_using"]'


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (page(), "found none"),
        (page(line("$5")).replace(b"team_id", b"tm"), "expected the columns team_id or team_name_abbr"),
        (page(line("$5")).replace(b"remain_gtd", b"gtd"), "expected the columns remain_gtd"),
        (page(line("$5")).replace(b'"y1"', b'"z1"').replace(b'"y2"', b'"z2"'), "over each of y1, y2"),
        (page(line("$5"), labels=("2000-01", "Next")), "y2: Next"),
        (page(line("$5"), labels=("2000-01", "2000-01")), "over each of y1, y2"),
        (page(line("5 million")), "found 'million' in row 1"),
        (page(line("$5").replace("doe01", "")), "a player's id"),
        (page(line("$5", team="")), "a link to a team"),
        (page(line("$5")).replace(b"player-contracts", b"players"), "a table player-contracts"),
    ],
)
def test_what_is_no_list_of_contracts(data: bytes, found: str) -> None:
    with pytest.raises(PageChanged, match=re.escape(found)):
        parse(data)


def test_a_page_that_says_to_slow_down(folder: Path) -> None:
    with pytest.raises(PageChanged, match="a table player-contracts"):
        parse((folder / "errors/429_rate_limited_2023.html").read_bytes())


@pytest.mark.parametrize("share", [0.2, 0.6, 0.99])
def test_half_a_page(raw: bytes, share: float) -> None:
    with pytest.raises(PageChanged):
        parse(raw[: int(len(raw) * share)])
    begin = raw.index(b'<table class="sortable stats_table" id="player-contracts"')
    with pytest.raises(PageChanged, match="the end of the page before its end"):
        parse(raw[begin : begin + int((raw.index(b"</table>", begin) - begin) * share)])
