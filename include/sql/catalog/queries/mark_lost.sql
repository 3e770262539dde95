-- Note that objects are lost. A dataset whose current revision needs one is asked for again, without conditions.
-- Parameters: paths, now.
with lost as (
    update lake.file as f set lost_at = coalesce(f.lost_at, %(now)s), etag = null, last_modified = null
    where f.path = any(%(paths)s)
    returning f.dataset_id, f.revision
)

update lake.dataset as d set checked_at = null, seen = null
from lost as l
where d.dataset_id = l.dataset_id and d.current_revision = l.revision;
