"""
# The NBA, from Basketball-Reference

Takes the league's schedule, box scores, play-by-play, season tables of players and teams, injuries, transactions and
contracts from [basketball-reference.com](https://www.basketball-reference.com) into the lake and into schema
`basketball_reference` of the warehouse.

- **When**: daily, 12:00 UTC. The run of date D takes the games of D (US date). A day without games skips, and says so.
- **What is asked**: the month's schedule and another month in turn; D's box scores and play-by-play, and what is
  lacking of the week before; box scores again after 1, 3 and 7 days; season tables, injuries, transactions and
  contracts as they are now. At most 30 requests on a day of 15 games.
- **Late**: what a played game lacks is looked for every two hours until the end of the day, then told of once.
- **Limits**: 8 requests a minute for all runs together, 20 at most (Connection `basketball_reference`, extra
  `requests_per_minute`), one lane of a run at a time. A 429 stops everybody for an hour, or as long as it says; a
  block is told.
- **Flags**: Variables `flag__basketball_reference` and `flag__basketball_reference__schedule`, `__boxscores`,
  `__play_by_play`, `__player_season`, `__team_season`, `__injuries`, `__transactions`, `__contracts`: `on`, `off` or
  `auto` (the calendar of each decides).
- **Backfill**: `airflow backfill create --dag-id ingest_basketball_reference --from-date 2026-01-05
  --to-date 2026-02-01` takes the games of January from the 5th on (the to-date itself is left out); trigger with
  *Seasons* `2001-2025` for whole seasons. Either goes on where it was stopped; the logs of `discover` and `scrape` say
  how much is left, and how long that takes.
- **When it fails**: the log of `verdict` names each dataset, the reason and the next step. The others are loaded.
"""

from airflow.sdk import CronDataIntervalTimetable, dag, task_group

from fieldhouse.sources.basketball_reference import SOURCE
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
    schedule=CronDataIntervalTimetable("0 12 * * *", timezone="UTC"),
    description="The NBA: schedule, box scores, play-by-play, season tables, injuries, transactions, contracts",
    doc_md=__doc__,
    **dag_arguments(SOURCE),
)
def ingest_basketball_reference() -> None:
    """Discover, ingest lane by lane, publish, have the marts built, judge, look again later for what is late."""
    discover = DiscoverOperator(task_id="discover", source=SOURCE.name)

    @task_group
    def ingest(lane: dict[str, object]) -> None:
        """One lane: datasets of one type."""
        # the host is slow: one lane at a time, so that a long history leaves the daily run its turn
        scrape = ScrapeOperator(task_id="scrape", lane=lane, pool=SOURCE.name, max_active_tis_per_dagrun=1)
        archive = ArchiveOperator(task_id="archive", lane=lane)
        load = LoadOperator(task_id="load", lane=lane)
        scrape >> archive >> load

    publish = PublishOperator(task_id="publish", source=SOURCE.name)
    trigger_dbt = TriggerDbtOperator(task_id="trigger_dbt", source=SOURCE.name)
    verdict = VerdictOperator(task_id="verdict", source=SOURCE.name)
    look_again = LookAgainOperator(task_id="look_again", source=SOURCE.name)
    ingest.expand(lane=discover.output) >> publish >> [trigger_dbt, verdict, look_again]


ingest_basketball_reference()
