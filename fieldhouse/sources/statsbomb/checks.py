"""What rows of StatsBomb cannot be.

That a match's events are whole and of its teams is known to the parser, which has all its files; whether they add up to
its score is for the marts to say, for a score may be awarded.
A place is measured by eye, and one off the pitch is a slip that must not cost the match: such count only where they
are many, for then they were misread. On the recorded matches no place is further out than 0.9.
"""

from fieldhouse.source import Check

# The record of senior football is 31:0
_MOST_GOALS = 40

MATCH_CHECKS = (
    Check(
        "a score that nobody plays",
        f"rows.home_score not between 0 and {_MOST_GOALS} or rows.away_score not between 0 and {_MOST_GOALS}",
    ),
    Check("a team that plays itself", "rows.home_team_id = rows.away_team_id"),
)

LINEUP_CHECKS = (
    Check("a negative time of play", "rows.seconds_played < 0"),
    Check("a card fewer than none", "rows.yellow_cards < 0 or rows.red_cards < 0"),
    Check("line-ups of other than two teams", "count(distinct rows.team_id) <> 2", of="dataset"),
    Check("more than 22 starters", "count(*) filter (where rows.started) > 22", of="dataset"),
)

EVENT_CHECKS = (
    Check("a time that no clock shows", "rows.minute < 0 or rows.second not between 0 and 59 or rows.timestamp < 0"),
    Check("a period that no match has", "rows.period not between 1 and 5"),
    Check("an expected goal below 0 or above 1", "rows.shot_statsbomb_xg not between 0 and 1"),
    Check("events of other than two teams", "count(distinct rows.team_id) <> 2", of="dataset"),
    Check(
        "over 1 % of the events are more than a yard off the pitch",
        "count(*) filter (where rows.location_x not between -1 and 121 or rows.location_y not between -1 and 81) "
        "> greatest(5, count(*) * 0.01)",
        of="dataset",
    ),
    Check(
        "over 2 % of the events' clocks contradict their timestamps",
        "count(*) filter (where abs(rows.minute * 60 + rows.second - floor(rows.timestamp) "
        "- case rows.period when 1 then 0 when 2 then 2700 when 3 then 5400 when 4 then 6300 else 7200 end) > 1) "
        "> greatest(5, count(*) * 0.02)",
        of="dataset",
    ),
)

FREEZE_FRAME_CHECKS = (
    Check(
        "over 5 % of the players are more than ten yards off the pitch",
        "count(*) filter (where rows.location_x not between -10 and 130 or rows.location_y not between -10 and 90) "
        "> greatest(20, count(*) * 0.05)",
        of="dataset",
    ),
)
