-- Every object that datasets name, be it in a revision, an activation or on its way into one. Parameter: datasets.
select f.path
from lake.file as f
where f.dataset_id = any(%(datasets)s::bigint[])
union
select s.path
from lake.staged_file as s
where s.dataset_id = any(%(datasets)s::bigint[])
union
select t.path
from lake.activation as a
inner join lake.activation_table as t
    on a.activation = t.activation
where a.dataset_id = any(%(datasets)s::bigint[]);
