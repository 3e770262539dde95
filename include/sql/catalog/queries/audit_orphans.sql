-- What the warehouse holds of datasets that the catalog does not know, by table. Parameter: source.
with held as (
    select
        h.table_name,
        h.dataset_id,
        h.rows
    from audit_held as h
    union all
    select
        'fieldhouse.loaded' as table_name,
        l.dataset_id,
        1 as rows
    from audit_loaded as l
)

select
    h.table_name,
    sum(h.rows)::bigint as rows,
    array_agg(distinct h.dataset_id) as dataset_ids
from held as h
where
    not exists (
        select 1
        from lake.dataset as d
        where d.dataset_id = h.dataset_id and d.source = %(source)s
    )
group by h.table_name
order by h.table_name;
