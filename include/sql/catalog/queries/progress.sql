-- How far the scrapes of a plan are: datasets, and those of them that need nothing more from the provider, of a lane
-- and of all lanes; and how many requests are left in the plan at most (plan.sql counts them likewise).
-- Parameters: plan_id, lane, done (outcomes that need nothing more).
with item as (
    select
        i.files,
        i.lane = %(lane)s as is_ours,
        i.step <> 'planned' or i.outcome = any(%(done)s) is true as is_done
    from lake.plan_item as i
    where i.plan_id = %(plan_id)s
)

select
    count(*) filter (where i.is_ours) as lane_datasets,
    count(*) filter (where i.is_ours and i.is_done) as lane_done,
    count(*) as datasets,
    count(*) filter (where i.is_done) as done,
    coalesce(
        sum(
            jsonb_array_length(
                jsonb_path_query_array(i.files, '$[*] ? (!(exists(@.content) || exists(@.local_path)))')
            )
        ) filter (where not i.is_done),
        0
    )::bigint as requests
from item as i;
