-- Take over activations of a rollback that did not get to its end. Parameter: plan_id.
update lake.activation as a set plan_id = i.plan_id
from lake.plan_item as i
inner join lake.dataset as d
    on i.dataset_id = d.dataset_id
inner join lake.plan as p
    on true
-- what another run loaded is that one's
inner join lake.plan_item as o
    on i.dataset_id = o.dataset_id and o.reason = 'rollback'
where
    i.plan_id = %(plan_id)s
    and i.reason = 'rollback'
    and a.activation = d.current_activation
    and a.revision = i.revision
    and a.reason = 'rollback'
    and a.plan_id = p.plan_id
    and o.plan_id = p.plan_id
    and p.report is null;
