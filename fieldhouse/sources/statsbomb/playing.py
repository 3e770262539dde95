"""Who was on the pitch, and for how long: from the events, whose order is sure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from fieldhouse.sources.statsbomb.events import SHOOT_OUT
from fieldhouse.sources.statsbomb.shapes import Event

SENT_OFF = frozenset({"Red Card", "Second Yellow"})


@dataclass
class Playing:
    """The playing times of a match, by player. ``with_starters``: the teams whose Starting XI is known."""

    with_starters: set[int] = field(default_factory=set)
    starters: set[int] = field(default_factory=set)
    minute_on: dict[int, int] = field(default_factory=dict)
    minute_off: dict[int, int] = field(default_factory=dict)
    seconds: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    _since: dict[int, float] = field(default_factory=dict)

    def start(self, team: int, players: Iterable[int]) -> None:
        """Let a team's eleven begin."""
        self.with_starters.add(team)
        for player in players:
            self.starters.add(player)
            self.enter(player, 0, 0.0)

    def enter(self, player: int, minute: int, at: float) -> None:
        """Let a player come on, ``at`` seconds of play."""
        self._since.setdefault(player, at)
        self.minute_on.setdefault(player, minute)
        self.minute_off.pop(player, None)

    def leave(self, player: int, minute: int, at: float) -> None:
        """Let a player go off. Who is not on the pitch (a card for a substitute) stays where he is."""
        if player in self._since:
            self.seconds[player] += at - self._since.pop(player)
            self.minute_off[player] = minute

    def end(self, at: float) -> None:
        """Let all others play to the end."""
        for player, since in self._since.items():
            self.seconds[player] += at - since
        self._since.clear()


def playing_times(events: Sequence[Event], seconds: Sequence[float]) -> Playing:
    """Return who played for how long.

    :param seconds: the events' times since the start of their period.
    """
    playing = Playing()
    starts = _period_starts(events, seconds)
    for event, time in zip(events, seconds, strict=True):
        if event.period < SHOOT_OUT:
            _follow(playing, event, starts[event.period] + time)
    playing.end(starts[SHOOT_OUT])
    return playing


def _follow(playing: Playing, event: Event, at: float) -> None:
    if event.type.name == "Starting XI" and event.tactics:
        playing.start(event.team.id, [member.player.id for member in event.tactics.lineup])
    elif event.player is None:
        return
    elif event.substitution:
        playing.leave(event.player.id, event.minute, at)
        if event.substitution.replacement:
            playing.enter(event.substitution.replacement.id, event.minute, at)
    elif _is_gone(event):
        playing.leave(event.player.id, event.minute, at)


def _is_gone(event: Event) -> bool:
    foul = event.foul_committed or event.bad_behaviour
    sent_off = foul is not None and foul.card is not None and foul.card.name in SENT_OFF
    return sent_off or (event.player_off is not None and event.player_off.permanent)


def _period_starts(events: Sequence[Event], seconds: Sequence[float]) -> dict[int, float]:
    """Return the seconds of play before each period. A period ends with its last event, which is its Half End."""
    lengths: dict[int, float] = defaultdict(float)
    for event, time in zip(events, seconds, strict=True):
        lengths[event.period] = max(lengths[event.period], time)
    return {period: sum(lengths[before] for before in range(1, period)) for period in range(1, SHOOT_OUT + 1)}
