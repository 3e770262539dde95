with both_sides as (
    select
        game_id,
        season,
        stage,
        game_date,
        home_team_id as team_id,
        home_team_name as team_name,
        away_team_id as opponent_id,
        true as is_home,
        is_played,
        is_cup_game,
        home_points as points,
        away_points as opponent_points,
        overtimes
    from {{ ref('stg_basketball_reference__game') }}
    union all
    select
        game_id,
        season,
        stage,
        game_date,
        away_team_id as team_id,
        away_team_name as team_name,
        home_team_id as opponent_id,
        false as is_home,
        is_played,
        is_cup_game,
        away_points as points,
        home_points as opponent_points,
        overtimes
    from {{ ref('stg_basketball_reference__game') }}
),

in_order as (
    select
        both_sides.*,
        both_sides.game_date - lag(both_sides.game_date) over of_team - 1 as rest_days,
        lag(both_sides.points > both_sides.opponent_points) over of_cup as won_cup_game_before,
        count(*) over (
            partition by both_sides.season, both_sides.is_cup_game, both_sides.game_date
        ) as sides_of_the_day,
        max(both_sides.game_date) over (partition by both_sides.season, both_sides.is_cup_game) as last_day
    from both_sides
    window
        of_team as (
            partition by both_sides.season, both_sides.team_id
            order by both_sides.game_date, both_sides.game_id
        ),
        of_cup as (
            partition by both_sides.season, both_sides.team_id, both_sides.is_cup_game
            order by both_sides.game_date, both_sides.game_id
        )
)

select
    game_id,
    season,
    stage,
    game_date,
    team_id,
    team_name,
    opponent_id,
    is_home,
    rest_days,
    is_played,
    points,
    opponent_points,
    points - opponent_points as net_points,
    points > opponent_points as won,
    overtimes,
    -- The final of the NBA Cup counts in no standings, and the site calls it no other than the Cup's other games: it is
    -- the only one on their last day, and both sides won the one before
    stage = 'regular_season' and not (
        is_cup_game
        and game_date = last_day
        and sides_of_the_day = 2
        and bool_and(coalesce(won_cup_game_before, false)) over (partition by game_id)
    ) as counts_in_standings
from in_order
