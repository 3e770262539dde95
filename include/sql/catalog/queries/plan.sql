-- Put into plan %(plan_id)s each candidate of the temporary table `candidate` that is new, changed, running, due for a
-- re-check, quarantined, observed, forced or not loaded yet, and that no other plan works on. Claims them.
-- Parameters: plan_id, source, now (the program's time), asked (forced, asked or null), claim_seconds, plan_lock.
with judged as (
    select
        d.dataset_id,
        c.files,
        c.due_at,
        c.updated_at,
        case
            when %(asked)s::text is not null then %(asked)s
            when d.checked_at is null then 'new'
            when d.state = 'quarantined' then 'quarantined'
            when c.observed then 'observation'
            when c.updated_at is not null and c.updated_at is distinct from d.provider_updated_at then 'changed'
            when c.updated_at is null and (c.settled_at is null or c.settled_at > %(now)s) then 'running'
            when d.checked_at + c.recheck_every <= %(now)s then 're-check'
            when exists (
                select 1
                from unnest(c.recheck_after) as r (age)
                where c.settled_at + r.age > d.checked_at and c.settled_at + r.age <= %(now)s
            ) then 're-check'
            when exists (
                select 1
                from lake.activation as a
                where a.activation = d.current_activation and a.loaded_at is null
            ) then 'load'
        end as reason
    from candidate as c
    inner join lake.dataset as d
        on d.source = %(source)s and c.dataset_type = d.dataset_type and c.identifier = d.identifier
),

-- plans on which a task lives now
living as materialized (
    select l.objid::bigint as plan_id
    from pg_locks as l
    where l.locktype = 'advisory' and l.classid = %(plan_lock)s
),

claimed as (
    insert into lake.claim (dataset_id, plan_id, expires_at)
    select
        j.dataset_id,
        %(plan_id)s,
        now() + %(claim_seconds)s * interval '1 second'
    from judged as j
    where j.reason is not null
    order by j.dataset_id
    on conflict (dataset_id) do update set
    plan_id = excluded.plan_id,
    expires_at = excluded.expires_at
    where
        lake.claim.plan_id = excluded.plan_id
        or (lake.claim.expires_at <= now() and lake.claim.plan_id not in (select l.plan_id from living as l))
    returning dataset_id
),

planned as (
    insert into lake.plan_item (plan_id, dataset_id, lane, reason, files, due_at, provider_updated_at, step)
    select
        %(plan_id)s,
        j.dataset_id,
        0,
        j.reason,
        j.files,
        j.due_at,
        j.updated_at,
        case when j.reason = 'load' then 'archived' else 'planned' end
    from judged as j
    inner join claimed as c
        on j.dataset_id = c.dataset_id
    returning dataset_id
)

select
    (select count(*) from judged) as candidates,
    (select count(*) from planned) as planned,
    (select count(*) from judged where reason is null) as fresh,
    (select count(*) from judged where reason is not null)
    - (select count(*) from claimed) as claimed_elsewhere;
