-- Forget that the provider was asked for datasets that no plan works on. Returns them. Parameter: datasets (ids).
with free as (
    select d.dataset_id
    from lake.dataset as d
    where
        d.dataset_id = any(%(datasets)s::bigint[])
        and not exists (
            select 1
            from lake.claim as c
            where
                c.dataset_id = d.dataset_id
                and (c.expires_at > now() or c.plan_id in (select l.plan_id from lake.living_plan as l))
        )
    order by d.dataset_id
    for update
),

-- validators of older revisions are never sent again; those of newer ones are, after a rollback
forgotten as (
    update lake.file as f set etag = null, last_modified = null
    from free as e
    inner join lake.dataset as d
        on e.dataset_id = d.dataset_id
    where
        f.dataset_id = d.dataset_id
        and f.revision >= d.current_revision
        and (f.etag is not null or f.last_modified is not null)
)

update lake.dataset as d set checked_at = null, seen = null
from free as e
where d.dataset_id = e.dataset_id
returning d.dataset_id;
