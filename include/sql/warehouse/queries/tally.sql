-- What this transaction did to a table so far, in rows: exact, free of cost, and since PostgreSQL 15. (MERGE itself
-- tells inserts from updates only from 17 on.) Parameters: schema, table.
select
    pg_stat_get_xact_tuples_inserted(c.oid) as inserted,
    pg_stat_get_xact_tuples_updated(c.oid) as updated,
    current_setting('track_counts')::boolean as is_counted
from pg_class as c
where c.oid = to_regclass(format('%%I.%%I', %(schema)s::text, %(table)s::text));
