create table if not exists basketball_reference.contract (
    observed_at timestamptz not null,
    player_id text not null,
    team_id text not null,
    season smallint not null,
    place smallint not null,
    player_name text not null,
    salary bigint,
    option text,
    guaranteed_total bigint,
    times_listed smallint not null,
    extra jsonb,
    _dataset_id bigint not null,
    _revision integer not null,
    _loaded_at timestamptz not null default now(),
    constraint contract_pkey primary key (observed_at, player_id, team_id, season, place)
);

create index if not exists contract_dataset_id_idx on basketball_reference.contract (_dataset_id);

comment on table basketball_reference.contract is
'What a team owes a player for a season, as it stood at one time. A player may be owed by several teams.';
comment on column basketball_reference.contract.observed_at is 'When the site said so.';
comment on column basketball_reference.contract.player_id is 'The site''s id of the player.';
comment on column basketball_reference.contract.team_id is 'The site''s code of the team that pays, as in team.';
comment on column basketball_reference.contract.season is 'By the year it ends in.';
comment on column basketball_reference.contract.place is
'1, and 2 where the site has a second line for player and team with other figures.';
comment on column basketball_reference.contract.player_name is 'As displayed.';
comment on column basketball_reference.contract.salary is
'US dollars. NULL in the one row of a line that has only a guarantee; its season is the first of the page.';
comment on column basketball_reference.contract.option is
'Who may end it before that season: player option, team option or another word of the page''s colour key. NULL for '
'nobody.';
comment on column basketball_reference.contract.guaranteed_total is
'US dollars of all seasons together that are guaranteed; the same in each row of a line. NULL if the site gives none.';
comment on column basketball_reference.contract.times_listed is
'How many lines of the page are equal to this one. The site repeats a line for each contract that ended, each time '
'with all its figures: they are not to be added up.';
comment on column basketball_reference.contract.extra is
'What no column takes, by the site''s data-stat. NULL if there is nothing.';
comment on column basketball_reference.contract._dataset_id is 'The dataset in the catalog that the row belongs to.';
comment on column basketball_reference.contract._revision is 'The dataset''s revision that brought the row.';
comment on column basketball_reference.contract._loaded_at is 'When the row was last changed here.';
