-- Note the datasets of a load, but those of which a newer activation is here. Returns the others, and whether
-- each is here for the first time. Parameters: source, dataset_ids, activations.
insert into fieldhouse.loaded as l (dataset_id, source, activation)
select
    d.dataset_id,
    %(source)s,
    d.activation
from unnest(%(dataset_ids)s::bigint[], %(activations)s::bigint[]) as d (dataset_id, activation)
order by d.dataset_id
on conflict (dataset_id) do update
    set activation = excluded.activation, loaded_at = now()
    where l.activation <= excluded.activation
returning l.dataset_id, l.xmax = 0 as is_first;
