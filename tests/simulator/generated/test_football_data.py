"""Generated football: determinism, the passing of time, and formats against those of the recorded files."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from fieldhouse.sources.football_data.parse import parse
from simulator.generated.football_data import FootballData
from simulator.generated.football_data.calendar import season
from simulator.generated.football_data.clubs import PLACES, clubs
from simulator.generated.football_data.files import File
from simulator.generated.football_data.layout import division_layout, extra_layout, fixtures_layout
from simulator.generated.football_data.leagues import DIVISIONS, EXTRA_LEAGUES, season_code, season_year

TODAY = date(2026, 2, 21)
END = date(2026, 7, 1)
# One season of each era, and those with peculiarities of their own
ERAS = (1993, 1995, 1999, 2000, 2001, 2002, 2003, 2004, 2005, 2007, 2010, 2012, 2013, 2014, 2015, 2017, 2018, 2019,
        2024, 2025)  # fmt: skip


def made(path: str, today: date = END, seed: int = 1) -> File:
    file = FootballData(seed).file(path, today)
    assert file is not None
    return file


def path_of(division: str, year: int) -> str:
    return f"/mmz4281/{season_code(year)}/{division}.csv"


def text_of(file: File) -> str:
    return file.body.decode("utf-8-sig" if file.body.startswith(b"\xef\xbb\xbf") else "cp1252")


def rows_of(file: File) -> list[dict[str, str]]:
    return [row for row in csv.DictReader(io.StringIO(text_of(file))) if any(filter(None, row.values()))]


def pairs(file: File) -> Counter[tuple[str, str]]:
    return Counter((row["HomeTeam"], row["AwayTeam"]) for row in rows_of(file))


# --- determinism ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/mmz4281/2526/E0.csv", "/mmz4281/0405/SC0.csv", "/new/MEX.csv", "/fixtures.csv"])
def test_a_file_follows_from_seed_and_date_alone(path: str) -> None:
    first = made(path, TODAY)
    season.cache_clear()
    assert made(path, TODAY) == first
    assert made(path, TODAY, seed=2).body != first.body


def test_no_order_of_asking_matters() -> None:
    late_first = [made("/mmz4281/2526/E1.csv", day).body for day in (TODAY, date(2025, 9, 1))]
    early_first = [made("/mmz4281/2526/E1.csv", day).body for day in (date(2025, 9, 1), TODAY)]
    assert late_first == early_first[::-1]


# --- the passing of time ----------------------------------------------------------------------------------


@pytest.mark.parametrize("division", ["E0", "SC0", "B1", "EC"])
def test_a_season_grows_day_by_day(division: str) -> None:
    site = FootballData(1)
    before: File | None = None
    day = date(2025, 7, 1)
    while day < END:
        file = site.file(path_of(division, 2025), day)
        if before:
            assert file
            assert file.matches >= before.matches
            assert (file.changed_on > before.changed_on) == (file.body != before.body)
            if file.body != before.body:
                assert set(pairs(before)) <= set(pairs(file))
        if file:
            assert file.changed_on <= day
            assert file.changed_on.weekday() in {2, 6}
        before = file
        day += timedelta(days=1)
    assert before


def test_a_season_has_no_file_before_its_first_results() -> None:
    site = FootballData(1)
    assert site.file(path_of("E0", 2026), TODAY) is None
    assert site.file(path_of("E0", 2025), date(2025, 8, 10)) is None
    assert site.file(path_of("EC", 2004), TODAY) is None, "the site's own files begin in 2005/06"


def test_only_played_matches_are_in_a_file() -> None:
    played = [date(*map(int, reversed(row["Date"].split("/")))) for row in rows_of(made("/mmz4281/2526/E1.csv", TODAY))]
    assert max(played) < TODAY
    assert max(played) >= TODAY - timedelta(days=7)


def test_corrections_change_rows_that_stay() -> None:
    changed: Counter[str] = Counter()
    months = [date(2025, month, 1) for month in range(9, 13)] + [date(2026, month, 1) for month in range(1, 7)]
    for division in ("E0", "E1", "E2", "D1", "SP1", "I1"):
        states = [by_pair(made(path_of(division, 2025), day)) for day in months]
        for early, late in pairwise(states):
            for pair, row in early.items():
                changed.update(column for column in row if row[column] != late[pair][column])
    assert changed["HF"] > 3
    assert changed["AvgCH"] > 3
    assert changed["FTAG"] >= 1
    assert changed["Date"] >= 1
    assert not {"Div", "HomeTeam", "AwayTeam"} & set(changed)


def by_pair(file: File) -> dict[tuple[str, str], dict[str, str]]:
    return {(row["HomeTeam"], row["AwayTeam"]): row for row in rows_of(file)}


def test_a_finished_season_rests() -> None:
    site = FootballData(1)
    resting = [site.file(path_of("E0", 2023), day) for day in (date(2024, 9, 1), TODAY, END)]
    assert resting[0] == resting[1] == resting[2]


# --- competitions -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("division", "year", "matches", "most_at_home"),
    [
        ("E0", 1993, 462, 1),
        ("E0", 2024, 380, 1),
        ("E1", 2024, 552, 1),
        ("D1", 2024, 306, 1),
        ("SC0", 1999, 180, 2),
        ("SC0", 2024, 228, 3),
        ("SC1", 2024, 180, 2),
        ("B1", 2024, 312, 2),
        ("B1", 2012, 240, 1),
    ],
)
def test_finished_seasons_are_complete(division: str, year: int, matches: int, most_at_home: int) -> None:
    file = made(path_of(division, year))
    assert file.matches == len(rows_of(file)) == matches
    assert 1 <= max(pairs(file).values()) <= most_at_home
    if most_at_home > 1:
        assert max(pairs(file).values()) > 1


def test_nobody_plays_twice_a_day() -> None:
    leagues = [(league, year) for league in DIVISIONS.values() for year in (1994, 2025)]
    for league, year in [*leagues, (EXTRA_LEAGUES["MEX"], 2024)]:
        matches = season(1, league, year)
        busy = Counter((club, match.day) for match in matches for club in (match.home, match.away))
        assert max(busy.values()) == 1


def test_some_matches_are_postponed_and_played_later() -> None:
    moved = [match for match in season(1, DIVISIONS["E1"], 2025) if match.day != match.scheduled]
    assert 3 <= len(moved) <= 25
    assert all(match.day > match.scheduled for match in moved)


def test_clubs_go_up_and_down() -> None:
    members = [{match.home for match in season(1, DIVISIONS["E0"], year)} for year in (2023, 2024, 2025)]
    assert members[0] != members[1] != members[2]
    assert len(members[0] & members[1]) >= 12


@pytest.mark.parametrize("country", PLACES)
def test_every_club_has_its_own_name(country: str) -> None:
    names = clubs(country)
    assert len(set(names)) == len(names)
    needed = [league for league in (*DIVISIONS.values(), *EXTRA_LEAGUES.values()) if league.country == country]
    for year in (1993, 2005, 2025):
        assert len(names) >= sum(league.size(year) for league in needed)


# --- fixtures ---------------------------------------------------------------------------------------------


def test_fixtures_are_the_coming_matches_with_opening_odds() -> None:
    file = made("/fixtures.csv", TODAY)
    assert file.changed_on == date(2026, 2, 20)
    rows = rows_of(file)
    assert len(rows) == file.matches > 50
    days = {date(*map(int, reversed(row["Date"].split("/")))) for row in rows}
    assert min(days) >= file.changed_on
    assert max(days) < file.changed_on + timedelta(days=7)
    assert {row["AvgCH"] for row in rows} == {""}
    assert all(float(row["AvgH"]) > 1 for row in rows)


def test_fixtures_turn_into_results() -> None:
    announced = rows_of(made("/fixtures.csv", TODAY))
    later = rows_of(made("/mmz4281/2526/E1.csv", END))
    played = {(row["HomeTeam"], row["AwayTeam"]): row["AvgH"] for row in later}
    english = [row for row in announced if row["Div"] == "E1"]
    assert english
    assert all(played[row["HomeTeam"], row["AwayTeam"]] == row["AvgH"] for row in english)


def test_a_postponed_match_moves_in_the_fixtures() -> None:
    def announced(day: date, home: str, away: str) -> set[str]:
        rows = rows_of(made("/fixtures.csv", day))
        return {row["Date"] for row in rows if (row["HomeTeam"], row["AwayTeam"]) == (home, away)}

    moved = [match for match in season(1, DIVISIONS["E1"], 2025) if match.day != match.scheduled]
    match = next(match for match in moved if match.scheduled.weekday() == 5)
    assert announced(match.scheduled - timedelta(days=4), match.home, match.away) == {f"{match.scheduled:%d/%m/%Y}"}
    assert announced(match.scheduled + timedelta(days=1), match.home, match.away) == set()
    assert announced(match.day - timedelta(days=1), match.home, match.away) == {f"{match.day:%d/%m/%Y}"}


def test_between_seasons_there_are_no_fixtures() -> None:
    file = made("/fixtures.csv", date(2026, 6, 20))
    assert file.matches == 0
    assert text_of(file).startswith("Div,Date,Time,HomeTeam")


# --- formats ----------------------------------------------------------------------------------------------

# Files of 2012/13 have gained their referees since they were recorded
GAINED = {("1213", "E0"), ("1213", "E1"), ("1213", "EC"), ("1213", "SC0")}


def test_headers_are_those_of_the_recorded_files(recordings: Callable[[str], Path]) -> None:
    root = recordings("football_data")
    files = {(file.parent.name, file.stem): file for file in root.glob("mmz4281/*/*.csv")}
    for file in root.glob("snapshots/2526_*.csv"):
        code, division = file.name.split(".")[0].split("_")
        files[code, division] = file
    assert len(files) > 220
    for (code, division), file in files.items():
        year = season_year(code)
        assert year
        layout = division_layout(DIVISIONS[division], year)
        generated = ",".join(layout.columns) + "," * layout.trailing
        if (code, division) in GAINED:
            generated = generated.replace(",Referee", "")
        assert generated == header_of(file), (code, division)


def test_headers_of_the_other_files(recordings: Callable[[str], Path]) -> None:
    root = recordings("football_data")
    assert ",".join(extra_layout(2012).columns) == header_of(root / "new" / "MEX.csv")
    assert ",".join(fixtures_layout().columns) == header_of(root / "fixtures" / "fixtures.20260523.csv")


def header_of(file: Path) -> str:
    raw = file.read_bytes().splitlines()[0]
    return raw.decode("utf-8-sig")


def test_encodings() -> None:
    assert made("/mmz4281/2425/D1.csv").body.startswith(b"\xef\xbb\xbfDiv,")
    assert "ü".encode() in made("/mmz4281/2425/D1.csv").body
    older = made("/mmz4281/2324/D1.csv").body
    assert older.startswith(b"Div,")
    assert b"\xfc" in older
    english = b"".join(made(path_of(code, 2023)).body for code in ("E0", "E1", "E2", "E3", "EC"))
    assert b"\x92s Harrowby" in english
    assert b",\xa0" in made("/mmz4281/0405/E0.csv").body, "a no-break space before a referee's name"
    assert b"\xa0\r\n" in made("/mmz4281/1819/EC.csv").body, "a no-break space inside a price"
    assert made("/new/POL.csv").body.startswith(b"\xef\xbb\xbfCountry,")


def test_line_ends_and_bare_rows() -> None:
    assert made("/mmz4281/9495/E0.csv").body.count(b"\r\n") == 553
    assert made("/mmz4281/9495/E0.csv").body.endswith(b"\r\n,,,,,,\r\n")
    assert made("/mmz4281/1415/E0.csv").body.endswith(b",,,\r\n")
    body = made("/mmz4281/2526/E3.csv").body
    assert body.count(b"\r\n") == body.count(b"\n") == 553
    assert body.splitlines()[0].endswith(b",BFECAHA,")


def test_dates_of_each_era() -> None:
    assert rows_of(made("/mmz4281/9394/E0.csv"))[0]["Date"].endswith("/93")
    assert rows_of(made("/mmz4281/0203/E0.csv"))[0]["Date"].endswith("/2002")
    assert rows_of(made("/mmz4281/0304/E0.csv"))[0]["Date"].endswith("/03")
    assert rows_of(made("/mmz4281/1718/E0.csv"))[0]["Date"].endswith("/2017")
    assert rows_of(made("/mmz4281/1718/E1.csv"))[0]["Date"].endswith("/17")


def test_ragged_rows_and_quoted_names() -> None:
    lines = text_of(made("/mmz4281/0405/D1.csv")).splitlines()
    assert len({line.count(",") for line in lines}) > 1
    referees = {row["Referee"] for row in rows_of(made("/mmz4281/0102/D1.csv"))}
    assert any(", " in name for name in referees)


def test_greece_of_2003_names_its_teams_otherwise() -> None:
    assert text_of(made("/mmz4281/0304/G1.csv")).startswith("Div,Date,HT,AT,")


def test_the_best_price_is_the_best() -> None:
    for row in rows_of(made("/mmz4281/2526/E0.csv")):
        for outcome in "HDA":
            quoted = [float(row[name + outcome] or 0) for name in ("B365", "BFD", "BMGM", "BV", "BW", "CL", "LB", "PS")]
            assert max(quoted) <= float(row["Max" + outcome])


# --- through the source's parser --------------------------------------------------------------------------


@pytest.mark.parametrize("year", ERAS)
def test_every_division_of_every_era_parses(year: int) -> None:
    for code, league in DIVISIONS.items():
        if year < league.first_season:
            continue
        file = made(path_of(code, year), TODAY)
        tables = parse("season", {"division": code, "season": season_code(year)}, {"season.csv": file.body})
        assert tables["match"].num_rows == file.matches, code


@pytest.mark.parametrize("code", EXTRA_LEAGUES)
def test_every_extra_league_parses(code: str) -> None:
    file = made(f"/new/{code}.csv", TODAY)
    tables = parse("extra_league", {"league": code}, {"league.csv": file.body})
    assert tables["match"].num_rows == file.matches > 1000


def test_fixtures_parse() -> None:
    file = made("/fixtures.csv", TODAY)
    assert parse("fixtures", {}, {"fixtures.csv": file.body})["fixture"].num_rows == file.matches
