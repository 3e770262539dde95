-- Note that the provider was asked for a dataset, with what it said of each file.
-- Parameters: plan_id, dataset_id, now, unseen (files to ask for again in any case).
update lake.dataset as d set
    checked_at = %(now)s,
    reported_missing_at = null,
    seen = (coalesce(d.seen, '{}') || lake.versions(i.files)) - %(unseen)s::text[],
    state = lake.completeness(d.dataset_id, d.current_revision, coalesce(d.seen, '{}') || lake.versions(i.files))
from lake.plan_item as i
where d.dataset_id = %(dataset_id)s and i.plan_id = %(plan_id)s and i.dataset_id = d.dataset_id;
