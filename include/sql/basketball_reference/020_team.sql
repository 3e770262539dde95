create table if not exists basketball_reference.team (
    team_id text not null,
    first_season smallint not null,
    last_season smallint,
    franchise_id text not null,
    team_name text not null,
    city text not null,
    nickname text not null,
    nba_code text,
    espn_code text,
    draftkings_code text,
    draftkings_name text,
    covers_code text,
    aliases text[] not null,
    constraint team_pkey primary key (team_id, first_season)
);

comment on table basketball_reference.team is
'An NBA team since 1949-50 under one name. It is reference data: this file fills it, no dataset does.';
comment on column basketball_reference.team.team_id is
'The site''s code in these seasons. One code, NOH, stands for two spans; CHA is the Bobcats and no longer in use.';
comment on column basketball_reference.team.first_season is
'The first season of name and code, by the year it ends in.';
comment on column basketball_reference.team.last_season is 'The last one. NULL: still in use.';
comment on column basketball_reference.team.franchise_id is
'The code that the franchise has today, or had last. The Hornets of 1989-2002 are CHO, as the NBA counts them.';
comment on column basketball_reference.team.team_name is 'As the site displays it, without the star of a playoff team.';
comment on column basketball_reference.team.city is 'The place in its name.';
comment on column basketball_reference.team.nickname is 'The rest of its name.';
comment on column basketball_reference.team.nba_code is
'The NBA''s own code. This and those of the other books: NULL for a team of the past.';
comment on column basketball_reference.team.espn_code is 'ESPN''s code.';
comment on column basketball_reference.team.draftkings_code is
'DraftKings''s code. Its names of events say LA for both teams of Los Angeles: see draftkings_name.';
comment on column basketball_reference.team.draftkings_name is 'What DraftKings calls it in events, such as PHO Suns.';
comment on column basketball_reference.team.covers_code is 'The code of covers.com, where odds of before came from.';
comment on column basketball_reference.team.aliases is
'Every code and name above and other ones in use. In one season an alias means one team: '
'where ''PHX'' = any(aliases) and season between first_season and coalesce(last_season, season).';

insert into basketball_reference.team
select
    team_id,
    first_season,
    last_season,
    franchise_id,
    city || ' ' || nickname as team_name,
    city,
    nickname,
    nba_code,
    espn_code,
    draftkings_code,
    draftkings_name,
    covers_code,
    array(
        select distinct alias collate "C"
        from
            unnest(
                array[team_id, city || ' ' || nickname, nba_code, espn_code, draftkings_code, draftkings_name]
                || covers_code || other_aliases::text[]
            ) as alias
        where alias is not null
        order by 1
    ) as aliases
from (
    values
    ('TRI', 1950, 1951, 'ATL', 'Tri-Cities', 'Blackhawks', null, null, null, null, null, '{}'),
    ('MLH', 1952, 1955, 'ATL', 'Milwaukee', 'Hawks', null, null, null, null, null, '{}'),
    ('STL', 1956, 1968, 'ATL', 'St. Louis', 'Hawks', null, null, null, null, null, '{}'),
    ('ATL', 1969, null, 'ATL', 'Atlanta', 'Hawks', 'ATL', 'ATL', 'ATL', 'ATL Hawks', 'ATL', '{}'),
    ('BOS', 1950, null, 'BOS', 'Boston', 'Celtics', 'BOS', 'BOS', 'BOS', 'BOS Celtics', 'BOS', '{}'),
    ('NYN', 1977, 1977, 'BRK', 'New York', 'Nets', null, null, null, null, null, '{}'),
    ('NJN', 1978, 2012, 'BRK', 'New Jersey', 'Nets', null, null, null, null, null, '{NJ}'),
    ('BRK', 2013, null, 'BRK', 'Brooklyn', 'Nets', 'BKN', 'BKN', 'BKN', 'BKN Nets', 'BK', '{}'),
    ('CHI', 1967, null, 'CHI', 'Chicago', 'Bulls', 'CHI', 'CHI', 'CHI', 'CHI Bulls', 'CHI', '{}'),
    ('CHH', 1989, 2002, 'CHO', 'Charlotte', 'Hornets', null, null, null, null, null, '{}'),
    ('CHA', 2005, 2014, 'CHO', 'Charlotte', 'Bobcats', null, null, null, null, null, '{}'),
    ('CHO', 2015, null, 'CHO', 'Charlotte', 'Hornets', 'CHA', 'CHA', 'CHA', 'CHA Hornets', 'CHA', '{}'),
    ('CLE', 1971, null, 'CLE', 'Cleveland', 'Cavaliers', 'CLE', 'CLE', 'CLE', 'CLE Cavaliers', 'CLE', '{}'),
    ('DAL', 1981, null, 'DAL', 'Dallas', 'Mavericks', 'DAL', 'DAL', 'DAL', 'DAL Mavericks', 'DAL', '{}'),
    ('DEN', 1977, null, 'DEN', 'Denver', 'Nuggets', 'DEN', 'DEN', 'DEN', 'DEN Nuggets', 'DEN', '{}'),
    ('FTW', 1950, 1957, 'DET', 'Fort Wayne', 'Pistons', null, null, null, null, null, '{}'),
    ('DET', 1958, null, 'DET', 'Detroit', 'Pistons', 'DET', 'DET', 'DET', 'DET Pistons', 'DET', '{}'),
    ('PHW', 1950, 1962, 'GSW', 'Philadelphia', 'Warriors', null, null, null, null, null, '{}'),
    ('SFW', 1963, 1971, 'GSW', 'San Francisco', 'Warriors', null, null, null, null, null, '{}'),
    ('GSW', 1972, null, 'GSW', 'Golden State', 'Warriors', 'GSW', 'GS', 'GS', 'GS Warriors', 'GS', '{}'),
    ('SDR', 1968, 1971, 'HOU', 'San Diego', 'Rockets', null, null, null, null, null, '{}'),
    ('HOU', 1972, null, 'HOU', 'Houston', 'Rockets', 'HOU', 'HOU', 'HOU', 'HOU Rockets', 'HOU', '{}'),
    ('IND', 1977, null, 'IND', 'Indiana', 'Pacers', 'IND', 'IND', 'IND', 'IND Pacers', 'IND', '{}'),
    ('BUF', 1971, 1978, 'LAC', 'Buffalo', 'Braves', null, null, null, null, null, '{}'),
    ('SDC', 1979, 1984, 'LAC', 'San Diego', 'Clippers', null, null, null, null, null, '{}'),
    ('LAC', 1985, null, 'LAC', 'Los Angeles', 'Clippers', 'LAC', 'LAC', 'LAC', 'LA Clippers', 'LAC', '{}'),
    ('MNL', 1950, 1960, 'LAL', 'Minneapolis', 'Lakers', null, null, null, null, null, '{}'),
    ('LAL', 1961, null, 'LAL', 'Los Angeles', 'Lakers', 'LAL', 'LAL', 'LAL', 'LA Lakers', 'LAL', '{}'),
    ('VAN', 1996, 2001, 'MEM', 'Vancouver', 'Grizzlies', null, null, null, null, null, '{}'),
    ('MEM', 2002, null, 'MEM', 'Memphis', 'Grizzlies', 'MEM', 'MEM', 'MEM', 'MEM Grizzlies', 'MEM', '{}'),
    ('MIA', 1989, null, 'MIA', 'Miami', 'Heat', 'MIA', 'MIA', 'MIA', 'MIA Heat', 'MIA', '{}'),
    ('MIL', 1969, null, 'MIL', 'Milwaukee', 'Bucks', 'MIL', 'MIL', 'MIL', 'MIL Bucks', 'MIL', '{}'),
    ('MIN', 1990, null, 'MIN', 'Minnesota', 'Timberwolves', 'MIN', 'MIN', 'MIN', 'MIN Timberwolves', 'MIN', '{}'),
    ('NOH', 2003, 2005, 'NOP', 'New Orleans', 'Hornets', null, null, null, null, null, '{NO}'),
    ('NOK', 2006, 2007, 'NOP', 'New Orleans/Oklahoma City', 'Hornets', null, null, null, null, null, '{NO}'),
    ('NOH', 2008, 2013, 'NOP', 'New Orleans', 'Hornets', null, null, null, null, null, '{NO}'),
    ('NOP', 2014, null, 'NOP', 'New Orleans', 'Pelicans', 'NOP', 'NO', 'NO', 'NO Pelicans', 'NO', '{}'),
    ('NYK', 1950, null, 'NYK', 'New York', 'Knicks', 'NYK', 'NY', 'NY', 'NY Knicks', 'NY', '{}'),
    ('SEA', 1968, 2008, 'OKC', 'Seattle', 'SuperSonics', null, null, null, null, null, '{}'),
    ('OKC', 2009, null, 'OKC', 'Oklahoma City', 'Thunder', 'OKC', 'OKC', 'OKC', 'OKC Thunder', 'OKC', '{}'),
    ('ORL', 1990, null, 'ORL', 'Orlando', 'Magic', 'ORL', 'ORL', 'ORL', 'ORL Magic', 'ORL', '{}'),
    ('SYR', 1950, 1963, 'PHI', 'Syracuse', 'Nationals', null, null, null, null, null, '{}'),
    ('PHI', 1964, null, 'PHI', 'Philadelphia', '76ers', 'PHI', 'PHI', 'PHI', 'PHI 76ers', 'PHI', '{}'),
    ('PHO', 1969, null, 'PHO', 'Phoenix', 'Suns', 'PHX', 'PHX', 'PHO', 'PHO Suns', 'PHO', '{}'),
    ('POR', 1971, null, 'POR', 'Portland', 'Trail Blazers', 'POR', 'POR', 'POR', 'POR Trail Blazers', 'POR', '{}'),
    ('ROC', 1950, 1957, 'SAC', 'Rochester', 'Royals', null, null, null, null, null, '{}'),
    ('CIN', 1958, 1972, 'SAC', 'Cincinnati', 'Royals', null, null, null, null, null, '{}'),
    ('KCO', 1973, 1975, 'SAC', 'Kansas City-Omaha', 'Kings', null, null, null, null, null, '{}'),
    ('KCK', 1976, 1985, 'SAC', 'Kansas City', 'Kings', null, null, null, null, null, '{}'),
    ('SAC', 1986, null, 'SAC', 'Sacramento', 'Kings', 'SAC', 'SAC', 'SAC', 'SAC Kings', 'SAC', '{}'),
    ('SAS', 1977, null, 'SAS', 'San Antonio', 'Spurs', 'SAS', 'SA', 'SA', 'SA Spurs', 'SA', '{}'),
    ('TOR', 1996, null, 'TOR', 'Toronto', 'Raptors', 'TOR', 'TOR', 'TOR', 'TOR Raptors', 'TOR', '{}'),
    ('NOJ', 1975, 1979, 'UTA', 'New Orleans', 'Jazz', null, null, null, null, null, '{}'),
    ('UTA', 1980, null, 'UTA', 'Utah', 'Jazz', 'UTA', 'UTAH', 'UTA', 'UTA Jazz', 'UTA', '{}'),
    ('CHP', 1962, 1962, 'WAS', 'Chicago', 'Packers', null, null, null, null, null, '{}'),
    ('CHZ', 1963, 1963, 'WAS', 'Chicago', 'Zephyrs', null, null, null, null, null, '{}'),
    ('BAL', 1964, 1973, 'WAS', 'Baltimore', 'Bullets', null, null, null, null, null, '{}'),
    ('CAP', 1974, 1974, 'WAS', 'Capital', 'Bullets', null, null, null, null, null, '{}'),
    ('WSB', 1975, 1997, 'WAS', 'Washington', 'Bullets', null, null, null, null, null, '{}'),
    ('WAS', 1998, null, 'WAS', 'Washington', 'Wizards', 'WAS', 'WSH', 'WAS', 'WAS Wizards', 'WAS', '{}'),
    ('AND', 1950, 1950, 'AND', 'Anderson', 'Packers', null, null, null, null, null, '{}'),
    ('BLB', 1950, 1955, 'BLB', 'Baltimore', 'Bullets', null, null, null, null, null, '{}'),
    ('CHS', 1950, 1950, 'CHS', 'Chicago', 'Stags', null, null, null, null, null, '{}'),
    ('DNN', 1950, 1950, 'DNN', 'Denver', 'Nuggets', null, null, null, null, null, '{}'),
    ('INO', 1950, 1953, 'INO', 'Indianapolis', 'Olympians', null, null, null, null, null, '{}'),
    ('SHE', 1950, 1950, 'SHE', 'Sheboygan', 'Red Skins', null, null, null, null, null, '{}'),
    ('STB', 1950, 1950, 'STB', 'St. Louis', 'Bombers', null, null, null, null, null, '{}'),
    ('WAT', 1950, 1950, 'WAT', 'Waterloo', 'Hawks', null, null, null, null, null, '{}'),
    ('WSC', 1950, 1951, 'WSC', 'Washington', 'Capitols', null, null, null, null, null, '{}')
)
    as known (
        team_id,
        first_season,
        last_season,
        franchise_id,
        city,
        nickname,
        nba_code,
        espn_code,
        draftkings_code,
        draftkings_name,
        covers_code,
        other_aliases
    )
on conflict (team_id, first_season) do update set
    last_season = excluded.last_season,
    franchise_id = excluded.franchise_id,
    team_name = excluded.team_name,
    city = excluded.city,
    nickname = excluded.nickname,
    nba_code = excluded.nba_code,
    espn_code = excluded.espn_code,
    draftkings_code = excluded.draftkings_code,
    draftkings_name = excluded.draftkings_name,
    covers_code = excluded.covers_code,
    aliases = excluded.aliases;
