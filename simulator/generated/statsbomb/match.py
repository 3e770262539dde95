"""A match from its beginning to its end."""

from __future__ import annotations

from simulator.generated.statsbomb.action import turn
from simulator.generated.statsbomb.chance import drawn_from
from simulator.generated.statsbomb.people import Club, Player
from simulator.generated.statsbomb.play import IN_PLAY, Play, relate, tactics
from simulator.generated.statsbomb.plot import SHOOT_OUT, Plot
from simulator.generated.statsbomb.record import Record, Side, Spell
from simulator.generated.statsbomb.shooting import shoot_out
from simulator.generated.statsbomb.stoppage import kick_off, stop
from simulator.generated.statsbomb.words import FORMATIONS


def play_match(seed: int, match_id: int, clubs: tuple[Club, Club], plot: Plot) -> Record:
    """Play a whole match."""
    chance = drawn_from(seed, "match", match_id).random
    home, away = clubs
    play = Play(chance, (_line_up(home, chance()), _line_up(away, chance())), plot)
    for team in (0, 1):
        play.note("Starting XI", team).detail = tactics(play.sides[team])
    for period in plot.periods:
        _play_period(play, period)
    if plot.shoot_out:
        _begin(play, SHOOT_OUT)
        shoot_out(play)
        _pair(play, "Half End")
    return Record(play.sides, play.events)


def _line_up(club: Club, drawn: float) -> Side:
    """Return a side with eleven on the pitch: the goalkeeper, and all but three of the first thirteen others."""
    number = int(drawn * 1000)
    formation = tuple(FORMATIONS)[number % len(FORMATIONS)]
    first = 1 + number % 11
    out = range(first, first + 3)
    eleven = [player for place, player in enumerate(club.squad) if place not in out][:11]
    pitch: dict[Player, int] = dict(zip(eleven, FORMATIONS[formation], strict=True))
    spells = {player: [Spell(position, (1, "00:00"), "Starting XI")] for player, position in pitch.items()}
    return Side(club, formation, pitch, [player for player in club.squad if player not in pitch], spells)


def _play_period(play: Play, period: int) -> None:
    _begin(play, period)
    kick_off(play, (period + 1) % 2)
    while play.clock < play.plot.periods[period] or play.in_play:
        turn(play)
    while play.stops:
        stop(play)
    _pair(play, "Half End")


def _begin(play: Play, period: int) -> None:
    """Begin a period: its clock starts anew."""
    play.period, play.clock = period, 0
    due = [incident for incident in play.plot.incidents if incident.period == period]
    play.in_play = [incident for incident in due if incident.kind in IN_PLAY]
    play.stops = [incident for incident in due if incident.kind not in IN_PLAY]
    _pair(play, "Half Start")


def _pair(play: Play, kind: str) -> None:
    """Note an event that both teams have."""
    relate(play.note(kind, 1), play.note(kind, 0))
