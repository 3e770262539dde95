-- The lanes of a plan, with the keys of their first and last dataset. Parameters: plan_id.
select
    i.lane,
    d.dataset_type,
    count(*) as datasets,
    (array_agg(d.keys order by d.identifier))[1] as first,
    (array_agg(d.keys order by d.identifier desc))[1] as last
from lake.plan_item as i
inner join lake.dataset as d
    on i.dataset_id = d.dataset_id
where i.plan_id = %(plan_id)s
group by i.lane, d.dataset_type
order by i.lane;
