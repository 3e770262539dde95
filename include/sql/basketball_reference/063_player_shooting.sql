create table if not exists basketball_reference.player_shooting (
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
    minutes_played smallint,
    field_goal_percentage double precision,
    average_shot_distance_feet double precision,
    two_point_attempt_share double precision,
    attempt_share_0_to_3_feet double precision,
    attempt_share_3_to_10_feet double precision,
    attempt_share_10_to_16_feet double precision,
    attempt_share_16_feet_to_three_point_line double precision,
    three_point_attempt_share double precision,
    two_point_percentage double precision,
    field_goal_percentage_0_to_3_feet double precision,
    field_goal_percentage_3_to_10_feet double precision,
    field_goal_percentage_10_to_16_feet double precision,
    field_goal_percentage_16_feet_to_three_point_line double precision,
    three_point_percentage double precision,
    two_pointers_assisted_share double precision,
    three_pointers_assisted_share double precision,
    dunk_attempt_share double precision,
    dunks_made smallint,
    corner_three_point_attempt_share double precision,
    corner_three_point_percentage double precision,
    heaves_attempted smallint,
    heaves_made smallint,
    awards text,
    extra jsonb,
    _dataset_id bigint not null,
    _revision integer not null,
    _loaded_at timestamptz not null default now(),
    constraint player_shooting_pkey primary key (season, stage, player_id, team_id),
    constraint player_shooting_stage_check check (stage in ('regular_season', 'playoffs')),
    constraint player_shooting_team_count_check check (team_count > 0)
);

create index if not exists player_shooting_dataset_id_idx on basketball_reference.player_shooting (_dataset_id);
create index if not exists player_shooting_player_id_idx on basketball_reference.player_shooting (player_id);

comment on table basketball_reference.player_shooting is
'Where a player''s shots came from over a season or its playoffs. Known since 1996/97.';
comment on column basketball_reference.player_shooting.season is 'The year in which the season ends.';
comment on column basketball_reference.player_shooting.stage is 'regular_season or playoffs.';
comment on column basketball_reference.player_shooting.player_id is
'The site''s id (doncilu01), which ends his page''s address.';
comment on column basketball_reference.player_shooting.team_id is
'The site''s code of that season. TOT where the row sums up all his teams of the season, each of which has a row '
'too: leave one or the other out of a sum.';
comment on column basketball_reference.player_shooting.team_count is
'How many teams the row is about: 1, more for TOT.';
comment on column basketball_reference.player_shooting.player_name is 'As displayed.';
comment on column basketball_reference.player_shooting.position is 'Where he plays, as the site writes it (PG, SF-SG).';
comment on column basketball_reference.player_shooting.age is
'On 1 February of the season. NULL where the site does not know it.';
comment on column basketball_reference.player_shooting.games_started is
'NULL before 1981/82, and where the page does not say.';
comment on column basketball_reference.player_shooting.field_goal_percentage is
'A share from 0 to 1; NULL where nothing was attempted.';
comment on column basketball_reference.player_shooting.average_shot_distance_feet is 'Of all his attempts.';
comment on column basketball_reference.player_shooting.two_point_attempt_share is
'Share (0 to 1) of his field goal attempts.';
comment on column basketball_reference.player_shooting.attempt_share_0_to_3_feet is
'Share (0 to 1) of his field goal attempts that came from there.';
comment on column basketball_reference.player_shooting.attempt_share_3_to_10_feet is
'Share (0 to 1) of his field goal attempts that came from there.';
comment on column basketball_reference.player_shooting.attempt_share_10_to_16_feet is
'Share (0 to 1) of his field goal attempts that came from there.';
comment on column basketball_reference.player_shooting.attempt_share_16_feet_to_three_point_line is
'Share (0 to 1) of his field goal attempts that came from there.';
comment on column basketball_reference.player_shooting.three_point_attempt_share is
'Share (0 to 1) of his field goal attempts.';
comment on column basketball_reference.player_shooting.two_point_percentage is
'A share from 0 to 1; NULL where nothing was attempted.';
comment on column basketball_reference.player_shooting.field_goal_percentage_0_to_3_feet is
'A share from 0 to 1 of his attempts from there; NULL for none.';
comment on column basketball_reference.player_shooting.field_goal_percentage_3_to_10_feet is
'A share from 0 to 1 of his attempts from there; NULL for none.';
comment on column basketball_reference.player_shooting.field_goal_percentage_10_to_16_feet is
'A share from 0 to 1 of his attempts from there; NULL for none.';
comment on column basketball_reference.player_shooting.field_goal_percentage_16_feet_to_three_point_line is
'A share from 0 to 1 of his attempts from there; NULL for none.';
comment on column basketball_reference.player_shooting.three_point_percentage is
'A share from 0 to 1; NULL where nothing was attempted.';
comment on column basketball_reference.player_shooting.two_pointers_assisted_share is
'Share (0 to 1) of those he made.';
comment on column basketball_reference.player_shooting.three_pointers_assisted_share is
'Share (0 to 1) of those he made.';
comment on column basketball_reference.player_shooting.dunk_attempt_share is
'Share (0 to 1) of his field goal attempts.';
comment on column basketball_reference.player_shooting.corner_three_point_attempt_share is
'Share (0 to 1) of his three-point attempts.';
comment on column basketball_reference.player_shooting.corner_three_point_percentage is
'A share from 0 to 1; NULL where nothing was attempted.';
comment on column basketball_reference.player_shooting.heaves_attempted is 'Shots from beyond half court.';
comment on column basketball_reference.player_shooting.heaves_made is 'Shots from beyond half court.';
comment on column basketball_reference.player_shooting.awards is
'Votes, selections and honours of the season as the site writes them (MVP-3,AS,NBA1). NULL for none, and on pages '
'from before the autumn of 2024.';
comment on column basketball_reference.player_shooting.extra is
'Columns that no column of ours takes, by the site''s data-stat. NULL if there are none.';
comment on column basketball_reference.player_shooting._dataset_id is
'The dataset in the catalog that the row belongs to.';
comment on column basketball_reference.player_shooting._revision is
'The dataset''s revision that last changed the row.';
comment on column basketball_reference.player_shooting._loaded_at is 'When the row was last changed here.';
comment on column basketball_reference.player_shooting.games_played is 'Games in which the player played.';
comment on column basketball_reference.player_shooting.minutes_played is 'Minutes, of all games.';
comment on column basketball_reference.player_shooting.dunks_made is 'Dunks that went in.';
