select
    match_id,
    division,
    coalesce(league_name, division) as competition,
    season,
    season_start_year,
    match_date,
    kickoff_time,
    home_team,
    away_team,
    meeting,
    home_goals,
    away_goals,
    -- not the site's letter, which contradicts the goals in a few rows of the National League
    case
        when home_goals > away_goals then 'H'
        when home_goals < away_goals then 'A'
        when home_goals = away_goals then 'D'
    end as result,
    half_time_home_goals,
    half_time_away_goals,
    _dataset_id
from {{ source('football_data', 'match') }}
