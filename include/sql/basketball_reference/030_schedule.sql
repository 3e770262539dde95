create table if not exists basketball_reference.schedule (
    game_id text not null,
    season smallint not null,
    game_date date not null,
    start_time text,
    tip_off_at timestamptz,
    away_team_id text not null,
    away_team_name text not null,
    home_team_id text not null,
    home_team_name text not null,
    away_points smallint,
    home_points smallint,
    overtimes smallint,
    attendance integer,
    duration_minutes smallint,
    arena_name text,
    remarks text,
    stage text,
    has_box_score boolean not null,
    extra jsonb,
    _dataset_id bigint not null,
    _revision integer not null,
    _loaded_at timestamptz not null default now(),
    constraint schedule_pkey primary key (game_id)
);

create index if not exists schedule_dataset_id_idx on basketball_reference.schedule (_dataset_id);
create index if not exists schedule_date_idx on basketball_reference.schedule (game_date);
create index if not exists schedule_season_idx on basketball_reference.schedule (season, game_date);

comment on table basketball_reference.schedule is
'A game of a season, from the schedule''s page of its month. A game that is put off leaves it, and comes back '
'under the id of its new date.';
comment on column basketball_reference.schedule.game_id is
'The site''s id: the date, a zero and the home team''s code, as 202504010ATL.';
comment on column basketball_reference.schedule.season is 'The year that the season ends in.';
comment on column basketball_reference.schedule.game_date is
'The day on which it is played, in the east of the United States.';
comment on column basketball_reference.schedule.start_time is
'As shown: 7:30p, on older pages 7:30 pm; United States Eastern time. NULL where none is shown.';
comment on column basketball_reference.schedule.tip_off_at is
'game_date and start_time as a moment. NULL where no time is shown.';
comment on column basketball_reference.schedule.away_team_id is
'The site''s code of the visitors in that season; on neutral ground of the first-named.';
comment on column basketball_reference.schedule.away_team_name is 'As displayed in that season.';
comment on column basketball_reference.schedule.home_team_id is 'The site''s code of the home team in that season.';
comment on column basketball_reference.schedule.home_team_name is 'As displayed in that season.';
comment on column basketball_reference.schedule.away_points is 'NULL until it is played.';
comment on column basketball_reference.schedule.home_points is 'NULL until it is played.';
comment on column basketball_reference.schedule.overtimes is
'How many were played: 0 for none, 1 for OT, 2 for 2OT. NULL until it is played.';
comment on column basketball_reference.schedule.attendance is 'NULL until it is known.';
comment on column basketball_reference.schedule.duration_minutes is
'From tip-off to the end. NULL on pages captured before the site showed it, and for old seasons.';
comment on column basketball_reference.schedule.arena_name is
'NULL on pages captured before the site showed it, and for old seasons.';
comment on column basketball_reference.schedule.remarks is
'The page''s note: Play-In Game, NBA Cup, at Paris, France. NULL if there is none.';
comment on column basketball_reference.schedule.stage is
'regular_season, play_in or playoffs. NULL where the month''s page cannot say: it lies after April and has '
'neither a divider nor a play-in game nor a pair of teams that meet again. Then it is playoffs if an earlier game '
'of the season is play_in or playoffs, and regular_season otherwise. The final of the NBA Cup, which counts in no '
'table, is regular_season: no remark tells it from the cup''s other games.';
comment on column basketball_reference.schedule.has_box_score is 'Whether the page links to the game''s box score.';
comment on column basketball_reference.schedule.extra is
'What no column takes, by the page''s data-stat. NULL if there is nothing.';
comment on column basketball_reference.schedule._dataset_id is 'The dataset in the catalog that the row belongs to.';
comment on column basketball_reference.schedule._revision is 'The dataset''s revision that brought the row.';
comment on column basketball_reference.schedule._loaded_at is 'When the row was last changed here.';
