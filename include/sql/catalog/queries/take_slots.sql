-- Reserve `count` slots of a host under all its limits at once. Returns the seconds until the first of them, the
-- spacing of the others, and whether the host is stopped.
-- Parameters: host, numbers, spacings, bursts (arrays, one entry a limit), count.
with limits as (
    select *
    from unnest(%(numbers)s::integer [], %(spacings)s::double precision [], %(bursts)s::integer [])
        as l (limit_number, spacing, burst)
),

stopped as (
    select
        b.until,
        b.kind,
        b.reason
    from lake.host_block as b
    where b.host = %(host)s and b.until > clock_timestamp()
),

locked as (
    select h.limit_number
    from lake.host as h
    where h.host = %(host)s
    order by h.limit_number
    for update
),

taken as (
    update lake.host as h set
        next_free_at
        = greatest(h.next_free_at, clock_timestamp() - (l.burst - 1) * l.spacing * interval '1 second')
        + %(count)s * l.spacing * interval '1 second'
    from limits as l
    inner join locked as k
        on l.limit_number = k.limit_number
    where h.host = %(host)s and h.limit_number = l.limit_number and not exists (select 1 from stopped)
    returning
        extract(epoch from h.next_free_at - clock_timestamp()) - %(count)s * l.spacing as wait,
        l.spacing
)

select
    (select max(t.wait) from taken as t)::double precision as wait,
    (select max(t.spacing) from taken as t)::double precision as spacing,
    (select count(*) from taken as t) as limits,
    (select s.until from stopped as s) as until,
    (select s.kind from stopped as s) as kind,
    (select s.reason from stopped as s) as reason;
