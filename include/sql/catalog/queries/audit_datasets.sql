-- The datasets that an audit is about. Parameters: source, dataset_type (or null), keys.
insert into audit_dataset (dataset_id)
select d.dataset_id
from lake.dataset as d
where
    d.source = %(source)s
    and d.keys @> %(keys)s
    and (%(dataset_type)s::text is null or d.dataset_type = %(dataset_type)s);
