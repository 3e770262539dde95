-- Claim datasets for a plan that works on what is there. Returns those that no other plan has.
-- Parameters: plan_id, datasets (ids), claim_seconds.
insert into lake.claim (dataset_id, plan_id, expires_at)
select
    d.dataset_id,
    %(plan_id)s,
    now() + %(claim_seconds)s * interval '1 second' as expires_at
from lake.dataset as d
where d.dataset_id = any(%(datasets)s::bigint[])
order by d.dataset_id
on conflict (dataset_id) do update
    set
        plan_id = excluded.plan_id,
        expires_at = excluded.expires_at
    where
    lake.claim.plan_id = excluded.plan_id
    or (lake.claim.expires_at <= now() and lake.claim.plan_id not in (select l.plan_id from lake.living_plan as l))
returning dataset_id;
