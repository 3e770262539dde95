-- A game that was not played leaves the schedule for another day
{{ config(severity='warn') }}

select
    game_id,
    game_date
from {{ ref('stg_basketball_reference__game') }}
where not is_played and game_date < current_date - 1
