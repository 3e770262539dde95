-- A report that names players without a row of theirs repeats the list before it
with report as (
    select
        r.observed_at,
        r.players,
        r.observed_at in (
            select i.observed_at from {{ source('basketball_reference', 'injury') }} as i
        ) as has_rows
    from {{ source('basketball_reference', 'injury_report') }} as r
),

numbered as (
    select
        observed_at,
        count(*) filter (where has_rows or players = 0) over (order by observed_at) as list_number
    from report
),

list as (
    select
        list_number,
        min(observed_at) as observed_at,
        max(observed_at) as last_observed_at
    from numbered
    where list_number > 0
    group by list_number
)

select
    list_number,
    observed_at,
    last_observed_at,
    lead(observed_at) over (order by list_number) as replaced_at
from list
