from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fieldhouse.errors import ConfigurationError, NothingScheduled, NotPublished, PageChanged
from fieldhouse.sources import football_data
from fieldhouse.sources.football_data.parse import parse
from fieldhouse.sources.football_data.tables import UNKNOWN_COLUMNS, UNREADABLE_CELLS
from tests.sources.football_data.conftest import HEADER, LATER, PLAYED, season

E0: Mapping[str, str] = {"division": "E0", "season": "2425"}
FIXTURES = "Div,Date,Time,HomeTeam,AwayTeam,B365H,B365D,B365A"


def parsed(data: bytes, dataset_type: str = "season", identifier: Mapping[str, str] = E0) -> Mapping[str, Any]:
    return parse(dataset_type, identifier, {"any.csv": data})


def rows(*lines: str, table: str = "match", **options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = season(*lines, **options)[table].to_pylist()
    return found


def filled(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def test_a_match() -> None:
    assert filled(rows(PLAYED)[0]) == {
        "match_id": "E0/2425/Arsenal/Chelsea/1",
        "division": "E0",
        "season": "2425",
        "season_start_year": 2024,
        "match_date": date(2024, 8, 17),
        "home_team": "Arsenal",
        "away_team": "Chelsea",
        "meeting": 1,
        "home_goals": 2,
        "away_goals": 0,
        "result": "H",
        "home_shots": 11,
        "referee": "A Taylor",
    }


def test_its_odds_are_sorted_by_the_key() -> None:
    odds = rows(LATER, PLAYED, table="match_odds")
    assert [(row["match_id"][8:15], row["outcome"], row["price"], row["line"]) for row in odds] == [
        ("Arsenal", "away", 6.5, None),
        ("Arsenal", "draw", 4.0, None),
        ("Arsenal", "home", 1.5, None),
        ("Fulham/", "away", 3.4, None),
        ("Fulham/", "draw", 3.3, None),
        ("Fulham/", "home", 2.1, None),
    ]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "0 bytes"),
        (b"\r\n \r\n", "without a character"),
        (b"\xef\xbb\xbf", "without a character"),
        (b"\xef\xbb\xbf <!DOCTYPE html><html>Too busy</html>", "expected a CSV file, found a page that begins with"),
        (b"\x81\x00\xff\xfe", "UTF-8 or cp1252, found byte 0x81"),
        (HEADER.encode("utf-16"), "NUL character"),
        (PLAYED.encode(), "expected a header with the columns Div"),
        (HEADER.replace("FTHG", "Goals").encode() + b"\n", r"none for \['FTHG'\]"),
        (HEADER.replace(",", ";").encode() + b"\n", "expected a header"),
        (f"{HEADER}\n{PLAYED}\n{LATER[:30]}".encode(), "line 3: .* found the end of the file after cell 6"),
        (f"{HEADER}\n{PLAYED.replace('A Taylor', chr(34) + 'A Taylor')}\n{LATER}\n".encode(), "comma-separated values"),
        (f'{HEADER}\n{PLAYED},"one\ntwo"\n'.encode(), "line 2: expected one match on each line"),
    ],
)
def test_bytes_that_are_no_such_file(data: bytes, says: str) -> None:
    with pytest.raises(PageChanged, match=says):
        parsed(data)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (PLAYED.replace("E0", "E1"), "line 3: expected Div E0, found 'E1'"),
        (PLAYED.replace("Arsenal", " "), "line 3: expected a team in the column HomeTeam"),
        (PLAYED.replace("2024", "2025"), "line 3: expected a date from 2024-07-01 to 2025-07-20 .*'17/08/2025'"),
        (PLAYED.replace("17/08/2024", ""), "line 3: expected a date"),
        (PLAYED.replace(",2,0,", ",2,x,"), "line 3: expected the goals of both teams .*'2' and 'x'"),
        (PLAYED.replace(",2,0,", ",2,,"), "line 3: expected the goals of both teams"),
        (PLAYED.replace(",2,0,", ",2,-1,"), "line 3: expected the goals of both teams"),
        (PLAYED.replace(",2,0,", ",2.5,0,"), "line 3: expected the goals of both teams"),
    ],
)
def test_a_line_that_is_no_match(line: str, says: str) -> None:
    with pytest.raises(PageChanged, match=says) as error:
        season(LATER, line)
    text = str(error.value)
    assert text.startswith("football_data/season division=E0/season=2425, season.csv, line 3: ")
    assert text.endswith("E0.csv, then fetch it again or teach the parser its new format")
    assert "\n" not in text


def test_a_season_that_has_not_begun() -> None:
    with pytest.raises(NotPublished, match="has not begun"):
        season(",,,,,,")


def test_no_fixtures_are_nothing_scheduled() -> None:
    with pytest.raises(NothingScheduled, match="next days"):
        parsed(f"{FIXTURES}\n".encode(), "fixtures", {})


def test_an_extra_league_always_has_matches() -> None:
    with pytest.raises(PageChanged, match="all its seasons"):
        parsed(b"Country,Season,Date,Home,Away,HG,AG\n", "extra_league", {"league": "MEX"})


@pytest.mark.parametrize(
    ("dataset_type", "identifier", "files", "says"),
    [
        ("seasons", E0, 1, "it has: season, extra_league, fixtures"),
        ("season", {"division": "E9", "season": "2425"}, 1, "no division 'E9'"),
        ("season", {"division": "E0", "season": "2426"}, 1, "season code"),
        ("season", {"division": "E0"}, 1, "season code"),
        ("extra_league", {"league": "E0"}, 1, "no league 'E0'"),
        ("season", E0, 2, "is one file, not 2"),
        ("season", E0, 0, "is one file, not 0"),
    ],
)
def test_what_is_no_dataset(dataset_type: str, identifier: Mapping[str, str], files: int, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        parse(dataset_type, identifier, {f"{n}.csv": b"" for n in range(files)})


def test_the_declaration_finds_the_parser() -> None:
    assert (
        football_data.SOURCE.parse("season", E0, {"season.csv": f"{HEADER}\n{PLAYED}\n".encode()})["match"].num_rows
        == 1
    )


def test_a_match_without_a_score_is_kept() -> None:
    (row,) = rows("E0,17/08/2024,Arsenal,Chelsea")
    assert (row["home_team"], row["home_goals"], row["away_goals"], row["result"]) == ("Arsenal", None, None, None)


def test_a_doubled_line_is_one_match() -> None:
    assert len(rows(PLAYED, LATER, PLAYED)) == 2


def test_of_a_doubled_match_the_later_cells_win_and_empty_ones_take_nothing() -> None:
    again = PLAYED.replace(",11,A Taylor,1.5,", ",12,,,") + ",more"
    (row,) = rows(PLAYED, again)
    assert (row["home_shots"], row["referee"], json.loads(row["extra"])) == (12, "A Taylor", {"column 13": "more"})
    assert len(rows(PLAYED, again, table="match_odds")) == 3


def test_a_match_with_two_scores() -> None:
    with pytest.raises(
        PageChanged, match="line 4: expected each match once, found one with 2 goals on line 2 and 3 here"
    ):
        season(PLAYED, LATER, PLAYED.replace(",2,0,", ",3,0,"))


def test_meetings_are_numbered_by_date() -> None:
    header = "Div,Date,HomeTeam,AwayTeam,FTHG,FTAG"
    lines = [f"SC0,{day},Celtic,Hearts,1,0" for day in ("10/05/2025", "01/09/2024", "26/12/2024")]
    found = rows(*lines, header=header, division="SC0")
    assert [(row["match_id"], row["match_date"].month) for row in found] == [
        ("SC0/2425/Celtic/Hearts/1", 9),
        ("SC0/2425/Celtic/Hearts/2", 12),
        ("SC0/2425/Celtic/Hearts/3", 5),
    ]


def test_a_postponed_match_keeps_its_id() -> None:
    (before,), (after,) = rows(PLAYED), rows(PLAYED.replace("17/08/2024", "11/03/2025"))
    assert before["match_id"] == after["match_id"]
    assert before["match_date"] != after["match_date"]


def test_old_names_of_columns() -> None:
    header = "Div,Date,HT,AT,FTHG,FTAG"
    (row,) = rows("G1,23/08/03,AEK,Xanthi,2,0", header=header, division="G1", code="0304")
    assert (row["home_team"], row["away_team"], row["match_date"]) == ("AEK", "Xanthi", date(2003, 8, 23))


def test_columns_are_found_wherever_they_stand() -> None:
    names = HEADER.split(",")
    order = sorted(range(len(names)), key=lambda n: names[n])
    shuffled = [",".join(text.split(",")[n] for n in order) for text in (HEADER, PLAYED)]
    assert season(shuffled[1], header=shuffled[0])["match"].equals(season(PLAYED)["match"])


@pytest.mark.parametrize(
    ("text", "name"),
    [("King\u2019s Lynn", "King's Lynn"), ("\u00a0Ath  Madrid ", "Ath Madrid"), ("Bodo/Glimt", "Bodo/Glimt")],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_names_in_every_encoding(text: str, name: str, encoding: str) -> None:
    data = f"{HEADER}\r\n{PLAYED.replace('Arsenal', text)}\r\n".encode(encoding)
    (row,) = parsed(data)["match"].to_pylist()
    assert (row["home_team"], row["match_id"].count("/")) == (name, 4)


def test_unknown_columns_are_kept_and_reported() -> None:
    header = f"{HEADER},HxG,,Unnamed: 14,HS,B365>3.5"
    match = season(f"{PLAYED},1.8,,odd,7,2.6,beyond", LATER, header=header)["match"]
    assert [json.loads(text or "null") for text in match["extra"].to_pylist()] == [
        {"HxG": "1.8", "column 15": "odd", "HS (column 16)": "7", "B365>3.5": "2.6", "column 18": "beyond"},
        None,
    ]
    unknown = ["HxG", "column 15", "HS (column 16)", "B365>3.5", "column 18"]
    assert json.loads(match.schema.metadata[UNKNOWN_COLUMNS]) == unknown


def test_a_new_bookmaker_goes_by_its_code() -> None:
    found = season(f"{PLAYED},1.4,4.5,7", header=f"{HEADER},NEWH,NEWD,NEWA")
    assert {row["bookmaker"] for row in found["match_odds"].to_pylist()} == {"Bet365", "NEW"}
    assert json.loads(found["match"].schema.metadata[UNKNOWN_COLUMNS]) == []


def test_a_slip_is_kept_beside_its_match() -> None:
    found = season(PLAYED.replace(",11,", ",1.1,").replace(",4,", ",four,"), LATER)
    first, _ = found["match"].to_pylist()
    assert (first["home_shots"], json.loads(first["extra"])) == (None, {"HS": "1.1", "B365D": "four"})
    assert found["match_odds"].num_rows == 5
    assert json.loads(found["match"].schema.metadata[UNREADABLE_CELLS]) == [
        "HS on line 2: '1.1' is not a whole number",
        "B365D on line 2: 'four' is not a price",
    ]


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("HS", "many", "a whole number in the column HS, found 'many' and 2 more"),
        ("B365H", "evens", "a price in the column B365H"),
        ("FTR", "home", "H, D or A in the column FTR"),
    ],
)
def test_a_column_of_slips_is_a_changed_column(column: str, value: str, says: str) -> None:
    position = HEADER.split(",").index(column)
    lines = []
    for team in ("Arsenal", "Fulham", "Leeds"):
        cells = PLAYED.replace("Arsenal", team).split(",")
        lines.append(",".join([*cells[:position], value, *cells[position + 1 :]]))
    with pytest.raises(PageChanged, match=f"line 2: expected {says}"):
        season(*lines)


def test_handicaps() -> None:
    header = f"{HEADER},AHh,B365AHH,B365AHA,LBAHH,LBAHA,LBAH,AHCh,PCAHH,PCAHA,P>2.5"
    odds = rows(f"{PLAYED},-0.75,1.9,2,1.8,2.1,-1,0.5,1.95,1.97,1.6", table="match_odds", header=header)
    lines = {(o["bookmaker"], o["market"], o["timing"]): o["line"] for o in odds}
    assert lines == {
        ("Bet365", "match result", "opening"): None,
        ("Bet365", "asian handicap", "opening"): -0.75,
        ("Ladbrokes", "asian handicap", "opening"): -1.0,
        ("Pinnacle", "asian handicap", "closing"): 0.5,
        ("Pinnacle", "over/under", "opening"): 2.5,
    }


def test_a_handicap_in_the_first_column() -> None:
    odds = rows(f"-0.75,{PLAYED},1.9,2", table="match_odds", header=f"AHh,{HEADER},B365AHH,B365AHA")
    assert {row["line"] for row in odds if row["market"] == "asian handicap"} == {-0.75}


def test_a_handicap_without_a_price_is_kept() -> None:
    header = f"{HEADER},AHh,B365AHH,B365AHA"
    (row,) = rows(f"{PLAYED},-0.75,,", header=header)
    assert json.loads(row["extra"]) == {"AHh": "-0.75"}


@pytest.mark.parametrize(
    ("text", "name", "year"), [("2012/2013", "2012/13", 2012), ("2012/13", "2012/13", 2012), ("2013", "2013", 2013)]
)
def test_seasons_of_an_extra_league(text: str, name: str, year: int) -> None:
    header = "Country,League,Season,Date,Time,Home,Away,HG,AG,Res"
    line = f"Mexico,Liga MX,{text},16/03/2013,23:00,Toluca,Puebla,1,1,D"
    (row,) = parsed(f"{header}\n{line}\n".encode(), "extra_league", {"league": "MEX"})["match"].to_pylist()
    assert (row["season"], row["season_start_year"], row["league_name"]) == (name, year, "Liga MX")
    assert row["match_id"] == f"MEX/{name.replace('/', '-')}/Toluca/Puebla/1"
    assert row["kickoff_time"] == time(23)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("Mexico,2012-2013,16/03/2013,Toluca,Puebla,1,1", "line 2: expected a season as"),
        ("Mexico,2012/2014,16/03/2013,Toluca,Puebla,1,1", "expected a season as"),
        ("Mexico,,16/03/2013,Toluca,Puebla,1,1", "expected a season as"),
        ("Mexico,2012/2013,16/03/2015,Toluca,Puebla,1,1", "expected a date from 2012-01-01 to 2013-12-31"),
        ("Brazil,2012/2013,16/03/2013,Toluca,Puebla,1,1", "expected Country Mexico, found 'Brazil'"),
    ],
)
def test_a_line_that_is_no_match_of_an_extra_league(line: str, says: str) -> None:
    with pytest.raises(PageChanged, match=says):
        parsed(f"Country,Season,Date,Home,Away,HG,AG\n{line}\n".encode(), "extra_league", {"league": "MEX"})


def test_fixtures() -> None:
    lines = ["SC0,07/02/2026,12:30,Celtic,Hearts,2,3,4", "B1,31/07/2026,17:30,Gent,Genk,,,"]
    found = parsed("\r\n".join(["\ufeff" + FIXTURES, *lines, ""]).encode(), "fixtures", {})
    assert [list(filled(row).values()) for row in found["fixture"].to_pylist()] == [
        ["B1", "2627", date(2026, 7, 31), time(17, 30), "Gent", "Genk"],
        ["SC0", "2526", date(2026, 2, 7), time(12, 30), "Celtic", "Hearts"],
    ]
    assert [row["price"] for row in found["fixture_odds"].to_pylist()] == [4, 3, 2]
    assert {row["home_team"] for row in found["fixture_odds"].to_pylist()} == {"Celtic"}


def test_fixtures_need_a_division() -> None:
    with pytest.raises(PageChanged, match="line 2: expected a division"):
        parsed(f"{FIXTURES}\n,07/02/2026,12:30,Celtic,Hearts,2,3,4\n".encode(), "fixtures", {})


DATASETS: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("season", E0),
    ("extra_league", {"league": "MEX"}),
    ("fixtures", {}),
)
CELLS = st.sampled_from(
    ["", "E0", "17/08/2024", "2014/8/4", "1", "2.0", "-1", "x", "nan", '"', "\u00a0", "Arsenal", "12:30", "H"]
)
HEADERS = st.lists(
    st.sampled_from([*HEADER.split(","), "", "AHh", "B365AHH", "Home", "HG", "Season", "NEWH"]), max_size=16
)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.binary(), st.binary().map(lambda tail: f"{HEADER}\n{PLAYED}\n".encode() + tail)),
    st.sampled_from(DATASETS),
)
@example(b"Div,Date,HomeTeam,AwayTeam\n\n", DATASETS[2])
def test_any_bytes_are_tables_or_an_error_of_ours(data: bytes, dataset: tuple[str, Mapping[str, str]]) -> None:
    _tables_or_an_error_of_ours(data, dataset)


@settings(max_examples=300, deadline=None)
@given(HEADERS, st.lists(st.lists(CELLS, max_size=16), max_size=6), st.sampled_from(DATASETS))
def test_any_cells_are_tables_or_an_error_of_ours(
    header: list[str], lines: list[list[str]], dataset: tuple[str, Mapping[str, str]]
) -> None:
    names = [*["Div", "Date", "HomeTeam", "AwayTeam", "FTHG", "FTAG", "Season"], *header]
    lines = [["E0", "17/08/2024", f"Team {n}", "Chelsea", "1", "1", "2024", *cells] for n, cells in enumerate(lines)]
    _tables_or_an_error_of_ours("\n".join(",".join(cells) for cells in [names, *lines]).encode(), dataset)


def _tables_or_an_error_of_ours(data: bytes, dataset: tuple[str, Mapping[str, str]]) -> None:
    try:
        tables = parsed(data, *dataset)
    except (PageChanged, NotPublished, NothingScheduled) as error:
        assert str(error)  # noqa: PT017
    else:
        assert all(table.validate(full=True) is None for table in tables.values())
        assert next(iter(tables.values())).num_rows
