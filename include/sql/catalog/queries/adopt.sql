-- Go on from where a run was stopped: what it scraped and did not archive is not asked for again while it is new.
-- Parameters: plan_id, now. Returns how many files that are.
with left_over as materialized (
    select
        s.plan_id,
        s.dataset_id,
        min(s.fetched_at) as fetched_at
    from lake.staged_file as s
    where s.plan_id < %(plan_id)s
    group by s.plan_id, s.dataset_id
    having
        bool_and(s.fetched_at between %(now)s - interval '1 hour' and %(now)s)
        and not bool_or(s.not_modified or s.problem is not null)
),

scraped as (
    select distinct on (i.dataset_id)
        i.dataset_id,
        o.plan_id
    from left_over as l
    inner join lake.plan_item as o
        on l.plan_id = o.plan_id and l.dataset_id = o.dataset_id
    -- the very same files; one of which discover knows more by now is another
    inner join lake.plan_item as i
        on o.dataset_id = i.dataset_id and o.files = i.files
    inner join lake.dataset as d
        on i.dataset_id = d.dataset_id
    where
        i.plan_id = %(plan_id)s
        and i.step = 'planned'
        and i.reason not in ('forced', 'asked', 'invalidated')
        -- what takes no request is read from where it is
        and not jsonb_path_exists(i.files, '$[*] ? (exists(@.content) || exists(@.local_path))')
        and o.step = 'scraped'
        and o.outcome is null
        and (d.checked_at is null or d.checked_at < l.fetched_at)
    order by i.dataset_id asc, o.plan_id desc
),

staged as (
    insert into lake.staged_file (
        plan_id, dataset_id, name, path, sha256, bytes, stored_bytes, url, content_type, etag, last_modified,
        fetched_at, not_modified, problem
    )
    select
        %(plan_id)s,
        s.dataset_id,
        s.name,
        s.path,
        s.sha256,
        s.bytes,
        s.stored_bytes,
        s.url,
        s.content_type,
        s.etag,
        s.last_modified,
        s.fetched_at,
        s.not_modified,
        s.problem
    from lake.staged_file as s
    inner join scraped as c
        on s.dataset_id = c.dataset_id and s.plan_id = c.plan_id
    returning dataset_id
),

adopted as (
    update lake.plan_item as i set step = 'scraped', updated_at = now()
    from scraped as c
    where i.plan_id = %(plan_id)s and i.dataset_id = c.dataset_id
)

select count(*) as files from staged;
