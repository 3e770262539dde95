-- The revisions that a plan's loads brought into each table, oldest load first. Parameter: plan_id.
select
    t.table_name,
    t.revisions
from fieldhouse.table_change as t
where t.plan_id = %(plan_id)s
order by t.loaded_at;
