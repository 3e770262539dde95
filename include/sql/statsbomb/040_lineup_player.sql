create table if not exists statsbomb.lineup_player (
    match_id integer not null,
    player_id integer not null,
    team_id integer not null,
    team text not null,
    player text not null,
    player_nickname text,
    jersey_number smallint,
    country_id integer,
    country text,
    started boolean,
    minute_on smallint,
    minute_off smallint,
    seconds_played integer,
    yellow_cards smallint,
    red_cards smallint,
    positions jsonb,
    cards jsonb,
    extra jsonb,
    _dataset_id bigint not null,
    _revision integer not null,
    _loaded_at timestamptz not null default now(),
    constraint lineup_player_pkey primary key (match_id, player_id)
);

create index if not exists lineup_player_dataset_id_idx on statsbomb.lineup_player (_dataset_id);
create index if not exists lineup_player_player_id_idx on statsbomb.lineup_player (player_id);

comment on table statsbomb.lineup_player is 'A player in the squad of a match, whether he played or not.';
comment on column statsbomb.lineup_player.match_id is 'statsbomb.match.match_id';
comment on column statsbomb.lineup_player.player_id is 'StatsBomb''s number of the player.';
comment on column statsbomb.lineup_player.team_id is 'The team he was in: home_team_id or away_team_id of the match.';
comment on column statsbomb.lineup_player.team is 'Its name.';
comment on column statsbomb.lineup_player.player is 'The full name.';
comment on column statsbomb.lineup_player.player_nickname is 'What he is called, where that is not player.';
comment on column statsbomb.lineup_player.jersey_number is 'His number in this match.';
comment on column statsbomb.lineup_player.country_id is 'StatsBomb''s number of the country.';
comment on column statsbomb.lineup_player.country is 'The country he is from.';
comment on column statsbomb.lineup_player.started is
'Whether he is in the Starting XI. NULL where the events name none.';
comment on column statsbomb.lineup_player.minute_on is
'The minute in which he came on, 0 for a starter; NULL if he did not play. From the events, as are the next two: '
'positions lets who was sent off play to the end, and is out of order in matches with extra time.';
comment on column statsbomb.lineup_player.minute_off is
'The minute in which he left for good: substituted, sent off, or hurt and not replaced. NULL if he played to the '
'end, or not at all.';
comment on column statsbomb.lineup_player.seconds_played is
'Seconds of play between minute_on and minute_off, with stoppage and extra time, without the shoot-out; 0 for '
'whom the bench was all. A while off the pitch for treatment is not taken out.';
comment on column statsbomb.lineup_player.yellow_cards is
'Cards shown as yellow, a second one not among them; NULL in line-ups of 2018, which have no cards.';
comment on column statsbomb.lineup_player.red_cards is
'1 if he was sent off, by a red card or a second yellow; NULL as yellow_cards.';
comment on column statsbomb.lineup_player.positions is
'A list of {position_id, position, from, to, from_period, to_period, start_reason, end_reason}, as the provider '
'wrote it: empty for whom the bench was all. NULL in line-ups of 2018.';
comment on column statsbomb.lineup_player.cards is
'A list of {time, card_type, reason, period}; empty for none. NULL in line-ups of 2018.';
comment on column statsbomb.lineup_player.extra is
'Members that no column takes, by the provider''s names. NULL if there are none.';
comment on column statsbomb.lineup_player._dataset_id is 'The dataset in the catalog that the row belongs to.';
comment on column statsbomb.lineup_player._revision is 'The dataset''s revision that last changed the row.';
comment on column statsbomb.lineup_player._loaded_at is 'When the row was last changed here.';
