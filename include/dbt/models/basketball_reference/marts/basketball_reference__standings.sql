{{ config(indexes=[{'columns': ['season', 'team_id'], 'unique': True}]) }}

with game as (
    select
        team_game.*,
        -- 1 is the newest
        row_number() over (
            partition by team_game.season, team_game.team_id, team_game.is_played
            order by team_game.game_date desc, team_game.game_id desc
        ) as n
    from {{ ref('stg_basketball_reference__team_game') }} as team_game
    where team_game.counts_in_standings
),

team as (
    select
        season,
        team_id,
        max(team_name) as team_name,
        max(game_date) filter (where is_played) as last_game_date,
        count(*) filter (where is_played) as games_played,
        count(*) filter (where not is_played) as games_to_play,
        count(*) filter (where is_played and won) as wins,
        count(*) filter (where is_played and not won) as losses,
        count(*) filter (where is_played and won and is_home) as home_wins,
        count(*) filter (where is_played and not won and is_home) as home_losses,
        count(*) filter (where is_played and won and not is_home) as away_wins,
        count(*) filter (where is_played and not won and not is_home) as away_losses,
        count(*) filter (where is_played and won and n <= 10) as last_10_wins,
        count(*) filter (where is_played and not won and n <= 10) as last_10_losses,
        count(*) filter (where is_played and overtimes > 0 and won) as overtime_wins,
        count(*) filter (where is_played and overtimes > 0 and not won) as overtime_losses,
        min(n) filter (where is_played and won) as newest_win,
        min(n) filter (where is_played and not won) as newest_loss,
        round(avg(points) filter (where is_played), 2) as points_per_game,
        round(avg(opponent_points) filter (where is_played), 2) as opponent_points_per_game,
        round(avg(net_points) filter (where is_played), 2) as net_points_per_game
    from game
    group by season, team_id
)

select
    season,
    team_id,
    team_name,
    rank() over (partition by season order by wins::numeric / nullif(games_played, 0) desc nulls last) as position,
    games_played,
    games_to_play,
    wins,
    losses,
    round(wins::numeric / nullif(games_played, 0), 3) as win_percentage,
    (max(wins - losses) over (partition by season) - (wins - losses)) / 2.0 as games_behind,
    home_wins,
    home_losses,
    away_wins,
    away_losses,
    last_10_wins,
    last_10_losses,
    overtime_wins,
    overtime_losses,
    -- as many games as come before the newest of the other kind
    coalesce(newest_loss, games_played + 1) - coalesce(newest_win, games_played + 1) as streak,
    points_per_game,
    opponent_points_per_game,
    net_points_per_game,
    last_game_date
from team
