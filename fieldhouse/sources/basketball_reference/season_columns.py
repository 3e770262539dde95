"""The columns of the season tables: what the site calls them in its layouts, and what they are called here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# Names of Arrow types: what only wants to know the tables' ids need not import Arrow
COUNT, LARGE, NUMBER, TEXT = "int16", "int32", "double", "string"

# Seasons in which the league began to count something. Pages of earlier ones need not have its column.
ALWAYS = 1947
REBOUNDS, MINUTES, STEALS, TURNOVERS, THREES, STARTS = 1951, 1952, 1974, 1978, 1980, 1982
NEVER = 9999


@dataclass(frozen=True)
class Column:
    """A column of ours.

    :param stats: its ``data-stat`` names, of which a page has one.
    :param type: the name of its Arrow type.
    :param since: the first season whose pages must have it.
    """

    name: str
    stats: tuple[str, ...]
    type: str = NUMBER
    since: int = ALWAYS


@dataclass(frozen=True, eq=False)
class SeasonTable:
    """A table of ours and where it stands on the site's pages.

    :param ids: {stage: ids of its table, of which a page has one}; only the first stage's must be there.
    :param columns: without those that say whose row it is.
    """

    name: str
    ids: Mapping[str, tuple[str, ...]]
    columns: tuple[Column, ...]


REGULAR_SEASON, PLAYOFFS = "regular_season", "playoffs"

PLAYER = ("name_display", "player")
TEAM_OF_PLAYER = ("team_name_abbr", "team_id")
TEAM = ("team", "team_name")
# Ranks say how the page is sorted; the others are spacers
IGNORED = frozenset({"ranker", "DUMMY", "ws-dum", "bpm-dum", ""})

_AGE_AND_GAMES = (
    Column("position", ("pos",), TEXT),
    Column("age", ("age",), COUNT),
    Column("games_played", ("games", "g"), COUNT),
)
_AWARDS = Column("awards", ("awards",), TEXT, NEVER)
# Our name, the site's, and the first season of each
_COUNTED = (
    ("field_goals_made", "fg", ALWAYS),
    ("field_goals_attempted", "fga", ALWAYS),
    ("three_pointers_made", "fg3", THREES),
    ("three_pointers_attempted", "fg3a", THREES),
    ("two_pointers_made", "fg2", THREES),
    ("two_pointers_attempted", "fg2a", THREES),
    ("free_throws_made", "ft", ALWAYS),
    ("free_throws_attempted", "fta", ALWAYS),
    ("offensive_rebounds", "orb", STEALS),
    ("defensive_rebounds", "drb", STEALS),
    ("total_rebounds", "trb", REBOUNDS),
    ("assists", "ast", ALWAYS),
    ("steals", "stl", STEALS),
    ("blocks", "blk", STEALS),
    ("turnovers", "tov", TURNOVERS),
    ("personal_fouls", "pf", ALWAYS),
    ("points", "pts", ALWAYS),
)
_PERCENTAGES = (
    Column("field_goal_percentage", ("fg_pct",)),
    Column("three_point_percentage", ("fg3_pct",), since=THREES),
    Column("two_point_percentage", ("fg2_pct",), since=THREES),
    Column("effective_field_goal_percentage", ("efg_pct",), since=THREES),
    Column("free_throw_percentage", ("ft_pct",)),
)

PER_GAME = SeasonTable(
    "player_per_game",
    {REGULAR_SEASON: ("per_game_stats",), PLAYOFFS: ("per_game_stats_post",)},
    (
        *_AGE_AND_GAMES,
        Column("games_started", ("games_started", "gs"), COUNT, STARTS),
        Column("minutes_per_game", ("mp_per_g",), since=MINUTES),
        *(Column(f"{name}_per_game", (f"{stat}_per_g",), since=since) for name, stat, since in _COUNTED),
        *_PERCENTAGES,
        _AWARDS,
    ),
)
TOTALS = SeasonTable(
    "player_totals",
    {REGULAR_SEASON: ("totals_stats",), PLAYOFFS: ("totals_stats_post",)},
    (
        *_AGE_AND_GAMES,
        Column("games_started", ("games_started", "gs"), COUNT, STARTS),
        Column("minutes_played", ("mp",), COUNT, MINUTES),
        *(Column(name, (stat,), COUNT, since) for name, stat, since in _COUNTED),
        *_PERCENTAGES,
        Column("triple_doubles", ("tpl_dbl",), COUNT, NEVER),
        _AWARDS,
    ),
)
ADVANCED = SeasonTable(
    "player_advanced",
    {REGULAR_SEASON: ("advanced", "advanced_stats"), PLAYOFFS: ("advanced_post",)},
    (
        *_AGE_AND_GAMES,
        Column("games_started", ("games_started", "gs"), COUNT, NEVER),
        Column("minutes_played", ("mp",), COUNT, MINUTES),
        Column("player_efficiency_rating", ("per",), since=MINUTES),
        Column("true_shooting_percentage", ("ts_pct",)),
        Column("three_point_attempt_rate", ("fg3a_per_fga_pct",), since=THREES),
        Column("free_throw_rate", ("fta_per_fga_pct",)),
        Column("offensive_rebound_percentage", ("orb_pct",), since=STEALS),
        Column("defensive_rebound_percentage", ("drb_pct",), since=STEALS),
        Column("total_rebound_percentage", ("trb_pct",), since=STEALS),
        Column("assist_percentage", ("ast_pct",), since=STEALS),
        Column("steal_percentage", ("stl_pct",), since=STEALS),
        Column("block_percentage", ("blk_pct",), since=STEALS),
        Column("turnover_percentage", ("tov_pct",), since=TURNOVERS),
        Column("usage_percentage", ("usg_pct",), since=TURNOVERS),
        Column("offensive_win_shares", ("ows",)),
        Column("defensive_win_shares", ("dws",)),
        Column("win_shares", ("ws",)),
        Column("win_shares_per_48_minutes", ("ws_per_48",), since=MINUTES),
        Column("offensive_box_plus_minus", ("obpm",), since=STEALS),
        Column("defensive_box_plus_minus", ("dbpm",), since=STEALS),
        Column("box_plus_minus", ("bpm",), since=STEALS),
        Column("value_over_replacement_player", ("vorp",), since=STEALS),
        _AWARDS,
    ),
)
SHOOTING = SeasonTable(
    "player_shooting",
    {REGULAR_SEASON: ("shooting", "shooting_stats"), PLAYOFFS: ("shooting_post",)},
    (
        *_AGE_AND_GAMES,
        Column("games_started", ("games_started", "gs"), COUNT, NEVER),
        Column("minutes_played", ("mp",), COUNT),
        Column("field_goal_percentage", ("fg_pct",)),
        Column("average_shot_distance_feet", ("avg_dist",)),
        Column("two_point_attempt_share", ("pct_fga_fg2a", "fg2a_pct_fga")),
        Column("attempt_share_0_to_3_feet", ("pct_fga_00_03",)),
        Column("attempt_share_3_to_10_feet", ("pct_fga_03_10",)),
        Column("attempt_share_10_to_16_feet", ("pct_fga_10_16",)),
        Column("attempt_share_16_feet_to_three_point_line", ("pct_fga_16_xx",)),
        Column("three_point_attempt_share", ("pct_fga_fg3a", "fg3a_pct_fga")),
        Column("two_point_percentage", ("fg_pct_fg2a", "fg2_pct")),
        Column("field_goal_percentage_0_to_3_feet", ("fg_pct_00_03",)),
        Column("field_goal_percentage_3_to_10_feet", ("fg_pct_03_10",)),
        Column("field_goal_percentage_10_to_16_feet", ("fg_pct_10_16",)),
        Column("field_goal_percentage_16_feet_to_three_point_line", ("fg_pct_16_xx",)),
        Column("three_point_percentage", ("fg_pct_fg3a", "fg3_pct")),
        Column("two_pointers_assisted_share", ("pct_ast_fg2", "fg2_pct_ast")),
        Column("three_pointers_assisted_share", ("pct_ast_fg3", "fg3_pct_ast")),
        Column("dunk_attempt_share", ("pct_fga_dunk", "pct_fg2_dunk")),
        Column("dunks_made", ("fg_dunk", "fg2_dunk"), COUNT),
        Column("corner_three_point_attempt_share", ("pct_fg3a_corner3", "pct_fg3a_corner")),
        Column("corner_three_point_percentage", ("fg_pct_corner3", "fg3_pct_corner")),
        Column("heaves_attempted", ("fg3a_heave",), COUNT),
        Column("heaves_made", ("fg3_heave",), COUNT),
        _AWARDS,
    ),
)
PLAYER_TABLES = {"per_game": PER_GAME, "totals": TOTALS, "advanced": ADVANCED, "shooting": SHOOTING}

OPPONENT = SeasonTable(
    "team_opponent",
    {REGULAR_SEASON: ("per_game-opponent", "opponent-stats-per_game")},
    (
        Column("games_played", ("g",), COUNT),
        Column("minutes_per_game", ("mp",), since=MINUTES),
        *(Column(f"opponent_{name}_per_game", (f"opp_{stat}",), since=since) for name, stat, since in _COUNTED),
        Column("opponent_field_goal_percentage", ("opp_fg_pct",)),
        Column("opponent_three_point_percentage", ("opp_fg3_pct",), since=THREES),
        Column("opponent_two_point_percentage", ("opp_fg2_pct",), since=THREES),
        Column("opponent_free_throw_percentage", ("opp_ft_pct",)),
    ),
)
TEAM_ADVANCED = SeasonTable(
    "team_advanced",
    {REGULAR_SEASON: ("advanced-team", "misc_stats")},
    (
        Column("average_age", ("age",)),
        Column("wins", ("wins",), COUNT),
        Column("losses", ("losses",), COUNT),
        Column("expected_wins", ("wins_pyth",), COUNT),
        Column("expected_losses", ("losses_pyth",), COUNT),
        Column("margin_of_victory", ("mov",)),
        Column("strength_of_schedule", ("sos",)),
        Column("simple_rating", ("srs",)),
        Column("offensive_rating", ("off_rtg",), since=STEALS),
        Column("defensive_rating", ("def_rtg",), since=STEALS),
        # Until 2017 the page leaves it to the reader to subtract
        Column("net_rating", ("net_rtg",), since=NEVER),
        Column("pace", ("pace",), since=STEALS),
        Column("free_throw_rate", ("fta_per_fga_pct",)),
        Column("three_point_attempt_rate", ("fg3a_per_fga_pct",), since=THREES),
        Column("true_shooting_percentage", ("ts_pct",)),
        Column("effective_field_goal_percentage", ("efg_pct",)),
        Column("turnover_percentage", ("tov_pct",), since=STEALS),
        Column("offensive_rebound_percentage", ("orb_pct",), since=STEALS),
        Column("free_throws_per_field_goal_attempt", ("ft_rate",)),
        Column("opponent_effective_field_goal_percentage", ("opp_efg_pct",), since=STEALS),
        Column("opponent_turnover_percentage", ("opp_tov_pct",), since=STEALS),
        Column("defensive_rebound_percentage", ("drb_pct",), since=STEALS),
        Column("opponent_free_throws_per_field_goal_attempt", ("opp_ft_rate",), since=STEALS),
        Column("arena", ("arena_name",), TEXT, NEVER),
        Column("attendance", ("attendance",), LARGE, NEVER),
        Column("attendance_per_game", ("attendance_per_g",), LARGE, NEVER),
    ),
)
