"""The list of the injured. No page was recorded: these are the recorded dumps of it, in the site's HTML."""

from __future__ import annotations

import csv
import html
import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from fieldhouse.errors import PageChanged
from fieldhouse.source import Rows
from fieldhouse.sources.basketball_reference import injuries
from fieldhouse.sources.basketball_reference.extras import UNKNOWN_COLUMNS
from fieldhouse.sources.basketball_reference.page import Origin
from tests.sources.basketball_reference.declared import declared_schema, schema_of

ORIGIN = Origin("injuries", {}, "injuries.html", "https://site/friv/injuries.fcgi")
DUMPS = {"injuries_data.csv": 65, "injuries_dump.from_pickle.csv": 17, "raw_injury_stats.csv": 128}
HEADER = '<th data-stat="{}">{}</th>'
COLUMNS = {"player": "Player", "team_name": "Team", "date_update": "Update", "note": "Description"}


def parse(data: bytes) -> Rows:
    return injuries.read(data, {}, ORIGIN)


def line(player: str, team: str = "Hawks", updated: str = "Tue, Sep 20, 2022", note: str = "Out (Knee) - x") -> str:
    player_id = "".join(filter(str.isascii, filter(str.isalpha, player.lower())))[:9] + "01"
    name, team, note = html.escape(player), html.escape(team), html.escape(note)
    return (
        f'<tr><th class="left" data-append-csv="{player_id}" data-stat="player">'
        f'<a href="/players/x/{player_id}.html">{name}</a></th>'
        f'<td class="left" data-stat="team_name"><a href="/teams/ATL/2023.html">{team}</a></td>'
        f'<td class="right" data-stat="date_update">{updated}</td><td class="left" data-stat="note">{note}</td></tr>'
    )


def page(*lines: str, content: str | None = None) -> bytes:
    header = "".join(HEADER.format(stat, label) for stat, label in COLUMNS.items())
    table = (
        f'<table class="sortable stats_table" id="injuries"><caption>Injuries Table</caption><thead><tr>{header}</tr>'
        f"</thead><tbody>{''.join(lines)}</tbody></table>"
    )
    body = table if content is None else content
    title = "<title>NBA Current Injuries | Basketball-Reference.com</title>"
    return f'<!DOCTYPE html><html>{title}<body><div id="content">{body}</div></body></html>'.encode()


@pytest.fixture(scope="module")
def folder(recordings: Callable[[str], Path]) -> Path:
    return recordings("basketball_reference")


@pytest.fixture(scope="module")
def dumps(folder: Path) -> dict[str, list[dict[str, str]]]:
    found = {}
    for name in DUMPS:
        with (folder / "derived_csv_jyablonski" / name).open(encoding="utf-8") as file:
            found[name] = list(csv.DictReader(file))
    return found


@pytest.mark.parametrize(("name", "count"), DUMPS.items())
def test_the_older_systems_rows_are_there(dumps: dict[str, list[dict[str, str]]], name: str, count: int) -> None:
    old = [tuple(row[column] for column in ("Player", "Team", "Update", "Description")) for row in dumps[name]]
    rows = parse(page(*(line(*row) for row in old)))
    found = rows["injury"].to_pylist()
    names = ("player_name", "team_name", "updated_text", "description")
    assert [tuple(row[column] for column in names) for row in found] == old
    # A day that is written back is the day that was read, also its weekday
    assert [f"{row['updated_on']:%a, %b %-d, %Y}" for row in found] == [row[2] for row in old]
    assert len(old) == count
    assert rows["injury_report"].to_pylist() == [{"players": count}]


def test_what_the_descriptions_begin_with(dumps: dict[str, list[dict[str, str]]]) -> None:
    notes = [row["Description"] for rows in dumps.values() for row in rows]
    rows = parse(page(*(line(f"p{chr(97 + n // 26)}{chr(97 + n % 26)}", note=note) for n, note in enumerate(notes))))
    found = rows["injury"].to_pylist()
    assert Counter(row["status"] for row in found) == {"out": 139, "day_to_day": 64, "out_for_season": 7}
    assert all(row["reason"] for row in found)
    assert {"Knee", "Not With Team", "Foot/Health and safety protocols"} <= {row["reason"] for row in found}


@pytest.mark.parametrize(
    ("note", "status", "reason"),
    [
        ("Out For Season (Knee) - He tore his ACL (again).", "out_for_season", "Knee"),
        ("Out for the season (Knee) - x", "out_for_season", "Knee"),
        ("Out indefinitely (Back) - x", "out", "Back"),
        ("Day-To-Day (Ankle) - x", "day_to_day", "Ankle"),
        ("Out - He is out (Oct. 24).", "out", None),
        ("Outstanding (Knee) - x", "unknown", "Knee"),
        ("Probable", "unknown", None),
        ("", "unknown", None),
    ],
)
def test_status_and_reason(note: str, status: str, reason: str | None) -> None:
    (row,) = parse(page(line("Doe", note=note)))["injury"].to_pylist()
    assert (row["status"], row["reason"], row["description"]) == (status, reason, note or None)


def test_ids_and_accents() -> None:
    (row,) = parse(page(line("Kristaps Porziņģis", "Trail & Blazers")))["injury"].to_pylist()
    assert (row["player_id"], row["team_id"]) == ("kristapsp01", "ATL")
    assert (row["player_name"], row["team_name"]) == ("Kristaps Porziņģis", "Trail & Blazers")
    assert row["updated_on"] == date(2022, 9, 20)


def test_a_player_without_a_mark_has_the_id_of_his_link() -> None:
    data = page(line("Doe")).replace(b'data-append-csv="doe01"', b"")
    assert parse(data)["injury"]["player_id"].to_pylist() == ["doe01"]


def test_a_player_without_a_team_or_a_day() -> None:
    text = re.sub(r'<a href="/teams.*?</a>', "", line("Doe", updated="")) + line("Roe")
    first, second = parse(page(text))["injury"].to_pylist()
    assert (first["team_id"], first["team_name"], first["updated_on"], first["updated_text"]) == (None,) * 4
    assert second["team_id"] == "ATL"


def test_a_player_who_is_listed_twice_is_one_player() -> None:
    rows = parse(page(line("Doe"), line("Roe"), line("Doe", note="Out (Foot) - y")))
    places = [(row["player_id"], row["place"]) for row in rows["injury"].to_pylist()]
    assert places == [("doe01", 1), ("roe01", 1), ("doe01", 2)]
    assert rows["injury_report"]["players"].to_pylist() == [2]


@pytest.mark.parametrize("table", ["injury", "injury_report"])
def test_the_columns_are_those_of_the_sql(table: str) -> None:
    for data in (page(line("Doe")), page()):
        assert schema_of(parse(data)[table]) == declared_schema(table)


@pytest.mark.parametrize(
    "data",
    [
        page(),
        page(content="<h1>Injuries</h1><p>No injuries reported.</p>"),
        page(content="<h1>Injuries</h1>\n<p>There are no players who are currently injured.</p>"),
    ],
)
def test_nobody_is_injured(data: bytes) -> None:
    rows = parse(data)
    assert rows["injury"].num_rows == 0
    assert rows["injury_report"].to_pylist() == [{"players": 0}]


def test_a_list_in_a_comment() -> None:
    """So it stands on a team's page."""
    table = page(line("Doe")).partition(b'<div id="content">')[2].partition(b"</div>")[0].decode()
    assert parse(page(content=f"<!-- {table} -->"))["injury"].num_rows == 1


def test_an_unknown_column_is_kept() -> None:
    table = parse(page(line("Doe").replace("</tr>", '<td data-stat="returns_on">May 1</td></tr>'), line("Roe")))[
        "injury"
    ]
    assert table["extra"].to_pylist() == ['{"returns_on": "May 1"}', None]
    assert table.schema.metadata[UNKNOWN_COLUMNS] == b'["returns_on"]'


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (page(content="<p>Welcome</p>"), "expected a table injuries, found the page 'NBA Current Injuries"),
        (page(line("Doe")).replace(b"date_update", b"updated"), "expected the columns date_update"),
        (page().replace(b'"note"', b'"text"'), "expected the columns note"),
        (page(line("Doe", updated="2022-09-20"), line("Roe", updated="today")), "found '2022-09-20' and no day"),
        (page(re.sub(r" data-append-csv.*?</th>", ' data-stat="player">Doe</th>', line("Doe"))), "'Doe' without one"),
    ],
)
def test_what_is_no_list_of_the_injured(data: bytes, found: str) -> None:
    with pytest.raises(PageChanged, match=re.escape(found)):
        parse(data)


@pytest.mark.parametrize("error", ["2000", "2011", "2023"])
def test_a_page_that_says_to_slow_down(folder: Path, error: str) -> None:
    with pytest.raises(PageChanged, match="a table injuries"):
        parse((folder / f"errors/429_rate_limited_{error}.html").read_bytes())


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_half_a_page(share: float) -> None:
    data = page(*(line(f"P{chr(97 + n)}") for n in range(26)))
    with pytest.raises(PageChanged):
        parse(data[: int(len(data) * share)])
