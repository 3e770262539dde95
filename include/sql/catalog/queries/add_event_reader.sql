-- Make a reader known, and return it. Parameters: name, from_now.
-- From now: what is not committed yet gets a number above all that are.
with added as (
    insert into lake.event_reader (name, cursor)
    select
        %(name)s,
        case
            when %(from_now)s
                then (
                    select coalesce(max(e.event_id), 0)
                    from lake.event as e
                )
            else 0
        end as cursor
    where
        not exists (
            select 1
            from lake.event_reader as r
            where r.name = %(name)s
        )
    on conflict (name) do update set name = excluded.name
    returning reader_id
)

select a.reader_id
from added as a
union all
select r.reader_id
from lake.event_reader as r
where r.name = %(name)s
limit 1;
