-- The dead letters of a reader above a number, each with its event, in the order of the events.
-- Parameters: name, above, most.
select
    d.error,
    d.attempts,
    d.failed_at,
    e.event_id,
    e.happened_at,
    e.kind,
    e.source,
    e.dataset_type,
    e.identifier,
    e.dataset_id,
    e.revision,
    e.activation,
    e.detail
from lake.event_dead_letter as d
inner join lake.event_reader as r
    on d.reader_id = r.reader_id
inner join lake.event as e
    on d.event_id = e.event_id
where r.name = %(name)s and e.event_id > %(above)s
order by e.event_id
limit %(most)s;
