-- Put into the temporary table `todo` each row of `candidate` that the catalog does not know, that settled at another
-- time than it knows, or that is to be planned, with the reason. One pass over both: they may have a million rows.
-- Parameters: source, now (the program's time), asked (forced, asked or null), only_late (only what the provider
-- lacked at the last look is planned).
-- The one name without a table is replaced by the expressions of the fetch policies.
insert into todo
select
    c.dataset_type,
    c.identifier,
    c.keys,
    c.files,
    c.versions,
    c.versioned,
    c.settled_at,
    c.due_at,
    d.dataset_id,
    -- who gives files by hand says nothing of when it settles
    (
        d.dataset_id is not null
        and d.settled_at is distinct from c.settled_at
        and %(asked)s::text is distinct from 'asked'
    ) as is_moved,
    d.state = 'withdrawn' is true as is_back,
    coalesce(
        case
            when c.files = '[]' then null
            when %(asked)s::text is not null then %(asked)s
            when d.dataset_id is null or (d.checked_at is null and d.state = 'scheduled') then 'new'
            -- there was a look, which somebody wants forgotten
            when d.checked_at is null then 'invalidated'
            when d.state = 'withdrawn' then 'returned'
            when d.state = 'quarantined' then 'quarantined'
            when t.observed then 'observation'
            else policy_reason
        end,
        case when a.activation is not null then 'load' end
    ) as reason
from candidate as c
inner join candidate_type as t
    on c.dataset_type = t.dataset_type
left join lake.dataset as d
    on d.source = %(source)s and c.dataset_type = d.dataset_type and c.identifier = d.identifier
-- archived by an earlier run, and not loaded
left join lake.activation as a
    on d.dataset_id = a.dataset_id and d.current_activation = a.activation and a.loaded_at is null
where
    (
        d.dataset_id is null
        or d.settled_at is distinct from c.settled_at
        or a.activation is not null
        or %(asked)s::text is not null
        or d.checked_at is null
        or d.state in ('withdrawn', 'quarantined')
        or t.observed
        or policy_reason is not null
    )
    and (d.is_absent or not %(only_late)s::boolean);
