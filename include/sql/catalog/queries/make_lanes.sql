-- Divide a plan into lanes of one dataset type each.
-- Parameters: plan_id, wanted (lanes that little work is spread over), most_datasets and most_files (of a lane),
-- most_lanes (of the plan: it comes before a lane's size).
with counted as (
    select
        i.dataset_id,
        d.dataset_type,
        row_number() over (partition by d.dataset_type order by d.identifier) - 1 as place,
        count(*) over (partition by d.dataset_type) as datasets,
        sum(jsonb_array_length(i.files)) over (partition by d.dataset_type) as files,
        count(*) over () as total
    from lake.plan_item as i
    inner join lake.dataset as d
        on i.dataset_id = d.dataset_id
    where i.plan_id = %(plan_id)s
),

sized as (
    select
        c.dataset_id,
        c.dataset_type,
        c.place,
        greatest(
            1,
            ceil(c.total::numeric / %(most_lanes)s),
            least(
                -- less than 8 datasets are not worth a second lane
                greatest(ceil(c.datasets::numeric / %(wanted)s), least(c.datasets, 8)),
                %(most_datasets)s,
                floor(%(most_files)s::numeric * c.datasets / nullif(c.files, 0))
            )
        )::bigint as size
    from counted as c
),

laned as (
    select
        s.dataset_id,
        dense_rank() over (order by s.dataset_type, s.place / s.size) as lane
    from sized as s
)

update lake.plan_item as i set lane = l.lane
from laned as l
where i.plan_id = %(plan_id)s and i.dataset_id = l.dataset_id;
