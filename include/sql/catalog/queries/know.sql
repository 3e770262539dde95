-- Make every candidate known to the catalog, and mark as withdrawn what a whole listing no longer names.
-- A dataset that is known as it is gets no row lock: that would write to each of a million rows. Parameters: source.
with settled as (
    update lake.dataset as d set
        settled_at = case when c.is_moved then c.settled_at else d.settled_at end,
        state = case
            when not c.is_back then d.state
            when d.current_revision is not null
                then lake.completeness(d.dataset_id, d.current_revision, coalesce(d.seen, '{}'), d.is_absent)
            when d.checked_at is not null then 'missing'
            else 'scheduled'
        end
    from todo as c
    where (c.is_moved or c.is_back) and d.dataset_id = c.dataset_id
),

absent as materialized (
    select
        d.dataset_id,
        d.dataset_type,
        d.keys
    from lake.dataset as d
    where
        d.source = %(source)s
        and d.state <> 'withdrawn'
        and d.dataset_type in (select l.dataset_type from listing as l)
        and not exists (
            select 1
            from candidate as c
            where c.dataset_type = d.dataset_type and c.identifier = d.identifier
        )
),

withdrawn as (
    update lake.dataset as d set state = 'withdrawn'
    where
        d.dataset_id in (
            select a.dataset_id
            from absent as a
            inner join listing as l
                on a.dataset_type = l.dataset_type and a.keys @> l.keys
        )
    returning d.dataset_id
),

added as (
    insert into lake.dataset (source, dataset_type, identifier, keys, settled_at)
    select
        %(source)s,
        c.dataset_type,
        c.identifier,
        c.keys::jsonb,
        c.settled_at
    from todo as c
    where c.dataset_id is null
    -- in one order, so that two plans that meet here wait for each other and never in a circle
    order by c.dataset_type, c.identifier
    on conflict do nothing
)

select count(*) as withdrawn
from withdrawn;
