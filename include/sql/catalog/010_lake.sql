-- The catalog: what the lake holds, what each run planned, and who may ask which host when.
-- Every statement may run again on a database that has it already.

create schema if not exists lake;
comment on schema lake is 'Catalog of the lake: datasets, revisions, files, plans, claims and host paces';

create table if not exists lake.identity (
    is_only boolean primary key default true check (is_only),
    catalog_id uuid not null default gen_random_uuid()
);
comment on table lake.identity is 'Which catalog this is: one row, made with it. A restored copy is the same one';
comment on column lake.identity.is_only is 'True: there is one row at most';
comment on column lake.identity.catalog_id is
'Random; its warehouse keeps it (fieldhouse.loaded_from) and is loaded from no other';
insert into lake.identity default values on conflict do nothing;

create table if not exists lake.dataset (
    dataset_id bigint generated always as identity primary key,
    source text not null,
    dataset_type text not null,
    identifier text not null,
    keys jsonb not null,
    state text not null default 'scheduled',
    seen jsonb,
    settled_at timestamptz,
    checked_at timestamptz,
    current_revision integer,
    current_activation bigint,
    first_seen_at timestamptz not null default now(),
    unique (source, dataset_type, identifier)
);
alter table lake.dataset add column if not exists reported_missing_at timestamptz;
alter table lake.dataset add column if not exists seen jsonb;
alter table lake.dataset drop column if exists provider_updated_at;
alter table lake.dataset add column if not exists is_absent boolean not null default false;
alter table lake.dataset drop constraint if exists dataset_state_check;
alter table lake.dataset add constraint dataset_state_check check (
    state in ('scheduled', 'partial', 'complete', 'missing', 'quarantined', 'withdrawn')
);
comment on column lake.dataset.reported_missing_at is
'When a person was told that it is overdue; null: it is not, or nobody was told yet';
comment on table lake.dataset is 'One row a dataset: a thing that a source publishes, all or nothing';
comment on column lake.dataset.identifier is 'key=value/key=value in the order of the dataset type''s key';
comment on column lake.dataset.state is
'scheduled: not asked for yet; partial: here, but for an optional file or a part that is not published yet; '
'complete: all is here; missing: asked, nothing there; quarantined: its newest bytes could not be read; '
'withdrawn: no longer listed by the provider, and kept';
comment on column lake.dataset.is_absent is
'Whether the provider lacked a file that it needs, or a part that should be published, at the last look';
comment on column lake.dataset.seen is
'Files that the provider was asked for at the last look, with what it said of each: {name: version or null}';
comment on column lake.dataset.settled_at is 'From when it changes by corrections only; null: it always may';
comment on column lake.dataset.checked_at is 'When the provider last answered for it, by the program''s clock';

create table if not exists lake.revision (
    dataset_id bigint not null references lake.dataset on delete cascade,
    revision integer not null check (revision > 0),
    state text not null check (state in ('good', 'quarantined')),
    reason text,
    created_at timestamptz not null,
    plan_id bigint,
    primary key (dataset_id, revision)
);
comment on table lake.revision is 'An immutable version of a dataset';
comment on column lake.revision.reason is 'Why it was quarantined';
comment on column lake.revision.created_at is
'When it was archived, by the program''s clock; of an observed dataset: the time that it speaks for';

create table if not exists lake.file (
    dataset_id bigint not null,
    revision integer not null,
    name text not null,
    path text not null,
    sha256 text not null check (length(sha256) = 64),
    bytes bigint not null,
    stored_bytes bigint not null,
    url text not null,
    content_type text,
    etag text,
    last_modified text,
    fetched_at timestamptz not null,
    primary key (dataset_id, revision, name),
    foreign key (dataset_id, revision) references lake.revision on delete cascade
);
comment on table lake.file is 'The provider files of a revision; one that did not change shares its object';
comment on column lake.file.path is 'Object in the lake';
comment on column lake.file.bytes is 'Size as the provider sent it; stored_bytes: size of the object';
comment on column lake.file.etag is 'Validator of the newest answer with these bytes, for conditional requests';
create index if not exists file_path on lake.file (path);
alter table lake.file add column if not exists lost_at timestamptz;
comment on column lake.file.lost_at is
'When its object was found lost or damaged, with no copy of ours to mend it; the same bytes, fetched again, heal it';

create sequence if not exists lake.activation_number;
comment on sequence lake.activation_number is 'Ever-growing: loads are ordered by it';

create table if not exists lake.activation (
    activation bigint primary key,
    dataset_id bigint not null,
    revision integer not null,
    parser_version integer not null,
    reason text not null check (reason in ('commit', 'rollback', 'reparse')),
    activated_at timestamptz not null,
    loaded_at timestamptz,
    foreign key (dataset_id, revision) references lake.revision on delete cascade
);
comment on table lake.activation is 'Each time that a revision became the current one of its dataset';
alter table lake.activation add column if not exists plan_id bigint;
comment on column lake.activation.plan_id is
'The plan that made it; or that loaded it, or took it over, when that one was killed';
comment on column lake.activation.loaded_at is 'When the warehouse was seen to hold it; null: still to be loaded';
-- also for the cascade, which looks up each revision that is deleted
create index if not exists activation_revision on lake.activation (dataset_id, revision);
create index if not exists activation_to_load on lake.activation (dataset_id) where loaded_at is null;

create table if not exists lake.activation_table (
    activation bigint not null references lake.activation on delete cascade,
    table_name text not null,
    path text not null,
    sha256 text not null,
    rows bigint not null,
    bytes bigint not null,
    primary key (activation, table_name)
);
comment on table lake.activation_table is 'Typed Parquet of an activation: the hand-off to load';
alter table lake.activation_table add column if not exists lost_at timestamptz;
comment on column lake.activation_table.lost_at is 'When it was found lost, with no bytes to make it from again';
create index if not exists activation_table_path on lake.activation_table (path);

-- what was asked for before the catalog kept it: the files that are here
update lake.dataset as d set
    seen = coalesce(
        (
            select jsonb_object_agg(f.name, null)
            from lake.file as f
            where f.dataset_id = d.dataset_id and f.revision = d.current_revision
        ),
        '{}'
    )
where d.seen is null and d.checked_at is not null;

create table if not exists lake.plan (
    plan_id bigint generated always as identity primary key,
    source text not null,
    run text not null,
    scope jsonb not null,
    notes jsonb not null default '[]',
    created_at timestamptz not null default now(),
    finished_at timestamptz,
    report jsonb,
    unique (source, run)
);
comment on table lake.plan is 'What one run set out to do';
comment on column lake.plan.run is 'dag_id/run_id, or a name that the command line made';
comment on column lake.plan.notes is 'Dataset types that were left out, each with outcome and reason';
comment on column lake.plan.report is 'The verdict: counts by outcome, tables, what is wrong';

create table if not exists lake.plan_item (
    plan_id bigint not null references lake.plan on delete cascade,
    dataset_id bigint not null references lake.dataset on delete cascade,
    lane integer not null,
    reason text not null,
    files jsonb not null,
    due_at timestamptz,
    step text not null default 'planned' check (step in ('planned', 'scraped', 'archived', 'loaded')),
    outcome text,
    message text,
    updated_at timestamptz not null default now(),
    primary key (plan_id, dataset_id)
);
alter table lake.plan_item drop constraint if exists plan_item_outcome_check;
alter table lake.plan_item add constraint plan_item_outcome_check check (
    outcome in (
        'fetched', 'unchanged', 'not_published', 'nothing_scheduled', 'throttled', 'blocked',
        'page_changed', 'rejected', 'failed', 'disabled'
    )
);
comment on table lake.plan_item is 'The datasets of a plan, how far each is and what became of it';
comment on column lake.plan_item.reason is
'Why it is planned: new, invalidated, returned, quarantined, observation, forced, asked or load; or what its fetch '
'policy says: changed, new file, absent, running, re-check ...; '
'rollback or reparse: no provider is asked, a revision that is there becomes the current one again';
alter table lake.plan_item drop column if exists provider_updated_at;
alter table lake.plan_item add column if not exists revision integer;
comment on column lake.plan_item.revision is 'Which revision is to be activated again; null: the one that is scraped';
comment on column lake.plan_item.step is 'The last step that is done; what comes after it is still to do';
comment on column lake.plan_item.due_at is 'From when its absence is missing data';
create index if not exists plan_item_lane on lake.plan_item (plan_id, lane);
create index if not exists plan_item_dataset on lake.plan_item (dataset_id);

create table if not exists lake.staged_file (
    plan_id bigint not null,
    dataset_id bigint not null,
    name text not null,
    path text not null,
    sha256 text not null,
    bytes bigint not null,
    stored_bytes bigint not null,
    url text not null,
    content_type text,
    etag text,
    last_modified text,
    fetched_at timestamptz not null,
    not_modified boolean not null,
    problem text,
    primary key (plan_id, dataset_id, name),
    foreign key (plan_id, dataset_id) references lake.plan_item on delete cascade
);
create index if not exists staged_file_path on lake.staged_file (path);
comment on table lake.staged_file is 'Scraped bytes that no revision names yet';
comment on column lake.staged_file.not_modified is 'The provider said so: the object is the current revision''s';
comment on column lake.staged_file.problem is 'Why the bytes cannot be the wanted file';

create table if not exists lake.listing (
    source text not null,
    url text not null,
    path text not null,
    sha256 text not null,
    etag text,
    last_modified text,
    fetched_at timestamptz not null,
    primary key (source, url)
);
comment on table lake.listing is
'What discover read last at each address: the bytes that are read again when the provider says that nothing changed';
comment on column lake.listing.path is 'Object in the lake, written over when the provider lists something else';

create or replace function lake.versions(files jsonb) returns jsonb
language sql immutable parallel safe
return (
    select coalesce(jsonb_object_agg(asked ->> 'name', asked -> 'version'), '{}')
    from jsonb_array_elements(files) as asked
);
comment on function lake.versions is 'What the provider says of the files of a plan_item: {name: version or null}';

drop function if exists lake.completeness(bigint, integer, jsonb);
create or replace function lake.completeness(
    dataset bigint, of_revision integer, seen jsonb, is_absent boolean
) returns text
language sql stable as $$
select case
    when is_absent then 'partial'
    when array(
        select f.name from lake.file as f where f.dataset_id = dataset and f.revision = of_revision
    ) @> array(select jsonb_object_keys(seen))
        then 'complete'
    else 'partial'
end
$$;
comment on function lake.completeness is
'State of a dataset whose current revision can be read: partial if it lacks a file that the provider was asked for, '
'or what should be published by now';

create or replace view lake.named_object as
select f.path from lake.file as f
union all
select t.path from lake.activation_table as t
union all
select s.path from lake.staged_file as s;
comment on view lake.named_object is 'Every object of the lake that something names: gc keeps these';

create table if not exists lake.claim (
    dataset_id bigint primary key references lake.dataset on delete cascade,
    plan_id bigint not null references lake.plan on delete cascade,
    expires_at timestamptz not null
);
comment on table lake.claim is 'The right of one plan to work on a dataset; a living task renews it';
create index if not exists claim_plan on lake.claim (plan_id);

create or replace view lake.living_plan as
select distinct l.objid::bigint as plan_id
from pg_locks as l
where
    l.locktype = 'advisory'
    and l.classid = 7301977
    and l.objsubid = 2
    and l.granted
    -- a server's locks are those of all its databases
    and l.database = (
        select d.oid
        from pg_database as d
        where d.datname = current_database()
    );
comment on view lake.living_plan is
'Plans on which a task lives: it holds the advisory lock (7301977, plan_id) for as long as its connection does';

create table if not exists lake.host (
    host text not null,
    limit_number integer not null,
    next_free_at timestamptz not null default now(),
    primary key (host, limit_number)
);
comment on table lake.host is 'One row for each rate limit of a host: when its next request is free';

create table if not exists lake.host_block (
    host text primary key,
    until timestamptz not null,
    kind text not null check (kind in ('throttled', 'blocked')),
    reason text not null
);
comment on table lake.host_block is 'Hosts that nobody may ask before a time: a 429, a quota, a block';
