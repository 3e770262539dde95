"""The traps of the real files, on all that were recorded."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest

from fieldhouse.source import Rows
from fieldhouse.sources import football_data
from fieldhouse.sources.football_data.tables import UNKNOWN_COLUMNS, UNREADABLE_CELLS
from tests.sources.football_data.conftest import Recorded

# Written down from the site's key, apart from the parser's own tables
NOT_ODDS = {
    *("Div", "Country", "League", "Season", "Date", "Time", "HomeTeam", "AwayTeam", "Home", "Away", "Referee"),
    *("FTHG", "FTAG", "FTR", "HG", "AG", "Res", "HTHG", "HTAG", "HTR", "Attendance"),
    *("HS", "AS", "HST", "AST", "HHW", "AHW", "HC", "AC", "HF", "AF", "HO", "AO", "HY", "AY", "HR", "AR", "HBP", "ABP"),
    *("Bb1X2", "BbOU", "BbAH", "AHh", "AHCh", "BbAHh", "B365AH", "LBAH", "GBAH"),
}


@dataclass(frozen=True)
class Raw:
    """A recorded file as the csv module sees it, by the names in its header."""

    header: list[str]
    rows: list[dict[str, str]]


@dataclass(frozen=True)
class Read:
    """What became of a recorded file; its tables are let go."""

    rows: dict[str, int]
    keys: dict[str, int]
    nulls: int
    prices: int
    scores: Counter[tuple[Any, ...]]
    unknown: list[str]
    unreadable: list[str]


def raw(file: Recorded) -> Raw:
    data = file.path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252")
    header, *lines = csv.reader(io.StringIO(text, newline=""))
    names = [name.strip() for name in header]
    rows = [dict(zip(names, (cell.strip() for cell in line), strict=False)) for line in lines]
    return Raw(names, [row for row in rows if row.get("Date")])


def read(file: Recorded) -> Read:
    tables = file.parse()
    first = next(iter(tables.values()))
    keys = {kind.name: [name for name in kind.key if name != "observed_at"] for kind in tables_of(file)}
    return Read(
        rows={name: table.num_rows for name, table in tables.items()},
        keys={name: table.group_by(keys[name]).aggregate([]).num_rows for name, table in tables.items()},
        nulls=sum(table[key].null_count for name, table in tables.items() for key in keys[name]),
        prices=list(tables.values())[-1]["price"].drop_null().length(),
        scores=scores(tables) if "match" in tables else Counter(),
        unknown=json.loads(first.schema.metadata[UNKNOWN_COLUMNS]),
        unreadable=json.loads(first.schema.metadata[UNREADABLE_CELLS]),
    )


def tables_of(file: Recorded) -> Iterator[Any]:
    yield from football_data.SOURCE.dataset_type(file.dataset_type).tables


def scores(tables: Rows) -> Counter[tuple[Any, ...]]:
    names = ("home_team", "away_team", "home_goals", "away_goals", "result")
    return Counter(zip(*(tables["match"][name].to_pylist() for name in names), strict=True))


@pytest.fixture(scope="module")
def everything(recorded: dict[str, Recorded]) -> dict[str, Read]:
    return {name: read(file) for name, file in recorded.items()}


def test_all_of_them_are_read(everything: dict[str, Read]) -> None:
    total: Counter[str] = Counter()
    for file in everything.values():
        total.update(file.rows)
    assert len(everything) == 256
    assert total == {"match": 93_169, "match_odds": 3_317_797, "fixture": 59, "fixture_odds": 2_605}


def test_keys_are_whole_and_their_own(everything: dict[str, Read]) -> None:
    assert {name for name, file in everything.items() if file.nulls} == set()
    assert {name for name, file in everything.items() if file.keys != file.rows} == set()


def test_no_match_and_no_price_is_lost(everything: dict[str, Read], recorded: dict[str, Recorded]) -> None:
    for name, file in recorded.items():
        origin = raw(file)
        odds = [n for n in origin.header if n not in NOT_ODDS and n and not n.startswith("Unnamed")]
        cells = sum(1 for row in origin.rows for column in odds if row.get(column))
        assert list(everything[name].rows.values()) == [len(origin.rows), cells], name
        assert everything[name].prices == cells, name


def test_the_scores_are_those_of_the_file(everything: dict[str, Read], recorded: dict[str, Recorded]) -> None:
    for name, file in recorded.items():
        if file.dataset_type == "fixtures":
            continue
        columns = ("HomeTeam", "AwayTeam", "FTHG", "FTAG", "FTR")
        if file.dataset_type == "extra_league":
            columns = ("Home", "Away", "HG", "AG", "Res")
        expected = Counter(tuple(row[column] for column in columns) for row in raw(file).rows)
        straight = {
            (
                home.replace("\u2019", "'"),
                away.replace("\u2019", "'"),
                int(float(scored)),
                int(float(conceded)),
                result,
            ): n
            for (home, away, scored, conceded, result), n in expected.items()
        }
        assert everything[name].scores == straight, name


def test_what_no_column_takes(everything: dict[str, Read]) -> None:
    assert {name: file.unknown for name, file in everything.items() if file.unknown} == {
        "0607/T1.csv": [f"column {n}" for n in (57, 58, 59, 60, 63)],
        "2526_E3.20260525.csv": ["column 133"],
    }
    assert {name: file.unreadable for name, file in everything.items() if file.unreadable} == {
        "0607/I1.csv": ["HY on line 303: '1.2' is not a whole number"]
    }


@pytest.mark.parametrize(
    ("name", "matches"),
    [
        ("9495/E0.csv", 462),
        ("9596/E0.csv", 380),
        ("2425/E0.csv", 380),
        ("2425_E1.matthierry.csv", 552),
        ("2526_E0.20251221.csv", 169),
        ("2526_E0.20260223.csv", 271),
        ("2526_E0.20260525.csv", 380),
        ("MEX.csv", 4655),
    ],
)
def test_counts(everything: dict[str, Read], name: str, matches: int) -> None:
    assert everything[name].rows["match"] == matches


def test_forms_of_dates(recorded: dict[str, Recorded]) -> None:
    forms: Counter[str] = Counter()
    for file in recorded.values():
        forms.update(re.sub(r"\d+", lambda digits: str(len(digits[0])), row["Date"]) for row in raw(file).rows)
    assert forms == {"2/2/2": 69_005, "2/2/4": 23_843, "4/1/1": 249, "4/2/1": 131}


def test_dates_that_a_spreadsheet_spoilt(recorded: dict[str, Recorded]) -> None:
    spoilt, sound = (recorded[name].parse()["match"] for name in ("0405_E0.minello.csv", "0405/E0.csv"))
    assert spoilt["match_id"].equals(sound["match_id"])
    assert spoilt["match_date"].equals(sound["match_date"])


def test_a_running_season_grows(recorded: dict[str, Recorded]) -> None:
    states = [_by_id(recorded[f"2526_E0.{day}.csv"].parse()) for day in ("20251221", "20260223", "20260525")]
    for earlier, later in pairwise(states):
        assert earlier.items() < later.items()


def _by_id(tables: Rows) -> dict[str, tuple[Any, ...]]:
    return {row["match_id"]: tuple(row.values()) for row in tables["match"].to_pylist()}


@pytest.mark.parametrize(
    ("name", "meetings"), [("2425/E0.csv", 1), ("0001/SC0.csv", 3), ("2324/B1.csv", 2), ("MEX.csv", 3)]
)
def test_pairs_that_meet_again(recorded: dict[str, Recorded], name: str, meetings: int) -> None:
    assert max(recorded[name].parse()["match"]["meeting"].to_pylist()) == meetings


@pytest.mark.parametrize(
    ("name", "match_id", "expected"),
    [
        ("0607/T1.csv", "T1/0607/Manisaspor/Sakaryaspor/1", {"away_goals": 3, "half_time_home_goals": None}),
        ("1819/EC.csv", None, {"bookmakers_asian_handicap": 8}),
        ("0102/E0.csv", "E0/0102/Charlton/Blackburn/1", {"referee": "Wiley, A. G.", "attendance": 25_857}),
        ("9495/E0.csv", "E0/9495/Arsenal/Man City/1", {"half_time_home_goals": None, "referee": None}),
    ],
)
def test_single_cells(recorded: dict[str, Recorded], name: str, match_id: str | None, expected: dict[str, Any]) -> None:
    rows = [row for row in recorded[name].parse()["match"].to_pylist() if match_id in (None, row["match_id"])]
    assert any({column: row[column] for column in expected} == expected for row in rows)


@pytest.mark.parametrize(
    ("name", "match_id"), [("0910/SC1.csv", "SC1/0910/Inverness C/Airdrie Utd/2"), ("0405/D1.csv", None)]
)
def test_handicaps_written_as_words(recorded: dict[str, Recorded], name: str, match_id: str | None) -> None:
    odds = recorded[name].parse()["match_odds"].to_pylist()
    found = [row for row in odds if row["market"] == "asian handicap" and match_id in (None, row["match_id"])]
    assert -1.25 in {row["line"] for row in found}


def test_a_price_of_each_kind(recorded: dict[str, Recorded]) -> None:
    row = next(row for row in raw(recorded["2425/E0.csv"]).rows if row["HomeTeam"] == "Arsenal")
    odds = recorded["2425/E0.csv"].parse()["match_odds"].to_pylist()
    prices = {
        (o["bookmaker"], o["market"], o["timing"], o["outcome"]): (str(o["price"]), o["line"])
        for o in odds
        if o["match_id"] == f"E0/2425/Arsenal/{row['AwayTeam']}/1"
    }
    handicap, closing = float(row["AHh"]), float(row["AHCh"])
    assert prices["Bet365", "match result", "opening", "home"] == (_number(row["B365H"]), None)
    assert prices["Pinnacle", "match result", "closing", "draw"] == (_number(row["PSCD"]), None)
    assert prices["market maximum", "over/under", "closing", "over"] == (_number(row["MaxC>2.5"]), 2.5)
    assert prices["Pinnacle", "over/under", "opening", "under"] == (_number(row["P<2.5"]), 2.5)
    assert prices["Betfair Exchange", "asian handicap", "opening", "away"] == (_number(row["BFEAHA"]), handicap)
    assert prices["market average", "asian handicap", "closing", "home"] == (_number(row["AvgCAHH"]), closing)


def _number(text: str) -> str:
    return str(float(text))
