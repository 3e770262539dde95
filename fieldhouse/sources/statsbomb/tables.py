"""The tables that a dataset of StatsBomb fills."""

from fieldhouse.source import Table
from fieldhouse.sources.statsbomb.checks import EVENT_CHECKS, FREEZE_FRAME_CHECKS, LINEUP_CHECKS, MATCH_CHECKS

COMPETITION_TABLES = (Table("competition", ("competition_id", "season_id")),)

MATCH_TABLES = (
    Table("match", ("match_id",), checks=MATCH_CHECKS),
    Table("lineup_player", ("match_id", "player_id"), checks=LINEUP_CHECKS),
    Table("event", ("match_id", "event_id"), checks=EVENT_CHECKS),
    Table("frame", ("match_id", "event_id")),
    Table("freeze_frame", ("match_id", "event_id", "frame_index"), checks=FREEZE_FRAME_CHECKS),
)
