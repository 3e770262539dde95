-- Rows of these datasets are not what they were. Parameter: dataset_ids.
update fieldhouse.loaded
set change = default
where dataset_id = any(%(dataset_ids)s::bigint[]);
