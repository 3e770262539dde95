create table if not exists basketball_reference.player_boxscore (
    game_id text not null,
    player_id text not null,
    season smallint not null,
    game_date date not null,
    player_name text not null,
    team_id text not null,
    opponent_id text not null,
    is_home boolean not null,
    won boolean not null,
    seconds_played integer not null,
    field_goals_made smallint,
    field_goals_attempted smallint,
    field_goal_percentage double precision,
    three_pointers_made smallint,
    three_pointers_attempted smallint,
    three_point_percentage double precision,
    free_throws_made smallint,
    free_throws_attempted smallint,
    free_throw_percentage double precision,
    offensive_rebounds smallint,
    defensive_rebounds smallint,
    total_rebounds smallint,
    assists smallint,
    steals smallint,
    blocks smallint,
    turnovers smallint,
    personal_fouls smallint,
    points smallint,
    plus_minus smallint,
    game_score double precision,
    extra jsonb,
    _dataset_id bigint not null,
    _revision integer not null,
    _loaded_at timestamptz not null default now(),
    constraint player_boxscore_pkey primary key (game_id, player_id)
);

create index if not exists player_boxscore_dataset_id_idx on basketball_reference.player_boxscore (_dataset_id);
create index if not exists player_boxscore_date_idx on basketball_reference.player_boxscore (game_date);
create index if not exists player_boxscore_player_idx on basketball_reference.player_boxscore (player_id, game_date);

comment on table basketball_reference.player_boxscore is
'What a player did in a game that they played in, from the page of the day''s leaders.';
comment on column basketball_reference.player_boxscore.game_id is 'basketball_reference.schedule.game_id';
comment on column basketball_reference.player_boxscore.player_id is 'The site''s id, as curryst01.';
comment on column basketball_reference.player_boxscore.season is 'The year that the season ends in.';
comment on column basketball_reference.player_boxscore.game_date is
'The page''s date, which is also the one in game_id.';
comment on column basketball_reference.player_boxscore.player_name is 'As displayed, with its accents.';
comment on column basketball_reference.player_boxscore.team_id is
'The site''s code in that season of the team that the player played for.';
comment on column basketball_reference.player_boxscore.opponent_id is 'The site''s code of the other team.';
comment on column basketball_reference.player_boxscore.is_home is 'Whether the player''s team is the home team.';
comment on column basketball_reference.player_boxscore.won is 'Whether the player''s team won.';
comment on column basketball_reference.player_boxscore.seconds_played is
'The time on the court, which the page shows as minutes and seconds.';
comment on column basketball_reference.player_boxscore.field_goals_made is 'Two-pointers and three-pointers.';
comment on column basketball_reference.player_boxscore.field_goal_percentage is
'A share from 0 to 1. NULL where nothing was attempted.';
comment on column basketball_reference.player_boxscore.three_point_percentage is
'A share from 0 to 1. NULL where nothing was attempted.';
comment on column basketball_reference.player_boxscore.free_throw_percentage is
'A share from 0 to 1. NULL where nothing was attempted.';
comment on column basketball_reference.player_boxscore.plus_minus is
'By how much the team outscored the other one while the player was on the court. NULL where the page lacks it: '
'the site added it later.';
comment on column basketball_reference.player_boxscore.game_score is
'John Hollinger''s measure of a player''s game, as the site computes it.';
comment on column basketball_reference.player_boxscore.extra is
'What no column takes, by the page''s data-stat. NULL if there is nothing.';
comment on column basketball_reference.player_boxscore._dataset_id is
'The dataset in the catalog that the row belongs to.';
comment on column basketball_reference.player_boxscore._revision is 'The dataset''s revision that brought the row.';
comment on column basketball_reference.player_boxscore._loaded_at is 'When the row was last changed here.';
comment on column basketball_reference.player_boxscore.field_goals_attempted is 'Shots from the field.';
comment on column basketball_reference.player_boxscore.three_pointers_made is 'Field goals of three points.';
comment on column basketball_reference.player_boxscore.three_pointers_attempted is 'Shots for three points.';
comment on column basketball_reference.player_boxscore.free_throws_made is 'Free throws that went in.';
comment on column basketball_reference.player_boxscore.free_throws_attempted is 'Free throws.';
comment on column basketball_reference.player_boxscore.offensive_rebounds is 'Rebounds of the own sides shots.';
comment on column basketball_reference.player_boxscore.defensive_rebounds is 'Rebounds of the other sides shots.';
comment on column basketball_reference.player_boxscore.total_rebounds is 'Rebounds of both kinds.';
comment on column basketball_reference.player_boxscore.assists is 'Passes that led to a field goal.';
comment on column basketball_reference.player_boxscore.steals is 'Balls taken from the other side.';
comment on column basketball_reference.player_boxscore.blocks is 'Shots of the other side that were blocked.';
comment on column basketball_reference.player_boxscore.turnovers is 'Balls lost.';
comment on column basketball_reference.player_boxscore.personal_fouls is 'Personal fouls.';
comment on column basketball_reference.player_boxscore.points is 'Points scored.';
