"""
# Football results and odds

Takes results, match statistics and bookmakers' odds from [football-data.co.uk](https://www.football-data.co.uk)
into the lake and into schema `football_data` of the warehouse: 22 divisions since 1993/94, 16 extra leagues, and
the coming week's fixtures.

- **When**: Wednesday and Sunday, 06:00 UTC; the site updates twice a week. Off-season runs skip, and say why.
- **What is asked**: the running season in every run, conditionally; finished ones once, and again rarely.
- **Limits**: 4 requests a second, 4 at once (Connection `football_data`, pool `football_data`).
- **Flags**: Variables `flag__football_data` and `flag__football_data__season`, `__extra_league`, `__fixtures`:
  `on`, `off` or `auto` (the calendar decides).
- **Backfill**: trigger with *Seasons* `2015-2025`, or
  `airflow backfill create --dag-id ingest_football_data --from-date 2024-08-01 --to-date 2025-05-31`.
- **When it fails**: the log of `verdict` names each dataset, the reason and the next step. The others are loaded.
"""

from airflow.sdk import CronDataIntervalTimetable, dag, task_group

from fieldhouse.sources.football_data import SOURCE
from plugins.arguments import dag_arguments
from plugins.operators import (
    ArchiveOperator,
    DiscoverOperator,
    LoadOperator,
    LookAgainOperator,
    PublishOperator,
    ScrapeOperator,
    TriggerDbtOperator,
    VerdictOperator,
)


@dag(
    schedule=CronDataIntervalTimetable("0 6 * * SUN,WED", timezone="UTC"),
    description="Football results, statistics and odds from football-data.co.uk",
    doc_md=__doc__,
    **dag_arguments(SOURCE),
)
def ingest_football_data() -> None:
    """Discover, ingest lane by lane, publish, have the marts built, judge, look again later for what is late."""
    discover = DiscoverOperator(task_id="discover", source=SOURCE.name)

    @task_group
    def ingest(lane: dict[str, object]) -> None:
        """One lane: datasets of one type."""
        scrape = ScrapeOperator(task_id="scrape", lane=lane, pool=SOURCE.name)
        archive = ArchiveOperator(task_id="archive", lane=lane)
        load = LoadOperator(task_id="load", lane=lane)
        scrape >> archive >> load

    publish = PublishOperator(task_id="publish", source=SOURCE.name)
    trigger_dbt = TriggerDbtOperator(task_id="trigger_dbt", source=SOURCE.name)
    verdict = VerdictOperator(task_id="verdict", source=SOURCE.name)
    look_again = LookAgainOperator(task_id="look_again", source=SOURCE.name)
    ingest.expand(lane=discover.output) >> publish >> [trigger_dbt, verdict, look_again]


ingest_football_data()
