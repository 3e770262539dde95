"""How play goes on after the ball was out of it, and what happens in the meantime."""

from __future__ import annotations

from simulator.generated.statsbomb import words
from simulator.generated.statsbomb.people import Player
from simulator.generated.statsbomb.play import Play, card, relate
from simulator.generated.statsbomb.plot import Incident
from simulator.generated.statsbomb.record import Side, Spell, moment
from simulator.generated.statsbomb.words import FORMATIONS, OUTCOMES, PLACES

SUBSTITUTIONS = 5


def kick_off(play: Play, team: int) -> None:
    """Begin at the middle, with a pass back."""
    _stops(play)
    play.clock += play.between(400, 900)
    play.possess(team, words.KICK_OFF)
    play.holder, play.x, play.y = list(play.sides[team].pitch)[-1], 610, 401
    _restart(play, "Kick Off", list(play.sides[team].pitch)[5], 480, play.between(300, 500))


def throw_in(play: Play, team: int) -> None:
    """Throw the ball in where it went out."""
    _take(play, team, words.THROW_IN, 8, 22)
    play.y = 1 if play.y < 400 else 800
    play.holder = play.nearest(team, play.x)
    _restart(play, "Throw-in", *_near(play))


def free_kick(play: Play, team: int) -> None:
    """Go on where somebody was fouled or stood offside."""
    _take(play, team, words.FREE_KICK, 12, 45)
    play.holder = play.nearest(team, play.x)
    _restart(play, "Free Kick", *_near(play))


def goal_kick(play: Play, team: int) -> None:
    """Go on from the goal of a team."""
    _take(play, team, words.GOAL_KICK, 15, 35)
    play.holder, play.x, play.y = play.sides[team].keeper, 60, play.between(360, 450)
    _restart(play, "Goal Kick", *_near(play))


def corner(play: Play, team: int) -> None:
    """Bring the ball in from the corner."""
    _take(play, team, words.CORNER, 20, 40)
    play.x, play.y = 1200, 1 if play.rare(0.5) else 800
    play.holder = list(play.sides[team].pitch)[-2]
    _restart(play, "Corner", play.receiver(), play.between(1080, 1170), play.between(330, 470))


def keeper_ball(play: Play, team: int) -> None:
    """Let a goalkeeper, who has the ball in his hands, pass it."""
    play.clock += play.between(3000, 9000)
    play.possess(team, words.KEEPER)
    play.holder, play.x, play.y = play.sides[team].keeper, play.between(60, 150), play.between(330, 470)
    _restart(play, "", *_near(play))


def _take(play: Play, team: int, pattern: int, low: int, high: int) -> None:
    if team != play.side:
        play.x, play.y = 1201 - play.x, 801 - play.y
    play.x, play.y = min(max(play.x, 5), 1195), min(max(play.y, 1), 800)
    play.wait(low, high)
    _stops(play)
    play.possess(team, pattern)


def _near(play: Play) -> tuple[Player, int, int]:
    player = play.receiver()
    return player, *play.stands(player, play.x, play.y)


def _restart(play: Play, kind: str, player: Player, x: int, y: int) -> None:
    if player is play.holder:
        player = play.receiver()
    passed = play.pass_to(player, x, y, kind=kind)
    passed.off_camera = play.rare(0.12)
    play.receive(passed, player, min(max(x, 1), 1200), min(max(y, 1), 800))


# --- in the meantime ------------------------------------------------------------------------------------------


def _stops(play: Play) -> None:
    while play.stops and play.stops[0].clock <= play.clock:
        stop(play)


def stop(play: Play) -> None:
    """Let the next incident happen that waits for the ball to be out of play."""
    incident = play.stops.pop(0)
    play.clock = max(play.clock, incident.clock)
    _STOPS[incident.kind](play, incident)


def _substitute(play: Play, incident: Incident, reason: str = "Tactical") -> None:
    side = play.sides[incident.side]
    if side.substitutions == SUBSTITUTIONS:
        return
    side.substitutions += 1
    leaves = _outfield(play, side)
    comes = side.bench.pop(play.between(1, len(side.bench)))
    event = play.note("Substitution", incident.side, leaves)
    event.detail = {"outcome": OUTCOMES[reason], "replacement": comes.value}
    now = moment(play.period, play.clock)
    last = side.spells[leaves][-1]
    last.end, last.end_reason = now, f"Substitution - Off ({reason})"
    side.spells[comes] = [Spell(side.pitch[leaves], now, f"Substitution - On ({reason})")]
    side.pitch = {comes if player is leaves else player: position for player, position in side.pitch.items()}


def _injure(play: Play, incident: Incident) -> None:
    play.note("Injury Stoppage", incident.side, _outfield(play, play.sides[incident.side]))
    play.wait(60, 120)
    _substitute(play, incident, "Injury")


def _shift(play: Play, incident: Incident) -> None:
    side = play.sides[incident.side]
    if len(side.pitch) < 11:
        return
    others = [formation for formation in FORMATIONS if formation != side.formation]
    formation = others[play.between(0, len(others))]
    # From back to front as before, so that nobody runs further than he must
    players = sorted(side.pitch, key=lambda player: (PLACES[side.pitch[player]], player.player_id))
    positions = sorted(FORMATIONS[formation], key=lambda position: PLACES[position])
    play.shift(incident.side, dict(zip(players, positions, strict=True)), formation)


def _off(play: Play, incident: Incident) -> None:
    side = play.sides[incident.side]
    player = _outfield(play, side)
    play.note("Injury Stoppage", incident.side, player)
    play.wait(10, 30)
    off = play.note("Player Off", incident.side, player)
    last = side.spells[player][-1]
    last.end, last.end_reason = moment(play.period, play.clock), "Player Off"
    play.wait(20, 40)
    relate(off, play.note("Player On", incident.side, player))
    side.spells[player].append(Spell(side.pitch[player], moment(play.period, play.clock), "Player On"))


def _drop(play: Play, incident: Incident) -> None:
    event = play.note("Referee Ball-Drop", incident.side)
    event.x, event.y = play.between(300, 900), play.between(200, 600)


def _misbehave(play: Play, incident: Incident) -> None:
    side = play.sides[incident.side]
    player = _outfield(play, side)
    if player in side.cards:
        return
    event = play.note("Bad Behaviour", incident.side, player)
    event.detail = {"card": card(side, player, event, "Yellow Card", "Bad Behaviour")}


def _outfield(play: Play, side: Side) -> Player:
    """Return a player who is neither in goal nor came on himself."""
    players = [player for player in list(side.pitch)[1:] if side.spells[player][0].start_reason == "Starting XI"]
    return players[play.between(0, len(players))]


_STOPS = {
    "bad_behaviour": _misbehave,
    "drop": _drop,
    "injury": _injure,
    "off": _off,
    "shift": _shift,
    "substitution": _substitute,
}
