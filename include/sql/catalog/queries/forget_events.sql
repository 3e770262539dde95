-- Remove old events that every reader is done with; one that is a dead letter of somebody stays. Parameter: before.
delete from lake.event as e
where
    e.happened_at < %(before)s
    and not exists (
        select 1
        from lake.event_reader as r
        where r.cursor < e.event_id
    )
    and not exists (
        select 1
        from lake.event_dead_letter as d
        where d.event_id = e.event_id
    );
