-- Datasets whose current revision and activation do not go together, or that have a good revision and none that is
-- current.
select
    d.dataset_id,
    d.dataset_type,
    d.identifier,
    d.current_revision,
    d.current_activation,
    d.current_revision is null and d.current_activation is null and d.state <> 'complete' as is_withdrawn
from lake.dataset as d
inner join audit_dataset as s
    on d.dataset_id = s.dataset_id
left join lake.activation as a
    on
        d.dataset_id = a.dataset_id
        and d.current_activation = a.activation
        and d.current_revision = a.revision
left join lake.revision as r
    on a.dataset_id = r.dataset_id and a.revision = r.revision and r.state = 'good'
where
    r.revision is null
    and (
        d.current_revision is not null
        or d.current_activation is not null
        or d.state = 'complete'
        or exists (
            select 1
            from lake.revision as g
            where g.dataset_id = d.dataset_id and g.state = 'good'
        )
    )
order by d.dataset_type, d.identifier;
