{{ config(indexes=[
    {'columns': ['player_id', 'team_id', 'season', 'place'], 'unique': True},
]) }}

select
    player_id,
    team_id,
    season,
    place,
    player_name,
    salary,
    option,
    guaranteed_total,
    times_listed,
    observed_at as since
from {{ source('basketball_reference', 'contract') }}
where observed_at = (
    select max(newest.observed_at) from {{ source('basketball_reference', 'contract') }} as newest
)
