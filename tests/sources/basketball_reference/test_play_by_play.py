"""The play-by-play of a game: what its rows become, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from fieldhouse.errors import PageChanged
from fieldhouse.sources.basketball_reference import play_by_play
from fieldhouse.sources.basketball_reference.page import Origin
from tests.sources.basketball_reference.declared import declared_schema, schema_of

BLANK = "<td>&nbsp;</td>"
NAMES = "<tr class='thead'>" + "".join(f"<th>{name}</th>" for name in ("Time", "Boston", "", "Score", "", "Toronto"))


def player(name: str) -> str:
    return f'<a href="/players/{name[0]}/{name}01.html">{name.title()}</a>'


def begin(period: str) -> str:
    return f'<tr class=\'thead\' id="q1">\n<th colspan="6">{period}</th>\n</tr>\n{NAMES}</tr>'


def across(clock: str, text: str) -> str:
    return f"<tr>\n<td>{clock}</td>\n<td colspan=\"5\" class='center'>{text}</td>\n</tr>"


def away(clock: str, text: str, score: str = "0-0", points: str = "&nbsp;") -> str:
    cells = f"<td class=''>{text}</td><td class=''>{points}</td><td class=' center'>{score}</td>{BLANK}{BLANK}"
    return f"<tr>\n<td>{clock}</td>\n{cells}\n</tr>"


def home(clock: str, text: str, score: str = "0-0", points: str = "&nbsp;") -> str:
    cells = f"{BLANK}{BLANK}<td class=' center'>{score}</td><td class=''>{points}</td><td class=''>{text}</td>"
    return f"<tr>\n<td>{clock}</td>\n{cells}\n</tr>"


def document(
    *rows: str, teams: Sequence[str] = ("BOS", "TOR"), table: str = "pbp", day: str = "October 29, 2003"
) -> bytes:
    links = "".join(f'<div><strong>\n<a href="/teams/{team}/2004.html">{team}</a></strong></div>' for team in teams)
    body = f'<div class="scorebox">{links}</div><table id="{table}"><caption>x</caption>{"".join(rows)}</table>'
    return (
        f"<!DOCTYPE html><html><head><title>Celtics vs Raptors, {day}</title></head><body>{body}</body></html>".encode()
    )


def parse(data: bytes, game_id: str = "200310290TOR") -> Any:
    origin = Origin("play_by_play", {"game_id": game_id}, "play_by_play.html", "https://site/pbp")
    return play_by_play.read(data, origin.identifier, origin)["play_by_play"]


def rows(*lines: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = parse(document(*lines)).to_pylist()
    return found


def test_a_jump_ball_stands_across_both_teams() -> None:
    text = f"Jump ball: {player('davis')} vs. {player('o.neal')} ({player('pierce')} gains possession)"
    (event,) = rows(begin("1st Q"), across("12:00.0", text))
    assert event == {
        "game_id": "200310290TOR",
        "event_number": 1,
        "season": 2004,
        "game_date": date(2003, 10, 29),
        "away_team_id": "BOS",
        "home_team_id": "TOR",
        "period": 1,
        "clock": "12:00.0",
        "seconds_remaining": 720.0,
        "elapsed_seconds": 0.0,
        "event_type": "jump_ball",
        "event_team_id": None,
        "away_event": None,
        "home_event": None,
        "neutral_event": "Jump ball: Davis vs. O.Neal (Pierce gains possession)",
        "away_points": None,
        "home_points": None,
        "away_score": 0,
        "home_score": 0,
        "player_id": "davis01",
        "second_player_id": "o.neal01",
        "third_player_id": "pierce01",
        "shot_points": None,
        "shot_type": None,
        "shot_distance_feet": None,
        "extra": None,
    }


def test_a_shot_of_each_team_and_what_stands_between_them() -> None:
    shot = f"{player('carter')} makes 3-pt jump shot from 25 ft (assist by {player('davis')})"
    first, second, third = rows(
        begin("1st Q"),
        home("11:41.3", shot, "0-3", "+3"),
        across("11:30.0", "Jump ball: Team vs. Team"),
        away("0:00.1", f"{player('pierce')} misses 2-pt layup at rim", "0-3"),
    )
    assert (first["event_type"], first["event_team_id"], first["home_points"]) == ("made_shot", "TOR", 3)
    assert (first["shot_points"], first["shot_type"], first["shot_distance_feet"]) == (3, "jump shot", 25)
    assert (first["player_id"], first["second_player_id"]) == ("carter01", "davis01")
    assert (first["home_event"], first["away_event"]) == (
        "Carter makes 3-pt jump shot from 25 ft (assist by Davis)",
        None,
    )
    assert (first["seconds_remaining"], first["elapsed_seconds"]) == (701.3, 18.7)
    # the cell across both teams shows no score: it is still that of before
    assert (second["away_score"], second["home_score"]) == (0, 3)
    assert (third["event_team_id"], third["away_points"], third["shot_distance_feet"]) == ("BOS", None, 0)
    assert [row["event_number"] for row in (first, second, third)] == [1, 2, 3]


def test_any_number_of_overtimes_known_by_their_headers_alone() -> None:
    periods = ["1st Q", "2nd Q", "3rd Q", "4th Q", *(f"{n}{end} OT" for n, end in ((1, "st"), (2, "nd"), (3, "rd")))]
    periods += ["4th OT", "5th OT"]
    events = rows(*(line for period in periods for line in (begin(period), away("1:00.0", "Boston full timeout"))))
    assert [event["period"] for event in events] == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert [event["elapsed_seconds"] for event in events] == [
        *(660.0, 1380.0, 2100.0, 2820.0),
        *(2880.0 + 300 * n + 240 for n in range(5)),
    ]


def test_two_events_that_look_alike_are_two() -> None:
    text = f"{player('carter')} makes free throw 1 of 2"
    events = rows(begin("1st Q"), home("5:00.0", text, "0-1", "+1"), home("5:00.0", text, "0-1", "+1"))
    assert [(event["event_number"], event["event_type"]) for event in events] == [
        (1, "free_throw_made"),
        (2, "free_throw_made"),
    ]


def test_columns_are_those_of_the_sql() -> None:
    table = parse(document(begin("1st Q"), across("12:00.0", "Start of 1st quarter")))
    assert schema_of(table) == declared_schema("play_by_play")


def test_players_after_the_third_are_kept() -> None:
    text = " ".join(player(name) for name in ("ab", "bc", "cd", "de", "ef"))
    (event,) = rows(begin("1st Q"), across("1:00.0", text))
    assert event["extra"] == '{"player_ids": ["de01", "ef01"]}'


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (document(begin("1st Q"), table="other"), "expected a table pbp, found .* the tables other"),
        (document(begin("1st Q")), "expected events in the table pbp, found none"),
        (document(begin("2nd Q")), "a header that begins period 1, found '2nd Q'"),
        (document(begin("1st Half")), "found '1st Half'"),
        (document(begin("1st Q"), begin("3rd Q")), "a header that begins period 2, found '3rd Q'"),
        (document(across("12:00.0", "Start")), "left of period 0"),
        (document(begin("1st Q"), across("12:00.1", "Start")), "a time that is left of period 1, found '12:00.1'"),
        (document(begin("1st Q"), across("noon", "Start")), "found 'noon'"),
        (document(begin("1st Q"), away("1:00.0", "x", "2:0")), "a score as 84-88, found '2:0'"),
        (document(begin("1st Q"), away("1:00.0", "x", points="+4")), r"points as \+2, found '\+4'"),
        (document(begin("1st Q"), away("1:00.0", "&nbsp;")), "the event of one team in a row .* found '' and ''"),
        (
            document(begin("1st Q"), "<tr><td>1:00</td><td>a</td><td>b</td></tr>"),
            "rows of 6 cells, of 2, .* 1 rows that are none of these",
        ),
        (document(begin("1st Q"), teams=("TOR", "BOS")), "a team and TOR above the table pbp, .*, TOR and BOS"),
        (document(begin("1st Q"), teams=()), "found .*, no team"),
        (document(begin("1st Q"), day="October 29, 2004"), "expected October 29, 2003, .* found Celtics vs Raptors"),
    ],
)
def test_what_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(PageChanged, match=says) as caught:
        parse(data)
    assert str(caught.value).startswith("basketball_reference/play_by_play game_id=200310290TOR, play_by_play.html:")


@pytest.mark.parametrize("game_id", ["20031029TOR", "200313290TOR", "200310290tor"])
def test_a_game_id_that_is_none(game_id: str) -> None:
    with pytest.raises(PageChanged, match="a game id as 202504010ATL"):
        parse(document(begin("1st Q")), game_id)
