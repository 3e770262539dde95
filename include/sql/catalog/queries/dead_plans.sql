-- Plans that no task lives on and whose claims ran out, and which nobody finished or which still hold claims.
-- Parameter: source (or null).
select
    p.plan_id,
    p.source,
    p.run,
    (
        select count(*)
        from lake.claim as c
        where c.plan_id = p.plan_id
    ) as claims,
    (
        select count(*)
        from lake.staged_file as s
        where s.plan_id = p.plan_id
    ) as staged
from lake.plan as p
where
    (%(source)s::text is null or p.source = %(source)s)
    and (
        p.finished_at is null
        or exists (
            select 1
            from lake.claim as c
            where c.plan_id = p.plan_id
        )
    )
    and p.plan_id not in (select l.plan_id from lake.living_plan as l)
    and not exists (
        select 1
        from lake.claim as c
        where c.plan_id = p.plan_id and c.expires_at > now()
    )
order by p.plan_id;
