-- Millions of rows: the key is compared byte by byte, which no locale slows down, and there is no foreign key
create table if not exists football_data.match_odds (
    match_id text collate "C" not null,
    bookmaker text collate "C" not null,
    market text collate "C" not null,
    timing text collate "C" not null,
    outcome text collate "C" not null,
    line real,
    price double precision not null,
    _dataset_id bigint not null,
    _revision integer not null,
    _loaded_at timestamptz not null default now(),
    constraint match_odds_pkey primary key (match_id, bookmaker, market, timing, outcome)
);

create index if not exists match_odds_dataset_id_idx on football_data.match_odds (_dataset_id);

comment on table football_data.match_odds is 'A price that was published for a match: one row for each filled cell.';
comment on column football_data.match_odds.match_id is 'football_data.match.match_id';
comment on column football_data.match_odds.bookmaker is
'Name, or the site''s code if it is a new one; "market maximum" and "market average" are taken over many.';
comment on column football_data.match_odds.market is 'match result, over/under or asian handicap';
comment on column football_data.match_odds.timing is
'closing: at kick-off. opening: collected on Friday afternoon for a weekend, on Tuesday afternoon for midweek.';
comment on column football_data.match_odds.outcome is
'What is bet on: home, draw or away; over or under; home or away with the handicap.';
comment on column football_data.match_odds.line is
'Goals of over/under, the home team''s handicap of an Asian handicap (-0.25 ...), NULL for the match result or '
'where the site gives none.';
comment on column football_data.match_odds.price is
'Decimal odds, as published: 0 and values below 1 are the site''s own slips.';
comment on column football_data.match_odds._dataset_id is 'The dataset in the catalog that the row belongs to.';
comment on column football_data.match_odds._revision is 'The dataset''s revision that last changed the row.';
comment on column football_data.match_odds._loaded_at is 'When the row was last changed here.';
