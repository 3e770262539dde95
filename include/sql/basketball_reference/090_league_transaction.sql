create table if not exists basketball_reference.league_transaction (
    transaction_id text collate "C" not null,
    season smallint not null,
    transaction_date date,
    date_text text not null,
    position smallint not null,
    kind text not null,
    description text not null,
    _dataset_id bigint not null,
    _revision integer not null,
    _loaded_at timestamptz not null default now(),
    constraint league_transaction_pkey primary key (transaction_id)
);

create index if not exists league_transaction_dataset_id_idx on basketball_reference.league_transaction (_dataset_id);

comment on table basketball_reference.league_transaction is
'A deal: a signing, a trade, a waiver ... as the site words it. Its players and teams are in transaction_party.';
comment on column basketball_reference.league_transaction.transaction_id is
'Ours, as the site gives deals no id: a hash of season, day and words, and of which it is among equal ones.';
comment on column basketball_reference.league_transaction.season is
'The season that the site lists it under, by the year it ends in.';
comment on column basketball_reference.league_transaction.transaction_date is
'NULL where the site does not know the day.';
comment on column basketball_reference.league_transaction.date_text is 'The day as displayed; ? for an unknown one.';
comment on column basketball_reference.league_transaction.position is
'Its place on the page among the deals of that day, from 1.';
comment on column basketball_reference.league_transaction.kind is
'signed, waived, traded, drafted, claimed, converted, suspended, hired, fired, retired, assigned, recalled or other: '
'by the verb of the sentence.';
comment on column basketball_reference.league_transaction.description is 'As displayed, with single blanks.';
comment on column basketball_reference.league_transaction._dataset_id is
'The dataset in the catalog that the row belongs to.';
comment on column basketball_reference.league_transaction._revision is
'The dataset''s revision that last changed the row.';
comment on column basketball_reference.league_transaction._loaded_at is 'When the row was last changed here.';
