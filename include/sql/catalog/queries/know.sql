-- Make every candidate known to the catalog. Parameters: source.
-- A dataset that is known as it is gets no row lock: that would write to each of a million rows.
with settled as (
    update lake.dataset as d set settled_at = c.settled_at
    from candidate as c
    where
        d.source = %(source)s
        and d.dataset_type = c.dataset_type
        and d.identifier = c.identifier
        and d.settled_at is distinct from c.settled_at
)

insert into lake.dataset (source, dataset_type, identifier, keys, settled_at)
select
    %(source)s,
    c.dataset_type,
    c.identifier,
    c.keys,
    c.settled_at
from candidate as c
where
    not exists (
        select 1
        from lake.dataset as d
        where d.source = %(source)s and d.dataset_type = c.dataset_type and d.identifier = c.identifier
    )
-- in one order, so that two plans that meet here wait for each other and never in a circle
order by c.dataset_type, c.identifier
on conflict do nothing;
