-- Tables in which the warehouse holds more or fewer rows of a dataset than its activations brought: of a current
-- table those of the current activation, of an observed one those of each revision's newest.
-- Fewer may be right: a row belongs to the dataset that saw it last. Parameter: observed (tables).
with expected as (
    select
        d.dataset_id,
        t.table_name,
        sum(t.rows) as rows,
        t.table_name = any(%(observed)s) as is_observed
    from lake.dataset as d
    inner join audit_dataset as s
        on d.dataset_id = s.dataset_id
    inner join lake.activation as a
        on d.dataset_id = a.dataset_id and a.loaded_at is not null
    inner join lake.activation_table as t
        on a.activation = t.activation
    where
        case
            when t.table_name = any(%(observed)s)
                then a.activation = (
                    select max(n.activation)
                    from lake.activation as n
                    where n.dataset_id = a.dataset_id and n.revision = a.revision and n.loaded_at is not null
                )
            else a.activation = d.current_activation
        end
    group by d.dataset_id, t.table_name
)

select
    d.dataset_id,
    d.dataset_type,
    d.identifier,
    e.table_name,
    e.is_observed,
    e.rows::bigint as expected,
    coalesce(h.rows, 0) as held
from expected as e
inner join lake.dataset as d
    on e.dataset_id = d.dataset_id
left join audit_loaded as l
    on d.dataset_id = l.dataset_id
left join audit_held as h
    on e.dataset_id = h.dataset_id and e.table_name = h.table_name
where
    -- of a current table, what is not loaded is found as that
    (e.is_observed or d.current_activation <= l.activation)
    and (e.rows > coalesce(h.rows, 0) or (e.rows < h.rows and not e.is_observed))
order by d.dataset_type, d.identifier, e.table_name;
