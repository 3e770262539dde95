create table if not exists basketball_reference.player_per_game (
    season smallint not null,
    stage text not null,
    player_id text not null,
    team_id text not null,
    team_count smallint not null,
    player_name text not null,
    position text,
    age smallint,
    games_played smallint,
    games_started smallint,
    minutes_per_game double precision,
    field_goals_made_per_game double precision,
    field_goals_attempted_per_game double precision,
    three_pointers_made_per_game double precision,
    three_pointers_attempted_per_game double precision,
    two_pointers_made_per_game double precision,
    two_pointers_attempted_per_game double precision,
    free_throws_made_per_game double precision,
    free_throws_attempted_per_game double precision,
    offensive_rebounds_per_game double precision,
    defensive_rebounds_per_game double precision,
    total_rebounds_per_game double precision,
    assists_per_game double precision,
    steals_per_game double precision,
    blocks_per_game double precision,
    turnovers_per_game double precision,
    personal_fouls_per_game double precision,
    points_per_game double precision,
    field_goal_percentage double precision,
    three_point_percentage double precision,
    two_point_percentage double precision,
    effective_field_goal_percentage double precision,
    free_throw_percentage double precision,
    awards text,
    extra jsonb,
    _dataset_id bigint not null,
    _revision integer not null,
    _loaded_at timestamptz not null default now(),
    constraint player_per_game_pkey primary key (season, stage, player_id, team_id),
    constraint player_per_game_stage_check check (stage in ('regular_season', 'playoffs')),
    constraint player_per_game_team_count_check check (team_count > 0)
);

create index if not exists player_per_game_dataset_id_idx on basketball_reference.player_per_game (_dataset_id);
create index if not exists player_per_game_player_id_idx on basketball_reference.player_per_game (player_id);

comment on table basketball_reference.player_per_game is 'A player''s averages a game over a season or its playoffs.';
comment on column basketball_reference.player_per_game.season is 'The year in which the season ends.';
comment on column basketball_reference.player_per_game.stage is 'regular_season or playoffs.';
comment on column basketball_reference.player_per_game.player_id is
'The site''s id (doncilu01), which ends his page''s address.';
comment on column basketball_reference.player_per_game.team_id is
'The site''s code of that season. TOT where the row sums up all his teams of the season, each of which has a row '
'too: leave one or the other out of a sum.';
comment on column basketball_reference.player_per_game.team_count is
'How many teams the row is about: 1, more for TOT.';
comment on column basketball_reference.player_per_game.player_name is 'As displayed.';
comment on column basketball_reference.player_per_game.position is 'Where he plays, as the site writes it (PG, SF-SG).';
comment on column basketball_reference.player_per_game.age is
'On 1 February of the season. NULL where the site does not know it.';
comment on column basketball_reference.player_per_game.games_started is
'NULL before 1981/82, and where the page does not say.';
comment on column basketball_reference.player_per_game.minutes_per_game is 'Minutes as a decimal number.';
comment on column basketball_reference.player_per_game.three_pointers_made_per_game is 'NULL before 1979/80.';
comment on column basketball_reference.player_per_game.field_goal_percentage is
'A share from 0 to 1; NULL where nothing was attempted.';
comment on column basketball_reference.player_per_game.three_point_percentage is
'A share from 0 to 1; NULL where nothing was attempted.';
comment on column basketball_reference.player_per_game.two_point_percentage is
'A share from 0 to 1; NULL where nothing was attempted.';
comment on column basketball_reference.player_per_game.effective_field_goal_percentage is
'(field_goals_made + 0.5 * three_pointers_made) / field_goals_attempted: a share, 1.5 where every shot was a three '
'that went in.';
comment on column basketball_reference.player_per_game.free_throw_percentage is
'A share from 0 to 1; NULL where nothing was attempted.';
comment on column basketball_reference.player_per_game.awards is
'Votes, selections and honours of the season as the site writes them (MVP-3,AS,NBA1). NULL for none, and on pages '
'from before the autumn of 2024.';
comment on column basketball_reference.player_per_game.extra is
'Columns that no column of ours takes, by the site''s data-stat. NULL if there are none.';
comment on column basketball_reference.player_per_game._dataset_id is
'The dataset in the catalog that the row belongs to.';
comment on column basketball_reference.player_per_game._revision is
'The dataset''s revision that last changed the row.';
comment on column basketball_reference.player_per_game._loaded_at is 'When the row was last changed here.';
comment on column basketball_reference.player_per_game.games_played is 'Games in which the player played.';
comment on column basketball_reference.player_per_game.field_goals_made_per_game is
'A game: field goals, of two points and of three.';
comment on column basketball_reference.player_per_game.field_goals_attempted_per_game is
'A game: shots from the field.';
comment on column basketball_reference.player_per_game.three_pointers_attempted_per_game is
'A game: shots for three points.';
comment on column basketball_reference.player_per_game.two_pointers_made_per_game is
'A game: field goals of two points.';
comment on column basketball_reference.player_per_game.two_pointers_attempted_per_game is
'A game: shots for two points.';
comment on column basketball_reference.player_per_game.free_throws_made_per_game is 'A game: free throws that went in.';
comment on column basketball_reference.player_per_game.free_throws_attempted_per_game is 'A game: free throws.';
comment on column basketball_reference.player_per_game.offensive_rebounds_per_game is
'A game: rebounds of the own sides shots.';
comment on column basketball_reference.player_per_game.defensive_rebounds_per_game is
'A game: rebounds of the other sides shots.';
comment on column basketball_reference.player_per_game.total_rebounds_per_game is 'A game: rebounds of both kinds.';
comment on column basketball_reference.player_per_game.assists_per_game is 'A game: passes that led to a field goal.';
comment on column basketball_reference.player_per_game.steals_per_game is 'A game: balls taken from the other side.';
comment on column basketball_reference.player_per_game.blocks_per_game is
'A game: shots of the other side that were blocked.';
comment on column basketball_reference.player_per_game.turnovers_per_game is 'A game: balls lost.';
comment on column basketball_reference.player_per_game.personal_fouls_per_game is 'A game: personal fouls.';
comment on column basketball_reference.player_per_game.points_per_game is 'A game: points scored.';
