-- Parquet that is lost or damaged, newest activation first.
select
    d.dataset_id,
    d.dataset_type,
    d.identifier,
    d.keys,
    a.revision,
    a.activation,
    t.table_name,
    t.path,
    t.sha256,
    o.problem,
    t.lost_at,
    a.activation = d.current_activation is true as is_current
from audit_object as o
inner join lake.activation_table as t
    on o.path = t.path and o.sha256 = t.sha256
inner join lake.activation as a
    on t.activation = a.activation
inner join lake.dataset as d
    on a.dataset_id = d.dataset_id
where o.problem is not null
order by d.dataset_type asc, d.identifier asc, a.activation desc, t.table_name asc;
