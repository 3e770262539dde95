{{ config(indexes=[
    {'columns': ['player_id', 'first_seen'], 'unique': True},
    {'columns': ['closed_at']},
]) }}

with listed as (
    select
        i.player_id,
        i.place,
        i.player_name,
        i.team_id,
        i.status,
        i.reason,
        i.description,
        i.updated_on,
        list.list_number,
        list.observed_at,
        list.last_observed_at,
        list.replaced_at,
        -- the same for lists without a gap between them
        list.list_number - dense_rank() over (partition by i.player_id order by list.list_number) as spell
    from {{ source('basketball_reference', 'injury') }} as i
    inner join {{ ref('stg_basketball_reference__injury_list') }} as list on i.observed_at = list.observed_at
),

dated as (
    select
        player_id,
        spell,
        min(observed_at) as first_seen,
        max(last_observed_at) as last_seen,
        max(list_number) as last_list,
        count(distinct description) as descriptions
    from listed
    group by player_id, spell
)

select
    dated.player_id,
    dated.first_seen,
    dated.last_seen,
    newest.replaced_at as closed_at,
    newest.player_name,
    newest.team_id,
    newest.status,
    newest.reason,
    newest.description,
    newest.updated_on,
    dated.descriptions
from dated
inner join listed as newest
    on
        dated.player_id = newest.player_id
        and dated.last_list = newest.list_number
        and newest.place = 1
