-- Which of these paths nothing in the catalog names. Parameter: paths.
select p.path
from unnest(%(paths)s::text[]) as p (path)
where
    not exists (
        select 1
        from lake.file as f
        where f.path = p.path
    )
    and not exists (
        select 1
        from lake.activation_table as t
        where t.path = p.path
    )
    and not exists (
        select 1
        from lake.staged_file as s
        where s.path = p.path
    );
