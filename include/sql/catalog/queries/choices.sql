-- Which revisions datasets have, as far as a rollback, a reparse or a diff may choose between them.
-- Parameters: datasets (ids), revision (that somebody asks for, or null).
select
    d.dataset_id,
    d.dataset_type,
    d.identifier,
    d.keys,
    d.state,
    d.current_revision,
    r.newest,
    r.newest_good,
    r.newest_quarantined,
    r.good_before,
    r.asked_state,
    -- whoever rolled it back did not get to the end: the same again goes on, and not one revision further back
    exists(
        select 1
        from lake.activation as a
        inner join lake.plan as p
            on a.plan_id = p.plan_id
        where
            a.activation = d.current_activation
            and a.reason = 'rollback'
            and p.report is null
    ) as is_unfinished
from lake.dataset as d
left join
    lateral (
        select
            max(e.revision) as newest,
            max(e.revision) filter (where e.state = 'good') as newest_good,
            max(e.revision) filter (where e.state = 'quarantined') as newest_quarantined,
            max(e.revision) filter (where e.state = 'good' and e.revision < d.current_revision) as good_before,
            max(e.state) filter (where e.revision = %(revision)s::integer) as asked_state
        from lake.revision as e
        where e.dataset_id = d.dataset_id
    ) as r
    on true
where d.dataset_id = any(%(datasets)s::bigint[])
order by d.dataset_type, d.identifier;
