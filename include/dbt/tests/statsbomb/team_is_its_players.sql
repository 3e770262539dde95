-- What a team did is what its players did. They differ where the line-ups lack a player who has events
{{ config(severity='warn') }}

with player as (
    select
        match_id,
        team_id,
        _change,
        sum(goals) as goals,
        sum(shots) as shots,
        sum(xg) as xg,
        sum(passes) as passes,
        sum(carries) as carries,
        sum(pressures) as pressures,
        sum(yellow_cards) as yellow_cards,
        sum(red_cards) as red_cards
    from {{ ref('statsbomb__player_match') }}
    group by match_id, team_id, _change
)

select
    team_match.match_id,
    team_match.team_id,
    team_match.passes,
    player.passes as passes_of_players
from {{ ref('statsbomb__team_match') }} as team_match
inner join player
    on
        team_match.match_id = player.match_id
        and team_match.team_id = player.team_id
        and team_match._change = player._change
where
    (team_match.goals - team_match.own_goals_for, team_match.shots, team_match.passes, team_match.carries)
    <> (player.goals, player.shots, player.passes, player.carries)
    or (team_match.pressures, team_match.yellow_cards, team_match.red_cards)
    <> (player.pressures, player.yellow_cards, player.red_cards)
    or abs(team_match.xg - player.xg) > 1e-9
