"""What discover reads of a schedule: its games, and a season's months."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from fieldhouse.errors import PageChanged
from fieldhouse.sources.basketball_reference.games import Game, read_games, read_months
from fieldhouse.sources.basketball_reference.page import Origin
from tests.sources.basketball_reference.test_schedule import document, game

ORIGIN = Origin("schedule", {"season": "2025", "month": "april"}, "schedule.html", "https://site/schedule")


def link(season: int, month: str) -> str:
    return f'<a href="/leagues/NBA_{season}_games-{month}.html">{month}</a>'


def test_games_that_are_played_and_those_that_are_not() -> None:
    data = document(game("202504010ATL", "POR", away="127", home="113"), game("202504020BOS", "MIA"))
    assert read_games(data, ORIGIN) == [
        Game("202504010ATL", date(2025, 4, 1), "POR", "ATL", is_played=True),
        Game("202504020BOS", date(2025, 4, 2), "MIA", "BOS", is_played=False),
    ]


def test_a_month_without_games() -> None:
    assert read_games(document(), ORIGIN) == []


GAME = game("202504010ATL", "POR")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<html><title>Page Not Found (404 error)</title></html>", "a table schedule, found .*Page Not Found"),
        (document(game("20250401ATL", "POR")), "a game id as 202504010ATL, found '20250401ATL'"),
        (document(GAME.replace("/teams/POR/2025.html", "")), "a link to a team's season in visitor"),
        (document(GAME.replace("ATL/2025", "BOS/2025")), "ATL at home in the game 202504010ATL, found BOS"),
    ],
)
def test_games_that_are_refused(data: bytes, says: str) -> None:
    with pytest.raises(PageChanged, match=says):
        read_games(data, ORIGIN)


def test_months_in_the_pages_order_each_once_of_this_season_only() -> None:
    links = (
        *(link(2020, "october-2019"), link(2020, "july"), link(2020, "october-2020"), link(2020, "july")),
        *(link(2019, "may"), '<a href="https://www.basketball-reference.com/leagues/NBA_2020_games-august.html">A</a>'),
    )
    data = document(title="2019-20 NBA Schedule | Basketball-Reference.com", before="".join(links))
    assert read_months(data, "2020") == ["october-2019", "july", "october-2020", "august"]


def test_a_season_at_the_turn_of_the_century() -> None:
    assert read_months(document(title="1999-00 NBA Schedule", before=link(2000, "june")), "2000") == ["june"]


@pytest.mark.parametrize("title", ["Page Not Found (404 error)", "2018-19 NBA Schedule", "2019-20 NBA Season Summary"])
def test_months_of_another_page_are_refused(title: str) -> None:
    with pytest.raises(PageChanged, match="expected a page with the title 2019-20 NBA Schedule, found"):
        read_months(document(title=title), "2020")


def test_it_does_without_arrow() -> None:
    program = "import sys, fieldhouse.sources.basketball_reference.games; sys.exit('pyarrow' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
