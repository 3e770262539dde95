-- The points of a team's players are its points. A box score may be corrected before the schedule's page is looked at
-- again: a difference must not stop the marts
{{ config(severity='warn') }}

with scored as (
    select
        game_id,
        team_id,
        sum(points) as points
    from {{ source('basketball_reference', 'player_boxscore') }}
    group by game_id, team_id
)

select
    scored.game_id,
    scored.team_id,
    scored.points as points_of_players,
    team_game.points
from scored
left join {{ ref('stg_basketball_reference__team_game') }} as team_game
    on scored.game_id = team_game.game_id and scored.team_id = team_game.team_id
where scored.points is distinct from team_game.points
