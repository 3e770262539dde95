-- Which revisions datasets have, as far as a rollback or a reparse may choose between them: not those of which a file
-- is known to be lost.
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
    r.asked_lost,
    r.current_lost,
    -- whoever rolled it back did not get to the end: the same again goes on, and not one revision further back
    exists(
        select 1
        from lake.activation as a
        inner join lake.plan as p
            on a.plan_id = p.plan_id
        -- what another run loaded is that one's
        inner join lake.plan_item as i
            on a.plan_id = i.plan_id and a.dataset_id = i.dataset_id and i.reason = 'rollback'
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
            max(e.revision) filter (where e.state = 'quarantined' and not l.is_lost) as newest_quarantined,
            max(e.revision) filter (
                where e.state = 'good' and e.revision < d.current_revision and not l.is_lost
            ) as good_before,
            max(e.state) filter (where e.revision = %(revision)s::integer) as asked_state,
            bool_or(l.is_lost) filter (where e.revision = %(revision)s::integer) as asked_lost,
            bool_or(l.is_lost) filter (where e.revision = d.current_revision) as current_lost
        from lake.revision as e
        cross join
            lateral (
                select
                    exists(
                        select 1
                        from lake.file as f
                        where f.dataset_id = e.dataset_id and f.revision = e.revision and f.lost_at is not null
                    ) as is_lost
            ) as l
        where e.dataset_id = d.dataset_id
    ) as r
    on true
where d.dataset_id = any(%(datasets)s::bigint[])
order by d.dataset_type, d.identifier;
