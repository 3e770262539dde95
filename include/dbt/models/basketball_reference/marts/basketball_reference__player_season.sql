{{ config(indexes=[
    {'columns': ['season', 'stage', 'player_id', 'team_id'], 'unique': True},
    {'columns': ['player_id']},
]) }}

-- The four pages are datasets of their own, so one may know a player, or be there at all, before the others
with player as (
    select
        season,
        stage,
        player_id,
        team_id
    from {{ source('basketball_reference', 'player_totals') }}
    union
    select
        season,
        stage,
        player_id,
        team_id
    from {{ source('basketball_reference', 'player_per_game') }}
    union
    select
        season,
        stage,
        player_id,
        team_id
    from {{ source('basketball_reference', 'player_advanced') }}
    union
    select
        season,
        stage,
        player_id,
        team_id
    from {{ source('basketball_reference', 'player_shooting') }}
)

select
    player.season,
    player.stage,
    player.player_id,
    player.team_id,
    coalesce(t.team_count, g.team_count, a.team_count, s.team_count) as team_count,
    coalesce(t.player_name, g.player_name, a.player_name, s.player_name) as player_name,
    coalesce(t.position, g.position, a.position, s.position) as position,
    coalesce(t.age, g.age, a.age, s.age) as age,
    coalesce(t.games_played, g.games_played, a.games_played, s.games_played) as games_played,
    coalesce(t.games_started, g.games_started, a.games_started, s.games_started) as games_started,
    coalesce(t.awards, g.awards, a.awards, s.awards) as awards,
    coalesce(t.minutes_played, a.minutes_played, s.minutes_played) as minutes_played,
    t.field_goals_made,
    t.field_goals_attempted,
    t.three_pointers_made,
    t.three_pointers_attempted,
    t.two_pointers_made,
    t.two_pointers_attempted,
    t.free_throws_made,
    t.free_throws_attempted,
    t.offensive_rebounds,
    t.defensive_rebounds,
    t.total_rebounds,
    t.assists,
    t.steals,
    t.blocks,
    t.turnovers,
    t.personal_fouls,
    t.points,
    t.triple_doubles,
    coalesce(t.field_goal_percentage, g.field_goal_percentage) as field_goal_percentage,
    coalesce(t.three_point_percentage, g.three_point_percentage) as three_point_percentage,
    coalesce(t.two_point_percentage, g.two_point_percentage) as two_point_percentage,
    coalesce(t.effective_field_goal_percentage, g.effective_field_goal_percentage) as effective_field_goal_percentage,
    coalesce(t.free_throw_percentage, g.free_throw_percentage) as free_throw_percentage,
    g.minutes_per_game,
    g.field_goals_made_per_game,
    g.field_goals_attempted_per_game,
    g.three_pointers_made_per_game,
    g.three_pointers_attempted_per_game,
    g.two_pointers_made_per_game,
    g.two_pointers_attempted_per_game,
    g.free_throws_made_per_game,
    g.free_throws_attempted_per_game,
    g.offensive_rebounds_per_game,
    g.defensive_rebounds_per_game,
    g.total_rebounds_per_game,
    g.assists_per_game,
    g.steals_per_game,
    g.blocks_per_game,
    g.turnovers_per_game,
    g.personal_fouls_per_game,
    g.points_per_game,
    a.player_efficiency_rating,
    a.true_shooting_percentage,
    a.three_point_attempt_rate,
    a.free_throw_rate,
    a.offensive_rebound_percentage,
    a.defensive_rebound_percentage,
    a.total_rebound_percentage,
    a.assist_percentage,
    a.steal_percentage,
    a.block_percentage,
    a.turnover_percentage,
    a.usage_percentage,
    a.offensive_win_shares,
    a.defensive_win_shares,
    a.win_shares,
    a.win_shares_per_48_minutes,
    a.offensive_box_plus_minus,
    a.defensive_box_plus_minus,
    a.box_plus_minus,
    a.value_over_replacement_player,
    s.average_shot_distance_feet,
    s.two_point_attempt_share,
    s.attempt_share_0_to_3_feet,
    s.attempt_share_3_to_10_feet,
    s.attempt_share_10_to_16_feet,
    s.attempt_share_16_feet_to_three_point_line,
    s.three_point_attempt_share,
    s.field_goal_percentage_0_to_3_feet,
    s.field_goal_percentage_3_to_10_feet,
    s.field_goal_percentage_10_to_16_feet,
    s.field_goal_percentage_16_feet_to_three_point_line,
    s.two_pointers_assisted_share,
    s.three_pointers_assisted_share,
    s.dunk_attempt_share,
    s.dunks_made,
    s.corner_three_point_attempt_share,
    s.corner_three_point_percentage,
    s.heaves_attempted,
    s.heaves_made
from player
left join {{ source('basketball_reference', 'player_totals') }} as t
    on
        player.season = t.season
        and player.stage = t.stage
        and player.player_id = t.player_id
        and player.team_id = t.team_id
left join {{ source('basketball_reference', 'player_per_game') }} as g
    on
        player.season = g.season
        and player.stage = g.stage
        and player.player_id = g.player_id
        and player.team_id = g.team_id
left join {{ source('basketball_reference', 'player_advanced') }} as a
    on
        player.season = a.season
        and player.stage = a.stage
        and player.player_id = a.player_id
        and player.team_id = a.team_id
left join {{ source('basketball_reference', 'player_shooting') }} as s
    on
        player.season = s.season
        and player.stage = s.stage
        and player.player_id = s.player_id
        and player.team_id = s.team_id
