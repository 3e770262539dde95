-- The last table of a season has each of its results twice, and no season with a result lacks a table. Compared are the
-- datasets of which both marts hold the same change: a load may have come between the two.
with results as (
    select
        _dataset_id,
        _change,
        count(result) as matches
    from {{ ref('football_data__results') }}
    group by _dataset_id, _change
),

last_rows as (
    select
        _dataset_id,
        _change,
        max(played) as played
    from {{ ref('football_data__league_table') }}
    group by _dataset_id, _change, competition, season, team
),

last_tables as (
    select
        _dataset_id,
        _change,
        sum(played) as played
    from last_rows
    group by _dataset_id, _change
)

select
    results._dataset_id,
    results.matches,
    last_tables.played
from results
left join last_tables on results._dataset_id = last_tables._dataset_id
where
    coalesce(last_tables._change = results._change, results.matches > 0)
    and last_tables.played is distinct from 2 * results.matches
