{{ config(
    pre_hook="{{ drop_changed_datasets() }}",
    incremental_strategy='append',
    on_schema_change='sync_all_columns',
    indexes=[
        {'columns': ['match_id'], 'unique': True},
        {'columns': ['_dataset_id']},
    ],
) }}

with dataset as materialized (
    {{ datasets_to_build('statsbomb') }}
)

select
    m.match_id,
    m.match_date,
    m.kick_off,
    m.competition_id,
    m.competition,
    m.season_id,
    m.season,
    m.competition_stage,
    m.match_week,
    m.home_team_id,
    m.home_team,
    m.away_team_id,
    m.away_team,
    m.home_score,
    m.away_score,
    home.half_time_goals as home_half_time_score,
    away.half_time_goals as away_half_time_score,
    home.extra_time,
    home.shoot_out_goals as home_shoot_out_score,
    away.shoot_out_goals as away_shoot_out_score,
    case
        when (m.home_score, coalesce(home.shoot_out_goals, 0)) > (m.away_score, coalesce(away.shoot_out_goals, 0))
            then m.home_team_id
        when (m.home_score, coalesce(home.shoot_out_goals, 0)) < (m.away_score, coalesce(away.shoot_out_goals, 0))
            then m.away_team_id
    end as winner_id,
    home.xg as home_xg,
    away.xg as away_xg,
    home.seconds,
    m._dataset_id,
    -- what the other mart's rows were made of: a load may have come since
    home._change,
    dataset._code_version
from {{ ref('stg_statsbomb__match') }} as m
inner join dataset on m._dataset_id = dataset._dataset_id
inner join {{ ref('statsbomb__team_match') }} as home on m.match_id = home.match_id and m.home_team_id = home.team_id
inner join {{ ref('statsbomb__team_match') }} as away on m.match_id = away.match_id and m.away_team_id = away.team_id
