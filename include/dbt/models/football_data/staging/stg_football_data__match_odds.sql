select
    match_id,
    bookmaker,
    market,
    timing,
    outcome,
    line,
    price,
    _dataset_id
from {{ source('football_data', 'match_odds') }}
-- 0 and values below 1 are the site's slips, and 1 pays nothing
where price > 1
