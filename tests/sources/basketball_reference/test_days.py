"""Days of the generated season, run after run at noon: what they ask for, and what they leave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from fieldhouse import clock
from fieldhouse.config import Settings
from fieldhouse.embedded import Postgres
from fieldhouse.engine.diff import TableDiff
from fieldhouse.engine.life import diff, select
from fieldhouse.engine.report import Report
from fieldhouse.engine.status import Selection
from simulator.server import Running
from tests.engine.toy import table_state
from tests.sources.basketball_reference.league import NOON, League, by_kind, copied, kind

MOST_REQUESTS = 30
FIRST_RUN, LAST_RUN = date(2025, 1, 12), date(2025, 1, 25)
# Fifteen games, the most that a day can have; the days before of which scores are looked at again have some as well
SLATE = date(2025, 1, 18)
PUT_OFF, LATER = "202501190SAS", "202502020SAS"
# Known wrong on its first day, and right from the second one on
CORRECTED, CORRECTED_ON = "202501150OKC", date(2025, 1, 17)


@dataclass
class Fortnight:
    """Two weeks of runs: by the day of the run, what was asked for, the report, and the schedule's ids after it."""

    league: League
    pages: dict[date, list[str]] = field(default_factory=dict)
    reports: dict[date, Report] = field(default_factory=dict)
    listed: dict[date, set[str]] = field(default_factory=dict)

    def run(self, today: date, at: time = NOON) -> None:
        self.reports[today] = self.league.day(today, at)
        self.pages[today] = self.league.asked()
        self.listed[today] = {row[0] for row in self.league.rows("select game_id from basketball_reference.schedule")}


@pytest.fixture(scope="module")
def fortnight(
    server: Running, migrated: Settings, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fortnight]:
    lake = tmp_path_factory.mktemp("fortnight") / "lake"
    with copied(postgres, migrated, lake) as settings, pytest.MonkeyPatch.context() as patch:
        patch.setenv(clock.SHIFT_VARIABLE, "0")
        done = Fortnight(League(server, settings))
        # earlier than the others, so that the index is a week old on the day after the slate
        done.run(FIRST_RUN, time(11, 30))
        for today in days(FIRST_RUN, LAST_RUN)[1:]:
            done.run(today)
        yield done


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def played_on(game_id: str) -> date:
    return date(int(game_id[:4]), int(game_id[4:6]), int(game_id[6:8]))


def day_of(page: str) -> date:
    """Return the day that daily leaders are of."""
    asked = {name: int(values[0]) for name, values in parse_qs(urlsplit(page).query).items() if name != "type"}
    return date(asked["year"], asked["month"], asked["day"])


def change(league: League, day: date, old: int, new: int) -> TableDiff:
    """Return what differs between two revisions of a day's box scores."""
    with league.context() as context:
        (row,) = select(context, Selection("boxscores", {"date": str(day)}))
        (found,) = diff(context, [row], old, new)
    return found.tables["player_boxscore"]


def test_all_days_are_good_and_none_asks_for_more_than_it_may(fortnight: Fortnight) -> None:
    assert not [problem for report in fortnight.reports.values() for problem in report.problems]
    steady = {day: len(pages) for day, pages in fortnight.pages.items() if day != FIRST_RUN}
    print(f"first run: {len(fortnight.pages[FIRST_RUN])} {by_kind(fortnight.pages[FIRST_RUN])}; later: {steady}")
    assert max(steady.values()) <= MOST_REQUESTS


def test_the_fullest_day_with_re_checks_and_the_seasons_index(fortnight: Fortnight) -> None:
    world = fortnight.league.world
    season = days(date(2024, 10, 1), date(2025, 6, 30))
    assert max(len(world.games_on(day, date(2025, 7, 1))) for day in season) == 15
    pages = fortnight.pages[SLATE + timedelta(days=1)]
    print(f"{len(pages)} requests: {by_kind(pages)}")
    assert by_kind(pages) == {
        "index": 1,
        "month": 2,
        "boxscores": 4,
        "play_by_play": 15,
        "season tables": 5,
        "injuries": 1,
        "contracts": 1,
        "transactions": 1,
    }


def test_no_run_asks_for_a_page_twice(fortnight: Fortnight) -> None:
    assert all(len(pages) == len(set(pages)) for pages in fortnight.pages.values())
    games = [page for pages in fortnight.pages.values() for page in pages if kind(page) == "play_by_play"]
    assert len(games) == len(set(games))


def test_box_scores_are_looked_at_again_after_1_3_and_7_days(fortnight: Fortnight) -> None:
    looks = defaultdict(list)
    for today, pages in fortnight.pages.items():
        for page in pages:
            if kind(page) == "boxscores":
                looks[day_of(page)].append((today - day_of(page)).days)
    complete = days(FIRST_RUN, LAST_RUN - timedelta(days=8))
    assert len(complete) == 6
    assert all(looks[day] == [1, 2, 4, 8] for day in complete)


def test_a_correction_is_a_revision_with_a_diff(fortnight: Fortnight) -> None:
    league, day = fortnight.league, played_on(CORRECTED)
    assert league.world.corrections(2025)[CORRECTED] == CORRECTED_ON
    query = "select current_revision from lake.dataset where dataset_type = 'boxscores' and identifier = %s"
    assert league.rows(query, f"date={day}") == [(2,)]
    found = change(league, day, 1, 2)
    assert found.counts["added"] == found.counts["removed"] == 0
    assert {row.key["game_id"] for row in found.changed} == {CORRECTED}
    assert {"assists", "total_rebounds"} <= {name for row in found.changed for name in row.fields}
    columns = "player_id, assists, total_rebounds"
    query = f"select {columns} from basketball_reference.player_boxscore where game_id = %s order by player_id"
    lines = sorted(league.world.lines(CORRECTED, CORRECTED_ON), key=lambda line: line.player_id)
    assert league.rows(query, CORRECTED) == [(line.player_id, line.ast, line.trb) for line in lines]


def test_what_was_not_corrected_has_one_revision_whatever_else_the_page_carries(fortnight: Fortnight) -> None:
    league = fortnight.league
    corrected: dict[date, set[date]] = defaultdict(set)
    for game, day in league.world.corrections(2025).items():
        corrected[played_on(game)].add(day)
    query = "select keys ->> %s, current_revision from lake.dataset where dataset_type = %s"
    revisions = dict(league.rows(query, "date", "boxscores"))
    for day in map(date.fromisoformat, revisions):
        first_look = max(FIRST_RUN, day + timedelta(days=1))
        later = [moment for moment in corrected[day] if first_look < moment <= LAST_RUN]
        assert revisions[str(day)] == 1 + len(later), day
    months = dict(league.rows(query, "month", "schedule"))
    # games were put off to february; of the others nothing but volatile bytes changed
    assert {month: months[month] for month in ("october", "november", "december", "march", "april")} == dict.fromkeys(
        ("october", "november", "december", "march", "april"), 1
    )
    assert months["february"] == 2


def test_a_game_that_is_put_off_leaves_the_schedule_and_comes_back_under_another_id(fortnight: Fortnight) -> None:
    league, left = fortnight.league, played_on(PUT_OFF)
    assert (PUT_OFF, LATER) in league.world.postponements(2025)
    assert PUT_OFF in fortnight.listed[left - timedelta(days=1)]
    assert PUT_OFF not in fortnight.listed[left]
    back = next(day for day, listed in fortnight.listed.items() if LATER in listed)
    # february's page has its turn within as many days as there are months that no date touches
    assert back - left <= timedelta(days=6)
    for table in ("schedule", "player_boxscore", "play_by_play"):
        assert league.rows(f"select 1 from basketball_reference.{table} where game_id = %s", PUT_OFF) == []
    assert league.rows("select 1 from lake.dataset where identifier = %s", f"game_id={PUT_OFF}") == []
    assert league.rows("select count(*) from basketball_reference.schedule where game_id = %s", LATER) == [(1,)]
    assert sum(PUT_OFF in page for pages in fortnight.pages.values() for page in pages) == 0


def test_a_rerun_asks_only_for_the_present_and_makes_no_revision(fortnight: Fortnight) -> None:
    league, last = fortnight.league, LAST_RUN
    before = league.rows("select dataset_id, current_revision from lake.dataset order by 1")
    rows = table_state(league.settings, "basketball_reference.player_per_game")
    league.set_date(last, time(12, 20))
    report = league.run(last - timedelta(days=1), present=True)
    pages = league.asked()
    assert by_kind(pages) == {"season tables": 5, "injuries": 1, "contracts": 1, "transactions": 1}
    assert report.outcomes == {"unchanged": 8}
    assert league.rows("select dataset_id, current_revision from lake.dataset order by 1") == before
    assert table_state(league.settings, "basketball_reference.player_per_game") == rows
    league.set_date(last, time(18))
    assert league.run(last - timedelta(days=1), present=True).outcomes == {"unchanged": 8}
    # the season's month in question is looked at again, for it may have changed meanwhile
    assert by_kind(league.asked()) == {"month": 1, **by_kind(pages)}


def test_a_window_of_past_dates_gives_the_rows_of_their_daily_runs(fortnight: Fortnight, league: League) -> None:
    start, end = date(2025, 1, 15), date(2025, 1, 17)
    league.set_date(LAST_RUN + timedelta(days=1))
    report = league.run(start, end)
    assert not report.failed
    games = sum(len(league.world.games_on(day, LAST_RUN)) for day in days(start, end))
    assert by_kind(league.asked()) == {"index": 1, "month": 1, "boxscores": 3, "play_by_play": games}
    said = {note["dataset_type"]: note["reason"] for note in report.notes}
    assert said.keys() == {"player_season", "team_season", "transactions", "injuries", "contracts"}
    for table in ("player_boxscore", "play_by_play"):
        query = f"""
            select to_jsonb(t) - '{{_dataset_id,_revision,_loaded_at}}'::text[] from basketball_reference.{table} as t
            where substr(game_id, 1, 8) between '20250115' and '20250117' order by 1
        """
        rows = league.rows(query)
        assert len(rows) >= 2 * 8 * games, "eight or more play for a side"
        assert rows == fortnight.league.rows(query), table
    assert league.run(start, end).outcomes == {}
    assert league.asked() == []


def test_a_season_that_is_being_played_is_read_whole_and_then_not_again(league: League) -> None:
    league.set_date(date(2025, 10, 23))
    report = league.run(date(2025, 10, 23), seasons="2025-26", dataset_types=["schedule", "boxscores", "play_by_play"])
    assert not report.failed
    assert by_kind(league.asked()) == {"index": 1, "month": 7, "boxscores": 2, "play_by_play": 2 + 13}
    again = league.run(date(2025, 10, 23), seasons="2026", dataset_types=["schedule", "boxscores", "play_by_play"])
    assert again.outcomes == {}
    # the months that games are still to be played in are of the present
    assert set(map(kind, league.asked())) <= {"month"}


def test_a_season_of_the_past_without_its_games(league: League) -> None:
    league.set_date(date(2025, 10, 23))
    tables = ["schedule", "player_season", "team_season", "transactions"]
    report = league.run(date(2025, 10, 23), seasons="1999", dataset_types=tables)
    assert not report.failed
    months = len(league.world.months(1999, date(2025, 10, 23)))
    assert by_kind(league.asked()) == {"index": 1, "month": months, "season tables": 5, "transactions": 1}
    league.set_date(date(2025, 12, 23))
    assert league.run(date(2025, 12, 23), seasons="1999", dataset_types=tables).outcomes == {}
    assert league.asked() == []


GAMES = {"schedule", "boxscores", "play_by_play", "player_season", "team_season"}
LAST_GAME, OPENING_NIGHT = date(2025, 6, 19), date(2025, 10, 21)
ALL_YEAR = {"transactions": 1, "contracts": 1, "injuries": 1}


def test_from_the_finals_over_the_summer_to_the_next_opening_night(league: League) -> None:
    """Which types are closed, by the reasons that the report gives, and what the others ask for."""

    def look(today: date) -> tuple[set[str], dict[str, int]]:
        report = league.day(today)
        assert not report.failed, report.lines()
        said = "no game is known"
        closed = {note["dataset_type"] for note in report.notes if note["reason"].startswith(said)}
        return closed, by_kind(league.asked())

    closed, pages = look(LAST_GAME + timedelta(days=1))
    assert (closed, pages["boxscores"], pages["play_by_play"]) == (set(), 3, 3)
    closed, pages = look(LAST_GAME + timedelta(days=8))
    assert closed == set()
    # the last game's third look again, and the season's tables once more
    assert {name: pages[name] for name in ("boxscores", "season tables")} == {"boxscores": 1, "season tables": 5}
    closed, pages = look(date(2025, 6, 29))
    # the index is a week old, more or less
    assert (closed, {**pages, "index": 1}) == (GAMES - {"schedule"}, {**ALL_YEAR, "month": 2, "index": 1})
    assert look(date(2025, 7, 20)) == (GAMES, ALL_YEAR)
    assert look(date(2025, 8, 12)) == (GAMES - {"schedule"}, {**ALL_YEAR, "index": 1})
    # it came out the day before
    assert league.world.months(2026, date(2025, 8, 13)) == []
    assert look(date(2025, 8, 15)) == (GAMES - {"schedule"}, {**ALL_YEAR, "index": 1, "month": 7})
    assert look(date(2025, 9, 16)) == (GAMES - {"schedule"}, {**ALL_YEAR, "index": 1, "month": 1})
    # no player has a line yet, and no day has a game
    assert look(OPENING_NIGHT) == (set(), {**ALL_YEAR, "index": 1, "month": 2})
    seasons = "select distinct season from basketball_reference.player_totals"
    assert league.rows(seasons) == [(2025,)]
    closed, pages = look(OPENING_NIGHT + timedelta(days=1))
    assert closed == set()
    assert pages == {
        "month": 2, "boxscores": 1, "play_by_play": 2, "season tables": 5, **ALL_YEAR
    }  # fmt: skip
    assert league.rows(f"{seasons} order by 1") == [(2025,), (2026,)]


def test_the_deals_of_the_last_days_of_june_are_looked_for_in_july(league: League) -> None:
    """They stand on the page of the season that ended, and are announced after the run of 30 June."""
    ended, begun = (f"/leagues/NBA_{season}_transactions.html" for season in (2025, 2026))
    for today, pages in (
        (date(2025, 7, 1), [ended, begun]),
        (date(2025, 7, 7), [ended, begun]),
        (date(2025, 7, 8), [begun]),
    ):
        league.day(today, dataset_types=["transactions"])
        assert sorted(league.asked()) == pages
