{{ config(
    pre_hook="{{ drop_changed_datasets() }}",
    incremental_strategy='append',
    on_schema_change='sync_all_columns',
    indexes=[
        {'columns': ['match_id', 'player_id'], 'unique': True},
        {'columns': ['player_id']},
        {'columns': ['_dataset_id']},
    ],
) }}

with dataset as materialized (
    {{ datasets_to_build('statsbomb') }}
),

counted as (
    select
        match_id,
        player_id,
        count(*) filter (where is_goal) as goals,
        count(*) filter (where is_own_goal_against) as own_goals,
        count(*) filter (where is_shot) as shots,
        count(*) filter (where is_shot_on_target) as shots_on_target,
        count(*) filter (where is_penalty) as penalties,
        coalesce(sum(xg), 0) as xg,
        coalesce(sum(xg) filter (where is_penalty), 0) as penalty_xg,
        count(*) filter (where is_key_pass) as key_passes,
        count(*) filter (where is_assist) as assists,
        count(*) filter (where is_pass) as passes,
        count(*) filter (where is_completed_pass) as completed_passes,
        count(*) filter (where is_corner) as corners,
        count(*) filter (where is_carry) as carries,
        count(*) filter (where is_dribble) as dribbles,
        count(*) filter (where is_completed_dribble) as completed_dribbles,
        count(*) filter (where is_tackle) as tackles,
        count(*) filter (where is_won_tackle) as won_tackles,
        count(*) filter (where is_interception) as interceptions,
        count(*) filter (where is_pressure) as pressures,
        count(*) filter (where is_clearance) as clearances,
        count(*) filter (where is_block) as blocks,
        count(*) filter (where is_foul) as fouls,
        count(*) filter (where is_foul_won) as fouls_won,
        count(*) filter (where is_yellow_card) as yellow_cards,
        count(*) filter (where is_red_card) as red_cards
    from {{ ref('stg_statsbomb__event') }}
    where player_id is not null and _dataset_id in (select dataset._dataset_id from dataset)
    group by match_id, player_id
),

-- The chances of the shots that came of a player's passes
assisted as (
    select
        pass.match_id,
        pass.player_id,
        sum(shot.xg) as xa
    from {{ ref('stg_statsbomb__event') }} as shot
    inner join {{ ref('stg_statsbomb__event') }} as pass
        on shot.match_id = pass.match_id and shot.key_pass_id = pass.event_id
    where shot.key_pass_id is not null and shot._dataset_id in (select dataset._dataset_id from dataset)
    group by pass.match_id, pass.player_id
)

select
    m.match_id,
    l.player_id,
    l.player,
    l.player_nickname,
    l.team_id,
    case when l.team_id = m.home_team_id then m.home_team else m.away_team end as team,
    case when l.team_id = m.home_team_id then m.away_team_id else m.home_team_id end as opponent_id,
    m.competition_id,
    m.season_id,
    m.match_date,
    l.jersey_number,
    l.started,
    l.minute_on,
    l.minute_off,
    l.seconds_played,
    round(l.seconds_played / 60.0, 2)::double precision as minutes_played,
    coalesce(counted.goals, 0) as goals,
    coalesce(counted.own_goals, 0) as own_goals,
    coalesce(counted.shots, 0) as shots,
    coalesce(counted.shots_on_target, 0) as shots_on_target,
    coalesce(counted.penalties, 0) as penalties,
    coalesce(counted.xg, 0)::double precision as xg,
    coalesce(counted.xg - counted.penalty_xg, 0)::double precision as non_penalty_xg,
    coalesce(assisted.xa, 0)::double precision as xa,
    coalesce(counted.key_passes, 0) as key_passes,
    coalesce(counted.assists, 0) as assists,
    coalesce(counted.passes, 0) as passes,
    coalesce(counted.completed_passes, 0) as completed_passes,
    counted.completed_passes::double precision / nullif(counted.passes, 0) as pass_accuracy,
    coalesce(counted.corners, 0) as corners,
    coalesce(counted.carries, 0) as carries,
    coalesce(counted.dribbles, 0) as dribbles,
    coalesce(counted.completed_dribbles, 0) as completed_dribbles,
    coalesce(counted.tackles, 0) as tackles,
    coalesce(counted.won_tackles, 0) as won_tackles,
    coalesce(counted.interceptions, 0) as interceptions,
    coalesce(counted.pressures, 0) as pressures,
    coalesce(counted.clearances, 0) as clearances,
    coalesce(counted.blocks, 0) as blocks,
    coalesce(counted.fouls, 0) as fouls,
    coalesce(counted.fouls_won, 0) as fouls_won,
    coalesce(counted.yellow_cards, 0) as yellow_cards,
    coalesce(counted.red_cards, 0) as red_cards,
    m._dataset_id,
    dataset._change,
    dataset._code_version
from {{ ref('stg_statsbomb__lineup_player') }} as l
inner join {{ ref('stg_statsbomb__match') }} as m on l.match_id = m.match_id
inner join dataset on m._dataset_id = dataset._dataset_id
left join counted on l.match_id = counted.match_id and l.player_id = counted.player_id
left join assisted on l.match_id = assisted.match_id and l.player_id = assisted.player_id
where l.minute_on is not null or counted.player_id is not null
