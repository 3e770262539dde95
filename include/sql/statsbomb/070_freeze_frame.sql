-- Tens of thousands of rows a match: the key is all that is indexed beside the dataset
create table if not exists statsbomb.freeze_frame (
    match_id integer not null,
    event_id uuid not null,
    frame_index smallint not null,
    teammate boolean not null,
    actor boolean not null,
    keeper boolean not null,
    location_x double precision,
    location_y double precision,
    _dataset_id bigint not null,
    _revision integer not null,
    _loaded_at timestamptz not null default now(),
    constraint freeze_frame_pkey primary key (match_id, event_id, frame_index)
);

create index if not exists freeze_frame_dataset_id_idx on statsbomb.freeze_frame (_dataset_id);

comment on table statsbomb.freeze_frame is
'A player whom the picture of an event shows (StatsBomb 360). Who he is is not known, but for the actor: that is '
'the event''s player.';
comment on column statsbomb.freeze_frame.match_id is 'statsbomb.match.match_id';
comment on column statsbomb.freeze_frame.event_id is 'statsbomb.event.event_id';
comment on column statsbomb.freeze_frame.frame_index is 'The place in the picture''s list, from 1.';
comment on column statsbomb.freeze_frame.teammate is 'Whether he is of the team whose event it is.';
comment on column statsbomb.freeze_frame.actor is 'Whether he is the event''s player.';
comment on column statsbomb.freeze_frame.keeper is 'Whether he is a goalkeeper.';
comment on column statsbomb.freeze_frame.location_x is 'As statsbomb.event.location_x, seen by the event''s team.';
comment on column statsbomb.freeze_frame.location_y is 'As statsbomb.event.location_y, seen by the event''s team.';
comment on column statsbomb.freeze_frame._dataset_id is 'The dataset in the catalog that the row belongs to.';
comment on column statsbomb.freeze_frame._revision is 'The dataset''s revision that last changed the row.';
comment on column statsbomb.freeze_frame._loaded_at is 'When the row was last changed here.';
