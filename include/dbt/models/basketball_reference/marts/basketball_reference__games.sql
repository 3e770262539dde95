{{ config(indexes=[
    {'columns': ['game_id'], 'unique': True},
    {'columns': ['season', 'game_date']},
]) }}

select
    g.game_id,
    g.season,
    g.stage,
    g.game_date,
    g.start_time,
    g.tip_off_at,
    g.away_team_id,
    g.away_team_name,
    g.home_team_id,
    g.home_team_name,
    g.is_played,
    g.away_points,
    g.home_points,
    g.home_points - g.away_points as home_margin,
    case
        when g.home_points > g.away_points then g.home_team_id
        when g.home_points < g.away_points then g.away_team_id
    end as winner_id,
    g.overtimes,
    away.rest_days as away_rest_days,
    home.rest_days as home_rest_days,
    home.counts_in_standings,
    g.attendance,
    g.duration_minutes,
    g.arena_name,
    g.remarks,
    g.has_box_score
from {{ ref('stg_basketball_reference__game') }} as g
inner join {{ ref('stg_basketball_reference__team_game') }} as home on g.game_id = home.game_id and home.is_home
inner join {{ ref('stg_basketball_reference__team_game') }} as away on g.game_id = away.game_id and not away.is_home
