-- What the user may not do and has to. Parameter: schemas.
select 'temporary tables' as what
where not has_database_privilege(current_database(), 'temporary')
union all
select format('usage on schema %%s', n.nspname) as what
from pg_namespace as n
where n.nspname = any(%(schemas)s) and not has_schema_privilege(n.oid, 'usage')
union all
select format('%%s on %%s', p.privilege, c.oid::regclass) as what
from pg_class as c
inner join pg_namespace as n
    on c.relnamespace = n.oid
cross join unnest(array['select', 'insert', 'update', 'delete']) as p (privilege)
where n.nspname = any(%(schemas)s) and c.relkind in ('r', 'p') and not has_table_privilege(c.oid, p.privilege)
union all
select format('%%s on %%s', p.privilege, c.oid::regclass) as what
from pg_class as c
inner join pg_namespace as n
    on c.relnamespace = n.oid
cross join unnest(array['usage', 'update']) as p (privilege)
-- identity columns bring their own right, and of plans numbers are taken as well
where
    n.nspname = any(%(schemas)s)
    and c.relkind = 'S'
    and c.relname in ('activation_number', 'plan_plan_id_seq')
    and not has_sequence_privilege(c.oid, p.privilege);
