-- What the loader writes beside the rows, in the same transaction as the rows.

create schema if not exists fieldhouse;
comment on schema fieldhouse is 'Bookkeeping of loads into this warehouse';

create table if not exists fieldhouse.loaded (
    dataset_id bigint primary key,
    source text not null,
    activation bigint not null,
    loaded_at timestamptz not null default now()
);
comment on table fieldhouse.loaded is 'Newest activation of each dataset that this warehouse holds';
alter table fieldhouse.loaded add column if not exists change bigint not null generated always as identity;
comment on column fieldhouse.loaded.change is
'Another number whenever rows came to the dataset, changed or left it, also to another dataset; marts are built by it';

create table if not exists fieldhouse.loaded_from (
    is_only boolean primary key default true check (is_only),
    catalog_id uuid not null
);
comment on table fieldhouse.loaded_from is
'Whose numbers of datasets, activations and plans are meant here: one row, written by the first load';
comment on column fieldhouse.loaded_from.is_only is 'True: there is one row at most';
comment on column fieldhouse.loaded_from.catalog_id is 'The catalog''s lake.identity; a load from another is refused';

create table if not exists fieldhouse.table_change (
    plan_id bigint not null,
    source text not null,
    table_name text not null,
    inserted bigint not null,
    updated bigint not null,
    deleted bigint not null,
    unchanged bigint not null,
    revisions jsonb not null,
    loaded_at timestamptz not null default now()
);
comment on table fieldhouse.table_change is 'What each load did to each table: a row a transaction and table';
comment on column fieldhouse.table_change.revisions is '{dataset identifier: revision} of the load';
create index if not exists table_change_plan on fieldhouse.table_change (plan_id);

create table if not exists fieldhouse.dirty (
    source text primary key,
    since timestamptz not null,
    changed_at timestamptz not null
);
comment on table fieldhouse.dirty is 'Sources whose marts are older than their tables; a good dbt run removes the row';
comment on column fieldhouse.dirty.since is 'When the first change came that no dbt run has seen';
comment on column fieldhouse.dirty.changed_at is
'When the newest came: a dbt run removes the row only if it began after that';

create table if not exists fieldhouse.dbt_run (
    run text primary key,
    sources text[] not null,
    started_at timestamptz not null,
    finished_at timestamptz not null,
    models integer not null,
    tests integer not null,
    failures jsonb not null
);
comment on table fieldhouse.dbt_run is 'What each dbt run built: one row a run of transform_dbt';
comment on column fieldhouse.dbt_run.run is 'dag_id/run_id';
comment on column fieldhouse.dbt_run.models is 'Models, seeds and snapshots that were built; tests: tests that passed';
alter table fieldhouse.dbt_run add column if not exists marts text[] not null default '{}';
comment on column fieldhouse.dbt_run.marts is 'Tables of schema marts that were built';
comment on column fieldhouse.dbt_run.failures is '[{node, status, message}] of what failed; nothing: all is well';
