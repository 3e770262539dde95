-- Events above a number, in their order. Parameters: above, most.
select
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
from lake.event as e
where e.event_id > %(above)s
order by e.event_id
limit %(most)s;
