"""A backfill date by date: every page is asked for once, whatever is stopped and repeated, by the site's own count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest

from fieldhouse import clock
from fieldhouse.config import Settings, SourceSettings
from fieldhouse.engine.archive import archive
from fieldhouse.engine.context import Context
from fieldhouse.engine.discover import Request, discover
from fieldhouse.engine.load import load
from fieldhouse.engine.report import Report, make_report
from fieldhouse.engine.scrape import scrape
from fieldhouse.source import Window, pace_of
from fieldhouse.sources.basketball_reference import SOURCE
from simulator.server import Config, Running, serve

# Days with two games, with one and with none, in two months
DATES = [date(2026, 5, 5) + timedelta(days=number) for number in range(30)]
OF_TEN_DATES = f"game_date between '{DATES[0]}' and '{DATES[9]}'"
SUMMER = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """Return the site in summer; it is summer for us as well."""
    shift = SUMMER - clock.real_now()
    monkeypatch.setenv(clock.SHIFT_VARIABLE, str(shift.total_seconds()))
    with serve(Config(seed=7, today=SUMMER.date(), only=("basketball_reference",))) as running:
        yield running


@pytest.fixture
def house(settings: Settings, site: Running) -> Settings:
    """Return the settings of an empty house that asks that site."""
    own = SourceSettings(url=site.base("www.basketball-reference.com"), pace=pace_of(1000))
    return replace(settings, sources={SOURCE.name: own})


@contextmanager
def planned(house: Settings, start: date, end: date | None = None) -> Iterator[tuple[Context, Any]]:
    """Plan a backfill of dates, as its runs do"""
    with Context(house, SOURCE) as context:
        request = Request(Window(start, end or start), present=False)
        yield context, discover(context, f"backfill of {start} to {end or start}", request)


def work(context: Context, plan: Any) -> Report:
    for lane in plan.lanes:
        for step in (scrape, archive, load):
            step(context, lane.plan, lane.lane)
    return make_report(context, plan.plan)


def backfill(house: Settings, start: date, end: date | None = None) -> Report:
    with planned(house, start, end) as (context, plan):
        return work(context, plan)


def requests(site: Running) -> Counter[str]:
    return Counter(f"{r.path}?{r.query}" if r.query else r.path for r in site.requests())


def rows(house: Settings, query: str) -> list[Any]:
    with psycopg.connect(house.warehouse) as connection:
        return connection.execute(query).fetchall()


def test_thirty_dates_ask_for_no_page_twice(house: Settings, site: Running) -> None:
    reports = [backfill(house, day) for day in DATES]
    assert not any(report.failed or report.overdue for report in reports)
    asked = requests(site)
    games = rows(
        house,
        f"select game_id from basketball_reference.schedule where game_date between '{DATES[0]}' and '{DATES[-1]}'",
    )
    days = {game[:8] for (game,) in games}
    assert len(days) > 20
    assert set(asked.values()) == {1}
    assert sum("/boxscores/pbp/" in url for url in asked) == len(games)
    assert sum("dailyleaders" in url for url in asked) == len(days), "a day without games is not asked for"
    # the season's list of months, and two months
    assert len(asked) == len(games) + len(days) + 3
    for table in ("player_boxscore", "play_by_play"):
        assert rows(house, f"select count(distinct game_id) from basketball_reference.{table}") == [(len(games),)]

    # the same dates once more, and as one window: nothing is asked for
    for day in DATES[::7]:
        backfill(house, day)
    backfill(house, DATES[0], DATES[-1])
    assert requests(site) == asked


def test_a_step_that_was_stopped_goes_on_where_it_was(house: Settings, site: Running) -> None:
    """What was fetched when the process ended is there when its task is tried again."""
    with planned(house, DATES[0], DATES[9]) as (context, plan):
        for lane in plan.lanes[:2]:
            scrape(context, lane.plan, lane.lane)
    asked = requests(site)
    with Context(house, SOURCE) as context:
        assert not work(context, plan).failed
    games = rows(house, "select count(distinct game_id) from basketball_reference.player_boxscore")
    assert games == rows(house, f"select count(*) from basketball_reference.schedule where {OF_TEN_DATES}")
    assert len(requests(site)) > len(asked) > 5
    assert set(requests(site).values()) == {1}
