create table if not exists statsbomb.frame (
    match_id integer not null,
    event_id uuid not null,
    visible_area jsonb,
    extra jsonb,
    _dataset_id bigint not null,
    _revision integer not null,
    _loaded_at timestamptz not null default now(),
    constraint frame_pkey primary key (match_id, event_id)
);

create index if not exists frame_dataset_id_idx on statsbomb.frame (_dataset_id);

comment on table statsbomb.frame is
'A picture of the pitch at the time of an event (StatsBomb 360): not every match has them, nor every event of a match '
'that has.';
comment on column statsbomb.frame.match_id is 'statsbomb.match.match_id';
comment on column statsbomb.frame.event_id is 'statsbomb.event.event_id';
comment on column statsbomb.frame.visible_area is
'The corners of what the picture shows, as one list [x, y, x, y ...], the first corner again at its end.';
comment on column statsbomb.frame.extra is
'Members that no column takes, by the provider''s names. NULL if there are none.';
comment on column statsbomb.frame._dataset_id is 'The dataset in the catalog that the row belongs to.';
comment on column statsbomb.frame._revision is 'The dataset''s revision that last changed the row.';
comment on column statsbomb.frame._loaded_at is 'When the row was last changed here.';
