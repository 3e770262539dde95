create table if not exists statsbomb.competition (
    competition_id integer not null,
    season_id integer not null,
    competition text not null,
    season text not null,
    country text,
    gender text,
    is_youth boolean,
    is_international boolean,
    match_updated_at timestamptz,
    match_updated_360_at timestamptz,
    match_available_at timestamptz,
    match_available_360_at timestamptz,
    extra jsonb,
    _dataset_id bigint not null,
    _revision integer not null,
    _loaded_at timestamptz not null default now(),
    constraint competition_pkey primary key (competition_id, season_id)
);

create index if not exists competition_dataset_id_idx on statsbomb.competition (_dataset_id);

comment on table statsbomb.competition is 'A season of a competition of which StatsBomb publishes matches.';
comment on column statsbomb.competition.competition_id is 'StatsBomb''s number of the competition.';
comment on column statsbomb.competition.season_id is 'StatsBomb''s number of the season; one for all competitions.';
comment on column statsbomb.competition.competition is 'Its name, such as La Liga.';
comment on column statsbomb.competition.season is 'Its name: 2019/2020, or 2022 for a calendar year.';
comment on column statsbomb.competition.country is 'Country or continent, or International.';
comment on column statsbomb.competition.gender is 'male or female. NULL in listings of 2018.';
comment on column statsbomb.competition.is_youth is 'Whether it is played by youth teams. NULL in old listings.';
comment on column statsbomb.competition.is_international is
'Whether national teams play in it. NULL in old listings.';
comment on column statsbomb.competition.match_updated_at is
'When a match''s events or line-ups last changed. The provider names no zone; taken as UTC.';
comment on column statsbomb.competition.match_updated_360_at is
'When a match''s 360 frames last changed, as match_updated_at; NULL where the season has none.';
comment on column statsbomb.competition.match_available_at is
'When a match was last published, as match_updated_at.';
comment on column statsbomb.competition.match_available_360_at is
'When a match''s 360 frames were last published, as match_updated_at; NULL where the season has none.';
comment on column statsbomb.competition.extra is
'Members that no column takes, by the provider''s names. NULL if there are none.';
comment on column statsbomb.competition._dataset_id is 'The dataset in the catalog that the row belongs to.';
comment on column statsbomb.competition._revision is 'The dataset''s revision that last changed the row.';
comment on column statsbomb.competition._loaded_at is 'When the row was last changed here.';
