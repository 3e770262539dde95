-- A game with a score has players of both teams, in the seasons of which box scores were loaded at all. A day old:
-- the site has them by the next morning
{{ config(severity='warn') }}

with lined_up as (
    select
        game_id,
        team_id,
        season
    from {{ source('basketball_reference', 'player_boxscore') }}
    group by game_id, team_id, season
)

select
    team_game.game_id,
    team_game.team_id
from {{ ref('stg_basketball_reference__team_game') }} as team_game
left join lined_up on team_game.game_id = lined_up.game_id and team_game.team_id = lined_up.team_id
where
    team_game.is_played
    and team_game.game_date < current_date - 1
    and team_game.season in (select l.season from lined_up as l)
    and lined_up.game_id is null
