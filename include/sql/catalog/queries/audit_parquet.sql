-- The Parquet that a dataset's rows of one table came from, newest first: of a current table one, of an observed one
-- one a revision; none of what is noted as lost. Parameters: dataset_id, table_name, observed (whether the table is).
select
    a.activation,
    t.path,
    t.sha256,
    o.problem
from lake.dataset as d
inner join lake.activation as a
    on d.dataset_id = a.dataset_id and a.loaded_at is not null
inner join lake.activation_table as t
    on a.activation = t.activation
left join audit_object as o
    on t.path = o.path and t.sha256 = o.sha256
where
    d.dataset_id = %(dataset_id)s
    and t.table_name = %(table_name)s
    and case
        when %(observed)s
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
order by a.activation desc;
