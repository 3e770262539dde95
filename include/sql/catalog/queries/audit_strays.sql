-- Listed objects that nothing in the catalog names, oldest first. Parameters: before (not younger than this), most.
select
    s.path,
    s.bytes,
    s.changed_at,
    count(*) over () as objects,
    sum(s.bytes) over ()::bigint as all_bytes
from audit_stored as s
where
    s.changed_at <= %(before)s
    and not exists (
        select 1
        from lake.named_object as o
        where o.path = s.path
    )
order by s.changed_at, s.path
limit %(most)s;
