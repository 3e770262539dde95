select
    match_id,
    player_id,
    player,
    player_nickname,
    team_id,
    jersey_number,
    started,
    minute_on,
    minute_off,
    seconds_played,
    _dataset_id
from {{ source('statsbomb', 'lineup_player') }}
