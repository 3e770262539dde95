-- Plans that no task lives on and whose claims ran out, and which nobody finished or which still hold claims.
-- A run between two tasks, in a queue or rescheduled to when its host answers again, looks like that too: dead is what
-- nobody touched for long. Parameters: source (or null), before (not touched since), plan_id (null; or the only one to
-- look at, on which the lock that is held is our own).
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
    and case
        when %(plan_id)s::bigint is null then p.plan_id not in (select l.plan_id from lake.living_plan as l)
        else p.plan_id = %(plan_id)s
    end
    and greatest(p.created_at, p.finished_at) <= %(before)s
    and not exists (
        select 1
        from lake.plan_item as i
        where i.plan_id = p.plan_id and i.updated_at > %(before)s
    )
    and not exists (
        select 1
        from lake.claim as c
        where c.plan_id = p.plan_id and c.expires_at > now()
    )
order by p.plan_id;
