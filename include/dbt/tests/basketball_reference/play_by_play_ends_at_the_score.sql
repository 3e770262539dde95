{{ config(severity='warn') }}

select
    g.game_id,
    g.away_points,
    g.home_points,
    last_event.away_score,
    last_event.home_score
from {{ ref('stg_basketball_reference__game') }} as g
-- a look into the key's index for each game: to read all events each day would take longer than to build the marts
inner join lateral (
    select
        p.away_score,
        p.home_score
    from {{ source('basketball_reference', 'play_by_play') }} as p
    where g.game_id = p.game_id
    order by p.event_number desc
    limit 1
) as last_event on true
where
    g.away_points is distinct from last_event.away_score
    or g.home_points is distinct from last_event.home_score
