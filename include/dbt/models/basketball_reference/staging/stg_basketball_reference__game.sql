select
    game_id,
    season,
    -- a month's page after April may be unable to say: what follows the season's first play-in or playoff game is one
    coalesce(
        stage,
        case
            when
                game_date > min(game_date) filter (where stage in ('play_in', 'playoffs')) over (partition by season)
                then 'playoffs'
            else 'regular_season'
        end
    ) as stage,
    game_date,
    start_time,
    tip_off_at,
    away_team_id,
    away_team_name,
    home_team_id,
    home_team_name,
    away_points,
    home_points,
    coalesce(away_points <> home_points, false) as is_played,
    overtimes,
    attendance,
    duration_minutes,
    arena_name,
    remarks,
    coalesce(remarks ~* 'nba cup|in-season tournament', false) as is_cup_game,
    has_box_score
from {{ source('basketball_reference', 'schedule') }}
