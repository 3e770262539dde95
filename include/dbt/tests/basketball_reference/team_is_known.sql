-- Every code of a team is one of the reference table in its season: odds and other books join by it
with used as (
    select
        season,
        home_team_id as team_id
    from {{ source('basketball_reference', 'schedule') }}
    union
    select
        season,
        away_team_id as team_id
    from {{ source('basketball_reference', 'schedule') }}
    union
    select
        season,
        team_id
    from {{ source('basketball_reference', 'player_boxscore') }}
    union
    select
        season,
        team_id
    from {{ source('basketball_reference', 'player_totals') }}
    where team_id <> 'TOT'
)

select
    used.season,
    used.team_id
from used
left join {{ source('basketball_reference', 'team') }} as t
    on
        used.team_id = t.team_id
        and used.season between t.first_season and coalesce(t.last_season, used.season)
where t.team_id is null
