"""Who may work on a dataset: never two runs at once, and never nobody for long."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fieldhouse.catalog import Catalog
from tests.catalog.conftest import Paper, candidate

ROOT = Path(__file__).parents[2]
CHILD = """
import sys
from tests.catalog.conftest import NOW, POLICIES, SOURCE, candidate
from fieldhouse.catalog import Catalog
catalog = Catalog(sys.argv[1], int(sys.argv[2]))
_, counts = catalog.make_plan(SOURCE, "child", [candidate(1)], now=NOW, scope={}, notes=[], policies=POLICIES)
print(counts.planned, flush=True)
sys.stdin.read()
"""


def planned(catalog: Catalog, plan: int) -> set[str]:
    return {row.identifier for row in catalog.outcomes(plan)}


def claims(paper: Paper) -> int:
    return int(paper.catalog().rows("select count(*) as n from lake.claim")[0].n)


def test_plans_at_once_never_share_a_dataset(paper: Paper) -> None:
    """Each of four plans wants most of the datasets, and asks for them in an order of its own."""
    barrier = threading.Barrier(4)
    wanted = [[candidate(n) for n in range(start, 300 + start)][:: (-1) ** start] for start in (0, 51, 100, 151)]
    made: list[tuple[Catalog, int, Any]] = []

    def make(number: int) -> None:
        catalog = paper.catalog()
        barrier.wait()
        made.append(paper.plan(wanted[number], catalog=catalog, run=f"plan {number}"))

    threads = [threading.Thread(target=make, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    shares = [planned(catalog, plan) for catalog, plan, _ in made]
    assert sum(map(len, shares)) == len(set.union(*shares)) == 451
    assert [counts.planned + counts.claimed_elsewhere for _, _, counts in made] == [300] * 4


def test_a_run_takes_what_the_other_does_not_work_on(paper: Paper) -> None:
    paper.plan([candidate(1), candidate(2)])
    catalog, plan, counts = paper.plan([candidate(2), candidate(3)])
    assert (planned(catalog, plan), counts.claimed_elsewhere) == ({"n=3"}, 1)


def test_a_finished_run_gives_its_claims_up(paper: Paper) -> None:
    catalog, plan, _ = paper.plan([candidate(1)])
    catalog.finish_plan(plan, {})
    assert claims(paper) == 0
    assert paper.plan([candidate(1)])[2].planned == 1


@pytest.mark.parametrize(("claim_seconds", "free"), [(0, 1), (900, 0)])
def test_a_killed_process(paper: Paper, claim_seconds: int, free: int) -> None:
    """A run in one process is free at once; one of several tasks has time for its next task to start."""
    command = [sys.executable, "-c", CHILD, paper.settings.catalog, str(claim_seconds)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        assert child.stdout.readline() == "1\n"
        other, _, counts = paper.plan([candidate(1)])
        assert counts.planned == 0
        other.close()
        child.send_signal(signal.SIGKILL)
    gone(paper)
    assert paper.plan([candidate(1)])[2].planned == free


def test_the_next_task_of_a_run_has_its_claims_still(paper: Paper) -> None:
    catalog, plan, _ = paper.plan([candidate(1)], catalog=paper.catalog(900))
    paper.lanes(catalog, plan)
    catalog.close()
    assert paper.plan([candidate(1)])[2].planned == 0
    assert len(paper.catalog(900).claim_lane(plan, 1)) == 1


def test_an_expired_claim_is_taken_and_not_given_back(paper: Paper) -> None:
    catalog, plan, _ = paper.plan([candidate(1), candidate(2)], catalog=paper.catalog(900))
    paper.lanes(catalog, plan)
    catalog.close()
    gone(paper)
    expire(paper)
    other = paper.plan([candidate(1)])
    assert other[2].planned == 1
    (item,) = other[0].rows("select dataset_id from lake.plan_item where plan_id = %s", (other[1],))
    ours = paper.catalog(900).claim_lane(plan, 1)
    assert len(ours) == 1
    assert item.dataset_id not in ours


def test_a_living_task_keeps_expired_claims(paper: Paper) -> None:
    paper.plan([candidate(1)], catalog=paper.catalog(900))
    expire(paper)
    assert paper.plan([candidate(1)])[2].planned == 0


def test_a_task_of_another_database_keeps_nothing_alive_here(paper: Paper, postgres: Any) -> None:
    """Advisory locks are listed for the whole server: plan 1 may live in one database and be dead in another."""
    catalog, plan, _ = paper.plan([candidate(1)])
    catalog.close()
    gone(paper)
    with psycopg.connect(postgres.dsn("postgres"), autocommit=True) as elsewhere:
        elsewhere.execute("select pg_advisory_lock_shared(7301977, %s::integer)", (plan,))
        assert paper.plan([candidate(1)])[2].planned == 1


def expire(paper: Paper) -> None:
    with psycopg.connect(paper.settings.catalog) as connection:
        connection.execute("update lake.claim set expires_at = now() - interval '1 second'")


def gone(paper: Paper) -> None:
    """Wait until the server has seen that the connections of dead tasks are no more."""
    catalog = paper.catalog()
    for _ in range(500):
        if not catalog.rows("select plan_id from lake.living_plan"):
            return
        catalog.rows("select pg_sleep(0.01)")
    pytest.fail("a dead task is still alive to the server")
