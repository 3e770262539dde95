"""``make run`` for real: everything starts, runs, says what came of it, and ends without a trace."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from local import processes
from local.guard import ROOT
from tests.conftest import RECORDINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


# The newest captures of 2024/25 and 2025/26 (some of them from the middle of the season), counted in the files
RECORDED_MATCHES = {
    "D1 2425": 306, "E0 2425": 380, "E1 2425": 552, "E2 2425": 552, "E3 2425": 552, "F1 2425": 306, "I1 2425": 380,
    "SP1 2425": 380, "D1 2526": 135, "E0 2526": 380, "E2 2526": 552, "E3 2526": 552, "F1 2526": 144, "I2 2526": 260,
    "N1 2526": 152, "SC0 2526": 105, "SP1 2526": 249,
}  # fmt: skip


MATCHES = """
select division, season, count(*) from football_data.match where season in ('2425', '2526') group by 1, 2
"""
FINAL_TABLE = """
select team, played, points from marts.football_data__league_table
where division = 'E0' and season = '2425' order by match_date desc, position limit 2
"""


RECORDED_FILES = """
select match_id, (select count(*) from statsbomb.event where match_id = m.match_id),
    (select count(*) from statsbomb.lineup_player where match_id = m.match_id)
from statsbomb.match as m
"""

# Matches, and those whose goals by the events are not their score
OTHER_SCORES = """
with derived as (
    select m.home_score, m.away_score, count(*) filter (where e.team_id = m.home_team_id) as home,
        count(*) filter (where e.team_id = m.away_team_id) as away
    from statsbomb.match as m left join statsbomb.event as e
        on e.match_id = m.match_id and e.period <= 4
        and ((e.type = 'Shot' and e.shot_outcome = 'Goal') or e.type = 'Own Goal For')
    group by m.match_id
)
select count(*), count(*) filter (where (home, away) <> (home_score, away_score)) from derived
"""


def ask(home: Path, statement: str) -> list[list[object]]:
    """Ask the warehouse as a shell that has sourced the env file would."""
    code = (
        "import json, os, psycopg; rows = psycopg.connect(os.environ['FIELDHOUSE_WAREHOUSE']).execute("
        "os.environ['STATEMENT']).fetchall(); print(json.dumps(rows))"
    )
    shell = f'. {home}/env; {sys.executable} -c "{code}"'
    environment = {**os.environ, "STATEMENT": statement}
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    found: list[list[object]] = json.loads(done.stdout.splitlines()[-1])
    return found


def launch(home: Path, **variables: str) -> subprocess.Popen[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(home.parent), **variables}
    argv = [sys.executable, "-m", "local", "--home", str(home)]
    return subprocess.Popen(
        argv, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def lines_until(launcher: subprocess.Popen[str], words: str) -> Iterator[str]:
    assert launcher.stdout
    for line in launcher.stdout:
        yield line
        if words in line:
            return


@pytest.mark.airflow
@pytest.mark.xdist_group("airflow")
@pytest.mark.timeout(600)
def test_make_run_with_recorded_answers(tmp_path: Path, recordings: Callable[[str], Path]) -> None:
    home = tmp_path / ".fieldhouse"
    # the recordings' today is that of the newest of what is asked for
    only = "football_data,statsbomb"
    launcher = launch(home, ONCE="1", SOURCES="recorded", RECORDINGS=str(RECORDINGS), ONLY=only)
    said = launcher.communicate(timeout=500)[0]
    assert launcher.returncode == 0, said
    assert "Fieldhouse (recorded data)" in said
    for source in ("football_data", "statsbomb"):
        assert re.search(rf"dbt built \d+ models and passed \d+ tests \(marts of {source}\): success\.", said), said
    counts = {f"{division} {season}": matches for division, season, matches in ask(home, MATCHES)}
    assert counts == RECORDED_MATCHES
    assert ask(home, FINAL_TABLE) == [["Liverpool", 38, 84], ["Arsenal", 38, 74]]
    assert {str(match): list(rows) for match, *rows in ask(home, RECORDED_FILES)} == in_files(recordings("statsbomb"))
    assert ask(home, OTHER_SCORES) == [[68, 0]]


def in_files(root: Path) -> dict[str, list[int]]:
    """Count events and players of each recorded match of the two seasons without our parser."""
    found = {}
    for season in ("42", "90"):
        for match in json.loads((root / f"data/matches/11/{season}.json").read_bytes()):
            events, teams = (
                json.loads((root / f"data/{kind}/{match['match_id']}.json").read_bytes())
                for kind in ("events", "lineups")
            )
            found[str(match["match_id"])] = [len(events), sum(len(team["lineup"]) for team in teams)]
    assert len(found) == 68
    return found


@pytest.mark.airflow
@pytest.mark.xdist_group("airflow")
@pytest.mark.timeout(600)
def test_make_run(tmp_path: Path) -> None:
    home = tmp_path / ".fieldhouse"
    first = launch(home)
    try:
        said = "".join(lines_until(first, "source .fieldhouse/env"))
        assert "Fieldhouse (sample data)" in said
        assert re.search(r"football_data +success", said), said
        assert re.search(r"statsbomb +success", said), said
        found = re.search(r"The UI is at (http://127.0.0.1:\d+)\.", said)
        assert found
        assert httpx.get(found[1], trust_env=False).status_code == 200

        second = launch(home, ONCE="1")
        assert f"is already up at {found[1]}" in second.communicate(timeout=60)[0]
        assert second.returncode == 3

        below = processes.descendants(first.pid)
        assert len(below) > 5
        first.send_signal(signal.SIGINT)
        assert first.wait(60) == 0
    finally:
        first.kill()
    time.sleep(0.1)
    assert not [entry for entry in below if processes.alive(entry.pid, entry.started)]

    again = launch(home, ONCE="1", ONLY="football_data")
    said = again.communicate(timeout=300)[0]
    assert again.returncode == 0, said
    assert "Nothing changed." in said

    shell = f". {home}/env; fieldhouse list football_data --json; airflow variables get flag__football_data"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False)
    assert '"dataset_type": "season"' in done.stdout, done.stderr
    assert done.stdout.rstrip().endswith("auto"), done.stderr


@pytest.mark.parametrize(("variables", "code"), [({"SOURCES": "real"}, 2), ({"ONLY": "chess"}, 2)])
def test_a_wrong_option_is_one_sentence(tmp_path: Path, variables: dict[str, str], code: int) -> None:
    launcher = launch(tmp_path / ".fieldhouse", **variables)
    said = launcher.communicate(timeout=60)[0]
    assert launcher.returncode == code
    assert len(said.splitlines()) == 1
    assert said.startswith("fieldhouse: ")
    assert not (tmp_path / ".fieldhouse").exists()
