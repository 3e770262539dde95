-- What discover yields, for the time of the transaction that makes the plan of it.
create temporary table candidate (
    dataset_type text, identifier text, keys text, files text, versions jsonb, versioned boolean,
    settled_at timestamptz, due_at timestamptz
) on commit drop;
create temporary table candidate_type (
    dataset_type text primary key, policy text, recheck_after interval[], recheck_every interval, observed boolean
) on commit drop;
create temporary table listing (dataset_type text, keys jsonb) on commit drop;
create temporary table todo (
    like candidate,
    dataset_id bigint,
    is_moved boolean,
    is_back boolean,
    reason text,
    primary key (dataset_type, identifier)
) on commit drop;
