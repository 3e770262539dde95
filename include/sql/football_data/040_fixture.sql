create table if not exists football_data.fixture (
    observed_at timestamptz not null,
    division text not null,
    season text not null,
    match_date date not null,
    kickoff_time time,
    home_team text not null,
    away_team text not null,
    referee text,
    extra jsonb,
    _dataset_id bigint not null,
    _revision integer not null,
    _loaded_at timestamptz not null default now(),
    constraint fixture_pkey primary key (observed_at, division, match_date, home_team, away_team)
);

create index if not exists fixture_dataset_id_idx on football_data.fixture (_dataset_id);

comment on table football_data.fixture is
'A match of the next days, as it was announced at one time; observed again with every change of the file.';
comment on column football_data.fixture.observed_at is 'When the file said so.';
comment on column football_data.fixture.division is 'The site''s code of a main division.';
comment on column football_data.fixture.season is 'The season that is running on match_date, as in match.season.';
comment on column football_data.fixture.match_date is 'As announced.';
comment on column football_data.fixture.kickoff_time is 'United Kingdom local time.';
comment on column football_data.fixture.home_team is 'Written as in match.home_team.';
comment on column football_data.fixture.away_team is 'Written as in match.away_team.';
comment on column football_data.fixture.referee is 'As announced.';
comment on column football_data.fixture.extra is
'What no column takes, by the site''s header. NULL if there is nothing.';
comment on column football_data.fixture._dataset_id is 'The dataset in the catalog that the row belongs to.';
comment on column football_data.fixture._revision is 'The dataset''s revision that brought the row.';
comment on column football_data.fixture._loaded_at is 'When the row was last changed here.';
