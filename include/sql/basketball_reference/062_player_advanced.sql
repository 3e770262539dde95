create table if not exists basketball_reference.player_advanced (
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
    player_efficiency_rating double precision,
    true_shooting_percentage double precision,
    three_point_attempt_rate double precision,
    free_throw_rate double precision,
    offensive_rebound_percentage double precision,
    defensive_rebound_percentage double precision,
    total_rebound_percentage double precision,
    assist_percentage double precision,
    steal_percentage double precision,
    block_percentage double precision,
    turnover_percentage double precision,
    usage_percentage double precision,
    offensive_win_shares double precision,
    defensive_win_shares double precision,
    win_shares double precision,
    win_shares_per_48_minutes double precision,
    offensive_box_plus_minus double precision,
    defensive_box_plus_minus double precision,
    box_plus_minus double precision,
    value_over_replacement_player double precision,
    awards text,
    extra jsonb,
    _dataset_id bigint not null,
    _revision integer not null,
    _loaded_at timestamptz not null default now(),
    constraint player_advanced_pkey primary key (season, stage, player_id, team_id),
    constraint player_advanced_stage_check check (stage in ('regular_season', 'playoffs')),
    constraint player_advanced_team_count_check check (team_count > 0)
);

create index if not exists player_advanced_dataset_id_idx on basketball_reference.player_advanced (_dataset_id);
create index if not exists player_advanced_player_id_idx on basketball_reference.player_advanced (player_id);

comment on table basketball_reference.player_advanced is
'Rates and ratings that the site computes of a player''s season or playoffs. It computes them anew now and then, '
'for past seasons too.';
comment on column basketball_reference.player_advanced.season is 'The year in which the season ends.';
comment on column basketball_reference.player_advanced.stage is 'regular_season or playoffs.';
comment on column basketball_reference.player_advanced.player_id is
'The site''s id (doncilu01), which ends his page''s address.';
comment on column basketball_reference.player_advanced.team_id is
'The site''s code of that season. TOT where the row sums up all his teams of the season, each of which has a row '
'too: leave one or the other out of a sum.';
comment on column basketball_reference.player_advanced.team_count is
'How many teams the row is about: 1, more for TOT.';
comment on column basketball_reference.player_advanced.player_name is 'As displayed.';
comment on column basketball_reference.player_advanced.position is 'Where he plays, as the site writes it (PG, SF-SG).';
comment on column basketball_reference.player_advanced.age is
'On 1 February of the season. NULL where the site does not know it.';
comment on column basketball_reference.player_advanced.games_started is
'NULL before 1981/82, and where the page does not say.';
comment on column basketball_reference.player_advanced.player_efficiency_rating is
'PER: production a minute; the league''s average is 15.';
comment on column basketball_reference.player_advanced.true_shooting_percentage is
'points / (2 * (field_goals_attempted + 0.44 * free_throws_attempted)), as a share.';
comment on column basketball_reference.player_advanced.three_point_attempt_rate is
'Three-point attempts for each field goal attempt.';
comment on column basketball_reference.player_advanced.free_throw_rate is
'Free throw attempts for each field goal attempt.';
comment on column basketball_reference.player_advanced.offensive_rebound_percentage is
'Estimated per cent (0 to 100) of the offensive rebounds to be had that he got.';
comment on column basketball_reference.player_advanced.defensive_rebound_percentage is
'Estimated per cent (0 to 100) of the defensive rebounds to be had that he got.';
comment on column basketball_reference.player_advanced.total_rebound_percentage is
'Estimated per cent (0 to 100) of the rebounds to be had that he got.';
comment on column basketball_reference.player_advanced.assist_percentage is
'Estimated per cent (0 to 100) of his teammates'' field goals that he assisted.';
comment on column basketball_reference.player_advanced.steal_percentage is
'Estimated per cent (0 to 100) of the opponents'' possessions that ended with his steal.';
comment on column basketball_reference.player_advanced.block_percentage is
'Estimated per cent (0 to 100) of the opponents'' two-point attempts that he blocked.';
comment on column basketball_reference.player_advanced.turnover_percentage is 'Turnovers in 100 plays, estimated.';
comment on column basketball_reference.player_advanced.usage_percentage is
'Estimated per cent (0 to 100) of the team''s plays that he used while on the floor.';
comment on column basketball_reference.player_advanced.offensive_win_shares is 'Wins owed to his offence; estimated.';
comment on column basketball_reference.player_advanced.defensive_win_shares is 'Wins owed to his defence; estimated.';
comment on column basketball_reference.player_advanced.win_shares is 'Offensive and defensive ones together.';
comment on column basketball_reference.player_advanced.win_shares_per_48_minutes is
'The league''s average is about 0.1.';
comment on column basketball_reference.player_advanced.offensive_box_plus_minus is
'Points above the average player in 100 possessions, from the box score.';
comment on column basketball_reference.player_advanced.defensive_box_plus_minus is
'Points above the average player in 100 possessions, from the box score.';
comment on column basketball_reference.player_advanced.box_plus_minus is 'Offensive and defensive ones together.';
comment on column basketball_reference.player_advanced.value_over_replacement_player is
'Points above a replacement player in 100 possessions of the team, over a season of 82 games.';
comment on column basketball_reference.player_advanced.awards is
'Votes, selections and honours of the season as the site writes them (MVP-3,AS,NBA1). NULL for none, and on pages '
'from before the autumn of 2024.';
comment on column basketball_reference.player_advanced.extra is
'Columns that no column of ours takes, by the site''s data-stat. NULL if there are none.';
comment on column basketball_reference.player_advanced._dataset_id is
'The dataset in the catalog that the row belongs to.';
comment on column basketball_reference.player_advanced._revision is
'The dataset''s revision that last changed the row.';
comment on column basketball_reference.player_advanced._loaded_at is 'When the row was last changed here.';
comment on column basketball_reference.player_advanced.games_played is 'Games in which the player played.';
comment on column basketball_reference.player_advanced.minutes_played is 'Minutes, of all games.';
