"""football-data.co.uk: results, match statistics and betting odds of 38 leagues, as CSV files.

A finished season is one file that hardly changes; the running one grows twice a week; an extra league is one
file with all its seasons; ``fixtures.csv`` shows the next few days. The files are static and need no login.
"""

from fieldhouse.source import DatasetType, Limit, Pace, Recheck, Source, Table
from fieldhouse.sources.football_data.calendar import all_year, main_leagues_play
from fieldhouse.sources.football_data.checks import FIXTURE_CHECKS, MATCH_CHECKS, ODDS_CHECKS
from fieldhouse.sources.football_data.discover import (
    BASE_URL,
    EVERY_HALF_YEAR,
    FILE_NAMES,
    LATE_CORRECTIONS,
    PARAMS,
    discover,
)

_OFFER = ("bookmaker", "market", "timing", "outcome")
_FIXTURE = ("observed_at", "division", "match_date", "home_team", "away_team")
_MATCH_TABLES = (
    Table("match", ("match_id",), checks=MATCH_CHECKS),
    Table("match_odds", ("match_id", *_OFFER), checks=ODDS_CHECKS),
)

SOURCE = Source(
    name="football_data",
    title="football-data.co.uk",
    base_url=BASE_URL,
    # The site names no limit; its files are small, and the whole history is some 600 of them
    pace=Pace((Limit(requests=4, seconds=1, burst=4),), concurrency=4),
    dataset_types=(
        DatasetType(
            name="season",
            title="Season of a main division",
            key=("division", "season"),
            tables=_MATCH_TABLES,
            files=(FILE_NAMES["season"],),
            recheck=Recheck(after=LATE_CORRECTIONS, every=EVERY_HALF_YEAR),
            in_season=main_leagues_play,
        ),
        DatasetType(
            name="extra_league",
            title="Extra league, all its seasons",
            key=("league",),
            tables=_MATCH_TABLES,
            files=(FILE_NAMES["extra_league"],),
            in_season=all_year,
        ),
        DatasetType(
            name="fixtures",
            title="Matches of the next days, with odds",
            key=(),
            tables=(
                Table("fixture", _FIXTURE, kind="observed", checks=FIXTURE_CHECKS),
                Table("fixture_odds", (*_FIXTURE, *_OFFER), kind="observed", checks=ODDS_CHECKS),
            ),
            files=(FILE_NAMES["fixtures"],),
            backfill=False,
            in_season=main_leagues_play,
        ),
    ),
    discover=discover,
    parser="fieldhouse.sources.football_data.parse:parse",
    params=PARAMS,
    attribution="Data: football-data.co.uk",
)
