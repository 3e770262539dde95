-- Provider files whose object is lost or damaged.
select
    d.dataset_id,
    d.dataset_type,
    d.identifier,
    f.revision,
    f.name,
    f.path,
    f.sha256,
    o.problem,
    f.lost_at,
    f.revision = d.current_revision is true as is_current
from audit_object as o
inner join lake.file as f
    on o.path = f.path and o.sha256 = f.sha256
inner join lake.dataset as d
    on f.dataset_id = d.dataset_id
where o.problem is not null
order by d.dataset_type, d.identifier, f.revision, f.name;
