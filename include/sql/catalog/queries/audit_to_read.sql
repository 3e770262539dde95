-- Objects whose bytes an audit looks at, after a number: all, or those that are not there in the size that they should
-- have. Parameters: after, most, whole (whether all are).
select
    o.number,
    o.path,
    o.sha256
from audit_object as o
where
    o.number > %(after)s
    and (
        %(whole)s
        or not exists (
            select 1
            from audit_stored as s
            where s.path = o.path and s.bytes = o.bytes
        )
    )
order by o.number
limit %(most)s;
