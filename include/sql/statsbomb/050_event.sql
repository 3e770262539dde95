-- Millions of rows: one index beside the key, and there is no foreign key
create table if not exists statsbomb.event (
    match_id integer not null,
    event_id uuid not null,
    event_index integer not null,
    period smallint not null,
    timestamp double precision not null,
    minute smallint not null,
    second smallint not null,
    type_id smallint not null,
    type text not null,
    possession integer,
    possession_team_id integer,
    possession_team text,
    play_pattern_id smallint,
    play_pattern text,
    team_id integer not null,
    team text not null,
    player_id integer,
    player text,
    position_id smallint,
    position text,
    location_x double precision,
    location_y double precision,
    duration double precision,
    under_pressure boolean not null,
    counterpress boolean not null,
    out boolean not null,
    off_camera boolean not null,
    pass_recipient_id integer,
    pass_recipient text,
    pass_length double precision,
    pass_angle double precision,
    pass_height text,
    pass_end_x double precision,
    pass_end_y double precision,
    pass_outcome text,
    pass_type text,
    pass_body_part text,
    pass_technique text,
    pass_cross boolean,
    pass_switch boolean,
    pass_through_ball boolean,
    pass_cut_back boolean,
    pass_shot_assist boolean,
    pass_goal_assist boolean,
    pass_assisted_shot_id uuid,
    shot_statsbomb_xg double precision,
    shot_end_x double precision,
    shot_end_y double precision,
    shot_end_z double precision,
    shot_outcome text,
    shot_type text,
    shot_technique text,
    shot_body_part text,
    shot_first_time boolean,
    shot_key_pass_id uuid,
    carry_end_x double precision,
    carry_end_y double precision,
    ball_receipt_outcome text,
    dribble_outcome text,
    duel_type text,
    duel_outcome text,
    interception_outcome text,
    fifty_fifty_outcome text,
    goalkeeper_type text,
    goalkeeper_outcome text,
    foul_committed_type text,
    foul_committed_card text,
    foul_committed_penalty boolean,
    foul_won_penalty boolean,
    bad_behaviour_card text,
    substitution_outcome text,
    substitution_replacement_id integer,
    substitution_replacement text,
    formation integer,
    detail jsonb not null,
    _dataset_id bigint not null,
    _revision integer not null,
    _loaded_at timestamptz not null default now(),
    constraint event_pkey primary key (match_id, event_id)
);

create index if not exists event_dataset_id_idx on statsbomb.event (_dataset_id);

comment on table statsbomb.event is
'What happened in a match, one row an event: pass, carry, shot, pressure ... The columns of a kind (pass_, shot_ ...) '
'are NULL for all other kinds; its flags are false where the provider leaves them out.';
comment on column statsbomb.event.match_id is 'statsbomb.match.match_id';
comment on column statsbomb.event.event_id is 'The provider''s uuid of the event.';
comment on column statsbomb.event.event_index is 'The order of the match''s events, from 1, without gaps.';
comment on column statsbomb.event.period is
'1 and 2: the halves; 3 and 4: extra time; 5: the shoot-out, whose goals are not in the score.';
comment on column statsbomb.event.timestamp is
'Seconds since the start of the period, to a thousandth, as duration is in seconds; starts anew in each period.';
comment on column statsbomb.event.minute is
'The minute on the match clock, which starts at 45, 90, 105 and 120 in periods 2 to 5.';
comment on column statsbomb.event.second is 'The second of minute.';
comment on column statsbomb.event.type_id is 'StatsBomb''s number of type.';
comment on column statsbomb.event.type is 'Pass, Carry, Shot, Ball Receipt* (with its star) ...';
comment on column statsbomb.event.possession is 'The number of the possession within the match.';
comment on column statsbomb.event.possession_team_id is 'The team that starts the possession.';
comment on column statsbomb.event.possession_team is 'Its name.';
comment on column statsbomb.event.play_pattern_id is 'StatsBomb''s number of play_pattern.';
comment on column statsbomb.event.play_pattern is 'Where the possession came from: Regular Play, From Corner ...';
comment on column statsbomb.event.team_id is 'The team whose event it is.';
comment on column statsbomb.event.team is 'Its name.';
comment on column statsbomb.event.player_id is
'statsbomb.lineup_player.player_id; NULL where the event is the team''s (Half Start, Starting XI ...).';
comment on column statsbomb.event.player is 'The player''s full name.';
comment on column statsbomb.event.position_id is 'StatsBomb''s number of position, 1 to 25; 0 for Substitute.';
comment on column statsbomb.event.position is 'Where the player plays at that time; NULL as player_id.';
comment on column statsbomb.event.location_x is
'0 at the acting team''s own goal line to 120 at the other; NULL where the event has no place.';
comment on column statsbomb.event.location_y is
'0 to 80, from the acting team''s left to its right; a ball that is out may lie a little beyond.';
comment on column statsbomb.event.duration is 'Seconds; NULL for every Ball Receipt*.';
comment on column statsbomb.event.under_pressure is 'Whether the player was pressed by an opponent.';
comment on column statsbomb.event.counterpress is
'Whether it presses the ball within five seconds of its loss.';
comment on column statsbomb.event.out is 'Whether the ball goes out by it.';
comment on column statsbomb.event.off_camera is 'Whether the picture did not show it.';
comment on column statsbomb.event.pass_recipient_id is 'Whom the pass went to, or was meant for. NULL if unknown.';
comment on column statsbomb.event.pass_recipient is 'His full name.';
comment on column statsbomb.event.pass_length is 'Yards, from location to end.';
comment on column statsbomb.event.pass_angle is 'Radians; 0 is straight ahead, positive clockwise (to the right).';
comment on column statsbomb.event.pass_height is 'Ground Pass, Low Pass or High Pass.';
comment on column statsbomb.event.pass_end_x is 'As location_x.';
comment on column statsbomb.event.pass_end_y is 'As location_y.';
comment on column statsbomb.event.pass_outcome is
'Incomplete, Out, Pass Offside, Injury Clearance or Unknown; NULL is a pass that arrived.';
comment on column statsbomb.event.pass_type is 'Corner, Free Kick, Throw-in, Recovery ...; NULL in open play.';
comment on column statsbomb.event.pass_body_part is 'Right Foot, Head, Keeper Arm ...';
comment on column statsbomb.event.pass_technique is 'Through Ball, Inswinging, Outswinging, Straight.';
comment on column statsbomb.event.pass_cross is 'Whether it is a cross.';
comment on column statsbomb.event.pass_switch is 'Whether it crosses at least half the width of the pitch.';
comment on column statsbomb.event.pass_through_ball is
'Whether it splits the last line of defence, as pass_technique says too.';
comment on column statsbomb.event.pass_cut_back is 'Whether it is pulled back from near the goal line.';
comment on column statsbomb.event.pass_shot_assist is 'Whether a shot came of it that is no goal.';
comment on column statsbomb.event.pass_goal_assist is 'Whether a goal came of it.';
comment on column statsbomb.event.pass_assisted_shot_id is 'The event_id of the shot that came of it.';
comment on column statsbomb.event.shot_statsbomb_xg is 'StatsBomb''s probability that it is a goal, 0 to 1.';
comment on column statsbomb.event.shot_end_x is 'As location_x.';
comment on column statsbomb.event.shot_end_y is 'As location_y; the goal is between 36 and 44.';
comment on column statsbomb.event.shot_end_z is
'Height in yards, 2.67 at the bar; NULL for a shot that did not come so far.';
comment on column statsbomb.event.shot_outcome is 'Goal, Saved, Blocked, Off T, Post, Wayward ...';
comment on column statsbomb.event.shot_type is 'Open Play, Free Kick, Penalty, Corner or Kick Off.';
comment on column statsbomb.event.shot_technique is 'Normal, Volley, Lob ...';
comment on column statsbomb.event.shot_body_part is 'Right Foot, Left Foot, Head or Other.';
comment on column statsbomb.event.shot_first_time is 'Whether it was struck at the first touch.';
comment on column statsbomb.event.shot_key_pass_id is 'The event_id of the pass that it came of.';
comment on column statsbomb.event.carry_end_x is 'As location_x.';
comment on column statsbomb.event.carry_end_y is 'As location_y.';
comment on column statsbomb.event.ball_receipt_outcome is 'Incomplete; NULL is a ball that was received.';
comment on column statsbomb.event.dribble_outcome is 'Complete or Incomplete.';
comment on column statsbomb.event.duel_type is 'Tackle or Aerial Lost.';
comment on column statsbomb.event.duel_outcome is 'Won, Success In Play, Lost Out ...; NULL of a lost aerial.';
comment on column statsbomb.event.interception_outcome is 'Won, Success In Play, Lost Out ...';
comment on column statsbomb.event.fifty_fifty_outcome is 'Of type 50/50: Won, Lost, Success To Team ...';
comment on column statsbomb.event.goalkeeper_type is 'Shot Saved, Goal Conceded, Collected, Punch ...';
comment on column statsbomb.event.goalkeeper_outcome is 'Success, Touched Out, In Play Danger ...';
comment on column statsbomb.event.foul_committed_type is 'Handball, Dive, Dangerous Play ...; NULL for the usual.';
comment on column statsbomb.event.foul_committed_card is 'Yellow Card, Second Yellow or Red Card.';
comment on column statsbomb.event.foul_committed_penalty is 'Whether the foul gave a penalty.';
comment on column statsbomb.event.foul_won_penalty is 'Whether the foul won a penalty.';
comment on column statsbomb.event.bad_behaviour_card is 'As foul_committed_card, for what was no foul.';
comment on column statsbomb.event.substitution_outcome is 'Tactical or Injury; player is who goes off.';
comment on column statsbomb.event.substitution_replacement_id is 'The player_id of who comes on.';
comment on column statsbomb.event.substitution_replacement is 'His full name.';
comment on column statsbomb.event.formation is
'Of Starting XI and Tactical Shift: 433, 4231 ...; the players are in detail.';
comment on column statsbomb.event.detail is
'The whole event by the provider''s names: what no column takes (related_events, shot.freeze_frame ...) is there.';
comment on column statsbomb.event._dataset_id is 'The dataset in the catalog that the row belongs to.';
comment on column statsbomb.event._revision is 'The dataset''s revision that last changed the row.';
comment on column statsbomb.event._loaded_at is 'When the row was last changed here.';
