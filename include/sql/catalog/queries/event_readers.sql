-- Readers of the events, each with how many are still to be read and how many it passed over.
select
    r.name,
    r.cursor,
    r.created_at,
    r.moved_at,
    (
        select count(*)
        from lake.event as e
        where e.event_id > r.cursor
    ) as pending,
    (
        select count(*)
        from lake.event_dead_letter as d
        where d.reader_id = r.reader_id
    ) as dead_letters
from lake.event_reader as r
order by r.name;
