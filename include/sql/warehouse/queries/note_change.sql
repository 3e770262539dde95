-- What a load did to a table. Parameters: plan_id, source, table_name, inserted, updated, deleted, unchanged,
-- revisions.
insert into fieldhouse.table_change (
    plan_id, source, table_name, inserted, updated, deleted, unchanged, revisions
) values (
    %(plan_id)s, %(source)s, %(table_name)s, %(inserted)s, %(updated)s, %(deleted)s, %(unchanged)s, %(revisions)s
);
