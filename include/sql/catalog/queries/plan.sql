-- Put into plan %(plan_id)s each row of the temporary table `candidate` that is new, invalidated, changed, running, due
-- for a re-check, quarantined, observed, forced or not loaded yet, and that no other plan works on. Claims them.
-- `candidate_type` says how each dataset type is re-checked.
-- Parameters: plan_id, source, now (the program's time), asked (forced, asked or null), claim_seconds.
with judged as (
    select
        d.dataset_id,
        c.files,
        c.due_at,
        c.updated_at,
        case
            when %(asked)s::text is not null then %(asked)s
            when d.checked_at is null and d.state = 'scheduled' then 'new'
            -- there was a look, which somebody wants forgotten
            when d.checked_at is null then 'invalidated'
            when d.state = 'quarantined' then 'quarantined'
            when t.observed then 'observation'
            when c.updated_at <> d.provider_updated_at or (c.updated_at is not null and d.provider_updated_at is null)
                then 'changed'
            -- a look from before it settled was not the last one
            when c.updated_at is null and (c.settled_at is null or c.settled_at > least(d.checked_at, %(now)s))
                then 'running'
            when d.checked_at + t.recheck_every <= %(now)s then 're-check'
            when exists (
                select 1
                from unnest(t.recheck_after) as r (age)
                where c.settled_at + r.age > d.checked_at and c.settled_at + r.age <= %(now)s
            ) then 're-check'
            when exists (
                select 1
                from lake.activation as a
                where a.activation = d.current_activation and a.loaded_at is null
            ) then 'load'
        end as reason
    from candidate as c
    inner join candidate_type as t
        on c.dataset_type = t.dataset_type
    inner join lake.dataset as d
        on d.source = %(source)s and c.dataset_type = d.dataset_type and c.identifier = d.identifier
),

claimed as (
    insert into lake.claim (dataset_id, plan_id, expires_at)
    select
        j.dataset_id,
        %(plan_id)s,
        now() + %(claim_seconds)s * interval '1 second' as expires_at
    from judged as j
    where j.reason is not null
    order by j.dataset_id
    on conflict (dataset_id) do update
        set
            plan_id = excluded.plan_id,
            expires_at = excluded.expires_at
        where
        lake.claim.plan_id = excluded.plan_id
        or (lake.claim.expires_at <= now() and lake.claim.plan_id not in (select l.plan_id from lake.living_plan as l))
    returning dataset_id
),

planned as (
    insert into lake.plan_item (plan_id, dataset_id, lane, reason, files, due_at, provider_updated_at, step)
    select
        %(plan_id)s,
        j.dataset_id,
        0 as lane,
        j.reason,
        j.files,
        j.due_at,
        j.updated_at,
        case when j.reason = 'load' then 'archived' else 'planned' end as step
    from judged as j
    inner join claimed as c
        on j.dataset_id = c.dataset_id
    returning dataset_id
)

select
    count(*) as candidates,
    (select count(*) from planned) as planned,
    count(*) filter (where j.reason is null) as fresh,
    count(*) filter (where j.reason is not null) - (select count(*) from claimed) as claimed_elsewhere
from judged as j;
