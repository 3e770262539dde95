-- Reserve `count` slots of a host under all its limits at once: none if the host is stopped, if a limit has no row
-- yet, or if the first slot is more than `longest` seconds away. Returns the seconds until the first slot, the
-- spacing of the others, the number of limits that have a row, and the stop if there is one.
-- A limit's row says when its next slot is free; a burst lets it lag behind by (burst - 1) slots.
-- Parameters: host, numbers, spacings, bursts (arrays, one entry a limit), count, longest.
with limits as (
    select *
    from unnest(%(numbers)s::integer[], %(spacings)s::double precision[], %(bursts)s::integer[])
        as l (limit_number, spacing, burst)
),

stopped as (
    select
        b.until,
        b.kind,
        b.reason,
        extract(epoch from b.until - clock_timestamp())::double precision as seconds
    from lake.host_block as b
    where b.host = %(host)s and b.until > clock_timestamp()
),

locked as (
    select
        h.limit_number,
        h.next_free_at
    from lake.host as h
    inner join limits as l
        on h.limit_number = l.limit_number
    where h.host = %(host)s
    order by h.limit_number
    for update of h
),

turn as (
    select
        count(*) as limits,
        greatest(max(k.next_free_at), clock_timestamp()) as starts_at
    from locked as k
),

taken as (
    update lake.host as h
    set
        next_free_at
        = greatest(k.next_free_at, t.starts_at - (l.burst - 1) * l.spacing * interval '1 second')
        + %(count)s * l.spacing * interval '1 second'
    from limits as l
    inner join locked as k
        on l.limit_number = k.limit_number
    cross join turn as t
    where
        h.host = %(host)s
        and h.limit_number = l.limit_number
        and t.limits = (select count(*) from limits)
        and t.starts_at <= clock_timestamp() + %(longest)s * interval '1 second'
        and not exists (select 1 from stopped)
    returning h.limit_number
)

select
    t.limits,
    extract(epoch from t.starts_at - clock_timestamp())::double precision as wait,
    (select max(l.spacing) from limits as l) as spacing,
    s.until,
    s.kind,
    s.reason,
    s.seconds
from turn as t
left join stopped as s
    on true;
