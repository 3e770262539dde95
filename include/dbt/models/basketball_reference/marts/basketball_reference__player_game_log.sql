{{ config(indexes=[
    {'columns': ['game_id', 'player_id'], 'unique': True},
    {'columns': ['player_id', 'game_date']},
    {'columns': ['season', 'game_date']},
]) }}

select
    b.game_id,
    b.player_id,
    b.player_name,
    b.season,
    g.stage,
    b.game_date,
    b.team_id,
    b.opponent_id,
    b.is_home,
    b.won,
    g.points as team_points,
    g.opponent_points,
    g.overtimes,
    g.rest_days,
    row_number() over (
        partition by b.season, b.player_id order by b.game_date, b.game_id
    ) as game_number,
    b.seconds_played,
    round(b.seconds_played / 60.0, 2) as minutes_played,
    b.field_goals_made,
    b.field_goals_attempted,
    b.field_goal_percentage,
    b.three_pointers_made,
    b.three_pointers_attempted,
    b.three_point_percentage,
    b.free_throws_made,
    b.free_throws_attempted,
    b.free_throw_percentage,
    b.offensive_rebounds,
    b.defensive_rebounds,
    b.total_rebounds,
    b.assists,
    b.steals,
    b.blocks,
    b.turnovers,
    b.personal_fouls,
    b.points,
    b.plus_minus,
    b.game_score,
    round(
        b.points / nullif(2 * (b.field_goals_attempted + 0.44 * b.free_throws_attempted), 0), 3
    ) as true_shooting_percentage,
    round(b.points * 2160.0 / nullif(b.seconds_played, 0), 2) as points_per_36_minutes,
    round(b.total_rebounds * 2160.0 / nullif(b.seconds_played, 0), 2) as total_rebounds_per_36_minutes,
    round(b.assists * 2160.0 / nullif(b.seconds_played, 0), 2) as assists_per_36_minutes,
    round(b.steals * 2160.0 / nullif(b.seconds_played, 0), 2) as steals_per_36_minutes,
    round(b.blocks * 2160.0 / nullif(b.seconds_played, 0), 2) as blocks_per_36_minutes,
    round(b.turnovers * 2160.0 / nullif(b.seconds_played, 0), 2) as turnovers_per_36_minutes,
    round(b.three_pointers_made * 2160.0 / nullif(b.seconds_played, 0), 2) as three_pointers_made_per_36_minutes
from {{ source('basketball_reference', 'player_boxscore') }} as b
left join {{ ref('stg_basketball_reference__team_game') }} as g on b.game_id = g.game_id and b.team_id = g.team_id
