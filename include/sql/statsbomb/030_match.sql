create table if not exists statsbomb.match (
    match_id integer not null,
    match_date date not null,
    kick_off time,
    competition_id integer not null,
    competition text,
    country text,
    season_id integer not null,
    season text,
    competition_stage_id integer,
    competition_stage text,
    match_week smallint,
    home_team_id integer not null,
    home_team text not null,
    home_team_gender text,
    home_team_group text,
    home_team_country_id integer,
    home_team_country text,
    home_manager_id integer,
    home_manager text,
    away_team_id integer not null,
    away_team text not null,
    away_team_gender text,
    away_team_group text,
    away_team_country_id integer,
    away_team_country text,
    away_manager_id integer,
    away_manager text,
    home_score smallint,
    away_score smallint,
    stadium_id integer,
    stadium text,
    stadium_country text,
    referee_id integer,
    referee text,
    referee_country text,
    match_status text,
    match_status_360 text,
    data_version text,
    shot_fidelity_version text,
    xy_fidelity_version text,
    home_managers jsonb,
    away_managers jsonb,
    extra jsonb,
    _dataset_id bigint not null,
    _revision integer not null,
    _loaded_at timestamptz not null default now(),
    constraint match_pkey primary key (match_id)
);

create index if not exists match_dataset_id_idx on statsbomb.match (_dataset_id);
create index if not exists match_season_idx on statsbomb.match (competition_id, season_id);

comment on table statsbomb.match is
'A match, as its record in the season''s listing says. Listings of 2018 lack much of it: NULL there.';
comment on column statsbomb.match.match_id is 'StatsBomb''s number of the match.';
comment on column statsbomb.match.match_date is 'The day on which it was played, at its stadium.';
comment on column statsbomb.match.kick_off is 'Local time of the stadium, without a zone; NULL where it is not known.';
comment on column statsbomb.match.competition_id is 'statsbomb.competition.competition_id';
comment on column statsbomb.match.competition is 'Its name, such as La Liga.';
comment on column statsbomb.match.country is 'Country or continent of the competition, or International.';
comment on column statsbomb.match.season_id is 'statsbomb.competition.season_id';
comment on column statsbomb.match.season is 'Its name: 2019/2020, or 2022 for a calendar year.';
comment on column statsbomb.match.competition_stage_id is 'StatsBomb''s number of competition_stage.';
comment on column statsbomb.match.competition_stage is 'Regular Season, Group Stage, Quarter-finals, Final ...';
comment on column statsbomb.match.match_week is 'The round within the season.';
comment on column statsbomb.match.home_team_id is 'StatsBomb''s number of the team; the first-named on neutral ground.';
comment on column statsbomb.match.home_team is 'Its name.';
comment on column statsbomb.match.home_team_gender is 'male or female.';
comment on column statsbomb.match.home_team_group is 'The group of a tournament that the team is in.';
comment on column statsbomb.match.home_team_country_id is 'StatsBomb''s number of the team''s country.';
comment on column statsbomb.match.home_team_country is 'Where the team is from.';
comment on column statsbomb.match.home_manager_id is 'The first of home_managers.';
comment on column statsbomb.match.home_manager is 'The first of home_managers; NULL where none is named.';
comment on column statsbomb.match.away_team_id is 'StatsBomb''s number of the team.';
comment on column statsbomb.match.away_team is 'Its name.';
comment on column statsbomb.match.away_team_gender is 'male or female.';
comment on column statsbomb.match.away_team_group is 'The group of a tournament that the team is in.';
comment on column statsbomb.match.away_team_country_id is 'StatsBomb''s number of the team''s country.';
comment on column statsbomb.match.away_team_country is 'Where the team is from.';
comment on column statsbomb.match.away_manager_id is 'The first of away_managers.';
comment on column statsbomb.match.away_manager is 'The first of away_managers; NULL where none is named.';
comment on column statsbomb.match.home_score is
'Goals after 90 minutes or extra time; those of a shoot-out do not count. NULL while there is no score.';
comment on column statsbomb.match.away_score is 'As home_score.';
comment on column statsbomb.match.stadium_id is 'StatsBomb''s number of the stadium. NULL where it is not known.';
comment on column statsbomb.match.stadium is 'Its name.';
comment on column statsbomb.match.stadium_country is 'The country it is in.';
comment on column statsbomb.match.referee_id is 'StatsBomb''s number of the referee. NULL where he is not known.';
comment on column statsbomb.match.referee is 'The referee''s name.';
comment on column statsbomb.match.referee_country is 'The country the referee is from.';
comment on column statsbomb.match.match_status is 'available, or what the provider says instead.';
comment on column statsbomb.match.match_status_360 is
'available, scheduled ...: a promise only, there may be no 360 file all the same. Whether there are frames says '
'statsbomb.frame.';
comment on column statsbomb.match.data_version is 'The version of the events'' format.';
comment on column statsbomb.match.shot_fidelity_version is 'How exact the places of shots are; 2 is the finer.';
comment on column statsbomb.match.xy_fidelity_version is 'How exact all other places are; 2 is the finer.';
comment on column statsbomb.match.home_managers is
'A list of {id, name, nickname, dob, country}; NULL where the listing has none.';
comment on column statsbomb.match.away_managers is 'As home_managers.';
comment on column statsbomb.match.extra is
'Members of the record that no column takes, by the provider''s names. NULL if there are none.';
comment on column statsbomb.match._dataset_id is 'The dataset in the catalog that the row belongs to.';
comment on column statsbomb.match._revision is 'The dataset''s revision that last changed the row.';
comment on column statsbomb.match._loaded_at is 'When the row was last changed here.';
