-- xG, shots and goals of a team are those of its events. Looked at are the hundred datasets that changed last: to read
-- all events each day would take longer than to build the marts
with newest as materialized (
    select
        team_match._dataset_id,
        team_match._change
    from {{ ref('statsbomb__team_match') }} as team_match
    group by team_match._dataset_id, team_match._change
    order by team_match._change desc
    limit 100
),

shot as (
    select
        match_id,
        team_id,
        count(*) as shots,
        count(*) filter (where shot_outcome = 'Goal') as goals,
        sum(shot_statsbomb_xg) as xg
    from {{ source('statsbomb', 'event') }}
    where type = 'Shot' and period < 5 and _dataset_id in (select newest._dataset_id from newest)
    group by match_id, team_id
)

select
    team_match.match_id,
    team_match.team_id,
    team_match.xg,
    shot.xg as xg_of_shots
from {{ ref('statsbomb__team_match') }} as team_match
inner join newest on team_match._dataset_id = newest._dataset_id
-- a load may have come since the mart was built
inner join {{ source('fieldhouse', 'loaded') }} as loaded
    on team_match._dataset_id = loaded.dataset_id and team_match._change = loaded.change
left join shot on team_match.match_id = shot.match_id and team_match.team_id = shot.team_id
where
    team_match.shots <> coalesce(shot.shots, 0)
    or team_match.goals - team_match.own_goals_for <> coalesce(shot.goals, 0)
    or abs(team_match.xg - coalesce(shot.xg, 0)) > 1e-9
