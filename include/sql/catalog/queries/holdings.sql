-- What datasets hold: revisions, objects, bytes of the lake and current rows. Parameter: datasets (ids).
with objects as (
    select
        f.path,
        f.stored_bytes
    from lake.file as f
    where f.dataset_id = any(%(datasets)s::bigint[])
    union
    select
        t.path,
        t.bytes as stored_bytes
    from lake.activation as a
    inner join lake.activation_table as t
        on a.activation = t.activation
    where a.dataset_id = any(%(datasets)s::bigint[])
)

select
    (
        select count(*) from lake.revision as r
        where r.dataset_id = any(%(datasets)s::bigint[])
    ) as revisions,
    (select count(*) from objects) as objects,
    (select coalesce(sum(o.stored_bytes), 0)::bigint from objects as o) as bytes,
    (
        select coalesce(sum(t.rows), 0)::bigint
        from lake.dataset as d
        inner join lake.activation_table as t
            on d.current_activation = t.activation
        where d.dataset_id = any(%(datasets)s::bigint[])
    ) as rows;
