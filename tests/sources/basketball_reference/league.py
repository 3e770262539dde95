"""The generated league on a real server, a catalog, a warehouse and a lake: runs of its days without Airflow."""

from __future__ import annotations

import itertools
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from fieldhouse import clock
from fieldhouse.config import Settings, SourceSettings
from fieldhouse.embedded import Postgres
from fieldhouse.engine.context import Context
from fieldhouse.engine.discover import Plan, Request, discover
from fieldhouse.engine.report import Report
from fieldhouse.source import Limit, Window
from fieldhouse.sources.basketball_reference import SOURCE
from simulator.answer import Answer
from simulator.server import Running
from tests.engine.toy import FastContext, work
from tests.sources.basketball_reference.site import site

NOON = time(12)
_number = itertools.count(1)
HOST = "www.basketball-reference.com"
KINDS = {
    "_games.html": "index",
    "_games-": "month",
    "dailyleaders": "boxscores",
    "/pbp/": "play_by_play",
    "_transactions": "transactions",
    "injuries": "injuries",
    "contracts": "contracts",
}


class LeagueWorld:
    """The site alone."""

    mode = "generated"
    today = date(2025, 10, 22)
    bases: Mapping[str, str] = {SOURCE.name: HOST}

    def answer(self, _: str, path: str, query: str) -> Answer | None:
        return site().answer(path, query, self.today)

    def set_date(self, today: date) -> None:
        self.today = today

    def describe(self) -> dict[str, Any]:
        return {}

    def tell(self, _: str, word: str, texts: list[str]) -> None:
        site().tell(word, texts)


@contextmanager
def copied(postgres: Postgres, settings: Settings, lake: Path) -> Iterator[Settings]:
    """Yield the settings of a copy of a database and of its lake, to which nobody may be connected."""
    origin = settings.warehouse.rpartition("/")[2]
    name = f"{origin}_{next(_number)}"
    with psycopg.connect(postgres.dsn("postgres"), autocommit=True) as connection:
        words = sql.Identifier(name), sql.Identifier(origin)
        connection.execute(sql.SQL("create database {} template {}").format(*words))
    shutil.copytree(settings.lake.removeprefix("file://"), lake)
    yield replace(settings, lake=lake.as_uri(), warehouse=postgres.dsn(name), catalog=postgres.dsn(name))
    postgres.drop_database(name)


@dataclass
class League:
    """A source with a server, a database and a lake, at noon UTC of a date."""

    server: Running
    settings: Settings
    runs: int = 0

    def __post_init__(self) -> None:
        own = SourceSettings(url=self.server.base(HOST), pace=Limit(1000, 1, burst=1000))
        self.settings = replace(self.settings, sources={SOURCE.name: own})
        self.server.clear()
        self.server.tell(SOURCE.name, "held_back", [])

    @property
    def world(self) -> Any:
        """What the site knows."""
        return site().world

    def set_date(self, today: date, at: time = NOON) -> None:
        self.server.set_date(today)
        moment = datetime.combine(today, at, tzinfo=UTC)
        os.environ[clock.SHIFT_VARIABLE] = str((moment - clock.real_now()).total_seconds())

    def context(self) -> Context:
        return FastContext(self.settings, SOURCE, 0)

    def plan(self, context: Context, start: date, end: date | None = None, **words: Any) -> Plan:
        self.runs += 1
        present = words.pop("present", False)
        flags = words.pop("flags", {})
        request = Request(Window(start, end or start), params=words, flags=flags, present=present)
        return discover(context, f"run {self.runs}", request)

    def run(self, start: date, end: date | None = None, **words: Any) -> Report:
        """Run for a window, or with Params; a word ``present`` says that the run speaks of today."""
        with self.context() as context:
            return work(context, self.plan(context, start, end, **words))

    def day(self, today: date, at: time = NOON, **words: Any) -> Report:
        """Run as every day: for the games of the day before."""
        self.set_date(today, at)
        return self.run(today - timedelta(days=1), present=True, **words)

    def asked(self) -> list[str]:
        """Return the pages that were asked for since the last time."""
        pages = [request.path + (f"?{request.query}" if request.query else "") for request in self.server.requests()]
        self.server.simulator.log.clear()
        return pages

    def rows(self, statement: str, *values: Any) -> list[Any]:
        with psycopg.connect(self.settings.warehouse) as connection:
            return connection.execute(statement, values or None).fetchall()

    def free_host(self) -> None:
        """Let the time pass for which the host is left alone."""
        with psycopg.connect(self.settings.catalog) as connection:
            connection.execute("delete from lake.host_block")


def kind(page: str) -> str:
    """Return what a page is one of."""
    return next((name for part, name in KINDS.items() if part in page), "season tables")


def by_kind(pages: list[str]) -> dict[str, int]:
    return dict(Counter(map(kind, pages)))
