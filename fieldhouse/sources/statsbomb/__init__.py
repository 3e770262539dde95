"""StatsBomb open data: line-ups, events and, of some matches, 360 frames, as JSON files in a Git repository.

``competitions.json`` names the seasons, a listing for each season its matches, with the time of their last change.
The files are static and need no login. They are revised in place, years later too.
"""

from fieldhouse.source import DatasetType, Limit, Pace, Recheck, Source
from fieldhouse.sources.statsbomb.discover import (
    BASE_URL,
    COMPETITIONS,
    CORRECTIONS_WITHOUT_A_WORD,
    EVERY_HALF_YEAR,
    MATCH_FILES,
    PARAMS,
    discover,
)
from fieldhouse.sources.statsbomb.tables import COMPETITION_TABLES, MATCH_TABLES

SOURCE = Source(
    name="statsbomb",
    title="StatsBomb open data",
    base_url=BASE_URL,
    # GitHub names no limit for raw files, and has throttled clients without an account since 2025; at 8 a second all
    # 3,400 matches take a quarter of an hour, and a day on which nothing changed takes seconds
    pace=Pace((Limit(requests=8, seconds=1, burst=8),), concurrency=8),
    dataset_types=(
        DatasetType(
            name="competitions",
            title="Competitions and their seasons",
            key=(),
            tables=COMPETITION_TABLES,
            files=(COMPETITIONS,),
        ),
        DatasetType(
            name="match",
            title="Match, with line-ups and events",
            key=("competition_id", "season_id", "match_id"),
            selectable=("match_date",),
            tables=MATCH_TABLES,
            files=MATCH_FILES,
            optional=("three-sixty.json",),
            # What changes with a word is found by its version; these looks find what changed without one
            recheck=Recheck(after=CORRECTIONS_WITHOUT_A_WORD, every=EVERY_HALF_YEAR),
        ),
    ),
    discover=discover,
    parser="fieldhouse.sources.statsbomb.parse:parse",
    params=PARAMS,
    attribution=(
        "Data: StatsBomb open data (https://github.com/statsbomb/open-data), under its user agreement: whoever "
        "publishes what is made of it names StatsBomb as the source and shows its logo"
    ),
)
