"""A month of the schedule: what its rows become, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from fieldhouse.errors import PageChanged
from fieldhouse.sources.basketball_reference import schedule
from fieldhouse.sources.basketball_reference.extras import UNKNOWN_COLUMNS
from fieldhouse.sources.basketball_reference.page import Origin
from tests.sources.basketball_reference.declared import declared_schema, schema_of

PLAYOFFS = '<tr class="thead"><th colspan="12">Playoffs</th></tr>'


def game(
    game_id: str, visitor: str, away: str = "", home: str = "", start: str = "7:30p", season: int = 2025, **more: str
) -> str:
    team = game_id[9:] or game_id[-3:]
    cells = {
        "game_start_time": start,
        "visitor_team_name": f'<a href="/teams/{visitor}/{season}.html">Team {visitor}</a>',
        "visitor_pts": away,
        "home_team_name": f'<a href="/teams/{team}/{season}.html">Team {team}</a>',
        "home_pts": home,
        "box_score_text": f'<a href="/boxscores/{game_id}.html">Box Score</a>' if home else "",
        **dict.fromkeys(("overtimes", "attendance", "game_duration", "arena_name", "game_remarks"), ""),
        **more,
    }
    first = f'<th scope="row" data-stat="date_game" csk="{game_id}" ><a href="/boxscores/">Tue, Apr 1, 2025</a></th>'
    tds = "".join(f'<td data-stat="{stat}" >{text}</td>' for stat, text in cells.items())
    return f"<tr>{first}{tds}</tr>"


def document(*rows: str, title: str = "2024-25 NBA Schedule | Basketball-Reference.com", before: str = "") -> bytes:
    header = "".join(f'<th data-stat="{stat}">{stat}</th>' for stat in (*schedule.REQUIRED, *schedule.LATER))
    table = f'<table id="schedule"><thead><tr>{header}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{before}{table}</body></html>".encode()


def parse(data: bytes, season: str = "2025", month: str = "april") -> Any:
    origin = Origin("schedule", {"season": season, "month": month}, "schedule.html", "https://site/schedule.html")
    return schedule.read(data, origin.identifier, origin)["schedule"]


def stages(*rows: str, season: str = "2025", month: str = "april") -> list[str | None]:
    title = f"{int(season) - 1}-{int(season) % 100:02d} NBA Schedule"
    found: list[str | None] = parse(document(*rows, title=title), season, month)["stage"].to_pylist()
    return found


def test_a_game_that_was_played() -> None:
    more: dict[str, Any] = {
        "overtimes": "2OT",
        "attendance": "17,124",
        "game_duration": "2:23",
        "arena_name": "State Farm Arena",
    }
    row = game("202504010ATL", "POR", away="127", home="113", game_remarks="NBA Cup", **more)
    assert parse(document(row)).to_pylist() == [
        {
            "game_id": "202504010ATL",
            "season": 2025,
            "game_date": date(2025, 4, 1),
            "start_time": "7:30p",
            "tip_off_at": datetime(2025, 4, 1, 23, 30, tzinfo=UTC),
            "away_team_id": "POR",
            "away_team_name": "Team POR",
            "home_team_id": "ATL",
            "home_team_name": "Team ATL",
            "away_points": 127,
            "home_points": 113,
            "overtimes": 2,
            "attendance": 17124,
            "duration_minutes": 143,
            "arena_name": "State Farm Arena",
            "remarks": "NBA Cup",
            "stage": "regular_season",
            "has_box_score": True,
            "extra": None,
        }
    ]


def test_a_game_that_was_not_played_yet() -> None:
    (row,) = parse(document(game("202504010ATL", "POR", start=""))).to_pylist()
    shown = ("game_id", "season", "game_date", "stage", "has_box_score")
    names = ("away_team_id", "away_team_name", "home_team_id", "home_team_name")
    assert {name: value for name, value in row.items() if value is not None} == {
        name: row[name] for name in (*shown, *names)
    }
    assert row["has_box_score"] is False


@pytest.mark.parametrize(
    ("start", "game_id", "expected"),
    [
        ("7:30p", "202501010ATL", datetime(2025, 1, 2, 0, 30, tzinfo=UTC)),
        ("7:30 pm", "202501010ATL", datetime(2025, 1, 2, 0, 30, tzinfo=UTC)),
        ("12:00p", "202501010ATL", datetime(2025, 1, 1, 17, 0, tzinfo=UTC)),
        ("12:30a", "202501010ATL", datetime(2025, 1, 1, 5, 30, tzinfo=UTC)),
        ("11:00 am", "202501010ATL", datetime(2025, 1, 1, 16, 0, tzinfo=UTC)),
        # the clocks of the east were put forward on 9 March
        ("3:00p", "202503080ATL", datetime(2025, 3, 8, 20, 0, tzinfo=UTC)),
        ("3:00p", "202503090ATL", datetime(2025, 3, 9, 19, 0, tzinfo=UTC)),
    ],
)
def test_tip_off_is_in_the_east_of_the_united_states(start: str, game_id: str, expected: datetime) -> None:
    month = "january" if game_id.startswith("202501") else "march"
    assert parse(document(game(game_id, "POR", start=start)), month=month)["tip_off_at"].to_pylist() == [expected]


@pytest.mark.parametrize(("text", "number"), [("", 0), ("OT", 1), ("2OT", 2), ("6OT", 6)])
def test_overtimes(text: str, number: int) -> None:
    row = game("202504010ATL", "POR", away="127", home="113", overtimes=text)
    assert parse(document(row))["overtimes"].to_pylist() == [number]


def test_a_page_of_the_layout_without_arenas() -> None:
    data = document(game("202504010ATL", "POR"))
    for stat in schedule.LATER:
        header, cell = f'<th data-stat="{stat}">{stat}</th>', f'<td data-stat="{stat}" ></td>'
        data = data.replace(header.encode(), b"").replace(cell.encode(), b"")
    assert b"arena_name" not in data
    assert parse(data)["arena_name"].to_pylist() == [None]


def test_a_month_without_games_has_no_rows() -> None:
    table = parse(document())
    assert (table.num_rows, schema_of(table)) == (0, declared_schema("schedule"))


def test_columns_are_those_of_the_sql() -> None:
    assert schema_of(parse(document(game("202504010ATL", "POR")))) == declared_schema("schedule")


def test_a_column_that_nobody_knows_is_kept() -> None:
    table = parse(document(game("202504010ATL", "POR", broadcaster="ESPN")))
    assert table["extra"].to_pylist() == ['{"broadcaster": "ESPN"}']
    assert table.schema.metadata[UNKNOWN_COLUMNS] == b'["broadcaster"]'


def test_a_part_of_a_page_without_a_title() -> None:
    data = document(game("202504010ATL", "POR"))
    assert parse(data[data.find(b"<table") : data.find(b"</body")]).num_rows == 1


class TestStage:
    def test_before_and_after_the_header_row(self) -> None:
        rows = (game("202504010ATL", "POR"), PLAYOFFS, game("202504190DEN", "LAC"), game("202504190IND", "MIL"))
        assert stages(*rows) == ["regular_season", "playoffs", "playoffs"]

    def test_around_the_play_in_games(self) -> None:
        rows = (
            game("202504130ATL", "ORL"),
            game("202504150ORL", "ATL", game_remarks="Play-In Game"),
            game("202504180ATL", "MIA", game_remarks="Play-In Game"),
            game("202504190DEN", "LAC"),
        )
        assert stages(*rows) == ["regular_season", "play_in", "play_in", "playoffs"]

    def test_a_play_in_game_below_the_header_row_is_one_all_the_same(self) -> None:
        rows = (PLAYOFFS, game("202504150ORL", "ATL", game_remarks="Play-In Game"), game("202504190DEN", "LAC"))
        assert stages(*rows) == ["play_in", "playoffs"]

    def test_until_april_all_is_regular_season(self) -> None:
        # the same two teams on two days in a row, as in January 2021
        rows = (game("202101110DAL", "NOP", season=2021), game("202101120DAL", "NOP", season=2021))
        assert stages(*rows, season="2021", month="january") == ["regular_season"] * 2

    def test_series_after_april_are_playoffs(self) -> None:
        rows = [game(f"2025060{day}0OKC", "IND") for day in (5, 8)]
        assert stages(*rows, month="june") == ["playoffs"] * 2

    def test_games_after_april_of_which_the_page_does_not_say_more(self) -> None:
        rows = [game("202007300NOP", "UTA", season=2020), game("202007310DAL", "HOU", season=2020)]
        assert stages(*rows, season="2020", month="july") == [None, None]


PLAYED = game("202504010ATL", "POR", away="127", home="113")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<!DOCTYPE html><html><title>2024-25 NBA Schedule</title></html>", "expected a table schedule"),
        (document(title="Page Not Found (404 error)"), "the title 2024-25 NBA Schedule, found 'Page Not Found"),
        (document(title="2023-24 NBA Schedule"), "the title 2024-25 NBA Schedule, found '2023-24"),
        (document(game("202503010ATL", "POR")), "expected games in april, found games from 2025-03-01 to 2025-03-01"),
        (document(game("202504010ATL", "POR", season=2024)), "teams of the season 2025, found teams of 2024"),
        (document(PLAYED.replace(">127<", ">many<")), "a whole number in visitor_pts .* 'many' in row 1"),
        (document(PLAYED, game("202504010BOS", "MIA", start="noon")), "a time as 7:30p .* found 'noon' in row 2"),
        (document(game("202504010BOS", "MIA", start="13:00p")), "found '13:00p'"),
        (document(game("202504010BOS", "MIA", overtimes="SO")), "OT or 2OT in overtimes .* found 'SO'"),
        (document(game("202504010BOS", "MIA", game_duration="long")), "hours and minutes .* found 'long'"),
        (document(PLAYED).replace(b"attendance", b"crowd"), "attendance"),
        (document(PLAYED)[:-20], "</html>"),
    ],
)
def test_what_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(PageChanged, match=says) as caught:
        parse(data)
    assert str(caught.value).startswith("basketball_reference/schedule season=2025/month=april, schedule.html: exp")
