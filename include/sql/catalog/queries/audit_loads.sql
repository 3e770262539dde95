-- Activations that the warehouse should hold and does not, or of which the catalog does not know that it does; and
-- datasets of which it holds something newer than the catalog has. Parameter: observed (dataset types).
select
    d.dataset_id,
    d.dataset_type,
    d.identifier,
    a.activation,
    a.loaded_at,
    l.activation as held,
    a.activation = d.current_activation is true as is_current
from lake.dataset as d
inner join audit_dataset as s
    on d.dataset_id = s.dataset_id
inner join lake.activation as a
    on d.dataset_id = a.dataset_id
left join audit_loaded as l
    on d.dataset_id = l.dataset_id
where
    (
        a.activation = d.current_activation
        and (
            a.loaded_at is null
            or l.activation is null
            or l.activation < a.activation
            -- an older observation that was read again later has the higher number
            or (
                l.activation > a.activation
                and not (
                    d.dataset_type = any(%(observed)s)
                    and exists (
                        select 1
                        from lake.activation as h
                        where h.activation = l.activation and h.dataset_id = d.dataset_id
                    )
                )
            )
        )
    )
    or (a.activation <> d.current_activation and a.loaded_at is null and d.dataset_type = any(%(observed)s))
order by d.dataset_type, d.identifier, a.activation;
