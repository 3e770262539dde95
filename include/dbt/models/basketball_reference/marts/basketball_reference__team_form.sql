{{ config(indexes=[
    {'columns': ['game_id', 'team_id'], 'unique': True},
    {'columns': ['season', 'team_id', 'game_date']},
]) }}

select
    game_id,
    season,
    stage,
    game_date,
    team_id,
    opponent_id,
    is_home,
    rest_days,
    points,
    opponent_points,
    net_points,
    won,
    overtimes,
    row_number() over so_far as game_number,
    count(*) filter (where won) over so_far as wins,
    count(*) filter (where not won) over so_far as losses,
    count(*) filter (where won) over last_5 as wins_last_5,
    count(*) filter (where won) over last_10 as wins_last_10,
    round(avg(net_points) over last_5, 2) as net_points_last_5,
    round(avg(net_points) over last_10, 2) as net_points_last_10,
    round(avg(points) over last_10, 2) as points_last_10,
    round(avg(opponent_points) over last_10, 2) as opponent_points_last_10
from {{ ref('stg_basketball_reference__team_game') }}
where is_played
window
    so_far as (partition by season, team_id order by game_date, game_id),
    last_5 as (partition by season, team_id order by game_date, game_id rows between 4 preceding and current row),
    last_10 as (partition by season, team_id order by game_date, game_id rows between 9 preceding and current row)
