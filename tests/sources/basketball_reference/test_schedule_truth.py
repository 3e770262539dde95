"""All recorded schedules against other captures of the same month, another parser, and what is known of the seasons."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from fieldhouse.sources.basketball_reference.games import read_games, read_months
from fieldhouse.sources.basketball_reference.page import Origin
from fieldhouse.sources.basketball_reference.schedule import EASTERN
from tests.sources.basketball_reference.recorded import differences, month, read

# What the site shows of a game today and did not show of it at first, or shows in another way
RENDERED = {"start_time", "arena_name", "duration_minutes"}
PLAYED = {"away_points", "home_points", "overtimes", "attendance", "duration_minutes", "has_box_score"}
TEAM_IDS = ("away_team_id", "home_team_id")
MONTHS = ["october", "november", "december", "january", "february", "march", "april", "may", "june"]


@pytest.fixture(scope="module")
def folder(recordings: Callable[[str], Path]) -> Path:
    return recordings("basketball_reference")


def schedules(folder: Path) -> dict[Path, tuple[str, str]]:
    """Return {page: (season, month)} of all recorded pages that hold a month."""
    found = {}
    for path in sorted([*folder.glob("schedule/**/*.html"), *folder.glob("schedule_fragments/**/*.html")]):
        if named := re.search(r"NBA_(\d{4})_games-([a-z0-9-]+)$", path.stem):
            found[path] = (named[1], named[2])
        elif named := re.fullmatch(r"(2001|2018)_([a-z]+|\1)", path.stem):
            found[path] = (named[1], named[2] if named[2].isalpha() else "october")
        elif path.name in {"upcoming-games.html", "jy_schedule.cap2022-04.html"}:
            found[path] = ("2019", "april") if path.name.startswith("up") else ("2022", "march")
    return found


def test_all_schedules_are_read_by_both_readers(folder: Path) -> None:
    """By that of the warehouse, by that of discover and by another parser, which finds the same games and scores."""
    pages = schedules(folder)
    assert len(pages) == 60
    for path, (season, slug) in pages.items():
        rows = read(path, "schedule", season=season, month=slug)
        data = path.read_bytes()
        games = read_games(data, Origin("schedule", {}, path.name, ""))
        assert [tuple(game) for game in games] == [
            (row["game_id"], row["game_date"], row["away_team_id"], row["home_team_id"], row["home_points"] is not None)
            for row in rows
        ]
        assert [(row["game_id"], row["away_points"], row["home_points"]) for row in rows] == scores_of(
            data.decode(errors="replace")
        )


def scores_of(page: str) -> list[tuple[str, int | None, int | None]]:
    table = page[page.index('id="schedule"') :]
    found = re.findall(
        r'csk="(\d{9}[A-Z]{3})".*?data-stat="visitor_pts" ?>(\d*)<.*?data-stat="home_pts" ?>(\d*)<', table
    )
    return [(game_id, int(away) if away else None, int(home) if home else None) for game_id, away, home in found]


@pytest.mark.parametrize(
    ("season", "regular", "playoffs"),
    # 29 teams, later 30, and 82 games of each
    [("2001", 29 * 82 // 2, 71), ("2018", 30 * 82 // 2, 82)],
)
def test_a_whole_season(folder: Path, season: str, regular: int, playoffs: int) -> None:
    slugs = read_months((folder / f"schedule/bh/{season}_{season}.html").read_bytes(), season)
    assert slugs == MONTHS
    rows = [row for slug in slugs for row in month(folder, f"schedule/bh/{season}_{slug}.html", season, slug).values()]
    assert Counter(row["stage"] for row in rows) == {"regular_season": regular, "playoffs": playoffs}
    teams = Counter(row[side] for row in rows if row["stage"] == "regular_season" for side in TEAM_IDS)
    assert set(teams.values()) == {82}
    assert all(row["has_box_score"] and row["away_points"] != row["home_points"] for row in rows)
    assert min(row["tip_off_at"] for row in rows).date() >= date(int(season) - 1, 10, 1)


def test_the_stages_of_seasons_with_a_play_in(folder: Path) -> None:
    stages: dict[str, Counter[str | None]] = defaultdict(Counter)
    unsaid = []
    for path, (season, slug) in schedules(folder).items():
        if path.parent.name in {"henry", "lidimant"}:
            for row in read(path, "schedule", season=season, month=slug):
                stages[season][row["stage"]] += 1
                unsaid += [(row["game_date"].isoformat()[:7], row["home_team_id"])] if not row["stage"] else []
    # 2021: 72 games of each team; 2020: the pages do not say of July, when 22 teams played on
    assert stages["2021"] == {"regular_season": 30 * 72 // 2, "play_in": 6, "playoffs": 85}
    # 2025: and one more, the final of the NBA Cup, which counts in no table and has no remark of its own
    assert stages["2025"] == {"regular_season": 30 * 82 // 2 + 1, "play_in": 6, "playoffs": 84}
    assert stages["2020"]["play_in"] == 1
    assert stages["2020"]["playoffs"] == 83
    assert {when for when, _ in unsaid} == {"2020-07"}
    assert stages["2020"]["regular_season"] + len(unsaid) == 1059


@pytest.mark.parametrize(
    ("first", "second", "season", "slug"),
    [
        ("schedule/NBA_2001_games-october.html", "schedule/bh/2001_october.html", "2001", "october"),
        ("schedule/NBA_2018_games-october.html", "schedule/bh/2018_october.html", "2018", "october"),
        ("schedule/bh/2018_2018.html", "schedule/bh/2018_october.html", "2018", "october"),
        ("schedule/NBA_2019_games-april.html", "schedule/bh/upcoming-games.html", "2019", "april"),
        *(
            (
                *(f"schedule_fragments/{by}/NBA_2025_games-{slug}.html" for by in ("cap2025-01-05", "lidimant")),
                "2025",
                slug,
            )
            for slug in ("october", "november")
        ),
    ],
)
def test_captures_of_one_month_say_the_same(folder: Path, first: str, second: str, season: str, slug: str) -> None:
    then, now = month(folder, first, season, slug), month(folder, second, season, slug)
    assert then.keys() == now.keys()
    assert differences(then, now) <= RENDERED


def test_games_that_were_put_off_leave_the_schedule(folder: Path) -> None:
    """January 2025 as it was announced on the 5th, and as it was played: Los Angeles burned."""
    path = "schedule_fragments/{}/NBA_2025_games-january.html"
    then, now = (month(folder, path.format(by), "2025", "january") for by in ("cap2025-01-05", "lidimant"))
    assert (len(then), len(now)) == (231, 227)
    left = {"202501090LAL", "202501110ATL", "202501110LAC", "202501110LAL", "202501220NOP"}
    assert left <= then.keys() - now.keys()
    assert {"202501200LAC", "202501280ATL"} <= now.keys() - then.keys()
    assert differences(then, now) <= RENDERED | PLAYED | {"tip_off_at"}
    assert [key for key in then.keys() & now.keys() if then[key]["tip_off_at"] != now[key]["tip_off_at"]]


@pytest.mark.parametrize("game_id", ["201801010BRK", "201801010CHI", "201801010MIN", "201801010TOR"])
def test_tip_off_as_the_page_of_the_game_says_it(folder: Path, game_id: str) -> None:
    soup = BeautifulSoup((folder / f"boxscores/bh/2018_1_1_{game_id}.html").read_bytes(), "lxml")
    when, place = (tag.get_text() for tag in soup.select(".scorebox_meta > div")[:2])
    row = month(folder, "schedule/bh/2018_january.html", "2018", "january")[game_id]
    assert f"{row['tip_off_at'].astimezone(EASTERN):%-I:%M %p, %B %-d, %Y}" == when
    assert place.startswith(row["arena_name"])
