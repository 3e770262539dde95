{{ config(
    pre_hook="{{ drop_changed_datasets() }}",
    incremental_strategy='append',
    on_schema_change='sync_all_columns',
    indexes=[
        {'columns': ['match_id', 'team_id'], 'unique': True},
        {'columns': ['_dataset_id']},
    ],
) }}

with dataset as materialized (
    {{ datasets_to_build('statsbomb') }}
),

counted as (
    select
        match_id,
        team_id,
        max(period_second) filter (where period = 1) as first_half,
        max(period_second) filter (where period = 2) as second_half,
        max(period_second) filter (where period = 3) as first_extra,
        max(period_second) filter (where period = 4) as second_extra,
        bool_or(period = 5) as has_shoot_out,
        count(*) filter (where is_shoot_out_goal) as shoot_out_goals,
        count(*) filter (where is_goal) as shot_goals,
        count(*) filter (where is_goal and period = 1) as half_time_shot_goals,
        count(*) filter (where is_own_goal_for) as gained,
        count(*) filter (where is_own_goal_for and period = 1) as half_time_gained,
        count(*) filter (where is_own_goal_against) as given,
        count(*) filter (where is_own_goal_against and period = 1) as half_time_given,
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
    where _dataset_id in (select dataset._dataset_id from dataset)
    group by match_id, team_id
),

side as (
    select
        match_id,
        home_team_id as team_id,
        home_team as team,
        away_team_id as opponent_id,
        away_team as opponent,
        true as is_home
    from {{ ref('stg_statsbomb__match') }}
    union all
    select
        match_id,
        away_team_id as team_id,
        away_team as team,
        home_team_id as opponent_id,
        home_team as opponent,
        false as is_home
    from {{ ref('stg_statsbomb__match') }}
),

team as (
    select
        side.team,
        side.opponent_id,
        side.opponent,
        side.is_home,
        own.*,
        -- An own goal is a pair of events, but in files of 2018 it may be only the one of who scored it
        greatest(own.gained, other.given) as own_goals_for,
        greatest(own.half_time_gained, other.half_time_given) as half_time_own_goals_for,
        round((
            coalesce(greatest(own.first_half, other.first_half), 0)
            + coalesce(greatest(own.second_half, other.second_half), 0)
            + coalesce(greatest(own.first_extra, other.first_extra), 0)
            + coalesce(greatest(own.second_extra, other.second_extra), 0)
        )::numeric)::integer as seconds,
        coalesce(own.first_extra, other.first_extra) is not null as extra_time
    from side
    inner join counted as own on side.match_id = own.match_id and side.team_id = own.team_id
    inner join counted as other on side.match_id = other.match_id and side.opponent_id = other.team_id
)

select
    m.match_id,
    team.team_id,
    team.team,
    team.opponent_id,
    team.opponent,
    team.is_home,
    m.competition_id,
    m.season_id,
    m.match_date,
    team.seconds,
    team.extra_time,
    team.shot_goals + team.own_goals_for as goals,
    (sum(team.shot_goals + team.own_goals_for) over (partition by m.match_id))::bigint
    - team.shot_goals - team.own_goals_for as goals_against,
    team.own_goals_for,
    team.half_time_shot_goals + team.half_time_own_goals_for as half_time_goals,
    case when team.has_shoot_out then team.shoot_out_goals end as shoot_out_goals,
    team.shots,
    team.shots_on_target,
    team.penalties,
    team.xg::double precision as xg,
    (team.xg - team.penalty_xg)::double precision as non_penalty_xg,
    (sum(team.xg) over (partition by m.match_id) - team.xg)::double precision as xg_against,
    team.key_passes,
    team.assists,
    team.passes,
    team.completed_passes,
    team.completed_passes::double precision / nullif(team.passes, 0) as pass_accuracy,
    team.passes / nullif(sum(team.passes) over (partition by m.match_id), 0)::double precision as possession,
    team.corners,
    team.carries,
    team.dribbles,
    team.completed_dribbles,
    team.tackles,
    team.won_tackles,
    team.interceptions,
    team.pressures,
    team.clearances,
    team.blocks,
    team.fouls,
    team.fouls_won,
    team.yellow_cards,
    team.red_cards,
    m._dataset_id,
    dataset._change,
    dataset._code_version
from team
inner join {{ ref('stg_statsbomb__match') }} as m on team.match_id = m.match_id
inner join dataset on m._dataset_id = dataset._dataset_id
