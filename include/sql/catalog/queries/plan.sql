-- Put into plan %(plan_id)s each row of `todo` that has a reason and that no other plan works on, and claim it.
-- Parameters: plan_id, source, claim_seconds.
with wanted as (
    select
        d.dataset_id,
        c.files,
        c.due_at,
        c.reason
    from todo as c
    inner join lake.dataset as d
        on d.source = %(source)s and c.dataset_type = d.dataset_type and c.identifier = d.identifier
    where c.reason is not null
),

claimed as (
    insert into lake.claim (dataset_id, plan_id, expires_at)
    select
        w.dataset_id,
        %(plan_id)s,
        -- not from the transaction's beginning: a large plan takes its time
        clock_timestamp() + %(claim_seconds)s * interval '1 second' as expires_at
    from wanted as w
    order by w.dataset_id
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
    insert into lake.plan_item (plan_id, dataset_id, lane, reason, files, due_at, step)
    select
        %(plan_id)s,
        w.dataset_id,
        0 as lane,
        w.reason,
        w.files::jsonb,
        w.due_at,
        case when w.reason = 'load' then 'archived' else 'planned' end as step
    from wanted as w
    -- a hash whatever the planner thinks of a catalog that was never analyzed: a join would be a nested loop there
    where (w.dataset_id in (select c.dataset_id from claimed as c)) is true
    returning dataset_id, files, step
)

select
    (select count(*) from planned) as planned,
    (
        -- a file that discover has already, or that a person gave, is not asked for
        select
            coalesce(
                sum(
                    jsonb_array_length(
                        jsonb_path_query_array(
                            p.files, '$[*] ? (!(exists(@.content) || exists(@.local_path)))'
                        )
                    )
                ),
                0
            )
        from planned as p
        where p.step = 'planned'
    )::bigint as requests,
    (select count(*) from wanted) - (select count(*) from claimed) as claimed_elsewhere;
