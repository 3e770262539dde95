"""Shots, penalties and own goals, with what goalkeepers do about them."""

from __future__ import annotations

from simulator.generated.statsbomb import words
from simulator.generated.statsbomb.play import TRUE, Play, relate
from simulator.generated.statsbomb.record import Event
from simulator.generated.statsbomb.spelling import number, point
from simulator.generated.statsbomb.stoppage import corner, goal_kick, keeper_ball, kick_off
from simulator.generated.statsbomb.words import (
    BODY,
    KEEPER_POSITIONS,
    KEEPER_TYPES,
    OUTCOMES,
    SHOT_OUTCOMES,
    SHOT_TYPES,
    TECHNIQUES,
)

PENALTY_XG = "0.7835"
ENDINGS = (
    *["Off T"] * 12,
    *["Saved"] * 11,
    *["Blocked"] * 10,
    *["Wayward"] * 2,
    "Post",
    "Saved Off Target",
    "Saved to Post",
)


def shoot(play: Play, *, goal: bool = False) -> Event:
    """Let the holder shoot; only a goal that was planned goes in."""
    ending = "Goal" if goal else ENDINGS[play.between(0, len(ENDINGS))]
    event = play.note_at("Shot", play.side, play.holder, play.x, play.y, play.between(150_000, 1_600_000))
    detail = event.detail
    if goal and play.rare(0.2):
        detail["one_on_one"] = TRUE
    detail["statsbomb_xg"] = number(_expected(play), 8)
    detail["end_location"] = _end(play, ending)
    if play.feeder and "outcome" not in play.feeder.detail:
        detail["key_pass_id"] = str(play.feeder.place)
        _assist(play.feeder, event.place, goal=goal)
    detail["technique"] = TECHNIQUES[("Normal", "Normal", "Normal", "Half Volley", "Volley")[play.between(0, 5)]]
    detail["body_part"] = play.foot()
    detail["type"] = SHOT_TYPES["Open Play"]
    detail["outcome"] = SHOT_OUTCOMES[ending]
    if play.rare(0.3):
        detail["first_time"] = TRUE
    if ending in {"Saved Off Target", "Saved to Post"}:
        detail[ending.lower().replace(" ", "_")] = TRUE
    detail["freeze_frame"] = _freeze_frame(play)
    play.clock += (event.duration or 0) // 1000
    _after(play, event, ending)
    return event


def _expected(play: Play) -> float:
    """Return a shot's expected goals: less than a thousandth from far away."""
    distance = ((1200 - play.x) ** 2 + (play.y - 400) ** 2) ** 0.5 / 10
    return 0.55 * float(2.0 ** (-distance / 6)) * (0.4 + play.chance()) * (0.01 if distance > 24 else 1)


def _end(play: Play, ending: str) -> str:
    if ending in {"Blocked", "Wayward"}:
        return point(min(play.x + play.between(10, 80), 1200), play.y)
    if ending == "Off T":
        return point(1200, play.between(250, 360), play.between(5, 60))
    return point(1200 if ending == "Goal" else 1180, play.between(362, 438), play.between(1, 26))


def _assist(passed: Event, shot: int, *, goal: bool) -> None:
    """Say in a pass which shot it led to, after the place where it ended, where the provider has it."""
    said = {"assisted_shot_id": str(shot), "goal_assist" if goal else "shot_assist": TRUE}
    members = list(passed.detail.items())
    at = next(place for place, (name, _) in enumerate(members) if name == "end_location") + 1
    passed.detail = dict(members[:at]) | said | dict(members[at:])


def _freeze_frame(play: Play) -> str:
    frame = []
    for team in (1 - play.side, play.side):
        for player, position in play.sides[team].pitch.items():
            if player is play.holder or (team == play.side and (position == 1 or play.rare(0.5))):
                continue
            x = 1170 if position == 1 else play.between(play.x - 150, 1190)
            frame.append(
                f'{{\n      "location" : [ {x / 10}, {play.between(100, 700) / 10} ],\n'
                f'      "player" : {player.deep},\n      "position" : {words.POSITION_DEEP[position]},\n'
                f'      "teammate" : {"true" if team == play.side else "false"}\n    }}'
            )
    return f"[ {', '.join(frame)} ]"


def _after(play: Play, shot: Event, ending: str) -> None:
    other = 1 - play.side
    if ending == "Blocked":
        block = play.note_opponent("Block")
        relate(shot, block)
        play.recover()
        return
    if ending == "Wayward":
        relate(shot, play.note_at("Goal Keeper", other, play.sides[other].keeper, 30, 400))
        play.events[-1].detail = {"type": KEEPER_TYPES["Shot Faced"], "position": KEEPER_POSITIONS["Set"]}
        goal_kick(play, other)
        return
    _keeper(play, shot, ending)
    if ending == "Goal":
        play.wait(45, 80)
        kick_off(play, other)
    elif ending == "Saved" and play.rare(0.3):
        corner(play, play.side)
    elif ending == "Saved":
        keeper_ball(play, other)
    else:
        goal_kick(play, other)


def _keeper(play: Play, shot: Event, ending: str) -> None:
    team = 1 - play.side
    event = play.note_at("Goal Keeper", team, play.sides[team].keeper, play.between(5, 40), play.between(370, 430))
    relate(shot, event)
    kind = {"Goal": "Goal Conceded", "Off T": "Shot Faced", "Post": "Shot Faced"}.get(ending, f"Shot {ending}")
    detail = event.detail
    if kind in {"Shot Saved", "Goal Conceded"}:
        detail["end_location"] = point(event.x or 0, event.y)
    if kind == "Shot Saved":
        detail["body_part"] = BODY[("Both Hands", "Right Hand", "Left Hand", "Chest")[play.between(0, 4)]]
    detail["type"] = KEEPER_TYPES[kind]
    if kind != "Shot Faced":
        detail["outcome"] = OUTCOMES["No Touch" if ending == "Goal" else "Success"]
        detail["technique"] = TECHNIQUES["Diving" if play.rare(0.4) else "Standing"]
    detail["position"] = KEEPER_POSITIONS["Moving" if play.rare(0.05) else "Set"]
    if kind in {"Shot Saved Off Target", "Shot Saved to Post"}:
        detail[kind.lower().replace(" ", "_")] = TRUE


# --- penalties and own goals ----------------------------------------------------------------------------------


def penalty(play: Play, *, scored: bool) -> None:
    """Let the holder be fouled before the goal, and the ball be shot from the spot."""
    play.x, play.y = play.between(1040, 1150), play.between(250, 550)
    committed = play.note_opponent("Foul Committed")
    won = play.note_at("Foul Won", play.side, play.holder, play.x, play.y)
    won.pressed = True
    relate(committed, won)
    committed.detail, won.detail = {"penalty": TRUE}, {"penalty": TRUE}
    play.wait(50, 90)
    play.possess(play.side, words.OTHER)
    play.holder = list(play.sides[play.side].pitch)[-1]
    spot_kick(play, scored=scored)
    if scored:
        play.wait(45, 80)
        kick_off(play, 1 - play.side)
    else:
        keeper_ball(play, 1 - play.side)


def spot_kick(play: Play, *, scored: bool) -> None:
    """Let the holder shoot from the spot: it has no freeze frame."""
    event = play.note_at("Shot", play.side, play.holder, 1081, 401, play.between(300_000, 900_000))
    ending = "Goal" if scored else "Saved"
    event.detail = {
        "statsbomb_xg": PENALTY_XG,
        "end_location": _end(play, ending),
        "technique": TECHNIQUES["Normal"],
        "body_part": BODY["Left Foot" if play.rare(0.3) else "Right Foot"],
        "type": SHOT_TYPES["Penalty"],
        "outcome": SHOT_OUTCOMES[ending],
    }
    play.clock += (event.duration or 0) // 1000
    team = 1 - play.side
    kept = play.note_at("Goal Keeper", team, play.sides[team].keeper, 10, 400)
    relate(event, kept)
    kept.detail = {
        "technique": TECHNIQUES["Diving"],
        "position": KEEPER_POSITIONS["Set"],
        "type": KEEPER_TYPES["Penalty Conceded" if scored else "Penalty Saved"],
        "outcome": OUTCOMES["No Touch" if scored else "In Play Safe"],
    }


def own_goal(play: Play) -> None:
    """Let a defender of the other side put the ball into his goal: two events, and no shot."""
    play.x, play.y = play.between(1150, 1190), play.between(350, 450)
    scored = play.note("Own Goal For", play.side)
    scored.x, scored.y = play.x, play.y
    relate(scored, play.note_opponent("Own Goal Against"))
    play.wait(45, 80)
    kick_off(play, 1 - play.side)


def shoot_out(play: Play) -> None:
    """Let the sides shoot in turn, as the plot has it. Their goals are none of the match."""
    for number_of_kick, scored in enumerate(play.plot.shoot_out):
        play.wait(35, 55)
        team = number_of_kick % 2
        play.possess(team, words.OTHER)
        takers = list(play.sides[team].pitch)[::-1]
        play.holder = takers[number_of_kick // 2 % len(takers)]
        spot_kick(play, scored=scored)
