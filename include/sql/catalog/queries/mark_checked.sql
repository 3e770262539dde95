-- Note that the provider was asked for a dataset, with what it said of each file.
-- Parameters: plan_id, dataset_id, now, unseen (files to ask for again in any case), optional (file names),
-- is_lacking (whether it is here but for a part that should be published by now).
with looked as (
    select
        d.dataset_id,
        -- a file of the user's own says nothing of the provider's; one that was neither asked for nor is here is over,
        -- but for an optional one, which this run may not have wanted
        lake.versions(jsonb_path_query_array(i.files, '$[*] ? (exists (@.local_path))'))
        || coalesce(
            (
                select jsonb_object_agg(s.name, s.version)
                from jsonb_each(d.seen) as s (name, version)
                where
                    s.name = any(%(optional)s::text[])
                    or exists (
                        select 1
                        from lake.file as f
                        where f.dataset_id = d.dataset_id and f.revision = d.current_revision and f.name = s.name
                    )
            ),
            '{}'
        )
        || lake.versions(jsonb_path_query_array(i.files, '$[*] ? (!exists (@.local_path))')) as seen
    from lake.dataset as d
    inner join lake.plan_item as i
        on d.dataset_id = i.dataset_id and i.plan_id = %(plan_id)s
    where d.dataset_id = %(dataset_id)s
)

update lake.dataset as d set
    checked_at = %(now)s,
    is_absent = %(is_lacking)s,
    reported_missing_at = case when %(is_lacking)s then d.reported_missing_at end,
    seen = l.seen - %(unseen)s::text[],
    state = lake.completeness(d.dataset_id, d.current_revision, l.seen, %(is_lacking)s)
from looked as l
where d.dataset_id = l.dataset_id;
