-- What one team wins another loses, and what one scores another concedes, on every match day
select
    division,
    competition,
    season,
    match_date
from {{ ref('football_data__league_table') }}
group by division, competition, season, match_date
having
    sum(won) <> sum(lost)
    or sum(drawn) % 2 <> 0
    or sum(goal_difference) <> 0
    or max(position) <> count(*)
