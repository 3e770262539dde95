create schema if not exists basketball_reference;

comment on schema basketball_reference is
'The NBA day by day: schedule, box scores, play-by-play, season statistics, injuries, transactions and contracts, '
'from basketball-reference.com. A season is named by the year in which it ends. Players, teams and games have the '
'site''s ids; a team''s is its code of that season (NJN until 2012, BRK since).';
