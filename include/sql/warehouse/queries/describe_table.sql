-- A table's columns as the database has them. Parameters: schema, table.
select
    a.attname as name,
    format_type(a.atttypid, a.atttypmod) as type,
    a.attnotnull and not a.atthasdef as required,
    array_position(i.indkey::smallint[], a.attnum) as key_place
from pg_attribute as a
left join pg_index as i
    on a.attrelid = i.indrelid and i.indisprimary
where
    a.attrelid = to_regclass(format('%%I.%%I', %(schema)s::text, %(table)s::text))
    and a.attnum > 0
    and not a.attisdropped
    and a.attgenerated = ''
order by a.attnum;
