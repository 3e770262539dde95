-- Renew the claims of a lane and take those that nobody holds any more. Returns the datasets that are ours.
-- Parameters: plan_id, lane, claim_seconds.
insert into lake.claim (dataset_id, plan_id, expires_at)
select
    i.dataset_id,
    i.plan_id,
    now() + %(claim_seconds)s * interval '1 second' as expires_at
from lake.plan_item as i
where i.plan_id = %(plan_id)s and i.lane = %(lane)s
order by i.dataset_id
on conflict (dataset_id) do update
    set
        plan_id = excluded.plan_id,
        expires_at = excluded.expires_at
    where
    lake.claim.plan_id = excluded.plan_id
    or (lake.claim.expires_at <= now() and lake.claim.plan_id not in (select l.plan_id from lake.living_plan as l))
returning dataset_id;
