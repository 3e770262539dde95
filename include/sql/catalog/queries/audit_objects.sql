-- Every object that the catalog names for the datasets of an audit, once.
insert into audit_object (path, sha256, bytes)
select
    f.path,
    f.sha256,
    max(f.stored_bytes) as bytes
from lake.file as f
inner join audit_dataset as d
    on f.dataset_id = d.dataset_id
group by f.path, f.sha256
union all
select
    t.path,
    t.sha256,
    max(t.bytes) as bytes
from lake.activation_table as t
inner join lake.activation as a
    on t.activation = a.activation
inner join audit_dataset as d
    on a.dataset_id = d.dataset_id
group by t.path, t.sha256;
