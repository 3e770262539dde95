"""SIGKILL in a day's run and in a season's, then another run: the same lake and rows, and nothing asked twice."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from fieldhouse import clock
from fieldhouse.config import Settings
from fieldhouse.embedded import Postgres
from fieldhouse.sources.basketball_reference import SOURCE
from simulator.server import Running
from tests.engine.toy import lake_state
from tests.processes import FIELDHOUSE, ROOT, settings_environment, wait_for
from tests.sources.basketball_reference.league import HOST, League, copied, kind

# The day after opening night, which had two games
TODAY = date(2025, 10, 22)
TABLES = [table.name for dataset_type in SOURCE.dataset_types for table in dataset_type.tables]

# where a run is killed, and how often the place has come by
KILLS = [
    ("planned, no lanes yet", 1),
    ("lane claimed", 1),
    ("bytes stored, not noted", 9),
    ("bytes noted", 12),
    ("Parquet written, not committed", 7),
    ("revision committed", 11),
    ("rows half copied", 5),
    ("rows committed, not noted", 1),
]


@pytest.fixture(scope="module")
def undisturbed(
    server: Running, migrated: Settings, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Any]]:
    """Yield lake and rows of a run that nobody killed."""
    lake = tmp_path_factory.mktemp("undisturbed") / "lake"
    with copied(postgres, migrated, lake) as settings, pytest.MonkeyPatch.context() as patch:
        patch.setenv(clock.SHIFT_VARIABLE, "0")
        league = League(server, settings)
        league.set_date(TODAY)
        assert not league.run(TODAY, present=True).failed
        yield state(league)


def state(league: League) -> list[Any]:
    """Return all that is current in the lake, and all rows but for the moment at which they were seen."""
    query = """
        select to_jsonb(t) - '{{_loaded_at,_dataset_id,observed_at}}'::text[], d.dataset_type, d.identifier
        from basketball_reference.{} as t inner join lake.dataset as d on d.dataset_id = t._dataset_id
        order by (to_jsonb(t) - '{{_loaded_at,_dataset_id,observed_at}}'::text[])::text
    """
    return [lake_state(league.settings), *(league.rows(query.format(table)) for table in TABLES)]


@pytest.mark.parametrize(("point", "number"), KILLS)
def test_a_killed_day_and_another_run(league: League, undisturbed: list[Any], point: str, number: int) -> None:
    league.set_date(TODAY)
    environment = {**settings_environment(league.settings, SOURCE.name), "CHILD_SOURCE": SOURCE.name}
    command = [sys.executable, "-m", "tests.engine.child", "killed", "whole", point, str(number)]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    first = Counter(league.asked())
    assert not league.run(TODAY, present=True).failed
    # what discover had read is not asked for again
    assert not {page for page in league.asked() if kind(page) in {"index", "month"}} & first.keys()
    assert state(league) == undisturbed
    assert all(undisturbed)
    assert league.rows("select count(*) from lake.claim where expires_at > now()") == [(0,)]
    assert league.rows("select source from fieldhouse.dirty") == [(SOURCE.name,)]
    root = Path(league.settings.lake.removeprefix("file://"))
    assert all((root / path).is_file() for (path,) in league.rows("select path from lake.file"))


def stop(league: League, page: str, *words: str) -> None:
    """Run the command line, and kill it as it waits for a page."""
    number = league.server.fault(f"{HOST}{page}", "hang")
    process = subprocess.Popen(
        [*FIELDHOUSE, "run", *words, "--json"],
        cwd=ROOT,
        env=settings_environment(league.settings, SOURCE.name),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: any(fault["hits"] for fault in league.server.faults() if fault["id"] == number), 60)
    finally:
        process.kill()
        process.wait()
    league.server.simulator.faults.remove()


def test_a_season_that_is_stopped_again_and_again_asks_for_nothing_twice(league: League) -> None:
    league.set_date(TODAY.replace(day=24))
    played = [
        game.game_id
        for day in (21, 22, 23)
        for game in league.world.games_on(TODAY.replace(day=day), TODAY.replace(day=24))
    ]
    hanging = [
        "/leagues/NBA_2026_games-february.html",
        f"/boxscores/pbp/{played[4]}.html",
        f"/boxscores/pbp/{played[11]}.html",
    ]
    words = (f"{SOURCE.name}/play_by_play", "-p", "seasons=2025-26")
    for page in hanging:
        stop(league, page, *words)
    report = league.run(TODAY, seasons="2026", dataset_types=["play_by_play"])
    assert not report.failed
    asked = Counter(league.asked())
    assert len([page for page in asked if kind(page) == "play_by_play"]) == len(played) == 21
    # bytes that a killed run had not yet noted are asked for again: what it waited for
    assert {page: count for page, count in asked.items() if count > 1} == dict.fromkeys(hanging, 2)
    games = league.rows("select distinct game_id from basketball_reference.play_by_play order by 1")
    assert [game for (game,) in games] == sorted(played)
