create table if not exists basketball_reference.injury (
    observed_at timestamptz not null,
    player_id text not null,
    place smallint not null,
    player_name text not null,
    team_id text,
    team_name text,
    updated_on date,
    updated_text text,
    status text not null,
    reason text,
    description text,
    extra jsonb,
    _dataset_id bigint not null,
    _revision integer not null,
    _loaded_at timestamptz not null default now(),
    constraint injury_pkey primary key (observed_at, player_id, place)
);

create index if not exists injury_dataset_id_idx on basketball_reference.injury (_dataset_id);

comment on table basketball_reference.injury is
'A player on the list of the injured, as it stood from one time until it changed. Who is not on the newest list of '
'injury_report is no longer on it.';
comment on column basketball_reference.injury.observed_at is
'When the site was first seen to say so, as in injury_report.';
comment on column basketball_reference.injury.player_id is 'The site''s id of the player.';
comment on column basketball_reference.injury.place is
'1 for the player''s first line on the list, 2 for a second one.';
comment on column basketball_reference.injury.player_name is 'As displayed.';
comment on column basketball_reference.injury.team_id is 'The site''s code of his team, as in team. NULL without one.';
comment on column basketball_reference.injury.team_name is 'As displayed.';
comment on column basketball_reference.injury.updated_on is
'The day of the last news of him. NULL if the site gives none that is a day.';
comment on column basketball_reference.injury.updated_text is 'That day as displayed, such as Tue, Sep 20, 2022.';
comment on column basketball_reference.injury.status is
'out_for_season, out, day_to_day, or unknown: how the description begins.';
comment on column basketball_reference.injury.reason is
'What the description has in brackets: a part of the body, Rest, Not With Team. NULL if it has none.';
comment on column basketball_reference.injury.description is 'As displayed, status and reason included.';
comment on column basketball_reference.injury.extra is
'What no column takes, by the site''s data-stat. NULL if there is nothing.';
comment on column basketball_reference.injury._dataset_id is 'The dataset in the catalog that the row belongs to.';
comment on column basketball_reference.injury._revision is 'The dataset''s revision that brought the row.';
comment on column basketball_reference.injury._loaded_at is 'When the row was last changed here.';
