"""What the site can do to us, run by run: outcome, host, kept bytes, what stays visible, and what the next run does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from fieldhouse import clock
from fieldhouse.config import Settings
from fieldhouse.embedded import Postgres
from fieldhouse.engine.late import next_look
from fieldhouse.engine.report import Report
from fieldhouse.errors import SourceBlocked, SourceError, SourceThrottled
from simulator.server import Running
from tests.engine.toy import work
from tests.sources.basketball_reference.league import HOST, League, by_kind, copied, kind
from tests.sources.basketball_reference.site import site

OPENING_NIGHT = date(2025, 10, 21)
TODAY = date(2025, 10, 23)
TYPES = ["schedule", "boxscores", "injuries"]
NEW_DAY = "date=2025-10-22"
LEADERS = f"{HOST}/friv/dailyleaders.fcgi?*day=22*"
OCTOBER = f"{HOST}/leagues/NBA_2026_games-october.html"
INDEX = f"{HOST}/leagues/NBA_2026_games.html"
HOUR = timedelta(hours=1)
NOT_FOUND = site().answer("/nothing.html", "", TODAY).body.decode()

# what the host as a whole does, the error that it is, and how long nobody asks it
REFUSALS = [
    pytest.param({"kind": "status", "status": 429, "retry_after": 1800}, SourceThrottled, HOUR / 2, id="429-and-when"),
    pytest.param({"kind": "status", "status": 429, "page": "rate_limited"}, SourceThrottled, HOUR, id="429"),
    pytest.param({"kind": "status", "status": 403}, SourceBlocked, HOUR, id="403"),
    pytest.param({"kind": "block_page"}, SourceBlocked, HOUR, id="just-a-moment-with-200"),
    pytest.param({"kind": "block_page", "page": "rate_limited"}, SourceBlocked, HOUR, id="rate-limited-with-200"),
]
# what a page can be instead of itself, and what the reason says
CHANGES = [
    pytest.param({"kind": "half"}, "</html>", id="half"),
    pytest.param({"kind": "empty"}, "", id="empty"),
    pytest.param({"kind": "block_page", "body": NOT_FOUND}, "", id="not-found-with-200"),
]
COLUMNS = [
    pytest.param({"kind": "columns", "rename": {"mp": "minutes"}}, "mp", id="renamed"),
    pytest.param({"kind": "columns", "drop": ["game_result"]}, "game_result", id="missing"),
]


@pytest.fixture(scope="module")
def opened(
    server: Running, migrated: Settings, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Yield the settings of a database and a lake to copy, after the run that brought opening night."""
    lake = tmp_path_factory.mktemp("opened") / "lake"
    with copied(postgres, migrated, lake) as settings, pytest.MonkeyPatch.context() as patch:
        patch.setenv(clock.SHIFT_VARIABLE, "0")
        assert not League(server, settings).day(OPENING_NIGHT + timedelta(days=1), dataset_types=TYPES).failed
        yield settings


@pytest.fixture
def begun(
    server: Running, opened: Settings, postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[League]:
    """Yield the league after that run, at noon of the next day."""
    monkeypatch.setenv(clock.SHIFT_VARIABLE, "0")
    with copied(postgres, opened, tmp_path / "lake") as settings:
        league = League(server, settings, runs=1)
        league.set_date(TODAY)
        yield league


def again(league: League, at: time = time(12, 20), **words: Any) -> Report:
    return league.day(TODAY, at, **{"dataset_types": TYPES, **words})


def outcomes(league: League) -> dict[str, str]:
    """Return what became of the datasets of the newest plan."""
    query = """
        select concat_ws('/', d.dataset_type, nullif(d.identifier, '')), i.outcome
        from lake.plan_item as i inner join lake.dataset as d using (dataset_id)
        where i.plan_id = (select max(plan_id) from lake.plan)
    """
    return dict(league.rows(query))


def box_scores(league: League, day: date) -> int:
    query = "select count(*) from basketball_reference.player_boxscore where substr(game_id, 1, 8) = %s"
    return int(league.rows(query, f"{day:%Y%m%d}")[0][0])


def played(league: League, day: date) -> int:
    query = "select count(home_points) from basketball_reference.schedule where game_date = %s"
    return int(league.rows(query, day)[0][0])


def stopped(league: League) -> tuple[str, timedelta]:
    """Return why nobody may ask the host, and about how long."""
    ((kind_of_stop, until),) = league.rows("select kind, until from lake.host_block")
    assert isinstance(until, datetime)
    minutes = round((until - clock.real_now()).total_seconds() / 60)
    return kind_of_stop, timedelta(minutes=minutes)


def quarantined(league: League) -> list[tuple[str, bytes, str]]:
    """Return the bytes that are kept and not loaded, with their dataset and why."""
    query = """
        select concat_ws('/', d.dataset_type, nullif(d.identifier, '')), f.path, f.sha256, r.reason
        from lake.revision as r inner join lake.dataset as d using (dataset_id)
        inner join lake.file as f using (dataset_id, revision) where r.state = 'quarantined' order by 1
    """
    with league.context() as context:
        return [(name, context.lake.read_raw(path, sha), why) for name, path, sha, why in league.rows(query)]


# --- a dataset's own page ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fault", "error", "pause"), REFUSALS)
def test_the_host_refuses_a_datasets_page(
    begun: League, fault: dict[str, Any], error: type[SourceError], pause: timedelta
) -> None:
    before = box_scores(begun, OPENING_NIGHT)
    begun.server.fault(LEADERS, **fault)
    report = begun.day(TODAY, dataset_types=TYPES)
    word = str(error.outcome)
    assert report.failed
    assert outcomes(begun)[f"boxscores/{NEW_DAY}"] == word
    # no retry, and nothing else was asked for after it
    assert sum("day=22" in page for page in begun.asked()) == 1
    assert stopped(begun) == (word, pause)
    assert box_scores(begun, OPENING_NIGHT) == before > 0
    # what discover had read needs no request
    assert played(begun, date(2025, 10, 22)) == 13
    assert quarantined(begun) == []

    report = again(begun)
    assert report.failed
    assert begun.asked() == []
    begun.server.clear()
    begun.free_host()
    assert not again(begun).failed
    assert box_scores(begun, date(2025, 10, 22)) > 13 * 16
    assert set(outcomes(begun).values()) <= {"fetched", "unchanged"}


@pytest.mark.parametrize(("fault", "said"), [*CHANGES, *COLUMNS])
def test_a_datasets_page_is_not_what_it_was(begun: League, fault: dict[str, Any], said: str) -> None:
    before = box_scores(begun, OPENING_NIGHT)
    begun.server.fault(f"{HOST}/friv/dailyleaders.fcgi?*", **fault)
    report = begun.day(TODAY, dataset_types=TYPES)
    found = outcomes(begun)
    names = [f"boxscores/date={OPENING_NIGHT}", f"boxscores/{NEW_DAY}"]
    assert {name: outcome for name, outcome in found.items() if outcome == "page_changed"} == dict.fromkeys(
        names, "page_changed"
    )
    assert {problem.dataset for problem in report.problems} == set(names)
    assert all(said in problem.message for problem in report.problems)
    assert box_scores(begun, OPENING_NIGHT) == before > 0
    assert played(begun, date(2025, 10, 22)) == 13
    assert found["injuries"] in {"fetched", "unchanged"}
    kept = quarantined(begun)
    assert [name for name, _, _ in kept] == names
    assert all(said in reason for _, _, reason in kept)
    body = site().answer("/friv/dailyleaders.fcgi", "month=10&day=22&year=2025&type=all", TODAY).body
    assert {"half": body[: len(body) // 2], "empty": b""}.get(fault["kind"], kept[1][1]) == kept[1][1] != body

    begun.server.clear()
    assert not again(begun).failed
    assert by_kind(begun.asked()) == {"boxscores": 2, "injuries": 1}
    assert box_scores(begun, date(2025, 10, 22)) > 13 * 16


def test_a_column_that_nobody_knows_is_kept_and_reported(begun: League) -> None:
    begun.server.fault(LEADERS, "columns", add={"clutch_points": "3"})
    report = begun.day(TODAY, dataset_types=TYPES)
    assert not report.failed
    assert any("clutch_points" in text for text in report.new_columns)
    query = "select distinct extra ->> 'clutch_points' from basketball_reference.player_boxscore"
    assert {row[0] for row in begun.rows(query)} == {None, "3"}


def test_other_types_whose_pages_changed_leave_each_other_alone(league: League) -> None:
    today = OPENING_NIGHT + timedelta(days=1)
    league.server.fault(f"{HOST}/boxscores/pbp/202510210CLE.html", "half")
    league.server.fault(f"{HOST}/leagues/NBA_2026_totals.html", "columns", rename={"fg": "made"})
    league.server.fault(f"{HOST}/contracts/players.html", "columns", drop=["player"])
    report = league.day(today)
    changed = ["contracts", "play_by_play/game_id=202510210CLE", "player_season/season=2026/kind=totals"]
    assert sorted(problem.dataset for problem in report.problems) == changed
    assert [name for name, _, _ in quarantined(league)] == changed
    for table in ("player_per_game", "team_opponent", "league_transaction", "injury_report"):
        assert league.rows(f"select 1 from basketball_reference.{table} limit 1") == [(1,)], table
    assert league.rows("select distinct game_id from basketball_reference.play_by_play") == [("202510210IND",)]


# --- nothing, and not yet ---------------------------------------------------------------------------------------


def test_a_day_without_games_is_not_looked_for(league: League) -> None:
    """Nobody plays on Election Day."""
    league.set_date(date(2025, 11, 5))
    report = league.run(date(2025, 11, 4), dataset_types=["schedule", "boxscores", "play_by_play"])
    assert not report.failed
    assert by_kind(league.asked()) == {"index": 1, "month": 1}
    said = [note["reason"] for note in report.notes if note["outcome"] == "nothing_scheduled"]
    assert said == ["date=2025-11-04: no game is scheduled on 2025-11-04; what we have of it stays as it is"]


LATE = ["schedule", "boxscores", "play_by_play"]


@pytest.mark.parametrize("held_back", [["202510210CLE"], ["202510210CLE", "202510210IND"]])
def test_a_late_box_score_is_looked_for_and_told_of_once(league: League, held_back: list[str]) -> None:
    today = OPENING_NIGHT + timedelta(days=1)
    league.server.tell("basketball_reference", "held_back", held_back)
    league.set_date(today)
    with league.context() as context:
        plan = league.plan(context, OPENING_NIGHT, present=True, dataset_types=LATE)
        report = work(context, plan)
        look = next_look(context, plan.plan)
    assert not report.failed
    assert report.overdue == []
    late = {f"boxscores/date={OPENING_NIGHT}", *(f"play_by_play/game_id={game}" for game in held_back)}
    assert {name for name, outcome in outcomes(league).items() if outcome == "not_published"} == late
    here = {"202510210CLE", "202510210IND"} - set(held_back)
    assert {row[0] for row in league.rows("select game_id from basketball_reference.player_boxscore")} == here
    assert look
    assert (look.at, look.datasets) == (clock.now().replace(hour=14, minute=0, second=0, microsecond=0), len(late))
    assert set(look.params["dataset_types"]) == {"boxscores", "play_by_play"}

    league.asked()
    for at in (time(14), time(23, 59)):
        league.set_date(today, at)
        assert league.run(OPENING_NIGHT, dataset_types=["boxscores", "play_by_play"]).overdue == []
        assert by_kind(league.asked()) == {"month": 1, "boxscores": 1, "play_by_play": len(held_back)}
    league.set_date(today + timedelta(days=1), time(0, 1))
    report = league.run(OPENING_NIGHT, dataset_types=["boxscores", "play_by_play"])
    assert {problem.dataset for problem in report.newly_overdue} == late

    league.server.tell("basketball_reference", "held_back", [])
    league.set_date(today + timedelta(days=1))
    assert not league.run(OPENING_NIGHT, dataset_types=LATE).failed
    assert len(league.rows("select distinct game_id from basketball_reference.player_boxscore")) == 2
    assert len(league.rows("select distinct game_id from basketball_reference.play_by_play")) == 2


def test_an_injuries_list_that_becomes_empty(league: League) -> None:
    last_look, none_is_hurt = date(2025, 6, 20), date(2025, 9, 20)
    query = "select observed_at::date, players from basketball_reference.injury_report order by observed_at"
    assert not league.day(last_look, dataset_types=["injuries"]).failed
    ((_, listed),) = league.rows(query)
    assert listed > 10
    league.server.fault(f"{HOST}/friv/injuries.fcgi", "half", count=1)
    report = league.day(last_look + timedelta(days=1), dataset_types=["injuries"])
    assert outcomes_of(report) == {"page_changed": 1}
    assert league.rows(query) == [(last_look, listed)]

    for at in (time(12), time(15)):
        assert not league.day(none_is_hurt, at, dataset_types=["injuries"]).failed
    assert league.rows(query) == [(last_look, listed), (none_is_hurt, 0)]
    query = "select observed_at::date, count(*) from basketball_reference.injury group by 1"
    assert league.rows(query) == [(last_look, listed)]


def outcomes_of(report: Report) -> dict[str, int]:
    return dict(report.outcomes)


def test_a_month_whose_series_are_over_is_no_page_that_was_cut_off(league: League) -> None:
    for today, games in ((date(2025, 4, 25), 8), (date(2025, 4, 26), 6)):
        league.set_date(today)
        report = league.run(today, seasons="2025", dataset_types=["schedule"])
        assert not report.failed, report.lines()
        query = "select count(*) from basketball_reference.schedule where season = 2025 and game_date >= '2025-05-01'"
        assert league.rows(query) == [(games,)]


# --- what discover reads ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fault", "error", "pause"), REFUSALS)
def test_the_host_refuses_discover(
    begun: League, fault: dict[str, Any], error: type[SourceError], pause: timedelta
) -> None:
    begun.server.fault(OCTOBER, **fault)
    with pytest.raises(error, match=r"games-october\.html"):
        begun.day(TODAY, dataset_types=TYPES)
    assert len(begun.asked()) == 1
    assert stopped(begun) == (str(error.outcome), pause)
    with pytest.raises(error):
        again(begun)
    assert begun.asked() == []
    assert box_scores(begun, OPENING_NIGHT) > 0
    begun.server.clear()
    begun.free_host()
    assert not again(begun).failed
    assert played(begun, date(2025, 10, 22)) == 13


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        *CHANGES,
        pytest.param({"kind": "columns", "rename": {"date_game": "game_date"}}, "date_game", id="renamed"),
        pytest.param({"kind": "columns", "drop": ["home_team_name"]}, "home_team_name", id="missing"),
    ],
)
def test_a_month_is_not_what_it_was(begun: League, fault: dict[str, Any], said: str) -> None:
    begun.server.fault(OCTOBER, **fault)
    report = begun.day(TODAY, dataset_types=TYPES)
    assert report.failed
    assert any(said in problem.message for problem in report.problems)
    [note] = [note for note in report.notes if note["outcome"] == "page_changed"]
    assert note["dataset_type"] == "schedule"
    [(name, _, reason)] = quarantined(begun)
    assert name == "schedule/season=2026/month=october"
    assert said in reason
    # the games are those of before, so that their box scores are not missed
    assert box_scores(begun, date(2025, 10, 22)) > 13 * 16
    assert played(begun, OPENING_NIGHT) == 2

    begun.asked()
    begun.server.clear()
    assert not again(begun).failed
    assert [kind(page) for page in begun.asked()].count("month") == 1
    assert played(begun, date(2025, 10, 22)) == 13


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        pytest.param({"kind": "half"}, "page_changed", id="half"),
        pytest.param({"kind": "block_page", "body": NOT_FOUND}, "page_changed", id="not-found-with-200"),
        pytest.param({"kind": "status", "status": 500}, "failed", id="500"),
    ],
)
def test_the_seasons_index_is_not_what_it_was(begun: League, fault: dict[str, Any], word: str) -> None:
    """A week later, when it is looked at again: the months are those that are here."""
    today = OPENING_NIGHT + timedelta(days=9)
    begun.server.fault(INDEX, **fault)
    report = begun.day(today, dataset_types=TYPES)
    assert [note["outcome"] for note in report.notes] == [word]
    assert report.failed
    assert box_scores(begun, today - timedelta(days=1)) > 0
    begun.server.clear()
    assert not begun.day(today, time(12, 20), dataset_types=TYPES).failed
    assert "index" in by_kind(begun.asked())


def test_a_first_run_without_an_index_says_nothing_of_the_days(league: League) -> None:
    league.server.fault(INDEX, "half")
    report = league.day(TODAY, dataset_types=TYPES)
    assert [note["outcome"] for note in report.notes] == ["page_changed"]
    assert outcomes_of(report) == {"fetched": 1}


@pytest.mark.parametrize("page", [OCTOBER, LEADERS])
def test_a_page_that_is_gone_is_not_published(begun: League, page: str) -> None:
    begun.server.fault(page, "status", status=404, body=NOT_FOUND)
    report = begun.day(TODAY, dataset_types=TYPES)
    assert not report.failed
    assert quarantined(begun) == []
    assert played(begun, OPENING_NIGHT) == 2
    begun.server.clear()
    assert not again(begun).failed
    assert played(begun, date(2025, 10, 22)) == 13
    assert box_scores(begun, date(2025, 10, 22)) > 13 * 16
