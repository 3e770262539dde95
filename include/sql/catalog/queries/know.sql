-- Make every candidate known to the catalog. Parameters: source.
insert into lake.dataset as d (source, dataset_type, identifier, keys, settled_at)
select
    %(source)s,
    c.dataset_type,
    c.identifier,
    c.keys,
    c.settled_at
from candidate as c
on conflict (source, dataset_type, identifier) do update set settled_at = excluded.settled_at
where d.settled_at is distinct from excluded.settled_at;
