-- Make the newest good revision with all its Parquet the current one of a dataset; without any, it has none.
-- The newest is the one that was activated last; of an observed type it is the last observation, for an older one that
-- was read again later has the higher activation. Parameters: dataset_id, observed (dataset types).
update lake.dataset as d set (current_revision, current_activation) = (
    select
        a.revision,
        a.activation
    from lake.activation as a
    inner join lake.revision as r
        on a.dataset_id = r.dataset_id and a.revision = r.revision
    where
        a.dataset_id = d.dataset_id
        and r.state = 'good'
        and not exists (
            select 1
            from lake.activation_table as t
            where t.activation = a.activation and t.lost_at is not null
        )
    order by
        case when d.dataset_type = any(%(observed)s) then a.revision end desc,
        a.activation desc
    limit 1
)
where d.dataset_id = %(dataset_id)s
returning d.current_activation;
