create table if not exists basketball_reference.transaction_party (
    transaction_id text collate "C" not null,
    place smallint not null,
    kind text not null,
    party_id text,
    party_name text not null,
    direction text,
    from_team_id text,
    to_team_id text,
    _dataset_id bigint not null,
    _revision integer not null,
    _loaded_at timestamptz not null default now(),
    constraint transaction_party_pkey primary key (transaction_id, place)
);

create index if not exists transaction_party_dataset_id_idx on basketball_reference.transaction_party (_dataset_id);
create index if not exists transaction_party_party_id_idx on basketball_reference.transaction_party (party_id);

comment on table basketball_reference.transaction_party is
'Who the sentence of a league_transaction names by a link: teams, players, coaches, executives. Cash, trade '
'exceptions and picks without a name are in its description only.';
comment on column basketball_reference.transaction_party.transaction_id is 'As in league_transaction.';
comment on column basketball_reference.transaction_party.place is 'Its place in the sentence, from 1.';
comment on column basketball_reference.transaction_party.kind is
'team, player, pick (the player who was later selected with a traded pick), coach, executive or other.';
comment on column basketball_reference.transaction_party.party_id is
'The site''s id: of a team its code of that season, as in team. NULL for a link that names none.';
comment on column basketball_reference.transaction_party.party_name is 'As displayed.';
comment on column basketball_reference.transaction_party.direction is
'from, to or both: how the site marks a team. It marks a team that converts a contract as from. NULL for a person.';
comment on column basketball_reference.transaction_party.from_team_id is
'The team that a person or pick leaves by this. NULL for a team, where none is left or the sentence does not say.';
comment on column basketball_reference.transaction_party.to_team_id is
'The team that a person or pick comes to by this. NULL for a team, where it is none or the sentence does not say.';
comment on column basketball_reference.transaction_party._dataset_id is
'The dataset in the catalog that the row belongs to.';
comment on column basketball_reference.transaction_party._revision is
'The dataset''s revision that last changed the row.';
comment on column basketball_reference.transaction_party._loaded_at is 'When the row was last changed here.';
