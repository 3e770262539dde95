"""The course of a match: who has the ball where, and the events that are noted of it."""

from __future__ import annotations

from collections.abc import Callable
from math import atan2, hypot

from simulator.generated.statsbomb import words
from simulator.generated.statsbomb.people import Player
from simulator.generated.statsbomb.plot import Incident, Plot
from simulator.generated.statsbomb.record import Event, Side, Spell, moment
from simulator.generated.statsbomb.spelling import number, point
from simulator.generated.statsbomb.words import BODY, HEIGHTS, OUTCOMES, PASS_OUTCOMES, PASS_TYPES, PLACES

TRUE = "true"
# Incidents that happen while the ball is in play; the others wait until it is not
IN_PLAY = {"goal", "penalty", "own_goal", "missed_penalty", "card", "second_yellow", "red"}


class Play:
    """The course of a match. ``side`` has the ball, ``holder`` at ``x``, ``y`` from that side's view.

    :param control: the event that gave the holder the ball.
    :param feeder: the pass that reached him, if one did.
    """

    def __init__(self, chance: Callable[[], float], sides: tuple[Side, Side], plot: Plot) -> None:
        self.chance = chance
        self.sides = sides
        self.plot = plot
        self.events: list[Event] = []
        self.period = 1
        self.clock = 0
        self.possession = 1
        self.begun = 0
        self.owner = 0
        self.pattern = words.REGULAR
        self.side = 0
        self.holder: Player = sides[0].keeper
        self.x = 600
        self.y = 400
        self.control: Event | None = None
        self.feeder: Event | None = None
        self.in_play: list[Incident] = []
        self.stops: list[Incident] = []

    # --- noting -----------------------------------------------------------------------------------------------

    def note(self, kind: str, team: int, player: Player | None = None) -> Event:
        """Note an event that has no location."""
        event = Event(len(self.events), kind, self.period, self.clock, self.possession, self.owner, self.pattern, team)
        if player:
            event.player = player
            event.position = self.sides[team].pitch[player]
        self.events.append(event)
        return event

    def note_at(self, kind: str, team: int, player: Player, x: int, y: int, duration: int | None = 0) -> Event:
        """Note an event at a place, from the view of its own team."""
        event = self.note(kind, team, player)
        event.x, event.y = min(max(x, 1), 1200), min(max(y, 1), 800)
        event.duration = duration
        return event

    def note_opponent(self, kind: str, player: Player | None = None) -> Event:
        """Note an event of the other side at the ball."""
        team = 1 - self.side
        return self.note_at(kind, team, player or self.nearest(team, 1201 - self.x), 1201 - self.x, 801 - self.y)

    def rare(self, share: float) -> bool:
        """Whether something happens that happens so often."""
        return self.chance() < share

    def between(self, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``, without the latter."""
        return low + int(self.chance() * (high - low))

    def wait(self, low: int, high: int) -> None:
        """Let the clock run on, without play, for so many seconds."""
        self.clock += self.between(low * 1000, high * 1000)

    # --- people -----------------------------------------------------------------------------------------------

    def nearest(self, team: int, x: int) -> Player:
        """Return who of three players, not the goalkeeper unless at his goal, stands closest to the height of x."""
        pitch = self.sides[team].pitch
        others = list(pitch)
        first = 0 if x < 150 else 1
        drawn = [others[self.between(first, len(others))] for _ in range(3)]
        return min(drawn, key=lambda player: abs(PLACES[pitch[player]][0] - x))

    def receiver(self) -> Player:
        """Return whom the holder passes to."""
        others = list(self.sides[self.side].pitch)
        while True:
            player = others[self.between(1 if self.x > 450 else 0, len(others))]
            if player is not self.holder:
                return player

    def stands(self, player: Player, x: int, y: int) -> tuple[int, int]:
        """Return about where a player of the side in possession stands when the ball is at x, y."""
        home, away = PLACES[self.sides[self.side].pitch[player]]
        if home < 100:
            return self.between(20, 200), self.between(300, 500)
        across = int(home + (x - 600) * 0.5 + self.between(-90, 90))
        down = int(away * 0.75 + y * 0.25 + self.between(-70, 70))
        return min(max(across, 5), 1195), min(max(down, 3), 797)

    # --- possession -------------------------------------------------------------------------------------------

    def possess(self, team: int, pattern: int) -> None:
        """Begin the next possession. One without an event was none."""
        self.possession += len(self.events) > self.begun
        self.begun = len(self.events)
        self.owner = self.side = team
        self.pattern = pattern
        self.feeder = self.control = None

    def turn_over(self, player: Player | None = None) -> None:
        """Give the other side the ball where it is."""
        self.x, self.y = 1201 - self.x, 801 - self.y
        other = 1 - self.side
        self.possess(other, words.COUNTER if self.rare(0.02) else words.REGULAR)
        self.holder = player or self.nearest(other, self.x)

    def recover(self, failed: Event | None = None) -> None:
        """Let the other side pick up the ball."""
        self.clock += self.between(200, 1800)
        self.turn_over()
        event = self.note_at("Ball Recovery", self.side, self.holder, self.x, self.y)
        event.pressed = self.rare(0.13)
        if failed and self.rare(0.8):
            relate(event, failed)
        if self.rare(0.03):
            event.detail = {"recovery_failure": TRUE}
        self.control = event

    # --- passes -----------------------------------------------------------------------------------------------

    def pass_to(self, player: Player, x: int, y: int, *, kind: str = "", outcome: str = "") -> Event:
        """Note the holder's pass to a player at x, y; an unsuccessful one may name nobody."""
        event = self.note_at("Pass", self.side, self.holder, self.x, self.y)
        across, down = x - event.x if event.x else 0, y - event.y
        length = hypot(across, down) / 10
        event.duration = self.between(500_000, 900_000) + int(length * 45_000)
        height = "High Pass" if length > 32 else "Low Pass" if self.rare(0.14) else "Ground Pass"
        detail = event.detail
        if not outcome or self.rare(0.75):
            detail["recipient"] = player.value
        detail["length"] = number(length, 8)
        detail["angle"] = number(atan2(down, across), 8)
        detail["height"] = HEIGHTS[height]
        detail["end_location"] = point(min(max(x, 1), 1200), min(max(y, 1), 800))
        self._flight(event, kind, x, y)
        if not kind and self.rare(0.003):
            detail |= {"no_touch": TRUE, "body_part": BODY["No Touch"]}
        elif kind != "Throw-in":
            detail["body_part"] = self.foot(keeper=event.position == 1, high=height == "High Pass")
        if kind:
            detail["type"] = PASS_TYPES[kind]
        if outcome:
            detail["outcome"] = PASS_OUTCOMES[outcome]
            if self.rare(0.01):
                detail["miscommunication"] = TRUE
        return event

    def _flight(self, event: Event, kind: str, x: int, y: int) -> None:
        """Say how a pass to x, y flies."""
        detail = event.detail
        if abs(y - event.y) > 360:
            detail["switch"] = TRUE
        if kind in {"", "Free Kick"} and x > 1000 and self.x > 900 and 250 < y < 550 and not 250 < self.y < 550:
            detail["cross"] = TRUE
        if kind == "Corner":
            way = "Inswinging" if self.rare(0.6) else "Outswinging"
            detail[way.lower()] = TRUE
            detail["technique"] = words.TECHNIQUES[way]
        elif not kind and x - self.x > 150 and self.rare(0.04):
            detail["through_ball"] = TRUE
            detail["technique"] = words.TECHNIQUES["Through Ball"]

    def foot(self, *, keeper: bool = False, high: bool = False) -> str:
        """Return a body part."""
        drawn = self.chance()
        if keeper and drawn < 0.3:
            return BODY["Drop Kick" if high else "Keeper Arm"]
        return BODY["Head" if drawn < 0.03 else "Left Foot" if drawn < 0.36 else "Right Foot"]

    def receive(self, passed: Event, player: Player, x: int, y: int) -> Event:
        """Note that a pass came to a player, who has the ball now."""
        self.clock += (passed.duration or 0) // 1000
        self.holder, self.x, self.y = player, x, y
        event = self.note_at("Ball Receipt*", self.side, player, x, y, duration=None)
        event.pressed = self.rare(0.08)
        relate(event, passed)
        self.control, self.feeder = event, passed
        return event

    def shift(self, team: int, pitch: dict[Player, int], formation: int) -> None:
        """Give a side's players other positions, and note it."""
        side = self.sides[team]
        now = moment(self.period, self.clock)
        for player, position in pitch.items():
            if side.pitch[player] != position:
                last = side.spells[player][-1]
                last.end, last.end_reason = now, "Tactical Shift"
                side.spells[player].append(Spell(position, now, "Tactical Shift"))
        side.pitch, side.formation = pitch, formation
        self.note("Tactical Shift", team).detail = tactics(side)


def relate(one: Event, other: Event) -> None:
    """Name two events in each other."""
    one.related.append(other.place)
    other.related.append(one.place)


def tactics(side: Side) -> dict[str, str]:
    """Return a side's formation and who plays where in it."""
    named = [
        f'{{\n      "player" : {player.deep},\n      "position" : {words.POSITION_DEEP[position]},\n'
        f'      "jersey_number" : {player.jersey_number}\n    }}'
        for player, position in side.pitch.items()
    ]
    return {"formation": str(side.formation), "lineup": f"[ {', '.join(named)} ]"}


def card(side: Side, player: Player, event: Event, name: str, reason: str) -> str:
    """Note a card in the line-up and return it as the event has it."""
    given = (moment(event.period, event.clock), name, reason)
    side.cards.setdefault(player, []).append(given)
    return words.CARDS[name]


def outcome(name: str) -> dict[str, str]:
    """Return the detail of an event that has an outcome only."""
    return {"outcome": OUTCOMES[name]}
