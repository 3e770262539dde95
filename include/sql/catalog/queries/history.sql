-- The revisions of one dataset, newest first, each with the files that it brought, the rows that it gave and its
-- activations. Parameters: source, dataset_type, identifier.
select
    r.revision,
    r.state,
    r.reason,
    r.created_at,
    r.revision = d.current_revision is true as current,
    coalesce(
        (
            select
                jsonb_agg(
                    jsonb_build_object(
                        'name', f.name, 'bytes', f.bytes, 'sha256', f.sha256, 'path', f.path, 'url', f.url,
                        'fetched_at', f.fetched_at
                    ) order by f.name
                )
            from lake.file as f
            where
                f.dataset_id = r.dataset_id
                and f.revision = r.revision
                and not exists (
                    select 1
                    from lake.file as e
                    where
                        e.dataset_id = f.dataset_id
                        and e.revision = f.revision - 1
                        and e.name = f.name
                        and e.sha256 = f.sha256
                )
        ),
        '[]'
    ) as changed_files,
    coalesce(
        (
            select jsonb_object_agg(t.table_name, t.rows)
            from lake.activation_table as t
            where
                t.activation = (
                    select max(a.activation)
                    from lake.activation as a
                    where a.dataset_id = r.dataset_id and a.revision = r.revision
                )
        ),
        '{}'
    ) as rows,
    coalesce(
        (
            select
                jsonb_agg(
                    jsonb_build_object(
                        'activation', a.activation, 'reason', a.reason, 'activated_at', a.activated_at,
                        'loaded_at', a.loaded_at, 'parser_version', a.parser_version
                    ) order by a.activation
                )
            from lake.activation as a
            where a.dataset_id = r.dataset_id and a.revision = r.revision
        ),
        '[]'
    ) as activations
from lake.dataset as d
inner join lake.revision as r
    on d.dataset_id = r.dataset_id
where d.source = %(source)s and d.dataset_type = %(dataset_type)s and d.identifier = %(identifier)s
order by r.revision desc;
