create table if not exists basketball_reference.injury_report (
    observed_at timestamptz not null,
    players integer not null,
    _dataset_id bigint not null,
    _revision integer not null,
    _loaded_at timestamptz not null default now(),
    constraint injury_report_pkey primary key (observed_at)
);

create index if not exists injury_report_dataset_id_idx on basketball_reference.injury_report (_dataset_id);

comment on table basketball_reference.injury_report is
'The list of the injured each time that it was another than before; a look that finds it unchanged writes no row. '
'An empty list is a row here and none in injury.';
comment on column basketball_reference.injury_report.observed_at is 'When the list was first seen so.';
comment on column basketball_reference.injury_report.players is 'How many players were on it.';
comment on column basketball_reference.injury_report._dataset_id is
'The dataset in the catalog that the row belongs to.';
comment on column basketball_reference.injury_report._revision is 'The dataset''s revision that brought the row.';
comment on column basketball_reference.injury_report._loaded_at is 'When the row was last changed here.';
