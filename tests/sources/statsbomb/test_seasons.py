"""Two recorded seasons, 68 matches, on the whole way: what they give, runs that are killed, and two runs at once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from fieldhouse import sources
from fieldhouse.config import Settings, SourceSettings
from fieldhouse.embedded import Postgres
from fieldhouse.migrate import migrate
from fieldhouse.sources.statsbomb import SOURCE
from simulator.server import Config, Running, serve
from tests.conftest import RECORDINGS
from tests.engine.toy import lake_state
from tests.processes import FIELDHOUSE, ROOT, settings_environment

SELECTORS = "competition_id=11/season_id=42,90"
SEASONS = ("11/42", "11/90")
TABLES = ("competition", "match", "lineup_player", "event", "frame", "freeze_frame")
# Each run gets on from where the one before was killed
KILLS = [
    ("planned, no lanes yet", 1),
    ("lane claimed", 2),
    ("half of a dataset's files stored", 50),
    ("bytes stored, not noted", 20),
    ("bytes noted", 69),
    ("Parquet written, not committed", 8),
    ("revision committed", 16),
    ("rows half copied", 30),
    ("rows committed, not noted", 1),
    ("lane loaded", 1),
]

pytestmark = pytest.mark.timeout(600)


@dataclass(frozen=True)
class House:
    """Settings of a lake and a database of their own."""

    settings: Settings

    def environment(self) -> dict[str, str]:
        return {
            **settings_environment(self.settings, "statsbomb"),
            "FIELDHOUSE_STATSBOMB_SELECTORS": SELECTORS,
            "CHILD_SOURCE": "statsbomb",
        }

    def start(self) -> subprocess.Popen[str]:
        command = [*FIELDHOUSE, "run", "statsbomb", "--json"]
        return subprocess.Popen(command, cwd=ROOT, env=self.environment(), stdout=subprocess.PIPE, text=True)

    def run(self) -> Any:
        return finish(self.start())

    def kill(self, run: str, point: str, number: int) -> None:
        command = [sys.executable, "-m", "tests.engine.child", run, "whole", point, str(number)]
        ended = subprocess.run(
            command, cwd=ROOT, env=self.environment(), capture_output=True, text=True, timeout=300, check=False
        )
        assert ended.returncode == -signal.SIGKILL, ended.stderr[-500:]

    def rows(self, statement: str) -> list[Any]:
        with psycopg.connect(self.settings.warehouse) as connection:
            return connection.execute(statement).fetchall()

    def state(self) -> tuple[Any, ...]:
        """Return what "the same lake, the same rows" means, the rows of each table as one number."""
        return lake_state(self.settings), *map(self.fingerprint, TABLES)

    def fingerprint(self, table: str) -> Any:
        with psycopg.connect(self.settings.warehouse) as connection:
            columns = connection.execute(
                "select column_name from information_schema.columns where table_schema = 'statsbomb' "
                "and table_name = %s and column_name not in ('_dataset_id', '_loaded_at') order by 1",
                (table,),
            ).fetchall()
            names = sql.SQL(", ").join(sql.Identifier(name) for (name,) in columns)
            statement = sql.SQL("select count(*), sum(hashtextextended(row({})::text, 0)) from {}")
            return connection.execute(statement.format(names, sql.Identifier("statsbomb", table))).fetchone()


def finish(started: subprocess.Popen[str]) -> Any:
    output, _ = started.communicate(timeout=300)
    assert started.returncode == 0, output[-500:]
    return json.loads(output)


@pytest.fixture(scope="module")
def server(recordings: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("recordings")
    (folder / "statsbomb").symlink_to(recordings("statsbomb"))
    (folder / "index.csv").symlink_to(RECORDINGS / "index.csv")
    with serve(Config(recordings=folder, as_of=date(2024, 3, 2))) as running:
        yield running


@pytest.fixture(scope="module")
def build(
    postgres: Postgres, server: Running, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], House]]:
    names = []

    def make(name: str) -> House:
        names.append(name)
        database = postgres.create_database(name)
        address = urlsplit(SOURCE.base_url)
        own = SourceSettings(url=server.base(address.netloc) + address.path)
        settings = Settings(tmp_path_factory.mktemp(name).as_uri(), database, database)
        migrate(settings, sources.NAMES)
        return House(replace(settings, sources={"statsbomb": own}))

    yield make
    for name in names:
        postgres.drop_database(name)


@pytest.fixture(scope="module")
def undisturbed(build: Callable[[str], House]) -> House:
    house = build("seasons_undisturbed")
    assert house.run()["outcomes"] == {"fetched": 69}
    return house


def recorded(root: Path) -> Iterator[tuple[dict[str, Any], list[Any], list[Any]]]:
    """Yield each match's record, events and line-ups, as the json module reads them."""
    for season in SEASONS:
        for match in json.loads((root / f"data/matches/{season}.json").read_bytes()):
            number = match["match_id"]
            yield (
                match,
                json.loads((root / f"data/events/{number}.json").read_bytes()),
                json.loads((root / f"data/lineups/{number}.json").read_bytes()),
            )


def test_rows_of_each_match_are_those_of_its_files(undisturbed: House, recordings: Callable[[str], Path]) -> None:
    expected = {
        match["match_id"]: (len(events), sum(len(team["lineup"]) for team in lineups))
        for match, events, lineups in recorded(recordings("statsbomb"))
    }
    assert len(expected) == 68
    events = dict(undisturbed.rows("select match_id, count(*) from statsbomb.event group by match_id"))
    players = dict(undisturbed.rows("select match_id, count(*) from statsbomb.lineup_player group by match_id"))
    assert {number: (events[number], players[number]) for number in events} == expected


def test_goals_of_the_events_are_the_scores_of_the_matches(undisturbed: House) -> None:
    derived = undisturbed.rows(
        """
        select
            m.match_id, m.home_score, m.away_score,
            count(*) filter (where e.team_id = m.home_team_id), count(*) filter (where e.team_id = m.away_team_id)
        from statsbomb.match as m left join statsbomb.event as e
            on m.match_id = e.match_id and e.period <= 4
            and ((e.type = 'Shot' and e.shot_outcome = 'Goal') or e.type = 'Own Goal For')
        group by m.match_id
        """
    )
    assert len(derived) == 68
    assert [row for row in derived if row[1:3] != row[3:5]] == []


def test_a_second_run_asks_three_times_and_changes_nothing(undisturbed: House, server: Running) -> None:
    before = undisturbed.state()
    server.simulator.log.clear()
    assert undisturbed.run()["outcomes"] == {}
    asked = Counter(request.status for request in server.requests())
    assert asked == {304: 3}
    assert undisturbed.state() == before


def test_killed_again_and_again(build: Callable[[str], House], undisturbed: House) -> None:
    house = build("seasons_killed")
    for number, (point, times) in enumerate(KILLS):
        house.kill(f"run {number}", point, times)
    house.run()
    assert house.state() == undisturbed.state()


def test_two_runs_at_once(build: Callable[[str], House], undisturbed: House, server: Running) -> None:
    house = build("seasons_twice")
    server.simulator.log.clear()
    reports = list(map(finish, [house.start(), house.start()]))
    house.run()
    assert house.state() == undisturbed.state()
    # what one of them worked on, the other left alone
    assert sum(report["outcomes"].get("fetched", 0) for report in reports) == 69
    bodies = [request.path for request in server.requests() if "/events/" in request.path]
    assert len(bodies) == len(set(bodies)) == 68
