-- The datasets of a lane that stand at one of the given steps and are still to be worked on, with the files of their
-- current revision, and those of the newest good one where a rollback abandoned it.
-- Parameters: plan_id, lane, steps, done (outcomes that need nothing more).
select
    d.dataset_id,
    d.dataset_type,
    d.identifier,
    d.keys,
    d.current_revision,
    d.current_activation,
    i.reason,
    i.files,
    i.due_at,
    i.step,
    i.outcome,
    i.revision,
    d.seen,
    d.is_absent,
    g.revision as abandoned_revision,
    coalesce(
        (
            select jsonb_object_agg(f.name, to_jsonb(f) || jsonb_build_object('is_lost', f.lost_at is not null))
            from lake.file as f
            where f.dataset_id = d.dataset_id and f.revision = d.current_revision
        ),
        '{}'
    ) as current_files,
    coalesce(
        (
            select jsonb_object_agg(f.name, to_jsonb(f) || jsonb_build_object('is_lost', f.lost_at is not null))
            from lake.file as f
            where f.dataset_id = d.dataset_id and f.revision = g.revision
        ),
        '{}'
    ) as abandoned_files
from lake.plan_item as i
inner join lake.dataset as d
    on i.dataset_id = d.dataset_id
left join
    lateral (
        select max(r.revision) as revision
        from lake.revision as r
        where r.dataset_id = d.dataset_id and r.state = 'good' and r.revision > d.current_revision
    ) as g
    on true
where
    i.plan_id = %(plan_id)s
    and i.lane = %(lane)s
    and i.step = any(%(steps)s)
    and (i.outcome is null or not i.outcome = any(%(done)s))
order by d.dataset_type, d.identifier;
