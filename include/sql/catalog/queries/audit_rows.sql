-- Tables in which the warehouse holds more or fewer rows of a dataset than its activations brought: of a current
-- table those of the current activation, of an observed one those of each revision's newest.
-- Fewer may be right: a row belongs to the dataset that saw it last. What is noted as lost is not looked for: nothing
-- brings it again. An observed table is compared by revision, and more rows than were brought count as those that were:
-- an earlier reading's stay, as do those of a lost revision, and neither stands for rows that are missing.
-- Parameter: observed (tables).
with held as (
    select
        h.dataset_id,
        h.table_name,
        case when h.table_name = any(%(observed)s) then h.revision else 0 end as revision,
        sum(h.rows) as rows
    from audit_held as h
    group by h.dataset_id, h.table_name, case when h.table_name = any(%(observed)s) then h.revision else 0 end
),

expected as (
    select
        d.dataset_id,
        t.table_name,
        case when t.table_name = any(%(observed)s) then a.revision else 0 end as revision,
        t.table_name = any(%(observed)s) as is_observed,
        t.rows
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
        and not exists (
            select 1
            from lake.activation_table as g
            where g.activation = a.activation and g.lost_at is not null
        )
),

compared as (
    select
        e.dataset_id,
        e.table_name,
        e.is_observed,
        sum(e.rows)::bigint as expected,
        sum(
            case when e.is_observed then least(coalesce(h.rows, 0), e.rows) else coalesce(h.rows, 0) end
        )::bigint as held
    from expected as e
    left join held as h
        on e.dataset_id = h.dataset_id and e.table_name = h.table_name and e.revision = h.revision
    group by e.dataset_id, e.table_name, e.is_observed
)

select
    d.dataset_id,
    d.dataset_type,
    d.identifier,
    c.table_name,
    c.is_observed,
    c.expected,
    c.held
from compared as c
inner join lake.dataset as d
    on c.dataset_id = d.dataset_id
left join audit_loaded as l
    on d.dataset_id = l.dataset_id
where
    -- of a current table, what is not loaded is found as that
    (c.is_observed or d.current_activation <= l.activation)
    and c.expected <> c.held
order by d.dataset_type, d.identifier, c.table_name;
