-- A source's datasets with the size of their current files.
-- Parameters: source, dataset_type (or null), keys, state (or null).
select
    d.dataset_id,
    d.dataset_type,
    d.identifier,
    d.state,
    d.current_revision,
    count(f.name) as files,
    coalesce(sum(f.bytes), 0)::bigint as bytes,
    d.checked_at
from lake.dataset as d
left join lake.file as f
    on d.dataset_id = f.dataset_id and d.current_revision = f.revision
where
    d.source = %(source)s
    and d.keys @> %(keys)s
    and (%(dataset_type)s::text is null or d.dataset_type = %(dataset_type)s)
    and (%(state)s::text is null or d.state = %(state)s)
group by d.dataset_id
order by d.dataset_type, d.identifier;
