"""What rows of basketball-reference.com cannot be.

The site's older box scores have slips of their own, which must not cost a day or a game: such count only where they are
many, for then a column was misread. What is half there (a page that was fetched while a game was on) is refused whole.
"""

from fieldhouse.source import Check

# The record is 186; the lowest score, of 1950, is 18
_MOST_POINTS = 250
# Six overtimes, which were played once, are 78 minutes
_LONGEST_GAME = 100 * 60
# A team's five are 240 minutes on the court; the page's are whole seconds, in older seasons whole minutes
_FEWEST_SECONDS = 235 * 60

_SHORT_OF_TIME = f"""
exists (
    select from unnest(array_agg(rows.game_id), array_agg(rows.team_id), array_agg(rows.seconds_played))
        as t (game_id, team_id, seconds)
    group by t.game_id, t.team_id
    having sum(t.seconds) < {_FEWEST_SECONDS}
)
"""

_NOT_WON_BY_ONE = """
exists (
    select from unnest(array_agg(rows.game_id), array_agg(rows.team_id), array_agg(rows.won))
        as t (game_id, team_id, won)
    where t.game_id is not null
    group by t.game_id
    having count(distinct t.team_id) <> 2 or count(distinct t.team_id) filter (where t.won) <> 1
)
"""

_BACK_IN_TIME = """
(
    select count(*) filter (where t.elapsed < t.before) > greatest(5, count(*) * 0.05)
    from (
        select e.elapsed, lag(e.elapsed) over (order by e.place) as before
        from unnest(array_agg(rows.elapsed_seconds order by rows.event_number)) with ordinality as e (elapsed, place)
    ) as t
)
"""

SCHEDULE_CHECKS = (
    Check("a team that plays itself", "rows.away_team_id = rows.home_team_id"),
    Check(
        "a score that nobody plays",
        f"rows.away_points not between 1 and {_MOST_POINTS} or rows.home_points not between 1 and {_MOST_POINTS}",
    ),
    Check("the score of one team only", "(rows.away_points is null) <> (rows.home_points is null)"),
    Check("a game that was played and ended in a tie", "rows.away_points = rows.home_points"),
    Check("a date outside its season", "extract(year from rows.game_date) not between rows.season - 1 and rows.season"),
)

BOXSCORE_CHECKS = (
    Check("a time that no game lasts", f"rows.seconds_played not between 0 and {_LONGEST_GAME}"),
    Check("a team that plays itself", "rows.team_id = rows.opponent_id"),
    Check("a game that was not won by one of two teams", _NOT_WON_BY_ONE, of="dataset"),
    Check("a team that was on the court for less than 235 minutes", _SHORT_OF_TIME, of="dataset"),
    Check(
        "over 2 % of the points are not those of the shots",
        "count(*) filter (where rows.points <> 2 * rows.field_goals_made + rows.three_pointers_made "
        "+ rows.free_throws_made) > greatest(2, count(*) * 0.02)",
        of="dataset",
    ),
    Check(
        "over 2 % of the players made more shots than they attempted",
        "count(*) filter (where rows.field_goals_made > rows.field_goals_attempted "
        "or rows.three_pointers_made > rows.three_pointers_attempted "
        "or rows.free_throws_made > rows.free_throws_attempted) > greatest(2, count(*) * 0.02)",
        of="dataset",
    ),
    Check(
        "over 2 % of the rebounds are not those of both ends",
        "count(*) filter (where rows.total_rebounds <> rows.offensive_rebounds + rows.defensive_rebounds) "
        "> greatest(2, count(*) * 0.02)",
        of="dataset",
    ),
)

PLAY_BY_PLAY_CHECKS = (
    Check("fewer than four quarters", "max(rows.period) < 4", of="dataset"),
    Check(
        "a tie after the last event",
        "(array_agg(rows.away_score - rows.home_score order by rows.event_number desc))[1] = 0",
        of="dataset",
    ),
    Check(
        "points that do not add up to the score",
        "abs(coalesce(sum(rows.away_points), 0) - max(rows.away_score)) > 3 "
        "or abs(coalesce(sum(rows.home_points), 0) - max(rows.home_score)) > 3",
        of="dataset",
    ),
    Check("over 5 % of the events lie before the one above", _BACK_IN_TIME, of="dataset"),
)
