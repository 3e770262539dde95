-- The goals that the events have are the score that the provider's record has. They differ where a score was awarded
{{ config(severity='warn') }}

select
    matches.match_id,
    matches.home_score,
    matches.away_score,
    home.goals as home_goals,
    away.goals as away_goals
from {{ ref('statsbomb__matches') }} as matches
inner join {{ ref('statsbomb__team_match') }} as home
    on matches.match_id = home.match_id and matches.home_team_id = home.team_id
inner join {{ ref('statsbomb__team_match') }} as away
    on matches.match_id = away.match_id and matches.away_team_id = away.team_id
-- a load may have come between the two
inner join {{ source('fieldhouse', 'loaded') }} as loaded
    on
        matches._dataset_id = loaded.dataset_id
        and matches._change = loaded.change
        and home._change = loaded.change
where matches.home_score <> home.goals or matches.away_score <> away.goals
