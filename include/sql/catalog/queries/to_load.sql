-- Activations of a lane's datasets that the warehouse is to get, oldest first, with their Parquet: of each dataset the
-- current one, and of an observed one also those before it that were never loaded.
-- Whatever became of this run's look: what an earlier run archived and did not load goes with it.
-- Parameters: plan_id, lane, observed (dataset types).
select
    d.dataset_id,
    d.dataset_type,
    d.identifier,
    a.revision,
    a.activation,
    coalesce(
        (
            select jsonb_agg(to_jsonb(t) - 'activation' order by t.table_name)
            from lake.activation_table as t
            where t.activation = a.activation
        ),
        '[]'
    ) as tables
from lake.plan_item as i
inner join lake.dataset as d
    on i.dataset_id = d.dataset_id
inner join lake.activation as a
    on
        d.dataset_id = a.dataset_id
        and (
            (d.current_activation = a.activation and (i.step = 'archived' or a.loaded_at is null))
            or (d.dataset_type = any(%(observed)s) and a.loaded_at is null)
        )
where i.plan_id = %(plan_id)s and i.lane = %(lane)s
order by a.activation;
