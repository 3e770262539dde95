"""The page of a day's leaders: what its rows become, and what is refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from fieldhouse.errors import NothingScheduled, NotPublished, PageChanged
from fieldhouse.sources.basketball_reference import boxscores
from fieldhouse.sources.basketball_reference.extras import UNKNOWN_COLUMNS
from fieldhouse.sources.basketball_reference.page import Origin
from tests.sources.basketball_reference.declared import declared_schema, schema_of

TITLE = "NBA Daily Stats Leaders for January 1, 2018 | Basketball-Reference.com"
CELLS = {
    "fg": "17", "fga": "29", "fg_pct": ".586", "fg3": "5", "fg3a": "9", "fg3_pct": ".556", "ft": "13", "fta": "13",
    "ft_pct": "1.000", "orb": "1", "drb": "4", "trb": "5", "ast": "8", "stl": "1", "blk": "1", "tov": "2", "pf": "4",
    "pts": "52", "plus_minus": "+9", "game_score": "44.1",
}  # fmt: skip


def row(team: str = "TOR", opponent: str = "MIL", at: str = "", game: str = "201801010TOR", **cells: str) -> str:
    shown = {**CELLS, **cells}
    first = {
        "ranker": "1",
        "player": shown.pop("player", '<a href="/players/d/derozde01.html">DeMar DeRozan</a>'),
        "team_id": f'<a href="/teams/{team}/2018.html">{team}</a>',
        "game_location": at,
        "opp_id": f'<a href="/teams/{opponent}/2018.html">{opponent}</a>',
        "game_result": f'<a href="/boxscores/{game}.html">{shown.pop("result", "W")}</a>',
        "mp": shown.pop("mp", "43:27"),
    }
    tds = "".join(f'<td class="right " data-stat="{stat}" >{text}</td>' for stat, text in {**first, **shown}.items())
    return f"<tr >{tds}</tr>"


def document(*rows: str, title: str = TITLE, drop: str = "", content: str = "") -> bytes:
    stats = ["ranker", *boxscores.IDENTITY, *CELLS]
    header = "".join(f'<th data-stat="{stat}">{stat}</th>' for stat in stats)
    table = f'<table id="stats"><thead><tr>{header}</tr></thead><tbody>{"".join(rows)}</tbody></table>' if rows else ""
    body = f'<div id="header">No games today</div><div id="content">{content}{table}</div>'
    text = f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{body}</body></html>"
    return text.replace(f'data-stat="{drop}"', 'data-stat="renamed"').encode() if drop else text.encode()


def parse(data: bytes, day: str = "2018-01-01") -> Any:
    origin = Origin("boxscores", {"date": day}, "boxscores.html", "https://site/dailyleaders.fcgi")
    return boxscores.read(data, origin.identifier, origin)["player_boxscore"]


def test_a_player_of_the_home_team() -> None:
    assert parse(document(row())).to_pylist() == [
        {
            "game_id": "201801010TOR",
            "player_id": "derozde01",
            "season": 2018,
            "game_date": date(2018, 1, 1),
            "player_name": "DeMar DeRozan",
            "team_id": "TOR",
            "opponent_id": "MIL",
            "is_home": True,
            "won": True,
            "seconds_played": 43 * 60 + 27,
            "field_goals_made": 17,
            "field_goals_attempted": 29,
            "three_pointers_made": 5,
            "three_pointers_attempted": 9,
            "free_throws_made": 13,
            "free_throws_attempted": 13,
            "offensive_rebounds": 1,
            "defensive_rebounds": 4,
            "total_rebounds": 5,
            "assists": 8,
            "steals": 1,
            "blocks": 1,
            "turnovers": 2,
            "personal_fouls": 4,
            "points": 52,
            "plus_minus": 9,
            "field_goal_percentage": 0.586,
            "three_point_percentage": 0.556,
            "free_throw_percentage": 1.0,
            "game_score": 44.1,
            "extra": None,
        }
    ]


def test_a_visitor_who_lost_and_attempted_nothing() -> None:
    (player,) = parse(document(row("MIL", "TOR", "@", result="L", ft_pct="", fg3_pct="", mp="0:04"))).to_pylist()
    assert (player["is_home"], player["won"], player["seconds_played"]) == (False, False, 4)
    assert (player["free_throw_percentage"], player["three_point_percentage"]) == (None, None)


def test_columns_are_those_of_the_sql() -> None:
    assert schema_of(parse(document(row()))) == declared_schema("player_boxscore")


def test_a_column_that_nobody_knows_is_kept() -> None:
    table = parse(document(row(deflections="3"), row(deflections="")))
    assert table["extra"].to_pylist() == ['{"deflections": "3"}', None]
    assert table.schema.metadata[UNKNOWN_COLUMNS] == b'["deflections"]'


def test_a_page_of_before_2018_without_plus_minus() -> None:
    data = document(row()).replace(b'<td class="right " data-stat="plus_minus" >+9</td>', b"")
    assert parse(data.replace(b'<th data-stat="plus_minus">plus_minus</th>', b""))["plus_minus"].to_pylist() == [None]


def test_headers_that_come_back_are_no_rows() -> None:
    again = f'<tr class="thead">{"".join(f"<th>{stat}</th>" for stat in CELLS)}</tr>'
    assert parse(document(row(), again, row(player='<a href="/players/b/brooks01.html">B</a>'))).num_rows == 2


def test_a_day_of_which_the_page_says_that_there_were_no_games() -> None:
    with pytest.raises(NothingScheduled, match="says that there were no games on 2018-01-01"):
        parse(document(content="<p>There were no games played on January 1, 2018.</p>"))


def test_a_days_page_without_its_table_is_not_published_whatever_its_header_says_of_today() -> None:
    with pytest.raises(NotPublished, match="is the page of 2018-01-01, and has no box score"):
        parse(document())


def test_a_table_without_a_player_is_not_published() -> None:
    with pytest.raises(NotPublished):
        parse(document(f'<tr class="thead"><th data-stat="ranker">{"Rk"}</th></tr>'))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (document(row(), title="NBA Daily Stats Leaders for January 11, 2018"), "for January 1, 2018"),
        (document(title="Rate Limited Request (429 error) | Sports-Reference.com"), "found 'Rate Limited Request"),
        (document(title=""), "for January 1, 2018"),
        (document(row(game="201801020TOR")), "expected games of 2018-01-01, found 201801020TOR"),
        (document(row(game="x")), "expected a game id as 202504010ATL, found 'x'"),
        (document(row(), row("ORL", "BRK")), "a player of 201801010TOR in game_location .*'ORL against BRK' in row 2"),
        (document(row(at="@")), "a player of 201801010TOR in game_location"),
        (document(row(at="n")), "expected '' or '@' in game_location .* found 'n' in row 1"),
        (document(row(result="T")), "expected 'W' or 'L' in game_result"),
        (document(row(mp="")), "expected a text in mp"),
        (document(row(mp="DNP")), "expected minutes and seconds in mp .* found 'DNP'"),
        (document(row(pts="many")), "expected a whole number in pts .* found 'many'"),
        (document(row(player="DeMar DeRozan")), "player's id"),
        (document(row(), drop="trb"), "columns? trb"),
        (document(row())[:-200], "</html>"),
    ],
)
def test_what_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(PageChanged, match=says) as caught:
        parse(data)
    assert str(caught.value).startswith("basketball_reference/boxscores date=2018-01-01, boxscores.html: expected")
