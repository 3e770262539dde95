"""Box scores and play-by-plays against truth that is none of the parser's: other captures of the same page, other
pages of the same games read by another parser, arithmetic, and the predecessor's readings."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from fieldhouse.sources.basketball_reference import boxscores, play_by_play
from fieldhouse.sources.basketball_reference.page import Origin
from tests.sources.basketball_reference.recorded import Row, differences, month, read

DATES = {
    "2001-01-01.bh": 39,
    **dict.fromkeys(("2003-11-03.bh", "2003-11-03.cap2018-10", "2003-11-03.cap2020-01"), 145),
    **dict.fromkeys(("2006-11-01.bh", "2006-11-01.cap2018-10", "2006-11-01.cap2020-01"), 272),
    **dict.fromkeys(("2017-01-29.bh", "2017-01-29.cap2018-10", "2017-01-29.cap2020-01"), 170),
    **dict.fromkeys(("2017-12-12.bh", "2017-12-12.cap2018-10", "2017-12-12.cap2020-01"), 149),
    "2018-01-01.bh": 82,
    "jy_boxscores.cap2022-01": 145,
}
GAMES = ("200310290TOR", "201810270MIL", "201810290MIL", "201901010DEN", "201901010SAC")
BOX_PAGES = (
    *("2001_1_1_200101010MIN", "2001_1_1_200101010POR", "2018_1_1_201801010BRK"),
    *("2018_1_1_201801010CHI", "2018_1_1_201801010MIN", "2018_1_1_201801010TOR"),
)
# Where one capture of a date says something else than a later one; all else is the same
CORRECTED = {
    "2003-11-03.cap2018-10": {"plus_minus", "player_name", "seconds_played"},  # minutes were whole, without seconds
    "2006-11-01.cap2018-10": {"plus_minus", "player_name"},
    "2017-01-29.cap2018-10": {"plus_minus", "player_name"},
    "2017-01-29.cap2020-01": {"player_name"},
    # one player's three-pointers were empty, later 0
    "2017-12-12.cap2018-10": {"plus_minus", "player_name", "three_pointers_made", "three_pointers_attempted"},
    "2017-12-12.cap2020-01": {"player_name"},
}


@pytest.fixture(scope="module")
def folder(recordings: Callable[[str], Path]) -> Path:
    return recordings("basketball_reference")


def leaders(folder: Path, name: str) -> list[Row]:
    day = "2022-01-10" if name.startswith("jy_") else name[:10]
    return read(folder / f"dailyleaders/{name}.html", "boxscores", date=day)


def by_player(rows: list[Row]) -> dict[tuple[str, str], Row]:
    return {(row["game_id"], row["player_id"]): row for row in rows}


def team_sums(rows: list[Row], column: str) -> dict[tuple[str, str], int]:
    sums: Counter[tuple[str, str]] = Counter()
    for row in rows:
        sums[row["game_id"], row["team_id"]] += row[column]
    return dict(sums)


@pytest.mark.parametrize("name", DATES)
def test_every_player_of_a_day_is_there_once(folder: Path, name: str) -> None:
    rows = leaders(folder, name)
    assert (len(rows), len(by_player(rows))) == (DATES[name], DATES[name])


def test_all_that_were_recorded_are_looked_at(folder: Path) -> None:
    assert {path.stem for path in (folder / "dailyleaders").glob("*.html")} == set(DATES)
    assert {path.stem for path in (folder / "pbp").glob("*.html")} == set(GAMES)


@pytest.mark.parametrize("name", [name for name in DATES if ".cap20" in name and not name.startswith("jy_")])
def test_captures_of_one_date_say_the_same(folder: Path, name: str) -> None:
    then, now = by_player(leaders(folder, name)), by_player(leaders(folder, f"{name[:10]}.bh"))
    assert then.keys() == now.keys()
    assert differences(then, now) == CORRECTED.get(name, set())
    for key, row in then.items():
        assert row["plus_minus"] in {now[key]["plus_minus"], None}
        assert abs(row["seconds_played"] - now[key]["seconds_played"]) <= 120
        assert (row["three_pointers_made"] or 0) == now[key]["three_pointers_made"]


@pytest.mark.parametrize("name", DATES)
def test_a_teams_minutes_are_those_of_a_game(folder: Path, name: str) -> None:
    for team, seconds in team_sums(leaders(folder, name), "seconds_played").items():
        overtimes = round((seconds - 240 * 60) / (25 * 60))
        assert overtimes >= 0, team
        assert abs(seconds - (240 + 25 * overtimes) * 60) <= 10, team


@pytest.mark.parametrize("name", DATES)
def test_the_arithmetic_of_a_box_score(folder: Path, name: str) -> None:
    rows = leaders(folder, name)
    for row in rows:
        threes, shots = row["three_pointers_made"] or 0, row["field_goals_attempted"]
        assert 2 * row["field_goals_made"] + threes + row["free_throws_made"] == row["points"]
        assert row["offensive_rebounds"] + row["defensive_rebounds"] == row["total_rebounds"]
        assert row["field_goal_percentage"] == (None if not shots else round_half_up(row["field_goals_made"] / shots))
        assert row["is_home"] is (row["game_id"][9:] == row["team_id"])
    points = team_sums(rows, "points")
    opponents = {(row["game_id"], row["team_id"]): row["opponent_id"] for row in rows}
    won = {(row["game_id"], row["team_id"]): row["won"] for row in rows}
    for (game_id, team), opponent in opponents.items():
        assert won[game_id, team] is (points[game_id, team] > points[game_id, opponent])


def round_half_up(share: float) -> float:
    return int(share * 1000 + 0.5) / 1000


@pytest.mark.parametrize(
    ("name", "path", "season", "slug"),
    [
        ("2001-01-01.bh", "schedule/bh/2001_january.html", "2001", "january"),
        ("2006-11-01.bh", "schedule/NBA_2007_games-november.html", "2007", "november"),
        ("2017-12-12.bh", "schedule/bh/2018_december.html", "2018", "december"),
        ("2018-01-01.bh", "schedule/bh/2018_january.html", "2018", "january"),
    ],
)
def test_team_points_are_the_score_of_the_schedule(folder: Path, name: str, path: str, season: str, slug: str) -> None:
    rows = leaders(folder, name)
    games = [game for game in month(folder, path, season, slug).values() if str(game["game_date"]) == name[:10]]
    expected = {}
    for game in games:
        expected[game["game_id"], game["away_team_id"]] = game["away_points"]
        expected[game["game_id"], game["home_team_id"]] = game["home_points"]
    assert team_sums(rows, "points") == expected
    overtimes = {game["game_id"]: game["overtimes"] for game in games}
    minutes = team_sums(rows, "seconds_played")
    assert {game: round((seconds / 60 - 240) / 25) for (game, _), seconds in minutes.items()} == overtimes
    assert {row["season"] for row in rows} == {int(season)}


# {our column: its name on the page of one game's box score}
BOX = {**boxscores.COUNTS, "seconds_played": "mp"}


def box_score(path: Path) -> dict[str, dict[str, int | None]]:
    """Return {player id: his figures} from the page of one game, as another parser reads it."""
    soup = BeautifulSoup(path.read_bytes(), "lxml")
    found = {}
    for row in soup.select('table[id$="-game-basic"] > tbody > tr'):
        head = row.find("th", attrs={"data-append-csv": True})
        cells = {str(cell["data-stat"]): cell.get_text() for cell in row.find_all("td")}
        if head and "mp" in cells:
            minutes, _, seconds = cells["mp"].partition(":")
            whole = {name: cells[stat] for name, stat in boxscores.COUNTS.items()}
            figures = {name: int(text) if text else None for name, text in whole.items()}
            found[str(head["data-append-csv"])] = {**figures, "seconds_played": 60 * int(minutes) + int(seconds)}
    return found


@pytest.mark.parametrize("name", BOX_PAGES)
def test_the_page_of_one_game_says_the_same_of_each_player(folder: Path, name: str) -> None:
    game_id = name.rpartition("_")[2]
    day = f"{game_id[:4]}-{game_id[4:6]}-{game_id[6:8]}"
    rows = [row for row in leaders(folder, f"{day}.bh") if row["game_id"] == game_id]
    assert {row["player_id"]: {column: row[column] for column in BOX} for row in rows} == box_score(
        folder / f"boxscores/bh/{name}.html"
    )


@pytest.mark.parametrize("game_id", GAMES)
def test_a_play_by_play_ends_at_the_score_above_it(folder: Path, game_id: str) -> None:
    rows = plays(folder, game_id)
    soup = BeautifulSoup((folder / f"pbp/{game_id}.html").read_bytes(), "lxml")
    score = tuple(int(tag.get_text()) for tag in soup.select("div.scorebox div.score"))
    assert (rows[-1]["away_score"], rows[-1]["home_score"]) == score
    assert (sum(row["away_points"] or 0 for row in rows), sum(row["home_points"] or 0 for row in rows)) == score


@pytest.mark.parametrize("game_id", GAMES)
def test_no_event_is_lost_or_changed(folder: Path, game_id: str) -> None:
    """Each row as another parser reads it, with the period that its headers say."""
    soup = BeautifulSoup((folder / f"pbp/{game_id}.html").read_bytes(), "lxml")
    expected, period = [], 0
    for row in soup.select("#pbp tr"):
        cells = [cell.get_text().replace("\xa0", "").strip() for cell in row.find_all("td")]
        period += bool(row.get("id"))
        if cells:
            away, points, shown, home_points, home = cells[1:] if len(cells) == 6 else ("", "", "", "", "")
            neutral = cells[1] if len(cells) == 2 else ""
            expected.append((period, cells[0], away, home, neutral, points, home_points, shown, links_of(row)))
    before, found = "", []
    for event in plays(folder, game_id):
        score = f"{event['away_score']}-{event['home_score']}"
        names = ("away_event", "home_event", "neutral_event")
        texts = [event[name] or "" for name in names]
        added = [f"+{event[name]}" if event[name] else "" for name in ("away_points", "home_points")]
        players = [event[name] for name in ("player_id", "second_player_id", "third_player_id") if event[name]]
        found.append((event["period"], event["clock"], *texts, *added, "" if texts[2] else score, players))
        assert not texts[2] or score == (before or score)
        before = score
    assert found == expected


def links_of(row: Tag) -> list[str]:
    return [str(link["href"]).split("/")[-1].removesuffix(".html") for link in row.find_all("a")]


@pytest.mark.parametrize("game_id", GAMES)
def test_every_event_has_a_kind_and_its_points(folder: Path, game_id: str) -> None:
    rows = plays(folder, game_id)
    assert [row for row in rows if row["event_type"] == "other"] == []
    for row in rows:
        worth = {"made_shot": row["shot_points"], "free_throw_made": 1}.get(row["event_type"])
        assert (row["away_points"] or row["home_points"]) == worth
    periods = 5 if game_id == "201901010SAC" else 4
    assert {row["period"] for row in rows} == set(range(1, periods + 1))
    assert rows[-1]["elapsed_seconds"] == 4 * 720 + (periods - 4) * 300
    kinds = Counter(row["event_type"] for row in rows)
    assert kinds["period_end"] == periods
    assert all(kinds[kind] for kind in ("jump_ball", "missed_shot", "defensive_rebound", "substitution", "timeout"))


def plays(folder: Path, game_id: str) -> list[Row]:
    return read(folder / f"pbp/{game_id}.html", "play_by_play", game_id=game_id)


# {the box score's column: how an event counts for the player whose place in the text is given}
COUNTED: dict[str, tuple[str, Callable[[Row], bool]]] = {
    "fgm": ("player_id", lambda row: row["event_type"] == "made_shot"),
    "fga": ("player_id", lambda row: row["shot_points"] is not None),
    "threepfgmade": ("player_id", lambda row: row["event_type"] == "made_shot" and row["shot_points"] == 3),
    "threepattempted": ("player_id", lambda row: row["shot_points"] == 3),
    "ft": ("player_id", lambda row: row["event_type"] == "free_throw_made"),
    "fta": ("player_id", lambda row: row["event_type"].startswith("free_throw")),
    "oreb": ("player_id", lambda row: row["event_type"] == "offensive_rebound"),
    "dreb": ("player_id", lambda row: row["event_type"] == "defensive_rebound"),
    "ast": ("second_player_id", lambda row: row["event_type"] == "made_shot"),
    "blk": ("second_player_id", lambda row: row["event_type"] == "missed_shot"),
    "stl": ("second_player_id", lambda row: row["event_type"] == "turnover"),
    "tov": ("player_id", lambda row: row["event_type"] == "turnover"),
    "pf": ("player_id", lambda row: row["event_type"] == "foul"),
}


def test_a_play_by_play_counts_what_the_box_score_counts(folder: Path) -> None:
    """The predecessor's dumps of both pages of one game, 2022-06-16: the first goes through the parser as a page."""
    derived = folder / "derived_csv_jyablonski"
    with (derived / "boxscores_data.csv").open(newline="") as file:
        expected = {row["player"]: row for row in csv.DictReader(file)}
    short = {f"{name[0]}. {name.split()[1]}": name for name in expected}
    with (derived / "pbp_data.from_pickle.csv").open(newline="") as file:
        _, _, *lines = csv.reader(file)
    data = as_page([line[1:] for line in lines])
    origin = Origin("play_by_play", {"game_id": "202206160BOS"}, "dump.csv", "https://site")
    rows = play_by_play.read(data, origin.identifier, origin)["play_by_play"].to_pylist()
    assert (len(rows), rows[-1]["away_score"], rows[-1]["home_score"]) == (442, 103, 90)
    counted: dict[str, Counter[str]] = {name: Counter() for name in expected}
    for row in rows:
        for column, (place, counts) in COUNTED.items():
            if row[place] and counts(row):
                counted[short[unmarked(row[place])]][column] += 1
    for name, figures in expected.items():
        assert {column: counted[name][column] for column in COUNTED} == {
            column: int(float(figures[column])) for column in COUNTED
        }, name


def as_page(lines: list[list[str]]) -> bytes:
    """Return the page that a dump was made of: six cells a row, of which a text across both teams fills five."""
    rows = ["<tr class='thead'><th>1st Q</th></tr>"]
    for time, *cells in lines:
        if time in {"1st Q", "2nd Q", "3rd Q", "4th Q"}:
            rows.append(f"<tr class='thead'><th>{time}</th></tr>")
        elif time != "Time":
            texts = [marked(text) or "&nbsp;" for text in cells]
            shown = texts[:1] if len(set(cells)) == 1 else texts
            rows.append(f"<tr><td>{time}</td>{''.join(f'<td>{text}</td>' for text in shown)}</tr>")
    links = "".join(f'<strong><a href="/teams/{team}/2022.html">{team}</a></strong>' for team in ("GSW", "BOS"))
    above = f'<h1>June 16, 2022</h1><div class="scorebox">{links}</div>'
    return f'<html>{above}<table id="pbp">{"".join(rows)}</table></html>'.encode()


def marked(text: str) -> str:
    name = r"[A-Z]\. [A-Z][a-z]+"
    return re.sub(name, lambda found: f'<a href="/players/x/{found[0].replace(". ", "-")}.html">{found[0]}</a>', text)


def unmarked(player_id: str) -> str:
    return player_id.replace("-", ". ")
