"""The generated pages' form against that of recorded pages: ids, columns, cells and where they stand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.simulator.generated.basketball_reference.pages import Shape, leaders, page, shapes, title

IN_2018, IN_2019, IN_2022 = date(2018, 11, 21), date(2019, 11, 20), date(2021, 11, 20)
IN_2024 = date(2024, 11, 12)
PLAYOFFS = date(2025, 5, 2)
FRAGMENTS = "schedule_fragments/cap2025-01-05"

# {table: recorded page, generated page, date}
TABLES = [
    ("schedule", "schedule/NBA_2018_games-october.html", "/leagues/NBA_2019_games-october.html", IN_2018),
    ("schedule", "schedule/jy_schedule.cap2022-04.html", "/leagues/NBA_2022_games-october.html", IN_2022),
    ("schedule", "schedule/bh/upcoming-games.html", "/leagues/NBA_2019_games-april.html", IN_2018),
    ("schedule", "schedule/bh/2018_november.html", "/leagues/NBA_2025_games-october.html", IN_2024),
    ("schedule", f"{FRAGMENTS}/NBA_2025_games-january.html", "/leagues/NBA_2025_games-november.html", IN_2024),
    ("stats", "dailyleaders/2017-12-12.cap2018-10.html", leaders(date(2018, 11, 14)), IN_2018),
    ("stats", "dailyleaders/jy_boxscores.cap2022-01.html", leaders(date(2021, 11, 10)), IN_2022),
    ("stats", "dailyleaders/2017-12-12.bh.html", leaders(date(2024, 11, 8)), IN_2024),
    ("per_game_stats", "per_game/stats_html.cap2022-01.html", "/leagues/NBA_2022_per_game.html", IN_2022),
    ("per_game_stats", "per_game/stats_html.cap2024-10.html", "/leagues/NBA_2025_per_game.html", IN_2024),
    ("totals_stats", "totals/NBA_2019_totals.cap2018-11.html", "/leagues/NBA_2019_totals.html", IN_2018),
    ("totals_stats", "totals/NBA_2024_totals.bh.html", "/leagues/NBA_2025_totals.html", PLAYOFFS),
    ("totals_stats_post", "totals/NBA_2024_totals.bh.html", "/leagues/NBA_2025_totals.html", PLAYOFFS),
    ("advanced_stats", "advanced/NBA_2019_advanced.html", "/leagues/NBA_2019_advanced.html", IN_2018),
    ("advanced_stats", "advanced/NBA_2021_advanced.me.html", "/leagues/NBA_2022_advanced.html", IN_2022),
    ("advanced", "advanced/NBA_2018_advanced.bh.html", "/leagues/NBA_2025_advanced.html", PLAYOFFS),
    ("advanced_post", "advanced/NBA_2018_advanced.bh.html", "/leagues/NBA_2025_advanced.html", PLAYOFFS),
    ("opponent-stats-per_game", "leagues/NBA_2017.html", "/leagues/NBA_2019.html", IN_2018),
    ("misc_stats", "leagues/NBA_2017.html", "/leagues/NBA_2019.html", IN_2018),
    ("team-stats-per_game", "leagues/NBA_2017.html", "/leagues/NBA_2019.html", IN_2018),
    ("per_game-opponent", "leagues/NBA_2025.rw.html", "/leagues/NBA_2025.html", PLAYOFFS),
    ("advanced-team", "leagues/NBA_2025.rw.html", "/leagues/NBA_2025.html", PLAYOFFS),
    ("per_game-team", "leagues/NBA_2025.rw.html", "/leagues/NBA_2025.html", PLAYOFFS),
    ("confs_standings_E", "leagues/NBA_2025.rw.html", "/leagues/NBA_2025.html", PLAYOFFS),
    ("player-contracts", "contracts/jy_player_contracts.cap2026-06.html", "/contracts/players.html", PLAYOFFS),
]


@pytest.fixture(scope="module")
def recorded(recordings: Callable[[str], Path]) -> Callable[[str], str]:
    folder = recordings("basketball_reference")
    return lambda name: (folder / name).read_text("utf-8", "replace")


@pytest.mark.parametrize(("table", "file", "address", "today"), TABLES)
def test_tables_have_the_recorded_form(
    recorded: Callable[[str], str], table: str, file: str, address: str, today: date
) -> None:
    true, made = shapes(recorded(file))[table], shapes(page(address, today))[table]
    assert made.header == true.header
    assert made.hidden == true.hidden
    assert named(made) <= named(true)
    assert made.rows <= true.rows
    assert made.cells - true.cells == set()


def named(shape: Shape) -> set[str]:
    """Return the classes of rows, without those that a browser adds."""
    return {name for name in shape.classes if name != "over_header thead"} - {"thead"}


@pytest.mark.parametrize(
    ("file", "address", "today", "every"),
    [
        ("dailyleaders/2017-12-12.bh.html", leaders(date(2024, 11, 8)), IN_2024, 20),
        ("per_game/stats_html.cap2022-01.html", "/leagues/NBA_2022_per_game.html", IN_2022, 20),
        ("contracts/jy_player_contracts.cap2026-06.html", "/contracts/players.html", IN_2024, 20),
        ("totals/NBA_2024_totals.bh.html", "/leagues/NBA_2025_totals.html", IN_2024, None),
    ],
)
def test_headers_come_again(
    recorded: Callable[[str], str], file: str, address: str, today: date, every: int | None
) -> None:
    for text in (recorded(file), page(address, today)):
        ranks = [int(rank) for rank in re.findall(r'data-stat="ranker" csk="(\d+)"', text)]
        assert text.count('<tr class="thead">') == ((max(ranks) - 1) // every if every else 0)


@pytest.mark.parametrize("overtimes", [0, 1])
def test_play_by_play_has_the_recorded_rows(recorded: Callable[[str], str], overtimes: int) -> None:
    true = recorded("pbp/201901010SAC.html" if overtimes else "pbp/201901010DEN.html")
    made = page(f"/boxscores/pbp/{played(overtimes)}.html", IN_2024)
    assert rows(made) == rows(true)
    assert headers(made) == headers(true)
    assert marks(made) <= marks(true)
    # No name ties a cell to its column
    assert "data-stat" not in "".join(re.findall(r"<td[^>]*>", pbp(made)))


def played(overtimes: int) -> str:
    months = shapes_of_schedule("/leagues/NBA_2025_games-october.html") + shapes_of_schedule(
        "/leagues/NBA_2025_games-november.html"
    )
    return next(game_id for game_id, text in months if text == ("OT" if overtimes else ""))


def shapes_of_schedule(address: str) -> list[tuple[str, str]]:
    found = re.findall(r'csk="(\d{9}[A-Z]{3})" >.*?data-stat="overtimes" >([^<]*)<', page(address, IN_2024))
    return [(game_id, text) for game_id, text in found if int(game_id[:8]) < 20241112]


def pbp(text: str) -> str:
    start = text.index('id="pbp"')
    return text[start : text.index("</table>", start)]


def rows(text: str) -> set[tuple[int, int]]:
    """Return (cells, of which span others) of the rows that are no headers."""
    found = (row for row in pbp(text).split("<tr")[1:] if "<td" in row)
    return {(row.count("<td"), row.count('colspan="5"')) for row in found}


def headers(text: str) -> list[tuple[str, str]]:
    return re.findall(r'<tr class=\'thead\' id="(q\d)">\s*<th colspan="6">([^<]*)</th>', pbp(text))


def marks(text: str) -> set[str]:
    return set(re.findall(r"<td class='([^']*)'", pbp(text)))


def test_transactions_have_the_recorded_form(recorded: Callable[[str], str]) -> None:
    def form(text: str) -> tuple[set[str], set[str]]:
        items = text[text.index("<ul class='page_index'>") :].partition("</ul>")[0]
        links = re.findall(r"<a ([^>]*)>", items)
        kinds = {re.sub(r'"[^"]*"', '""', link) for link in links if "/teams/" in link or "/players/" in link}
        return kinds, set(re.findall(r"<(\w+)", items))

    true = form(recorded("transactions/jy_transactions.cap2022-01.html"))
    made = form(page("/leagues/NBA_2025_transactions.html", PLAYOFFS))
    assert made[0] <= true[0]
    assert made[1] <= true[1]
    assert {'data-attr-to="" href=""', 'data-attr-from="" href=""', 'href=""'} <= made[0]


@pytest.mark.parametrize(
    ("file", "address", "today"),
    [
        ("schedule/NBA_2019_games-april.html", "/leagues/NBA_2019_games-april.html", IN_2018),
        ("dailyleaders/jy_boxscores.cap2022-01.html", leaders(date(2022, 1, 10)), date(2022, 1, 15)),
        ("totals/NBA_2019_totals.cap2018-11.html", "/leagues/NBA_2019_totals.html", IN_2018),
        ("per_game/stats_html.cap2024-10.html", "/leagues/NBA_2025_per_game.html", IN_2024),
        ("leagues/NBA_2025.rw.html", "/leagues/NBA_2025.html", IN_2024),
        ("transactions/jy_transactions.cap2025-10.html", "/leagues/NBA_2026_transactions.html", date(2025, 10, 19)),
        ("contracts/jy_player_contracts.cap2026-06.html", "/contracts/players.html", date(2026, 6, 13)),
    ],
)
def test_titles_are_the_recorded_ones(recorded: Callable[[str], str], file: str, address: str, today: date) -> None:
    assert title(page(address, today)) == title(recorded(file)).strip()


def test_navigation_tables_have_no_id_and_come_first(recorded: Callable[[str], str]) -> None:
    def first_tables(text: str) -> Counter[bool]:
        tags = re.findall(r"<table[^>]*>", text.partition('id="totals_stats"')[0])
        return Counter("id=" in tag for tag in tags[:-1])

    made = first_tables(page("/leagues/NBA_2025_totals.html", IN_2024))
    assert made[True] == first_tables(recorded("totals/NBA_2018_totals.html"))[True] == 0
    assert made[False] >= 6
