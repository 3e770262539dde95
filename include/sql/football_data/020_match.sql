create table if not exists football_data.match (
    match_id text collate "C" not null,
    division text not null,
    season text not null,
    season_start_year smallint not null,
    match_date date not null,
    kickoff_time time,
    home_team text not null,
    away_team text not null,
    meeting smallint not null,
    league_name text,
    home_goals smallint,
    away_goals smallint,
    result text,
    half_time_home_goals smallint,
    half_time_away_goals smallint,
    half_time_result text,
    attendance integer,
    referee text,
    home_shots smallint,
    away_shots smallint,
    home_shots_on_target smallint,
    away_shots_on_target smallint,
    home_hit_woodwork smallint,
    away_hit_woodwork smallint,
    home_corners smallint,
    away_corners smallint,
    home_fouls smallint,
    away_fouls smallint,
    home_free_kicks_conceded smallint,
    away_free_kicks_conceded smallint,
    home_offsides smallint,
    away_offsides smallint,
    home_yellow_cards smallint,
    away_yellow_cards smallint,
    home_red_cards smallint,
    away_red_cards smallint,
    home_booking_points smallint,
    away_booking_points smallint,
    bookmakers_match_result smallint,
    bookmakers_over_under smallint,
    bookmakers_asian_handicap smallint,
    extra jsonb,
    _dataset_id bigint not null,
    _revision integer not null,
    _loaded_at timestamptz not null default now(),
    constraint match_pkey primary key (match_id),
    constraint match_meeting_check check (meeting > 0),
    constraint match_goals_check check (home_goals >= 0 and away_goals >= 0),
    constraint match_score_check check ((home_goals is null) = (away_goals is null)),
    constraint match_result_check check (result in ('H', 'D', 'A')),
    constraint match_half_time_result_check check (half_time_result in ('H', 'D', 'A'))
);

create index if not exists match_dataset_id_idx on football_data.match (_dataset_id);

comment on table football_data.match is
'A league match, played or (without goals) given up. Statistics are NULL where the site does not publish them: '
'most divisions and years have only the score.';
comment on column football_data.match.match_id is
'division/season/home team/away team/meeting, such as E0/2425/Arsenal/Chelsea/1; a slash inside a part is '
'written as a hyphen. Holds no date, so that it survives a postponement.';
comment on column football_data.match.division is
'The site''s code: E0 to G1 of a main division, ARG to USA of an extra league.';
comment on column football_data.match.season is
'Main division: the site''s code, 2425 for 2024/25. Extra league: 2012/13, or 2024 for a calendar year.';
comment on column football_data.match.season_start_year is
'The year in which the season starts: sorts seasons, and compares those of all leagues.';
comment on column football_data.match.match_date is 'As published; changes when a match is postponed.';
comment on column football_data.match.kickoff_time is 'United Kingdom local time, for every league; from 2019/20.';
comment on column football_data.match.home_team is
'The site''s own name (Man United, M''gladbach), with a straight apostrophe in all years.';
comment on column football_data.match.away_team is 'Written as home_team is.';
comment on column football_data.match.meeting is
'Which of the two teams'' meetings at this ground in the season it is, by date, from 1.';
comment on column football_data.match.league_name is
'Extra leagues: the competition as the file names it. NULL in the main divisions.';
comment on column football_data.match.home_goals is 'At full time. NULL for both teams where there is no score.';
comment on column football_data.match.away_goals is 'At full time. NULL for both teams where there is no score.';
comment on column football_data.match.result is
'H, D or A as published; it contradicts the goals in a few rows of the National League.';
comment on column football_data.match.half_time_home_goals is 'At half-time.';
comment on column football_data.match.half_time_away_goals is 'At half-time.';
comment on column football_data.match.half_time_result is 'H, D or A, as published.';
comment on column football_data.match.attendance is 'How many came to watch.';
comment on column football_data.match.referee is 'As published, such as A Taylor.';
comment on column football_data.match.home_shots is 'All of them, on target or not.';
comment on column football_data.match.away_shots is 'All of them, on target or not.';
comment on column football_data.match.home_shots_on_target is 'Those of home_shots that were on target.';
comment on column football_data.match.away_shots_on_target is 'Those of away_shots that were on target.';
comment on column football_data.match.home_hit_woodwork is 'Shots against post or bar; 2000/01 and 2001/02.';
comment on column football_data.match.away_hit_woodwork is 'Shots against post or bar; 2000/01 and 2001/02.';
comment on column football_data.match.home_corners is 'Corner kicks taken.';
comment on column football_data.match.away_corners is 'Corner kicks taken.';
comment on column football_data.match.home_fouls is 'Fouls committed.';
comment on column football_data.match.away_fouls is 'Fouls committed.';
comment on column football_data.match.home_free_kicks_conceded is
'Fouls, offsides and other offences together, where fouls alone are not known.';
comment on column football_data.match.away_free_kicks_conceded is
'Fouls, offsides and other offences together, where fouls alone are not known.';
comment on column football_data.match.home_offsides is 'How often the team was offside.';
comment on column football_data.match.away_offsides is 'How often the team was offside.';
comment on column football_data.match.home_yellow_cards is
'England and Scotland: without the first yellow card of a player sent off for his second.';
comment on column football_data.match.away_yellow_cards is
'England and Scotland: without the first yellow card of a player sent off for his second.';
comment on column football_data.match.home_red_cards is 'Players of the team sent off.';
comment on column football_data.match.away_red_cards is 'Players of the team sent off.';
comment on column football_data.match.home_booking_points is '10 for a yellow card, 25 for a red one.';
comment on column football_data.match.away_booking_points is '10 for a yellow card, 25 for a red one.';
comment on column football_data.match.bookmakers_match_result is
'How many bookmakers the market maximum and average of the match result are taken from; to 2018/19.';
comment on column football_data.match.bookmakers_over_under is
'How many bookmakers the market maximum and average of over/under are taken from; to 2018/19.';
comment on column football_data.match.bookmakers_asian_handicap is
'How many bookmakers the market maximum and average of the Asian handicap are taken from; to 2018/19.';
comment on column football_data.match.extra is
'What no column takes, by the site''s header: unknown columns, cells beyond the header (column 57), a cell that '
'could not be read, a handicap without a price. NULL if there is nothing.';
comment on column football_data.match._dataset_id is 'The dataset in the catalog that the row belongs to.';
comment on column football_data.match._revision is 'The dataset''s revision that last changed the row.';
comment on column football_data.match._loaded_at is 'When the row was last changed here.';
