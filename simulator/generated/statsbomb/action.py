"""What the side in possession does next, and what becomes of it."""

from __future__ import annotations

from simulator.generated.statsbomb import words
from simulator.generated.statsbomb.people import Player
from simulator.generated.statsbomb.play import TRUE, Play, card, outcome, relate
from simulator.generated.statsbomb.record import Event, Side
from simulator.generated.statsbomb.shooting import own_goal, penalty, shoot
from simulator.generated.statsbomb.stoppage import corner, free_kick, goal_kick, keeper_ball, throw_in
from simulator.generated.statsbomb.words import DUELS, FOULS, OUTCOMES


def turn(play: Play) -> None:
    """Play on from a player who has the ball to the next who has it."""
    if play.in_play and play.clock >= play.in_play[0].clock:
        _incident(play)
        return
    carried, pressure = _carry(play)
    drawn = play.chance()
    acted: Event | None = None
    if play.x > 950 and 180 < play.y < 620 and drawn < 0.24:
        acted = shoot(play)
    elif drawn < 0.022:
        foul(play, carried)
    elif drawn < 0.045:
        _dribble(play)
    elif drawn < 0.058:
        _dispossessed(play)
    elif drawn < 0.073:
        _miscontrol(play, pressure)
    else:
        acted = _pass(play)
    if pressure and acted:
        acted.pressed = True
        relate(acted, pressure)
    if carried and acted:
        relate(carried, acted)


def _incident(play: Play) -> None:
    incident = play.in_play.pop(0)
    if incident.kind in {"card", "second_yellow", "red"}:
        foul(play, None, harsh=incident.kind)
        return
    if incident.kind == "own_goal":
        if incident.side != play.side:
            play.recover()
        own_goal(play)
        return
    if incident.side != play.side:
        play.recover()
    if incident.kind == "goal":
        _attack(play)
        shoot(play, goal=True)
    else:
        penalty(play, scored=incident.kind == "penalty")


def _attack(play: Play) -> None:
    """Bring the ball before the goal by a pass."""
    forward = play.receiver()
    x, y = play.between(1020, 1150), play.between(280, 520)
    play.receive(play.pass_to(forward, x, y), forward, x, y)


def _carry(play: Play) -> tuple[Event | None, Event | None]:
    """Let the holder run with the ball, under pressure perhaps: return carry and pressure."""
    pressed = play.rare(0.31)
    if not pressed and play.rare(0.15):
        play.clock += play.between(100, 1600)
        return None, None
    event = play.note_at("Carry", play.side, play.holder, play.x, play.y, play.between(40_000, 3_600_000))
    length = (event.duration or 0) // 30_000
    play.x = min(max(play.x + play.between(-length // 2 - 5, length + 6), 2), 1195)
    play.y = min(max(play.y + play.between(-length // 2 - 5, length // 2 + 6), 2), 797)
    event.detail = {"end_location": _place(play)}
    if play.control:
        relate(event, play.control)
    pressure = _pressure(play, event) if pressed else None
    play.clock += (event.duration or 0) // 1000
    return event, pressure


def _place(play: Play) -> str:
    """Return where the ball is, as an event has it."""
    return f"[ {play.x / 10}, {play.y / 10} ]"


def _pressure(play: Play, carried: Event) -> Event:
    begun = play.clock
    play.clock += (carried.duration or 0) // 3000
    event = play.note_opponent("Pressure")
    event.duration = play.between(100_000, 1_500_000)
    event.counterpress = play.rare(0.19)
    carried.pressed = True
    relate(event, carried)
    play.clock = begun
    return event


# --- passes ---------------------------------------------------------------------------------------------------


def _pass(play: Play) -> Event:
    receiver = play.receiver()
    x, y = play.stands(receiver, play.x, play.y)
    if play.rare(0.86 - (0.13 if play.x > 850 else 0) - (0.08 if abs(x - play.x) > 350 else 0)):
        passed = play.pass_to(receiver, x, y)
        passed.counterpress = play.rare(0.003)
        play.receive(passed, receiver, x, y)
        return passed
    drawn = play.chance()
    if drawn < 0.14:
        return _pass_out(play)
    if drawn < 0.17 and play.x > 600:
        passed = play.pass_to(receiver, x, y, outcome="Pass Offside")
        _arrive(play, passed, x, y)
        if play.rare(0.1):
            play.note_at("Offside", play.side, receiver, x, y)
        free_kick(play, 1 - play.side)
        return passed
    passed = play.pass_to(receiver, x, y, outcome="Unknown" if drawn > 0.985 else "Incomplete")
    _arrive(play, passed, x, y)
    if drawn < 0.55:
        missed = play.note_at("Ball Receipt*", play.side, receiver, x, y, duration=None)
        missed.detail = outcome("Incomplete")
        relate(missed, passed)
    _lose(play, passed, drawn)
    return passed


def _arrive(play: Play, passed: Event, x: int, y: int) -> None:
    play.clock += (passed.duration or 0) // 1000
    play.x, play.y = x, y


def _pass_out(play: Play) -> Event:
    y = 1 if play.y < 400 else 800
    x = min(max(play.x + play.between(-100, 350), 10), 1190)
    passed = play.pass_to(play.receiver(), x, y, outcome="Out")
    _arrive(play, passed, x, y)
    throw_in(play, 1 - play.side)
    return passed


def _lose(play: Play, passed: Event, drawn: float) -> None:
    """Let the other side have a pass that failed."""
    if drawn < 0.3:
        _intercept(play, passed)
    elif drawn < 0.42 and play.x > 700:
        _clear(play, passed)
    elif drawn < 0.5:
        _aerial(play, passed)
    elif drawn < 0.56:
        _block(play, passed)
    elif drawn < 0.58 and play.x > 1000:
        _keeper_comes(play, passed)
    elif drawn < 0.6:
        _fifty_fifty(play, passed)
    elif drawn < 0.66 and play.x > 950:
        shielded = play.note_opponent("Shield")
        shielded.pressed = True
        goal_kick(play, 1 - play.side)
    else:
        play.recover(passed)
        if play.control and play.rare(0.02):
            play.control.out = True
            throw_in(play, 1 - play.side)


def _intercept(play: Play, passed: Event) -> None:
    event = play.note_opponent("Interception")
    relate(event, passed)
    event.counterpress = play.rare(0.3)
    if play.rare(0.12):
        event.detail = outcome("Lost Out")
        throw_in(play, play.side)
    elif play.rare(0.25):
        event.detail = outcome("Lost In Play")
        play.clock += 700
        play.feeder = None
    else:
        event.detail = outcome("Won" if play.rare(0.6) else "Success In Play")
        play.turn_over(event.player)
        play.control = event


def _clear(play: Play, passed: Event) -> None:
    event = play.note_opponent("Clearance")
    event.pressed = True
    relate(event, passed)
    part = ("Head", "Right Foot", "Left Foot", "Head")[play.between(0, 4)]
    event.detail = {"body_part": words.BODY[part], part.lower().replace(" ", "_"): TRUE}
    if part == "Head" and play.rare(0.3):
        event.detail["aerial_won"] = TRUE
    if play.rare(0.22):
        event.out = True
        (corner if play.x > 1050 and play.rare(0.6) else throw_in)(play, play.side)
        return
    play.x = max(play.x - play.between(100, 500), 50)
    if play.rare(0.5):
        play.turn_over()
    play.recover()


def _aerial(play: Play, passed: Event) -> None:
    """A duel in the air: the loser is noted, the winner clears, or heads the ball to one of his."""
    loser = play.nearest(play.side, play.x)
    lost = play.note_at("Duel", play.side, loser, play.x, play.y)
    lost.pressed = True
    lost.detail = {"type": DUELS["Aerial Lost"]}
    if play.rare(0.4):
        play.turn_over()
        headed = _headed(play)
        relate(lost, headed)
        return
    won = play.note_opponent("Clearance")
    won.pressed = True
    won.detail = {"aerial_won": TRUE, "head": TRUE, "body_part": words.BODY["Head"]}
    relate(lost, won)
    relate(won, passed)
    play.recover()


def _headed(play: Play) -> Event:
    receiver = play.receiver()
    x, y = min(max(play.x + play.between(-40, 90), 5), 1195), min(max(play.y + play.between(-80, 80), 5), 795)
    passed = play.pass_to(receiver, x, y)
    passed.pressed = True
    passed.detail |= {"aerial_won": TRUE, "body_part": words.BODY["Head"]}
    play.receive(passed, receiver, x, y)
    return passed


def _block(play: Play, passed: Event) -> None:
    event = play.note_opponent("Block")
    relate(event, passed)
    event.counterpress = play.rare(0.15)
    if play.rare(0.2):
        event.detail = {"deflection": TRUE}
    if play.rare(0.4):
        event.out = True
        throw_in(play, play.side)
    else:
        play.recover()


def _keeper_comes(play: Play, passed: Event) -> None:
    keeper = play.sides[1 - play.side].keeper
    event = play.note_opponent("Goal Keeper", keeper)
    relate(event, passed)
    kind, ending = (("Collected", "Success"), ("Punch", "In Play Danger"), ("Keeper Sweeper", "Claim"))[
        play.between(0, 3)
    ]
    event.detail = {"outcome": OUTCOMES[ending], "type": words.KEEPER_TYPES[kind]}
    if kind == "Punch":
        play.recover()
    else:
        keeper_ball(play, 1 - play.side)


def _fifty_fifty(play: Play, passed: Event) -> None:
    lost = play.note_at("50/50", play.side, play.nearest(play.side, play.x), play.x, play.y)
    won = play.note_opponent("50/50")
    lost.pressed = won.pressed = True
    lost.detail, won.detail = outcome("Lost"), outcome("Won")
    relate(lost, won)
    relate(won, passed)
    play.turn_over(won.player)
    play.control = won


# --- with the ball at the foot --------------------------------------------------------------------------------


def _dribble(play: Play) -> None:
    complete = play.rare(0.61)
    other = play.note_opponent("Dribbled Past") if complete else None
    event = play.note_at("Dribble", play.side, play.holder, play.x, play.y)
    event.pressed = True
    event.detail = outcome("Complete" if complete else "Incomplete")
    if play.rare(0.05):
        event.detail["nutmeg" if complete else "overrun"] = TRUE
    if other:
        other.counterpress = play.rare(0.2)
        relate(other, event)
        play.control, play.feeder = event, None
    else:
        _tackle(play, event)


def _dispossessed(play: Play) -> None:
    event = play.note_at("Dispossessed", play.side, play.holder, play.x, play.y)
    event.pressed = True
    _tackle(play, event)


def _tackle(play: Play, lost: Event) -> None:
    duel = play.note_opponent("Duel")
    duel.pressed = True
    duel.counterpress = play.rare(0.3)
    relate(duel, lost)
    ending = ("Success In Play", "Won", "Lost Out", "Success In Play")[play.between(0, 4)]
    duel.detail = {"type": DUELS["Tackle"], "outcome": OUTCOMES[ending]}
    if ending == "Lost Out":
        throw_in(play, play.side)
    else:
        play.turn_over(duel.player)
        play.control = duel


def _miscontrol(play: Play, pressure: Event | None) -> None:
    event = play.note_at("Miscontrol", play.side, play.holder, play.x, play.y)
    if pressure:
        event.pressed = True
        relate(event, pressure)
    if play.rare(0.2):
        event.out = True
        throw_in(play, 1 - play.side)
    else:
        play.recover()
    if play.rare(0.02):
        play.note_opponent("Error")


def foul(play: Play, carried: Event | None, *, harsh: str = "") -> None:
    """Let the other side foul the holder. ``harsh``: the card that it is worth, as in an incident."""
    if harsh == "second_yellow" and not _booked(play.sides[1 - play.side]):
        play.recover()
    side = play.sides[1 - play.side]
    booked = _booked(side)
    second = harsh == "second_yellow" and bool(booked)
    free = [player for player in list(side.pitch)[1:] if player not in booked]
    drawn = (booked if second else free)[play.between(0, len(booked if second else free))]
    event = play.note_opponent("Foul Committed", drawn)
    event.counterpress = play.rare(0.2)
    won = play.note_at("Foul Won", play.side, play.holder, play.x, play.y)
    won.pressed = True
    relate(event, won)
    if carried:
        relate(event, carried)
    if play.x < 450 and play.rare(0.6):
        won.detail["defensive"] = TRUE
    if play.rare(0.06):
        kind = "Handball" if play.rare(0.85) else "Dangerous Play"
        event.detail["type"] = FOULS[kind]
    if not harsh and play.rare(0.12):
        event.detail["advantage"] = won.detail["advantage"] = TRUE
        play.clock += 400
        return
    if harsh:
        name = "Yellow Card" if harsh == "card" else "Second Yellow" if second else "Red Card"
        event.detail["card"] = card(side, drawn, event, name, "Foul Committed")
        if name != "Yellow Card":
            # His last spell lasts to the final whistle in the provider's line-ups too
            del side.pitch[drawn]
    free_kick(play, play.side)


def _booked(side: Side) -> list[Player]:
    """Return the players on the pitch, but for the goalkeeper, who have a yellow card."""
    return [player for player in list(side.pitch)[1:] if player in side.cards]
