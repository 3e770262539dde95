create schema if not exists tides;

comment on schema tides is 'Tide levels by gauge.';

create table if not exists tides.level (
    gauge text not null,
    measured_at timestamptz not null,
    height_m double precision,
    _dataset_id bigint not null,
    _revision integer not null,
    _loaded_at timestamptz not null default now(),
    constraint level_pkey primary key (gauge, measured_at)
);

create index if not exists level_dataset_id_idx on tides.level (_dataset_id);

comment on table tides.level is 'One measurement of a gauge.';
comment on column tides.level.gauge is 'The office''s name of the gauge.';
comment on column tides.level.measured_at is 'When it was measured.';
comment on column tides.level.height_m is 'Metres above chart datum. NULL: the gauge fell dry.';
comment on column tides.level._dataset_id is 'The dataset in the catalog that the row belongs to.';
comment on column tides.level._revision is 'The dataset''s revision that brought the row.';
comment on column tides.level._loaded_at is 'When the row was last changed here.';
