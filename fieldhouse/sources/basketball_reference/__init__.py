"""basketball-reference.com: the NBA's schedule, box scores, play-by-play, season tables, injuries, deals and contracts.

Every page is HTML and changes in place. The site allows 20 requests a minute and shuts out whoever asks faster for an
hour, so that one slow pace holds for all runs and machines together.
"""

from datetime import timedelta

from fieldhouse.source import DatasetType, Limit, Pace, Recheck, Source, Table
from fieldhouse.sources.basketball_reference.addresses import BASE_URL
from fieldhouse.sources.basketball_reference.calendar import (
    all_year,
    always_reported,
    games_are_played,
    schedule_is_out,
)
from fieldhouse.sources.basketball_reference.checks import BOXSCORE_CHECKS, PLAY_BY_PLAY_CHECKS, SCHEDULE_CHECKS
from fieldhouse.sources.basketball_reference.discover import PARAMS, discover

_LATE_CORRECTIONS = tuple(timedelta(days=days) for days in (1, 3, 7))
_PLAYER = ("season", "stage", "player_id", "team_id")
_TEAM = ("season", "team_id")

SOURCE = Source(
    name="basketball_reference",
    title="Basketball-Reference",
    base_url=BASE_URL,
    # Other readers of the site were shut out at more than 10 a minute; it says 20
    pace=Pace(
        (Limit(requests=8, seconds=60),),
        concurrency=1,
        throttled_for=timedelta(hours=1),
        ceiling=Limit(requests=20, seconds=60),
    ),
    dataset_types=(
        DatasetType(
            name="schedule",
            title="Month of a season's schedule",
            key=("season", "month"),
            # games are called off, and a series ends before its last game
            tables=(Table("schedule", ("game_id",), checks=SCHEDULE_CHECKS, may_shrink=True),),
            files=("schedule.html",),
            in_season=schedule_is_out,
        ),
        DatasetType(
            name="boxscores",
            title="Box scores of a day",
            key=("date",),
            tables=(Table("player_boxscore", ("game_id", "player_id"), checks=BOXSCORE_CHECKS),),
            files=("boxscores.html",),
            recheck=Recheck(after=_LATE_CORRECTIONS),
            expected_in=("player_boxscore", "game_id"),
            in_season=games_are_played,
        ),
        DatasetType(
            name="play_by_play",
            title="Play-by-play of a game",
            key=("game_id",),
            tables=(Table("play_by_play", ("game_id", "event_number"), checks=PLAY_BY_PLAY_CHECKS),),
            files=("play_by_play.html",),
            in_season=games_are_played,
        ),
        DatasetType(
            name="player_season",
            title="Players of a season",
            key=("season", "kind"),
            tables=(
                Table("player_per_game", _PLAYER),
                Table("player_totals", _PLAYER),
                Table("player_advanced", _PLAYER),
                Table("player_shooting", _PLAYER),
            ),
            files=("player_season.html",),
            in_season=games_are_played,
        ),
        DatasetType(
            name="team_season",
            title="Teams of a season",
            key=("season",),
            tables=(Table("team_opponent", _TEAM), Table("team_advanced", _TEAM)),
            files=("team_season.html",),
            in_season=games_are_played,
        ),
        DatasetType(
            name="injuries",
            title="Who is injured",
            key=(),
            tables=(
                Table("injury", ("observed_at", "player_id", "place"), kind="observed"),
                Table("injury_report", ("observed_at",), kind="observed"),
            ),
            files=("injuries.html",),
            backfill=False,
            in_season=always_reported,
        ),
        DatasetType(
            name="transactions",
            title="Transactions of a season",
            key=("season",),
            tables=(
                Table("league_transaction", ("transaction_id",)),
                Table("transaction_party", ("transaction_id", "place")),
            ),
            files=("transactions.html",),
            in_season=all_year,
        ),
        DatasetType(
            name="contracts",
            title="Contracts of all players",
            key=(),
            tables=(Table("contract", ("observed_at", "player_id", "team_id", "season", "place"), kind="observed"),),
            files=("contracts.html",),
            backfill=False,
            in_season=all_year,
        ),
    ),
    discover=discover,
    parser="fieldhouse.sources.basketball_reference.parse:parse",
    essence="fieldhouse.sources.basketball_reference.essence:essence",
    params=PARAMS,
    reference=("team",),
    attribution="Data: Sports Reference LLC, basketball-reference.com",
)
