{{ config(indexes=[{'columns': ['player_id', 'place'], 'unique': True}]) }}

select
    i.player_id,
    i.place,
    i.player_name,
    i.team_id,
    i.team_name,
    i.status,
    i.reason,
    i.description,
    i.updated_on,
    spell.first_seen,
    list.last_observed_at as as_of
from {{ source('basketball_reference', 'injury') }} as i
inner join {{ ref('stg_basketball_reference__injury_list') }} as list
    on i.observed_at = list.observed_at and list.replaced_at is null
-- the spells were built before, and a list may have come since
left join {{ ref('basketball_reference__injury_spells') }} as spell
    on i.player_id = spell.player_id and spell.closed_at is null
