-- Give activations newer numbers, in the order that they had. Their Parquet goes with them. Parameter: activations.
with numbers as materialized (
    select
        o.activation as old,
        nextval('lake.activation_number') as new
    from (
        select a.activation
        from lake.activation as a
        where a.activation = any(%(activations)s)
        order by a.activation
    ) as o
),

copied as (
    insert into lake.activation (
        activation, dataset_id, revision, parser_version, reason, activated_at, loaded_at, plan_id
    )
    select
        n.new,
        a.dataset_id,
        a.revision,
        a.parser_version,
        a.reason,
        a.activated_at,
        a.loaded_at,
        a.plan_id
    from numbers as n
    inner join lake.activation as a
        on n.old = a.activation
),

moved as (
    update lake.activation_table as t set activation = n.new
    from numbers as n
    where t.activation = n.old
),

pointed as (
    update lake.dataset as d set current_activation = n.new
    from numbers as n
    where d.current_activation = n.old
)

delete from lake.activation as a using numbers as n
where a.activation = n.old;
