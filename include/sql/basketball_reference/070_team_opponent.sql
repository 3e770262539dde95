create table if not exists basketball_reference.team_opponent (
    season smallint not null,
    team_id text not null,
    team_name text not null,
    made_playoffs boolean not null,
    games_played smallint,
    minutes_per_game double precision,
    opponent_field_goals_made_per_game double precision,
    opponent_field_goals_attempted_per_game double precision,
    opponent_three_pointers_made_per_game double precision,
    opponent_three_pointers_attempted_per_game double precision,
    opponent_two_pointers_made_per_game double precision,
    opponent_two_pointers_attempted_per_game double precision,
    opponent_free_throws_made_per_game double precision,
    opponent_free_throws_attempted_per_game double precision,
    opponent_offensive_rebounds_per_game double precision,
    opponent_defensive_rebounds_per_game double precision,
    opponent_total_rebounds_per_game double precision,
    opponent_assists_per_game double precision,
    opponent_steals_per_game double precision,
    opponent_blocks_per_game double precision,
    opponent_turnovers_per_game double precision,
    opponent_personal_fouls_per_game double precision,
    opponent_points_per_game double precision,
    opponent_field_goal_percentage double precision,
    opponent_three_point_percentage double precision,
    opponent_two_point_percentage double precision,
    opponent_free_throw_percentage double precision,
    extra jsonb,
    _dataset_id bigint not null,
    _revision integer not null,
    _loaded_at timestamptz not null default now(),
    constraint team_opponent_pkey primary key (season, team_id)
);

create index if not exists team_opponent_dataset_id_idx on basketball_reference.team_opponent (_dataset_id);

comment on table basketball_reference.team_opponent is
'What a team''s opponents averaged against it a game, over a regular season.';
comment on column basketball_reference.team_opponent.season is 'The year in which the season ends.';
comment on column basketball_reference.team_opponent.team_id is 'The site''s code of that season.';
comment on column basketball_reference.team_opponent.team_name is 'As displayed.';
comment on column basketball_reference.team_opponent.made_playoffs is
'Whether the page marks the team as in the playoffs; false before that is decided.';
comment on column basketball_reference.team_opponent.minutes_per_game is 'Minutes as a decimal number.';
comment on column basketball_reference.team_opponent.opponent_points_per_game is 'What the team allowed.';
comment on column basketball_reference.team_opponent.opponent_field_goal_percentage is
'A share from 0 to 1; NULL where nothing was attempted.';
comment on column basketball_reference.team_opponent.opponent_three_point_percentage is
'A share from 0 to 1; NULL where nothing was attempted.';
comment on column basketball_reference.team_opponent.opponent_two_point_percentage is
'A share from 0 to 1; NULL where nothing was attempted.';
comment on column basketball_reference.team_opponent.opponent_free_throw_percentage is
'A share from 0 to 1; NULL where nothing was attempted.';
comment on column basketball_reference.team_opponent.extra is
'Columns that no column of ours takes, by the site''s data-stat. NULL if there are none.';
comment on column basketball_reference.team_opponent._dataset_id is
'The dataset in the catalog that the row belongs to.';
comment on column basketball_reference.team_opponent._revision is 'The dataset''s revision that last changed the row.';
comment on column basketball_reference.team_opponent._loaded_at is 'When the row was last changed here.';
comment on column basketball_reference.team_opponent.games_played is 'Games that the team played.';
comment on column basketball_reference.team_opponent.opponent_field_goals_made_per_game is
'Of the opponents, a game: field goals, of two points and of three.';
comment on column basketball_reference.team_opponent.opponent_field_goals_attempted_per_game is
'Of the opponents, a game: shots from the field.';
comment on column basketball_reference.team_opponent.opponent_three_pointers_made_per_game is
'Of the opponents, a game: field goals of three points.';
comment on column basketball_reference.team_opponent.opponent_three_pointers_attempted_per_game is
'Of the opponents, a game: shots for three points.';
comment on column basketball_reference.team_opponent.opponent_two_pointers_made_per_game is
'Of the opponents, a game: field goals of two points.';
comment on column basketball_reference.team_opponent.opponent_two_pointers_attempted_per_game is
'Of the opponents, a game: shots for two points.';
comment on column basketball_reference.team_opponent.opponent_free_throws_made_per_game is
'Of the opponents, a game: free throws that went in.';
comment on column basketball_reference.team_opponent.opponent_free_throws_attempted_per_game is
'Of the opponents, a game: free throws.';
comment on column basketball_reference.team_opponent.opponent_offensive_rebounds_per_game is
'Of the opponents, a game: offensive rebounds.';
comment on column basketball_reference.team_opponent.opponent_defensive_rebounds_per_game is
'Of the opponents, a game: defensive rebounds.';
comment on column basketball_reference.team_opponent.opponent_total_rebounds_per_game is
'Of the opponents, a game: total rebounds.';
comment on column basketball_reference.team_opponent.opponent_assists_per_game is
'Of the opponents, a game: passes that led to a field goal.';
comment on column basketball_reference.team_opponent.opponent_steals_per_game is
'Of the opponents, a game: balls taken from this team.';
comment on column basketball_reference.team_opponent.opponent_blocks_per_game is
'Of the opponents, a game: shots of this team that were blocked.';
comment on column basketball_reference.team_opponent.opponent_turnovers_per_game is
'Of the opponents, a game: balls lost.';
comment on column basketball_reference.team_opponent.opponent_personal_fouls_per_game is
'Of the opponents, a game: personal fouls.';
