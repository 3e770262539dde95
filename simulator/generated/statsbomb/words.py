"""The provider's words with their numbers, as the JSON text that they become in an event."""

from __future__ import annotations

from simulator.generated.statsbomb.spelling import named

PATTERNS = {
    number: f',\n  "play_pattern" : {named(number, name, "  ")}'
    for number, name in {
        1: "Regular Play",
        2: "From Corner",
        3: "From Free Kick",
        4: "From Throw In",
        5: "Other",
        6: "From Counter",
        7: "From Goal Kick",
        8: "From Keeper",
        9: "From Kick Off",
    }.items()
}
REGULAR, CORNER, FREE_KICK, THROW_IN, OTHER, COUNTER, GOAL_KICK, KEEPER, KICK_OFF = range(1, 10)

KINDS = {
    "Ball Recovery": 2,
    "Dispossessed": 3,
    "Duel": 4,
    "Block": 6,
    "Offside": 8,
    "Clearance": 9,
    "Interception": 10,
    "Dribble": 14,
    "Shot": 16,
    "Pressure": 17,
    "Half Start": 18,
    "Substitution": 19,
    "Own Goal Against": 20,
    "Foul Won": 21,
    "Foul Committed": 22,
    "Goal Keeper": 23,
    "Bad Behaviour": 24,
    "Own Goal For": 25,
    "Player On": 26,
    "Player Off": 27,
    "Shield": 28,
    "Pass": 30,
    "50/50": 33,
    "Half End": 34,
    "Starting XI": 35,
    "Tactical Shift": 36,
    "Error": 37,
    "Miscontrol": 38,
    "Dribbled Past": 39,
    "Injury Stoppage": 40,
    "Referee Ball-Drop": 41,
    "Ball Receipt*": 42,
    "Carry": 43,
}
TYPES = {name: f',\n  "type" : {named(number, name, "  ")}' for name, number in KINDS.items()}
# The member that holds an event's own details, where it is not the type's name in lower case
DETAILS = {name: name.lower().replace(" ", "_") for name in KINDS} | {
    "50/50": "50_50",
    "Ball Receipt*": "ball_receipt",
    "Goal Keeper": "goalkeeper",
    "Starting XI": "tactics",
    "Tactical Shift": "tactics",
}

POSITIONS = {
    1: "Goalkeeper",
    2: "Right Back",
    3: "Right Center Back",
    4: "Center Back",
    5: "Left Center Back",
    6: "Left Back",
    7: "Right Wing Back",
    8: "Left Wing Back",
    9: "Right Defensive Midfield",
    10: "Center Defensive Midfield",
    11: "Left Defensive Midfield",
    12: "Right Midfield",
    13: "Right Center Midfield",
    15: "Left Center Midfield",
    16: "Left Midfield",
    17: "Right Wing",
    19: "Center Attacking Midfield",
    21: "Left Wing",
    22: "Right Center Forward",
    23: "Center Forward",
    24: "Left Center Forward",
}
POSITION_MEMBERS = {number: f',\n  "position" : {named(number, name, "  ")}' for number, name in POSITIONS.items()}
POSITION_DEEP = {number: named(number, name, "      ") for number, name in POSITIONS.items()}
# Where a position stands, in tenths of a yard, when the ball is in the middle; the goal attacked is at x = 1200
PLACES = {
    1: (60, 400), 2: (370, 690), 3: (300, 510), 4: (280, 400), 5: (300, 290), 6: (370, 110), 7: (470, 710),
    8: (470, 90), 9: (450, 490), 10: (430, 400), 11: (450, 310), 12: (620, 690), 13: (570, 510), 15: (570, 290),
    16: (620, 110), 17: (790, 680), 19: (750, 400), 21: (790, 120), 22: (860, 470),
    23: (890, 400), 24: (860, 330),
}  # fmt: skip
FORMATIONS = {
    433: (1, 2, 3, 5, 6, 10, 13, 15, 17, 21, 23),
    4231: (1, 2, 3, 5, 6, 9, 11, 17, 19, 21, 23),
    442: (1, 2, 3, 5, 6, 12, 13, 15, 16, 22, 24),
    352: (1, 3, 4, 5, 7, 8, 10, 13, 15, 22, 24),
    343: (1, 3, 4, 5, 7, 8, 9, 11, 17, 21, 23),
}


def _choices(**names: int) -> dict[str, str]:
    return {name.replace("_", " "): named(number, name.replace("_", " ")) for name, number in names.items()}


HEIGHTS = _choices(Ground_Pass=1, Low_Pass=2, High_Pass=3)
BODY = _choices(Left_Foot=38, Right_Foot=40, Head=37, Other=70, Drop_Kick=68, Keeper_Arm=69, No_Touch=106) | _choices(
    Both_Hands=35, Right_Hand=41, Left_Hand=39, Chest=36
)
PASS_TYPES = _choices(Corner=61, Free_Kick=62, Goal_Kick=63, Interception=64, Kick_Off=65, Recovery=66) | {
    "Throw-in": named(67, "Throw-in")
}
PASS_OUTCOMES = _choices(Incomplete=9, Injury_Clearance=74, Out=75, Pass_Offside=76, Unknown=77)
TECHNIQUES = _choices(Inswinging=104, Outswinging=105, Straight=107, Through_Ball=108) | _choices(
    Backheel=89, Half_Volley=91, Lob=92, Normal=93, Volley=95, Standing=46, Diving=45
)
SHOT_OUTCOMES = _choices(
    Blocked=96, Goal=97, Off_T=98, Post=99, Saved=100, Wayward=101, Saved_Off_Target=115, Saved_to_Post=116
)
SHOT_TYPES = _choices(Free_Kick=62, Open_Play=87, Penalty=88)
KEEPER_TYPES = _choices(
    Collected=25, Goal_Conceded=26, Keeper_Sweeper=27, Penalty_Conceded=28, Penalty_Saved=29, Punch=30, Shot_Faced=32,
    Shot_Saved=33, Shot_Saved_Off_Target=113, Shot_Saved_to_Post=114,
)  # fmt: skip
KEEPER_POSITIONS = _choices(Moving=42, Prone=43, Set=44)
OUTCOMES = _choices(
    Lost=1, Success_To_Opposition=2, Success_To_Team=3, Won=4, Complete=8, Incomplete=9, Lost_In_Play=13, Lost_Out=14,
    Success=15, Success_In_Play=16, Claim=47, Clear=48, In_Play_Danger=52, In_Play_Safe=53, No_Touch=55, Touched_In=58,
    Touched_Out=59, Injury=102, Tactical=103,
)  # fmt: skip
DUELS = _choices(Aerial_Lost=10, Tackle=11)
CARDS = _choices(Red_Card=5, Second_Yellow=6, Yellow_Card=7)
FOULS = _choices(Dangerous_Play=21, Handball=24)
