{{ config(
    pre_hook="{{ drop_changed_datasets() }}",
    incremental_strategy='append',
    on_schema_change='sync_all_columns',
    indexes=[
        {'columns': ['match_id'], 'unique': True},
        {'columns': ['_dataset_id']},
    ],
) }}

with dataset as materialized (
    {{ datasets_to_build('football_data') }}
),

-- Only who names all three prices counts
book as (
    select
        match_id,
        bookmaker,
        timing,
        max(price) filter (where outcome = 'home') as home_price,
        max(price) filter (where outcome = 'draw') as draw_price,
        max(price) filter (where outcome = 'away') as away_price
    from {{ ref('stg_football_data__match_odds') }}
    where
        market = 'match result'
        and bookmaker <> 'market maximum'
        and _dataset_id in (select dataset._dataset_id from dataset)
    group by match_id, bookmaker, timing
    having count(distinct outcome) = 3
),

price as (
    select
        match_id,
        timing || case when bookmaker = 'market average' then ' average' else ' mean' end as price_basis,
        1 / avg(home_price) as home_share,
        1 / avg(draw_price) as draw_share,
        1 / avg(away_price) as away_share
    from book
    group by match_id, price_basis
),

best_price as (
    select distinct on (match_id)
        match_id,
        price_basis,
        home_share,
        draw_share,
        away_share,
        home_share + draw_share + away_share as total
    from price
    -- A sum that no market has comes from a slip in one of the prices: the next best prices count
    where home_share + draw_share + away_share between 0.95 and 1.3
    order by
        match_id,
        array_position(array['closing average', 'opening average', 'closing mean', 'opening mean'], price_basis)
)

select
    m.match_id,
    m.division,
    m.competition,
    m.season,
    m.season_start_year,
    m.match_date,
    m.kickoff_time,
    m.home_team,
    m.away_team,
    m.home_goals,
    m.away_goals,
    m.result,
    m.half_time_home_goals,
    m.half_time_away_goals,
    p.home_share / p.total as home_probability,
    p.draw_share / p.total as draw_probability,
    p.away_share / p.total as away_probability,
    p.total - 1 as overround,
    p.price_basis,
    m._dataset_id,
    dataset._change,
    dataset._code_version
from {{ ref('stg_football_data__match') }} as m
inner join dataset on m._dataset_id = dataset._dataset_id
left join best_price as p on m.match_id = p.match_id
