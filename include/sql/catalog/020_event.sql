-- The outbox: every visible change of a dataset, written in the transaction of the change itself.
-- Every statement may run again on a database that has it already.

create table if not exists lake.event (
    event_id bigint generated always as identity primary key,
    happened_at timestamptz not null default clock_timestamp(),
    kind text not null,
    source text not null,
    dataset_type text not null,
    identifier text not null,
    dataset_id bigint not null,
    revision integer,
    activation bigint,
    detail jsonb not null default '{}'
);
alter table lake.event drop constraint if exists event_kind_check;
alter table lake.event add constraint event_kind_check check (
    kind in (
        'dataset_created', 'revision_activated', 'rolled_back', 'dataset_emptied', 'revision_quarantined',
        'dataset_partial', 'dataset_completed', 'dataset_missing', 'dataset_withdrawn', 'dataset_returned',
        'dataset_deleted'
    )
);
comment on table lake.event is 'What happened to datasets, in the order of the commits';
comment on column lake.event.event_id is
'Numbers are in commit order: whoever has read one sees none below it later. Some are left out';
comment on column lake.event.happened_at is 'When its transaction was about to be committed, by the server''s clock';
comment on column lake.event.kind is
'revision_activated: a revision, or new rows of it, became the current one; rolled_back: an older one did; '
'dataset_emptied: none is current now; dataset_completed: complete again after it was partial or quarantined; '
'dataset_missing: asked for, and the provider has nothing; dataset_withdrawn: no longer listed, and kept; '
'dataset_returned: no longer withdrawn';
comment on column lake.event.dataset_id is 'Of its time: an event outlives its dataset';
comment on column lake.event.revision is 'Of revision_quarantined: that one; else the one that is current from now on';
comment on column lake.event.detail is
'revision_activated, rolled_back and dataset_emptied: reason and previous_revision; revision_quarantined: reason; '
'those named after the dataset''s state: state and previous_state';

create table if not exists lake.event_reader (
    reader_id integer generated always as identity primary key,
    name text not null unique,
    cursor bigint not null,
    created_at timestamptz not null default now(),
    moved_at timestamptz
);
comment on table lake.event_reader is 'Who reads the events, and how far';
comment on column lake.event_reader.cursor is 'The last event that is done with; 0: none is yet';
comment on column lake.event_reader.moved_at is 'When the cursor moved last';

create table if not exists lake.event_dead_letter (
    reader_id integer not null references lake.event_reader on delete cascade,
    event_id bigint not null references lake.event,
    error text not null,
    attempts integer not null,
    failed_at timestamptz not null default now(),
    primary key (reader_id, event_id)
);
comment on table lake.event_dead_letter is 'Events that a reader''s handler failed at time and again, and passed over';
create index if not exists event_dead_letter_event on lake.event_dead_letter (event_id);

create table if not exists lake.event_created (
    statement bigint generated always as identity primary key,
    datasets bigint[] not null
);
comment on table lake.event_created is
'Datasets that a statement made, until its transaction is about to be committed: empty to everybody else';

create or replace function lake.write_event(
    kind text, dataset lake.dataset, revision integer, activation bigint, detail jsonb
) returns void
language plpgsql as $$
begin
    -- kept to the end of the transaction: the next one draws its numbers when this one is visible
    perform pg_advisory_xact_lock(7301978, 0);
    insert into lake.event (kind, source, dataset_type, identifier, dataset_id, revision, activation, detail)
    values (
        kind, dataset.source, dataset.dataset_type, dataset.identifier, dataset.dataset_id, revision, activation,
        detail
    );
end
$$;
comment on function lake.write_event is 'Writes an event with a number above all others, under the lock (7301978, 0)';

create or replace function lake.tell_of_activation(before lake.dataset, after lake.dataset) returns void
language plpgsql as $$
declare
    made_for text := (select a.reason from lake.activation as a where a.activation = after.current_activation);
    is_there boolean := exists (select from lake.activation as a where a.activation = before.current_activation);
    -- activations are numbered upwards; a step back takes one that was there before, or the observation before
    is_step_back boolean := coalesce(after.current_activation < before.current_activation, false)
    or coalesce(after.current_revision < before.current_revision and made_for <> 'rollback', false);
    kind text := case
        when after.current_activation is null then 'dataset_emptied'
        when is_step_back then 'rolled_back'
        when made_for = 'rollback' and after.current_revision is distinct from before.current_revision
            then 'rolled_back'
        else 'revision_activated'
    end;
    reason text := case
        -- an activation whose rows were refused is gone; what was lost stays known, or is asked for again
        when after.current_activation is null or is_step_back
            then case when is_there or after.state = 'scheduled' then 'lost' else 'rejected' end
        -- a restored catalog counts anew
        when after.current_revision = before.current_revision and made_for <> 'reparse' then 'renumbered'
        else made_for
    end;
begin
    if kind = 'dataset_emptied' and not exists (
        select from lake.revision as r where r.dataset_id = after.dataset_id
    ) then
        reason := 'deleted';
    end if;
    perform lake.write_event(
        kind, after, after.current_revision, after.current_activation,
        jsonb_build_object('reason', reason, 'previous_revision', before.current_revision)
    );
end
$$;

create or replace function lake.tell_of_state(before lake.dataset, after lake.dataset) returns void
language plpgsql as $$
declare
    kind text := case
        when after.state = 'withdrawn' then 'dataset_withdrawn'
        when before.state = 'withdrawn' then 'dataset_returned'
        when after.state = 'missing' then 'dataset_missing'
        when after.state = 'partial' then 'dataset_partial'
        when after.state = 'complete' and before.state in ('partial', 'quarantined') then 'dataset_completed'
    end;
begin
    -- the others come with an event of their own: a first revision, one in quarantine, a deletion
    if kind is not null then
        perform lake.write_event(
            kind, after, after.current_revision, after.current_activation,
            jsonb_build_object('state', after.state, 'previous_state', before.state)
        );
    end if;
end
$$;

create or replace function lake.tell_of_dataset() returns trigger
language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        perform lake.write_event('dataset_deleted', old, null, null, '{}');
    else
        if new.current_activation is distinct from old.current_activation then
            perform lake.tell_of_activation(old, new);
        end if;
        if new.state <> old.state then
            perform lake.tell_of_state(old, new);
        end if;
    end if;
    return null;
end
$$;

create or replace function lake.note_created() returns trigger
language plpgsql as $$
begin
    insert into lake.event_created (datasets)
    select array_agg(a.dataset_id) from added as a having count(*) > 0;
    return null;
end
$$;

create or replace function lake.tell_of_created() returns trigger
language plpgsql as $$
begin
    perform pg_advisory_xact_lock(7301978, 0);
    insert into lake.event (kind, source, dataset_type, identifier, dataset_id)
    select 'dataset_created', d.source, d.dataset_type, d.identifier, d.dataset_id
    from unnest(new.datasets) as n (dataset_id) inner join lake.dataset as d using (dataset_id)
    order by d.dataset_id;
    delete from lake.event_created where statement = new.statement;
    return null;
end
$$;

create or replace function lake.tell_of_quarantine() returns trigger
language plpgsql as $$
begin
    perform lake.write_event(
        'revision_quarantined', d, new.revision, null, jsonb_build_object('reason', new.reason)
    )
    from lake.dataset as d where d.dataset_id = new.dataset_id;
    return null;
end
$$;

-- They run when the transaction is about to be committed, after every other lock that it takes: so the lock on the
-- numbers is in no circle with any other, and is held for the commit alone. What is no visible change, as another look,
-- fails the condition and costs no call, whichever rows a statement writes.
drop trigger if exists dataset_deleted on lake.dataset;
create constraint trigger dataset_deleted
after delete on lake.dataset
deferrable initially deferred
for each row execute function lake.tell_of_dataset();

drop trigger if exists dataset_changed on lake.dataset;
create constraint trigger dataset_changed
after update on lake.dataset
deferrable initially deferred
for each row
when (new.current_activation is distinct from old.current_activation or new.state <> old.state)
execute function lake.tell_of_dataset();

drop trigger if exists revision_made on lake.revision;
create constraint trigger revision_made
after insert on lake.revision
deferrable initially deferred
for each row
when (new.state = 'quarantined')
execute function lake.tell_of_quarantine();

drop trigger if exists revision_changed on lake.revision;
create constraint trigger revision_changed
after update on lake.revision
deferrable initially deferred
for each row
when (new.state = 'quarantined' and old.state <> 'quarantined')
execute function lake.tell_of_quarantine();

-- A first run may make a million datasets at once, too many for a call each
create or replace trigger dataset_created
after insert on lake.dataset
referencing new table as added
for each statement execute function lake.note_created();

drop trigger if exists statement_made on lake.event_created;
create constraint trigger statement_made
after insert on lake.event_created
deferrable initially deferred
for each row execute function lake.tell_of_created();
