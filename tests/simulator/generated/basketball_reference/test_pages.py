"""Which pages the generated site has on which date, and what tells one answer from another."""

from __future__ import annotations

import re
import time
from datetime import date, timedelta
from threading import Thread
from typing import Any

import httpx
import pytest

from simulator.generated.basketball_reference import BasketballReference
from simulator.server import Running
from simulator.world import Untold
from tests.simulator.generated.basketball_reference.pages import SEED, SITE, leaders, page, shapes, status, title

OLD, NEW = date(2023, 11, 22), date(2025, 11, 19)
HOST = "www.basketball-reference.com"
TOKEN = re.compile(r"[0-9a-f]{12,}")


def games(today: date, day: date) -> list[str]:
    return [game.game_id for game in SITE.world.games_on(day, today) if game.played]


def some_game(today: date) -> str:
    """Return the last game that was played before a date."""
    return next(game_id for n in range(1, 9) for game_id in games(today, today - timedelta(days=n)))


@pytest.mark.parametrize("today", [OLD, NEW])
def test_all_pages_of_a_date_are_there(today: date) -> None:
    year = today.year + 1
    addresses = [
        *(f"/leagues/NBA_{year}{name}.html" for name in ("", "_games", "_games-november", "_games-april")),
        *(f"/leagues/NBA_{year}_{kind}.html" for kind in ("per_game", "totals", "advanced", "shooting")),
        f"/leagues/NBA_{year}_transactions.html",
        f"/boxscores/pbp/{some_game(today)}.html",
        leaders(today - timedelta(days=1)),
        "/friv/injuries.fcgi",
        "/contracts/players.html",
    ]
    for address in addresses:
        text = page(address, today)
        assert text.startswith("<!DOCTYPE html>"), address
        assert text.endswith("</html>\n"), address
        assert title(text).endswith(" | Basketball-Reference.com"), address


@pytest.mark.parametrize(
    ("address", "today"),
    [
        ("/leagues/NBA_2027_games.html", date(2026, 7, 1)),
        ("/leagues/NBA_2027_games-october.html", date(2026, 7, 1)),
        ("/leagues/NBA_2026_games-july.html", NEW),
        ("/leagues/NBA_2026_games-june.html", NEW),
        ("/leagues/NBA_2026_per_game.html", date(2025, 9, 20)),
        ("/leagues/NBA_2026.html", date(2025, 9, 20)),
        ("/leagues/NBA_2027_transactions.html", date(2026, 6, 30)),
        ("/leagues/NBA_1996_games.html", NEW),
        ("/boxscores/pbp/199604020CHI.html", NEW),
        ("/boxscores/pbp/202511190XXX.html", NEW),
        ("/leagues/NBA_2026_games.html?page=2", NEW),
        ("/friv/dailyleaders.fcgi", NEW),
        ("/friv/dailyleaders.fcgi?month=2&day=30&year=2025&type=all", NEW),
        ("/friv/dailyleaders.fcgi?month=11&day=18&year=2025&type=rookie", NEW),
        ("/players/j/jamesle01.html", NEW),
    ],
)
def test_what_is_not_there_is_the_site_s_own_404(address: str, today: date) -> None:
    path, _, query = address.partition("?")
    answer = SITE.answer(path, query, today)
    assert answer.status == 404
    assert title(answer.body.decode()) == "Page Not Found (404 error) | Basketball-Reference.com"


def test_pages_come_with_their_dates() -> None:
    assert status("/leagues/NBA_2027_games-october.html", date(2026, 8, 20)) == 200
    assert status("/leagues/NBA_2027_transactions.html", date(2026, 7, 1)) == 200
    next_game = next(game.game_id for game in SITE.world.schedule(2026, "november", NEW) if not game.played)
    assert status(f"/boxscores/pbp/{next_game}.html", NEW) == 404
    assert status(f"/boxscores/pbp/{next_game}.html", date(2025, 12, 5)) == 200


@pytest.mark.parametrize(
    "day", [date(2025, 7, 15), date(2025, 11, 27), NEW + timedelta(days=3)], ids=["summer", "thanksgiving", "to come"]
)
def test_a_day_without_games_names_its_date_and_has_no_table(day: date) -> None:
    text = page(leaders(day), max(NEW, day) if day.month == 11 and day.day == 27 else NEW)
    assert f"<h1>NBA Daily Stats Leaders for {day:%B} {day.day}, {day.year}</h1>" in text
    assert "stats" not in shapes(text)


def test_the_date_decides_the_layout() -> None:
    assert "per_game_stats" in shapes(page("/leagues/NBA_2024_per_game.html", OLD))
    for today, ids in ((OLD, {"misc_stats", "opponent-stats-per_game"}), (NEW, {"advanced-team", "per_game-opponent"})):
        assert ids <= set(shapes(page(f"/leagues/NBA_{today.year + 1}.html", today)))


def test_only_tokens_and_dates_differ_by_the_day() -> None:
    address = "/leagues/NBA_2026_games-october.html"
    first, second = page(address, NEW), page(address, NEW + timedelta(days=1))
    assert first != second
    start, end = 'id="div_schedule"', "<!-- global"
    assert first.partition(start)[2].partition(end)[0] == second.partition(start)[2].partition(end)[0]
    assert TOKEN.findall(first) != TOKEN.findall(page("/leagues/NBA_2026_games-november.html", NEW))


def test_two_sites_of_a_seed_agree_and_of_two_seeds_do_not() -> None:
    again, other = BasketballReference(SEED), BasketballReference(SEED + 1)
    address = leaders(NEW - timedelta(days=1))
    assert page(address, NEW, again) == page(address, NEW)
    assert page(address, NEW, other) != page(address, NEW)


def test_answers_have_no_validators() -> None:
    answer = SITE.answer("/friv/injuries.fcgi", "", NEW)
    assert (answer.etag, answer.last_modified, answer.conditional) == (None, None, False)
    assert answer.content_type == "text/html; charset=UTF-8"


# --- late and corrected -----------------------------------------------------------------------------------


def test_a_game_held_back_has_a_score_and_nothing_else() -> None:
    site = BasketballReference(SEED)
    game_id = some_game(NEW)
    day = date(int(game_id[:4]), int(game_id[4:6]), int(game_id[6:8]))
    month = f"/leagues/NBA_2026_games-{day:%B}.html".lower().replace("nba", "NBA")
    addresses = (month, leaders(day))
    before = [page(address, NEW, site) for address in addresses]
    site.tell("held_back", [game_id])
    held = [page(address, NEW, site) for address in addresses]
    link = f'href="/boxscores/{game_id}.html"'
    assert [link in text for text in before] == [True, True]
    assert [link in text for text in held] == [False, False]
    row = held[0].partition(f'csk="{game_id}"')[2].partition("</tr>")[0]
    assert re.search(r'data-stat="home_pts" >\d+<', row)
    assert re.search(r'data-stat="box_score_text" ><', row)
    assert status(f"/boxscores/pbp/{game_id}.html", NEW, site) == 404
    site.tell("held_back", [])
    assert [page(address, NEW, site) for address in addresses] == before


def test_a_correction_changes_lines_of_its_game_alone() -> None:
    days = [NEW - timedelta(days=n) for n in range(8, 22)]
    game_id = next(g for day in days for g in games(NEW, day) if SITE.world.is_correction(g))
    day = date(int(game_id[:4]), int(game_id[4:6]), int(game_id[6:8]))
    first, last = (set(lines(leaders(day), day + timedelta(days=n))) for n in (1, 8))
    assert first != last
    assert {match for line in first ^ last for match in re.findall(r"/boxscores/(\w+)\.html", line)} == {game_id}


def test_a_correction_changes_no_play_by_play() -> None:
    game_id, on = next(iter(SITE.world.corrections(2026).items()))
    address = f"/boxscores/pbp/{game_id}.html"
    days = (on - timedelta(days=1), on)
    first, then = (page(address, day).partition('id="pbp"')[2].partition("</table>")[0] for day in days)
    assert len(first) > 10_000
    assert first == then


def lines(address: str, today: date) -> list[str]:
    # Without the rank, which a corrected line may change for others
    rows = page(address, today).partition('id="stats"')[2].split("<tr ")[1:]
    return [row.partition("</th>")[2] for row in rows if "csk" in row]


def test_only_held_back_is_listened_to() -> None:
    with pytest.raises(Untold, match="only 'held_back'"):
        SITE.tell("applaud", [])


# --- over HTTP --------------------------------------------------------------------------------------------


@pytest.fixture
def season(generated: Running) -> Running:
    generated.set_date(NEW)
    return generated


def test_a_page_over_http(season: Running) -> None:
    answer = httpx.get(f"{season.base(HOST)}{leaders(NEW - timedelta(days=1))}", headers={"if-none-match": "*"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=UTF-8")
    assert "etag" not in answer.headers
    assert "last-modified" not in answer.headers
    missing = httpx.get(f"{season.base(HOST)}/leagues/NBA_2027_games.html")
    assert missing.status_code == 404
    assert "Page Not Found (404 error) | Basketball-Reference.com" in missing.text


@pytest.mark.parametrize(
    ("fault", "values", "gone"),
    [
        ("columns", {"rename": {"pts_per_g": "points_per_g"}}, 'data-stat="pts_per_g"'),
        ("columns", {"drop": ["awards"]}, 'data-stat="awards"'),
        ("half", {}, "</html>"),
        ("empty", {}, "<html"),
        ("block_page", {"page": "rate_limited"}, "stats_table"),
        ("block_page", {}, "stats_table"),
        ("status", {"status": 429, "retry_after": 60, "page": "rate_limited"}, "stats_table"),
        ("status", {"status": 403}, "stats_table"),
    ],
)
def test_faults_of_a_page(season: Running, fault: str, values: dict[str, Any], gone: str) -> None:
    url = f"{season.base(HOST)}/leagues/NBA_2026_per_game.html"
    season.fault("*per_game.html", fault, count=1, **values)
    broken, whole = httpx.get(url, timeout=30), httpx.get(url)
    assert gone in whole.text
    assert gone not in broken.text
    assert broken.status_code == values.get("status", 200)
    assert broken.headers.get("retry-after") == ("60" if "retry_after" in values else None)


def test_what_is_not_there_cannot_be_halved(season: Running) -> None:
    season.fault("*NBA_2027*", "half", count=1)
    assert httpx.get(f"{season.base(HOST)}/leagues/NBA_2027_games.html").text.endswith("</html>\n")


# --- speed ------------------------------------------------------------------------------------------------


def test_a_day_s_play_by_play_takes_about_a_second() -> None:
    site = BasketballReference(SEED)
    day = max((NEW - timedelta(days=n) for n in range(1, 20)), key=lambda day: len(games(NEW, day)))
    ids = games(NEW, day)
    assert len(ids) >= 9
    page(leaders(day), NEW, site)
    started = time.process_time()
    for game_id in ids:
        page(f"/boxscores/pbp/{game_id}.html", NEW, site)
    # Four times what it takes, for a busy machine
    assert time.process_time() - started < 4 * len(ids) / 15
    started = time.process_time()
    for game_id in ids:
        page(f"/boxscores/pbp/{game_id}.html", NEW, site)
    assert time.process_time() - started < 0.1, "answers are kept"


def test_two_requests_at_once_agree() -> None:
    site = BasketballReference(SEED)
    found: list[str] = []
    asking = [Thread(target=lambda: found.append(page("/leagues/NBA_2026_totals.html", NEW, site))) for _ in range(3)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert found == [found[0]] * 3
