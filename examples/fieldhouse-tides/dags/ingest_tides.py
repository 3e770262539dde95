# ruff: noqa: INP001 - a Dag file is not part of a package
"""
# Tide levels

Takes the levels of every gauge that the office lists into the lake and into `tides.level`.

- **When**: Monday, 09:00 UTC, after the office's corrections.
- **What is asked**: months that are new, and those of the last two months again (fetch policy `every_monday`; Variable
  `fetch_policy__tides__levels` names another).
- **Limits**: 2 requests a second (Connection `tides`, pool `tides`).
- **Flags**: Variables `flag__tides` and `flag__tides__levels`: `on`, `off` or `auto`.
"""

from airflow.sdk import CronDataIntervalTimetable, dag, task_group
from fieldhouse_tides import SOURCE

from plugins.arguments import dag_arguments
from plugins.operators import (
    ArchiveOperator,
    DiscoverOperator,
    LoadOperator,
    LookAgainOperator,
    PublishOperator,
    ScrapeOperator,
    VerdictOperator,
)


@dag(
    schedule=CronDataIntervalTimetable("0 9 * * MON", timezone="UTC"),
    description="Tide levels by gauge",
    doc_md=__doc__,
    **dag_arguments(SOURCE),
)
def ingest_tides() -> None:
    """Discover, ingest lane by lane, publish, judge, look again later for what is late."""
    discover = DiscoverOperator(task_id="discover", source=SOURCE.name)

    @task_group
    def ingest(lane: dict[str, object]) -> None:
        """One lane: datasets of one type."""
        scrape = ScrapeOperator(task_id="scrape", lane=lane, pool=SOURCE.name)
        archive = ArchiveOperator(task_id="archive", lane=lane)
        load = LoadOperator(task_id="load", lane=lane)
        scrape >> archive >> load

    publish = PublishOperator(task_id="publish", source=SOURCE.name)
    verdict = VerdictOperator(task_id="verdict", source=SOURCE.name)
    look_again = LookAgainOperator(task_id="look_again", source=SOURCE.name)
    ingest.expand(lane=discover.output) >> publish >> [verdict, look_again]


ingest_tides()
