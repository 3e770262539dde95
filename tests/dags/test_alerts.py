"""Each kind of alert at a real receiver, through Slack's own notifier: one message a run, and none without need.

That a failed dbt run is told, and that nothing is while all is well, is in ``test_transform_dbt.py``.
"""

from __future__ import annotations

import pytest
from slack_sdk.models.blocks import Block

from tests.dags.conftest import LATE, Field, the_messages_of

pytestmark = [pytest.mark.airflow, pytest.mark.xdist_group("airflow"), pytest.mark.timeout(600)]

SMALL = {"divisions": ["E0"], "seasons": "2526", "dataset_types": ["season"]}
FILE = "*/2526/E0.csv"


def test_a_block_is_told_once_and_nobody_asks_again(played: Field) -> None:
    played.site.fault(FILE, "status", status=403)
    run = played.run(SMALL)
    assert run.state == "failed"
    (message,) = the_messages_of(played, run)
    for word in ("ingest_football_data failed", "1 blocked", "division=E0/season=2526", "403", "Next:", "Open the run"):
        assert word in message
    assert len(played.asked()) == 1


def test_missing_data_are_told_once_until_they_come(played: Field) -> None:
    played.site.fault(FILE, "status", status=404)
    played.slack.broken = True
    try:
        assert played.run(SMALL).state == "success", "Slack's own failure fails nothing"
    finally:
        played.slack.broken = False
    assert played.slack.payloads == []

    # nobody was told: the next run tries again
    run = played.run(SMALL)
    assert run.state == "success"
    (message,) = the_messages_of(played, run)
    for word in ("1 dataset overdue", "not_published", "division=E0/season=2526", "Next:", "Log of verdict"):
        assert word in message
    again = played.run(SMALL)
    assert again.state == "success"
    assert the_messages_of(played, again, wait=1) == [], "once is enough"

    played.site.clear()
    assert played.run(SMALL).state == "success"
    assert played.rows("select state, reported_missing_at from lake.dataset") == [("complete", None)]
    assert len(played.slack.payloads) == 1


def test_rows_that_cannot_be_are_told(played: Field) -> None:
    played.site.fault(FILE, "columns", rename={"FTHG": "HTHG", "HTHG": "FTHG"})
    run = played.run(SMALL)
    assert run.state == "failed"
    (message,) = the_messages_of(played, run)
    for word in ("1 rejected", "football_data.match", "more goals at half-time", "Next:"):
        assert word in message
    assert played.rows("select state from lake.revision") == [("quarantined",)]
    assert played.rows("select count(*) from football_data.match") == [(0,)]
    (payload,) = played.slack.payloads
    assert payload["text"] == "🔴 ingest_football_data failed"
    assert [block["type"] for block in payload["blocks"]] == ["header", "section", "context"]
    for block in Block.parse_all(payload["blocks"]):
        block.validate_json()


def test_a_late_run_is_told_by_the_deadline_alert_and_one_that_failed_before_is_not(played: Field) -> None:
    failed = played.airflow.trigger("fails_early", {})
    run = played.airflow.wait(LATE, played.airflow.trigger(LATE), 120)
    assert run.state == "success"
    (message,) = the_messages_of(played, run, wait=60)
    for word in (f"{LATE} is late", "0.05 minutes after it was queued", "Next:", f"/dags/{LATE}/runs/"):
        assert word in message
    assert played.airflow.wait("fails_early", failed, 60).state == "failed"
    # both missed the same deadline, and the scheduler looks for those of all runs at once
    assert len(played.slack.payloads) == 1


def test_a_discover_that_fails_says_why(played: Field) -> None:
    played.set_variable("flag__football_data__season", "perhaps")
    try:
        run = played.run(SMALL)
    finally:
        played.set_variable("flag__football_data__season", "auto")
    assert run.state == "failed"
    (message,) = the_messages_of(played, run)
    for word in ("`discover` failed", "flag__football_data__season is 'perhaps'", "Log of discover"):
        assert word in message
