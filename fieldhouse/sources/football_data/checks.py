"""What rows of football-data.co.uk cannot be.

Some mistakes are the site's own and stay in its files (three conference matches of 2005/06 have goals and a ``D``; one
price in 100,000 is 1 or less), so that these count only where they are many: then it is a column that was misread.
"""

from fieldhouse.source import Check

# A double-figure score is rare; a season in which nobody ever scored more than nine goals is all there is since 1993
_MOST_GOALS = 25

_ANNOUNCED = """
(
    select count(*) filter (where f.is_absent) > greatest(5, count(*) * 0.25)
    from (
        select distinct
            f.home_team,
            f.away_team,
            f.home_team || ' - ' || f.away_team
            <> all(array_agg(rows.home_team || ' - ' || rows.away_team)) as is_absent
        from football_data.fixture as f
        where
            f.division = min(rows.division)
            and f.season = max(rows.season)
            and f.match_date < max(rows.match_date)
    ) as f
)
"""

MATCH_CHECKS = (
    Check("a score that nobody plays", f"rows.home_goals > {_MOST_GOALS} or rows.away_goals > {_MOST_GOALS}"),
    Check(
        "more goals at half-time than at the end",
        "rows.half_time_home_goals > rows.home_goals or rows.half_time_away_goals > rows.away_goals",
    ),
    Check("a team that plays itself", "rows.home_team = rows.away_team"),
    Check(
        "a date outside its season",
        "extract(year from rows.match_date) not between rows.season_start_year and rows.season_start_year + 1",
    ),
    Check(
        "a team is at home twice on one day",
        "count(rows.match_id) <> count(distinct (rows.division, rows.season, rows.match_date, rows.home_team)) "
        "filter (where rows.match_id is not null)",
        of="dataset",
    ),
    Check(
        "over 2 % of the results contradict the goals",
        "count(*) filter (where rows.result <> case sign(rows.home_goals - rows.away_goals) "
        "when 1 then 'H' when -1 then 'A' else 'D' end) > greatest(3, count(*) * 0.02)",
        of="dataset",
    ),
    Check(
        "over a quarter of the matches that were announced for before its last match day are not in it",
        _ANNOUNCED,
        of="dataset",
    ),
)

ODDS_CHECKS = (
    Check(
        "over 1 % of the prices are 1 or less",
        "count(*) filter (where rows.price <= 1) > greatest(20, count(*) * 0.01)",
        of="dataset",
    ),
)

FIXTURE_CHECKS = (Check("a team that plays itself", "rows.home_team = rows.away_team"),)
