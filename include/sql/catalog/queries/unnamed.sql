-- Which of these paths nothing in the catalog names. Parameter: paths.
select p.path
from unnest(%(paths)s::text[]) as p (path)
where
    not exists (
        select 1
        from lake.named_object as o
        where o.path = p.path
    );
