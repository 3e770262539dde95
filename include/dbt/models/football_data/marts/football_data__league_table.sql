{{ config(
    pre_hook="{{ drop_changed_datasets() }}",
    incremental_strategy='append',
    on_schema_change='sync_all_columns',
    indexes=[
        {'columns': ['division', 'competition', 'season', 'match_date', 'team'], 'unique': True},
        {'columns': ['_dataset_id']},
    ],
) }}

with dataset as materialized (
    {{ datasets_to_build('football_data') }}
),

played as (
    select
        m.division,
        m.competition,
        m.season,
        m.season_start_year,
        m.match_date,
        m.home_team,
        m.away_team,
        m.home_goals,
        m.away_goals,
        dataset._dataset_id,
        dataset._change,
        dataset._code_version
    from {{ ref('stg_football_data__match') }} as m
    inner join dataset on m._dataset_id = dataset._dataset_id
    where m.result is not null
),

match_day as (
    select distinct
        division,
        competition,
        season,
        season_start_year,
        match_date,
        _dataset_id,
        _change,
        _code_version
    from played
),

-- A deduction counts from the next match day on, one that came after the last from the last
deduction as (
    select
        match_day.division,
        match_day.competition,
        match_day.season,
        d.team,
        d.points,
        coalesce(
            min(match_day.match_date) filter (where match_day.match_date >= coalesce(d.effective_on, '-infinity')),
            max(match_day.match_date)
        ) as match_date
    from {{ ref('football_data__points_deduction') }} as d
    inner join match_day on d.division = match_day.division and d.season = match_day.season
    group by match_day.division, match_day.competition, match_day.season, d.team, d.points, d.effective_on
),

-- Whatever moves a team in the table on a day
event as (
    select
        division,
        competition,
        season,
        match_date,
        home_team as team,
        home_goals as goals_for,
        away_goals as goals_against,
        0 as points_deducted
    from played
    union all
    select
        division,
        competition,
        season,
        match_date,
        away_team as team,
        away_goals as goals_for,
        home_goals as goals_against,
        0 as points_deducted
    from played
    union all
    select
        division,
        competition,
        season,
        match_date,
        team,
        null as goals_for,
        null as goals_against,
        points as points_deducted
    from deduction
),

team as (
    select distinct
        division,
        competition,
        season,
        team
    from event
    where goals_for is not null
),

-- Every team has a row on every match day of its competition, whether it plays or not
daily as (
    select
        match_day.division,
        match_day.competition,
        match_day.season,
        match_day.match_date,
        team.team,
        match_day.season_start_year,
        match_day._dataset_id,
        match_day._change,
        match_day._code_version,
        count(event.goals_for) as played,
        count(*) filter (where event.goals_for > event.goals_against) as won,
        count(*) filter (where event.goals_for = event.goals_against) as drawn,
        count(*) filter (where event.goals_for < event.goals_against) as lost,
        coalesce(sum(event.goals_for), 0) as goals_for,
        coalesce(sum(event.goals_against), 0) as goals_against,
        coalesce(sum(event.points_deducted), 0) as points_deducted
    from match_day
    inner join team
        on
            match_day.division = team.division
            and match_day.competition = team.competition
            and match_day.season = team.season
    left join event
        on
            match_day.division = event.division
            and match_day.competition = event.competition
            and match_day.season = event.season
            and match_day.match_date = event.match_date
            and team.team = event.team
    group by
        match_day.division,
        match_day.competition,
        match_day.season,
        match_day.match_date,
        team.team,
        match_day.season_start_year,
        match_day._dataset_id,
        match_day._change,
        match_day._code_version
),

so_far as (
    select
        division,
        competition,
        season,
        season_start_year,
        match_date,
        team,
        (sum(played) over so_far)::integer as played,
        (sum(won) over so_far)::integer as won,
        (sum(drawn) over so_far)::integer as drawn,
        (sum(lost) over so_far)::integer as lost,
        (sum(goals_for) over so_far)::integer as goals_for,
        (sum(goals_against) over so_far)::integer as goals_against,
        (sum(points_deducted) over so_far)::integer as points_deducted,
        _dataset_id,
        _change,
        _code_version
    from daily
    window so_far as (partition by division, competition, season, team order by match_date)
),

valued as (
    select
        so_far.*,
        so_far.goals_for - so_far.goals_against as goal_difference,
        case when two_points.division is null then 3 else 2 end as points_for_a_win
    from so_far
    left join {{ ref('football_data__two_points_for_a_win') }} as two_points
        on so_far.division = two_points.division and so_far.season = two_points.season
),

scored as (
    select
        valued.*,
        valued.points_for_a_win * valued.won + valued.drawn - valued.points_deducted as points
    from valued
)

select
    division,
    competition,
    season,
    season_start_year,
    match_date,
    team,
    (row_number() over (
        partition by division, competition, season, match_date
        order by points desc, goal_difference desc, goals_for desc, team collate "C"
    ))::integer as position,
    played,
    won,
    drawn,
    lost,
    goals_for,
    goals_against,
    goal_difference,
    points_for_a_win,
    points_deducted,
    points,
    _dataset_id,
    _change,
    _code_version
from scored
