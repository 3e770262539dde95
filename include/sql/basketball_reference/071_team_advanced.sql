create table if not exists basketball_reference.team_advanced (
    season smallint not null,
    team_id text not null,
    team_name text not null,
    made_playoffs boolean not null,
    average_age double precision,
    wins smallint,
    losses smallint,
    expected_wins smallint,
    expected_losses smallint,
    margin_of_victory double precision,
    strength_of_schedule double precision,
    simple_rating double precision,
    offensive_rating double precision,
    defensive_rating double precision,
    net_rating double precision,
    pace double precision,
    free_throw_rate double precision,
    three_point_attempt_rate double precision,
    true_shooting_percentage double precision,
    effective_field_goal_percentage double precision,
    turnover_percentage double precision,
    offensive_rebound_percentage double precision,
    free_throws_per_field_goal_attempt double precision,
    opponent_effective_field_goal_percentage double precision,
    opponent_turnover_percentage double precision,
    defensive_rebound_percentage double precision,
    opponent_free_throws_per_field_goal_attempt double precision,
    arena text,
    attendance integer,
    attendance_per_game integer,
    extra jsonb,
    _dataset_id bigint not null,
    _revision integer not null,
    _loaded_at timestamptz not null default now(),
    constraint team_advanced_pkey primary key (season, team_id)
);

create index if not exists team_advanced_dataset_id_idx on basketball_reference.team_advanced (_dataset_id);

comment on table basketball_reference.team_advanced is
'Ratings that the site computes of a team''s regular season, with record and attendance.';
comment on column basketball_reference.team_advanced.season is 'The year in which the season ends.';
comment on column basketball_reference.team_advanced.team_id is 'The site''s code of that season.';
comment on column basketball_reference.team_advanced.team_name is 'As displayed.';
comment on column basketball_reference.team_advanced.made_playoffs is
'Whether the page marks the team as in the playoffs; false before that is decided.';
comment on column basketball_reference.team_advanced.average_age is 'Of its players, weighted by minutes.';
comment on column basketball_reference.team_advanced.expected_wins is 'From points scored and allowed.';
comment on column basketball_reference.team_advanced.expected_losses is 'From points scored and allowed.';
comment on column basketball_reference.team_advanced.margin_of_victory is 'Points a game.';
comment on column basketball_reference.team_advanced.strength_of_schedule is
'Points above or below average; 0 is average.';
comment on column basketball_reference.team_advanced.simple_rating is
'margin_of_victory + strength_of_schedule: points above or below average.';
comment on column basketball_reference.team_advanced.offensive_rating is 'Points scored in 100 possessions.';
comment on column basketball_reference.team_advanced.defensive_rating is 'Points allowed in 100 possessions.';
comment on column basketball_reference.team_advanced.net_rating is
'offensive_rating - defensive_rating, as published; NULL on pages that leave it out.';
comment on column basketball_reference.team_advanced.pace is 'Possessions in 48 minutes.';
comment on column basketball_reference.team_advanced.free_throw_rate is
'Free throw attempts for each field goal attempt.';
comment on column basketball_reference.team_advanced.three_point_attempt_rate is
'Three-point attempts for each field goal attempt.';
comment on column basketball_reference.team_advanced.true_shooting_percentage is
'points / (2 * (field_goals_attempted + 0.44 * free_throws_attempted)), as a share.';
comment on column basketball_reference.team_advanced.effective_field_goal_percentage is
'(field_goals_made + 0.5 * three_pointers_made) / field_goals_attempted: a share, 1.5 where every shot was a three '
'that went in.';
comment on column basketball_reference.team_advanced.turnover_percentage is 'Turnovers in 100 plays.';
comment on column basketball_reference.team_advanced.offensive_rebound_percentage is
'Per cent (0 to 100) of the offensive rebounds to be had.';
comment on column basketball_reference.team_advanced.free_throws_per_field_goal_attempt is
'Free throws made for each field goal attempt.';
comment on column basketball_reference.team_advanced.opponent_effective_field_goal_percentage is
'As effective_field_goal_percentage, of the opponents.';
comment on column basketball_reference.team_advanced.opponent_turnover_percentage is
'As turnover_percentage, of the opponents.';
comment on column basketball_reference.team_advanced.defensive_rebound_percentage is
'Per cent (0 to 100) of the defensive rebounds to be had.';
comment on column basketball_reference.team_advanced.opponent_free_throws_per_field_goal_attempt is
'Free throws made for each field goal attempt.';
comment on column basketball_reference.team_advanced.arena is 'Its name in that season.';
comment on column basketball_reference.team_advanced.attendance is 'Over all home games.';
comment on column basketball_reference.team_advanced.attendance_per_game is 'At home.';
comment on column basketball_reference.team_advanced.extra is
'Columns that no column of ours takes, by the site''s data-stat. NULL if there are none.';
comment on column basketball_reference.team_advanced._dataset_id is
'The dataset in the catalog that the row belongs to.';
comment on column basketball_reference.team_advanced._revision is 'The dataset''s revision that last changed the row.';
comment on column basketball_reference.team_advanced._loaded_at is 'When the row was last changed here.';
comment on column basketball_reference.team_advanced.wins is 'Games won.';
comment on column basketball_reference.team_advanced.losses is 'Games lost.';
