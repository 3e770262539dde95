"""
# StatsBomb open data: line-ups, events and 360 frames

Takes the matches that StatsBomb gives away in [a Git repository](https://github.com/statsbomb/open-data) into the lake
and into schema `statsbomb` of the warehouse: competitions, matches, line-ups, events and, if asked for, 360 frames.

- **When**: daily, 04:00 UTC: what was published in the day before is there by then, and the rows are loaded before
  anybody in Europe looks at them and before the other sources' hour. A day on which nothing changed asks for the list
  of competitions and one list a season, conditionally.
- **What is asked**: what Variable `statsbomb_selectors` names, or *Selectors* of the trigger form in its place:
  `competition_id=11/season_id=42,90`; a range `season_id=1..50`; `match_date=2020-01-01..2020-12-31`; `*` for any
  value; several with a semicolon between them. Neither: all of it, some 3,400 matches. Of these the new matches, and
  those that the listing says were updated; a few again by age, for what changed without a word.
- **360 frames**: *With 360 frames* fetches `three-sixty.json` too, also of matches that are here already. A match whose
  file is promised and not there is `partial`: its events are loaded, the file is asked for when the listing changes.
- **Force**: asks again for all that is selected, whether or not it is due.
- **Limits**: 8 requests a second, 8 at once a lane (Connection `statsbomb`, also for a mirror; pool `statsbomb`).
- **Flags**: Variables `flag__statsbomb` and `flag__statsbomb__competitions`, `__match`: `on`, `off` or `auto`, which
  is as `on`: there is no off-season. Variable `fetch_policy__statsbomb__match`: `ladder`, `once` or `always`.
- **Backfill**: none by date: the repository has one state, and every run sees matches of any date. For more matches,
  trigger with *Selectors*: `airflow dags trigger ingest_statsbomb --conf '{"selectors": "competition_id=43"}'`.
- **When it fails**: the log of `verdict` names each dataset, the reason and the next step. The others are loaded.
- **Licence**: StatsBomb's user agreement, in the repository. Who publishes what is made of the data names StatsBomb as
  their source and shows its logo.
"""

from airflow.sdk import CronDataIntervalTimetable, dag, task_group

from fieldhouse.sources.statsbomb import SOURCE
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
    schedule=CronDataIntervalTimetable("0 4 * * *", timezone="UTC"),
    description="Line-ups, events and 360 frames of StatsBomb's open data",
    doc_md=__doc__,
    **dag_arguments(SOURCE),
)
def ingest_statsbomb() -> None:
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


ingest_statsbomb()
