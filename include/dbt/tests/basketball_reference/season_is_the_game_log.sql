-- The points of a player's season are those of his games, where as many games are here
{{ config(severity='warn') }}

with logged as (
    select
        game_log.season,
        game_log.player_id,
        game_log.team_id,
        count(*) as games,
        sum(game_log.points) as points
    from {{ ref('basketball_reference__player_game_log') }} as game_log
    inner join {{ ref('basketball_reference__games') }} as games on game_log.game_id = games.game_id
    where games.counts_in_standings
    group by game_log.season, game_log.player_id, game_log.team_id
)

select
    player_season.season,
    player_season.player_id,
    player_season.team_id,
    player_season.points,
    logged.points as points_of_games
from {{ ref('basketball_reference__player_season') }} as player_season
inner join logged
    on
        player_season.season = logged.season
        and player_season.player_id = logged.player_id
        and player_season.team_id = logged.team_id
where
    player_season.stage = 'regular_season'
    and player_season.games_played = logged.games
    and player_season.points <> logged.points
