-- Note that the provider has nothing there. A revision that we have stays the current one.
-- Parameters: plan_id, dataset_id, now.
update lake.dataset as d set
    checked_at = %(now)s,
    is_absent = true,
    seen = coalesce(d.seen, '{}') || lake.versions(i.files),
    state = case when d.current_revision is null then 'missing' else d.state end
from lake.plan_item as i
where d.dataset_id = %(dataset_id)s and i.plan_id = %(plan_id)s and i.dataset_id = d.dataset_id;
