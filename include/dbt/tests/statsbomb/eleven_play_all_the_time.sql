-- Eleven play for as long as the match lasts, fewer from when one left whom nobody replaced, never more. Where the
-- line-ups say else the provider's events lack a substitution: a slip that must not stop the marts. Each time of play
-- is rounded to a second
{{ config(severity='warn') }}

select
    team_match.match_id,
    team_match.team_id,
    11 * team_match.seconds as expected,
    sum(player_match.seconds_played) as found
from {{ ref('statsbomb__team_match') }} as team_match
inner join {{ ref('statsbomb__player_match') }} as player_match
    on
        team_match.match_id = player_match.match_id
        and team_match.team_id = player_match.team_id
        and team_match._change = player_match._change
where player_match.started is not null
group by team_match.match_id, team_match.team_id, team_match.seconds
having
    count(*) filter (where player_match.started) <> 11
    or sum(player_match.seconds_played) > 11 * team_match.seconds + 16
    or (
        count(player_match.minute_off)
        = count(*) filter (where not player_match.started and player_match.minute_on is not null)
        and sum(player_match.seconds_played) < 11 * team_match.seconds - 16
    )
