create table if not exists basketball_reference.player_totals (
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
    field_goals_made smallint,
    field_goals_attempted smallint,
    three_pointers_made smallint,
    three_pointers_attempted smallint,
    two_pointers_made smallint,
    two_pointers_attempted smallint,
    free_throws_made smallint,
    free_throws_attempted smallint,
    offensive_rebounds smallint,
    defensive_rebounds smallint,
    total_rebounds smallint,
    assists smallint,
    steals smallint,
    blocks smallint,
    turnovers smallint,
    personal_fouls smallint,
    points smallint,
    field_goal_percentage double precision,
    three_point_percentage double precision,
    two_point_percentage double precision,
    effective_field_goal_percentage double precision,
    free_throw_percentage double precision,
    triple_doubles smallint,
    awards text,
    extra jsonb,
    _dataset_id bigint not null,
    _revision integer not null,
    _loaded_at timestamptz not null default now(),
    constraint player_totals_pkey primary key (season, stage, player_id, team_id),
    constraint player_totals_stage_check check (stage in ('regular_season', 'playoffs')),
    constraint player_totals_team_count_check check (team_count > 0)
);

create index if not exists player_totals_dataset_id_idx on basketball_reference.player_totals (_dataset_id);
create index if not exists player_totals_player_id_idx on basketball_reference.player_totals (player_id);

comment on table basketball_reference.player_totals is 'A player''s sums over a season or its playoffs.';
comment on column basketball_reference.player_totals.season is 'The year in which the season ends.';
comment on column basketball_reference.player_totals.stage is 'regular_season or playoffs.';
comment on column basketball_reference.player_totals.player_id is
'The site''s id (doncilu01), which ends his page''s address.';
comment on column basketball_reference.player_totals.team_id is
'The site''s code of that season. TOT where the row sums up all his teams of the season, each of which has a row '
'too: leave one or the other out of a sum.';
comment on column basketball_reference.player_totals.team_count is 'How many teams the row is about: 1, more for TOT.';
comment on column basketball_reference.player_totals.player_name is 'As displayed.';
comment on column basketball_reference.player_totals.position is 'Where he plays, as the site writes it (PG, SF-SG).';
comment on column basketball_reference.player_totals.age is
'On 1 February of the season. NULL where the site does not know it.';
comment on column basketball_reference.player_totals.games_started is
'NULL before 1981/82, and where the page does not say.';
comment on column basketball_reference.player_totals.three_pointers_made is 'NULL before 1979/80.';
comment on column basketball_reference.player_totals.field_goal_percentage is
'A share from 0 to 1; NULL where nothing was attempted.';
comment on column basketball_reference.player_totals.three_point_percentage is
'A share from 0 to 1; NULL where nothing was attempted.';
comment on column basketball_reference.player_totals.two_point_percentage is
'A share from 0 to 1; NULL where nothing was attempted.';
comment on column basketball_reference.player_totals.effective_field_goal_percentage is
'(field_goals_made + 0.5 * three_pointers_made) / field_goals_attempted: a share, 1.5 where every shot was a three '
'that went in.';
comment on column basketball_reference.player_totals.free_throw_percentage is
'A share from 0 to 1; NULL where nothing was attempted.';
comment on column basketball_reference.player_totals.triple_doubles is 'NULL on pages from before the autumn of 2024.';
comment on column basketball_reference.player_totals.awards is
'Votes, selections and honours of the season as the site writes them (MVP-3,AS,NBA1). NULL for none, and on pages '
'from before the autumn of 2024.';
comment on column basketball_reference.player_totals.extra is
'Columns that no column of ours takes, by the site''s data-stat. NULL if there are none.';
comment on column basketball_reference.player_totals._dataset_id is
'The dataset in the catalog that the row belongs to.';
comment on column basketball_reference.player_totals._revision is 'The dataset''s revision that last changed the row.';
comment on column basketball_reference.player_totals._loaded_at is 'When the row was last changed here.';
comment on column basketball_reference.player_totals.games_played is 'Games in which the player played.';
comment on column basketball_reference.player_totals.minutes_played is 'Minutes, of all games.';
comment on column basketball_reference.player_totals.field_goals_made is 'Field goals, of two points and of three.';
comment on column basketball_reference.player_totals.field_goals_attempted is 'Shots from the field.';
comment on column basketball_reference.player_totals.three_pointers_attempted is 'Shots for three points.';
comment on column basketball_reference.player_totals.two_pointers_made is 'Field goals of two points.';
comment on column basketball_reference.player_totals.two_pointers_attempted is 'Shots for two points.';
comment on column basketball_reference.player_totals.free_throws_made is 'Free throws that went in.';
comment on column basketball_reference.player_totals.free_throws_attempted is 'Free throws.';
comment on column basketball_reference.player_totals.offensive_rebounds is 'Rebounds of the own sides shots.';
comment on column basketball_reference.player_totals.defensive_rebounds is 'Rebounds of the other sides shots.';
comment on column basketball_reference.player_totals.total_rebounds is 'Rebounds of both kinds.';
comment on column basketball_reference.player_totals.assists is 'Passes that led to a field goal.';
comment on column basketball_reference.player_totals.steals is 'Balls taken from the other side.';
comment on column basketball_reference.player_totals.blocks is 'Shots of the other side that were blocked.';
comment on column basketball_reference.player_totals.turnovers is 'Balls lost.';
comment on column basketball_reference.player_totals.personal_fouls is 'Personal fouls.';
comment on column basketball_reference.player_totals.points is 'Points scored.';
