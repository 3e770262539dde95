select
    match_id,
    match_date,
    kick_off,
    competition_id,
    competition,
    season_id,
    season,
    competition_stage,
    match_week,
    home_team_id,
    home_team,
    away_team_id,
    away_team,
    home_score,
    away_score,
    _dataset_id
from {{ source('statsbomb', 'match') }}
