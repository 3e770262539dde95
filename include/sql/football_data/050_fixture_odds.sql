create table if not exists football_data.fixture_odds (
    observed_at timestamptz not null,
    division text not null,
    match_date date not null,
    home_team text not null,
    away_team text not null,
    bookmaker text collate "C" not null,
    market text collate "C" not null,
    timing text collate "C" not null,
    outcome text collate "C" not null,
    line real,
    price double precision not null,
    _dataset_id bigint not null,
    _revision integer not null,
    _loaded_at timestamptz not null default now(),
    constraint fixture_odds_pkey primary key (
        observed_at, division, match_date, home_team, away_team, bookmaker, market, timing, outcome
    )
);

create index if not exists fixture_odds_dataset_id_idx on football_data.fixture_odds (_dataset_id);

comment on table football_data.fixture_odds is
'A price for a match of the next days, as it stood at one time. The columns mean what they mean in match_odds.';
comment on column football_data.fixture_odds.observed_at is 'When the file said so.';
comment on column football_data.fixture_odds.division is 'The site''s code of a main division.';
comment on column football_data.fixture_odds.match_date is 'As announced.';
comment on column football_data.fixture_odds.home_team is 'Written as in match.home_team.';
comment on column football_data.fixture_odds.away_team is 'Written as in match.away_team.';
comment on column football_data.fixture_odds.bookmaker is
'Name, or the site''s code if it is a new one; "market maximum" and "market average" are taken over many.';
comment on column football_data.fixture_odds.market is 'match result, over/under or asian handicap';
comment on column football_data.fixture_odds.timing is 'opening or closing';
comment on column football_data.fixture_odds.outcome is
'What is bet on: home, draw or away; over or under; home or away with the handicap.';
comment on column football_data.fixture_odds.line is
'Goals of over/under, the home team''s handicap of an Asian handicap, NULL for the match result or where the '
'site gives none.';
comment on column football_data.fixture_odds.price is 'Decimal odds, as published.';
comment on column football_data.fixture_odds._dataset_id is 'The dataset in the catalog that the row belongs to.';
comment on column football_data.fixture_odds._revision is 'The dataset''s revision that brought the row.';
comment on column football_data.fixture_odds._loaded_at is 'When the row was last changed here.';
