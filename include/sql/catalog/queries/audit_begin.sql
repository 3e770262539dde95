-- The temporary tables of an audit: what the catalog expects, what the lake shows, what the warehouse holds.
drop table if exists
pg_temp.audit_object, pg_temp.audit_stored, pg_temp.audit_loaded, pg_temp.audit_held, pg_temp.audit_dataset;
create temporary table audit_dataset (dataset_id bigint primary key);
create temporary table audit_object (
    number bigint generated always as identity primary key,
    path text not null,
    sha256 text not null,
    bytes bigint not null,
    problem text
);
create temporary table audit_stored (path text not null, bytes bigint not null, changed_at timestamptz not null);
create temporary table audit_loaded (dataset_id bigint not null, activation bigint not null);
create temporary table audit_held (
    table_name text not null, dataset_id bigint not null, revision integer not null, rows bigint not null
);
