-- Put datasets into a plan, each with the revision that is to be activated again: its bytes are in the lake, so that
-- they stand where scraped ones do. Parameters: plan_id, reason, datasets, revisions (arrays of one length).
insert into lake.plan_item (plan_id, dataset_id, lane, reason, files, step, revision)
select
    %(plan_id)s,
    w.dataset_id,
    0 as lane,
    %(reason)s,
    '[]' as files,
    'scraped' as step,
    w.revision
from unnest(%(datasets)s::bigint[], %(revisions)s::integer[]) as w (dataset_id, revision);
