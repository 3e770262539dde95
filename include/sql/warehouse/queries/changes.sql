-- What a plan's loads did to each table, in rows. Parameter: plan_id.
select
    t.table_name,
    sum(t.inserted)::bigint as inserted,
    sum(t.updated)::bigint as updated,
    sum(t.deleted)::bigint as deleted,
    sum(t.unchanged)::bigint as unchanged
from fieldhouse.table_change as t
where t.plan_id = %(plan_id)s
group by t.table_name
order by t.table_name;
