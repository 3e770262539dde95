create table if not exists basketball_reference.play_by_play (
    game_id text not null,
    event_number smallint not null,
    season smallint not null,
    game_date date not null,
    away_team_id text not null,
    home_team_id text not null,
    period smallint not null,
    clock text not null,
    seconds_remaining double precision not null,
    elapsed_seconds double precision not null,
    event_type text not null,
    event_team_id text,
    away_event text,
    home_event text,
    neutral_event text,
    away_points smallint,
    home_points smallint,
    away_score smallint not null,
    home_score smallint not null,
    player_id text,
    second_player_id text,
    third_player_id text,
    shot_points smallint,
    shot_type text,
    shot_distance_feet smallint,
    extra jsonb,
    _dataset_id bigint not null,
    _revision integer not null,
    _loaded_at timestamptz not null default now(),
    constraint play_by_play_pkey primary key (game_id, event_number)
);

create index if not exists play_by_play_dataset_id_idx on basketball_reference.play_by_play (_dataset_id);
create index if not exists play_by_play_date_idx on basketball_reference.play_by_play (game_date);
create index if not exists play_by_play_player_idx on basketball_reference.play_by_play (player_id);

comment on table basketball_reference.play_by_play is 'An event of a game, in the page''s order.';
comment on column basketball_reference.play_by_play.game_id is 'basketball_reference.schedule.game_id';
comment on column basketball_reference.play_by_play.event_number is 'Its place on the page, from 1.';
comment on column basketball_reference.play_by_play.season is 'The year that the season ends in.';
comment on column basketball_reference.play_by_play.game_date is 'The day in game_id.';
comment on column basketball_reference.play_by_play.away_team_id is 'The site''s code of the visitors in that season.';
comment on column basketball_reference.play_by_play.home_team_id is 'The site''s code of the home team in that season.';
comment on column basketball_reference.play_by_play.period is
'1 to 4 for the quarters, 5 for the first overtime, 6 for the second.';
comment on column basketball_reference.play_by_play.clock is 'What is left of the period, as shown: 11:47.0.';
comment on column basketball_reference.play_by_play.seconds_remaining is 'clock in seconds.';
comment on column basketball_reference.play_by_play.elapsed_seconds is
'From the game''s start, stoppages left out; a quarter is 720 seconds, an overtime 300.';
comment on column basketball_reference.play_by_play.event_type is
'jump_ball, period_start, period_end, made_shot, missed_shot, free_throw_made, free_throw_missed, '
'offensive_rebound, defensive_rebound, turnover, foul, substitution, timeout, violation, ejection, replay, or '
'other for a text that none of them takes.';
comment on column basketball_reference.play_by_play.event_team_id is
'The team in whose column the text stands. NULL for what stands across both. A foul may stand in the column of '
'the team that suffered it: the site places it so in older seasons.';
comment on column basketball_reference.play_by_play.away_event is 'The text in the visitors'' column.';
comment on column basketball_reference.play_by_play.home_event is 'The text in the home team''s column.';
comment on column basketball_reference.play_by_play.neutral_event is
'The text across both: a jump ball, a period''s start or end.';
comment on column basketball_reference.play_by_play.away_points is
'What the event added to the visitors'' score. NULL for nothing.';
comment on column basketball_reference.play_by_play.home_points is
'What the event added to the home team''s score. NULL for nothing.';
comment on column basketball_reference.play_by_play.away_score is
'After the event; where the page shows none, as after the one before.';
comment on column basketball_reference.play_by_play.home_score is
'After the event; where the page shows none, as after the one before.';
comment on column basketball_reference.play_by_play.player_id is
'The first player in the text: who shoots, rebounds, fouls, comes in. NULL for a team''s event.';
comment on column basketball_reference.play_by_play.second_player_id is
'The second one: who assists, blocks, steals, is fouled, goes out.';
comment on column basketball_reference.play_by_play.third_player_id is
'The third one: who has the ball after a jump ball.';
comment on column basketball_reference.play_by_play.shot_points is
'2 or 3: what a shot is worth, made or missed. NULL for what is no shot from the field.';
comment on column basketball_reference.play_by_play.shot_type is
'jump shot, layup, dunk, hook shot, tip-in ... NULL for what is no shot from the field.';
comment on column basketball_reference.play_by_play.shot_distance_feet is
'0 at the rim. NULL for what is no shot from the field, and where the page does not say.';
comment on column basketball_reference.play_by_play.extra is 'Player ids after the third. NULL if there are none.';
comment on column basketball_reference.play_by_play._dataset_id is
'The dataset in the catalog that the row belongs to.';
comment on column basketball_reference.play_by_play._revision is 'The dataset''s revision that brought the row.';
comment on column basketball_reference.play_by_play._loaded_at is 'When the row was last changed here.';
