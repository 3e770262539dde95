create schema if not exists statsbomb;

comment on schema statsbomb is
'Football matches event by event, with line-ups and 360 freeze frames, from StatsBomb open data. '
'Coordinates are on a pitch of 120 by 80, seen by the acting team, which plays from x = 0 to x = 120; y grows '
'from its left to its right.';
