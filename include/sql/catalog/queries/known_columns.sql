-- What a fetch policy sees: nothing is returned, its expression is only read. The one name without a table is replaced
-- by it.
select coalesce(policy_reason, 'a word') as reason
from candidate as c
inner join candidate_type as t
    on c.dataset_type = t.dataset_type
inner join lake.dataset as d
    on c.dataset_type = d.dataset_type and c.identifier = d.identifier
where false;
