"""What the generated league consists of: plain records, in the source's own ids and codes.

Names of counts are short, as the site's columns are: ``fg`` field goals made, ``fga`` attempted, ``fg3``
three-pointers, ``ft`` free throws, ``orb``/``drb`` offensive and defensive rebounds, ``tov`` turnovers, ``pf``
personal fouls.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

Stage = Literal["regular_season", "play_in", "playoffs"]
Option = Literal["player", "team", "early_termination"]
REGULAR_SEASON: Stage = "regular_season"
PLAY_IN: Stage = "play_in"
PLAYOFFS: Stage = "playoffs"
# The team of a row that counts all teams of a player; the page spells it TOT or 2TM.
ALL_TEAMS = "TOT"


@dataclass(frozen=True, slots=True)
class Team:
    """A franchise as it was called in a season.

    :param city: as play-by-play names the team ("New York", "LA Lakers").
    :param conference: "E" or "W".
    """

    team_id: str
    name: str
    city: str
    arena: str
    conference: str
    division: str


@dataclass(frozen=True, slots=True)
class Player:
    """A person with the site's id.

    :param name: as displayed, with accents and "Jr." or "III".
    :param last_first: as the site sorts ("Curry,Stephen").
    :param short: as play-by-play names people ("S. Curry").
    """

    player_id: str
    name: str
    last_first: str
    short: str
    position: str
    birth_date: date


@dataclass(frozen=True, slots=True)
class Game:
    """A game as the schedule lists it on a date; played values are None until the day after it was played.

    :param game_date: when it is, or was, played; part of ``game_id``.
    :param start_time: Eastern, as written ("7:30p").
    :param remarks: "", "NBA Cup", "Play-In Game" or "at Paris, France".
    :param if_necessary: a playoff game that is only played if the series is not decided before.
    :param overtimes: how many; None while unplayed.
    :param published: whether the box score is out and linked; False while unplayed or held back.
    """

    game_id: str
    game_date: date
    start_time: str
    away: str
    home: str
    stage: Stage
    remarks: str
    arena: str
    if_necessary: bool = False
    attendance: int | None = None
    duration_minutes: int | None = None
    overtimes: int | None = None
    away_points: int | None = None
    home_points: int | None = None
    published: bool = False

    @property
    def played(self) -> bool:
        """Whether it has a score."""
        return self.home_points is not None


class Counts(NamedTuple):
    """What is counted of a player or a team, in one game or many."""

    seconds: int
    fg: int
    fga: int
    fg3: int
    fg3a: int
    ft: int
    fta: int
    orb: int
    drb: int
    ast: int
    stl: int
    blk: int
    tov: int
    pf: int
    pts: int

    @property
    def trb(self) -> int:
        """All rebounds."""
        return self.orb + self.drb


@dataclass(frozen=True, slots=True)
class Line:
    """A player's line of a box score.

    :param opponent_id: the other team.
    :param seconds: played, on the court.
    :param plus_minus: the score's change while the player was on the court; a team's sum is five times its margin.
    """

    player_id: str
    team_id: str
    opponent_id: str
    game_id: str
    is_home: bool
    won: bool
    started: bool
    seconds: int
    fg: int
    fga: int
    fg3: int
    fg3a: int
    ft: int
    fta: int
    orb: int
    drb: int
    ast: int
    stl: int
    blk: int
    tov: int
    pf: int
    pts: int
    plus_minus: int
    game_score: float

    @property
    def trb(self) -> int:
        """All rebounds."""
        return self.orb + self.drb


@dataclass(frozen=True, slots=True)
class Play:
    """One row of play-by-play, in the order of the game.

    :param period: 1 to 4, then 5 for the first overtime.
    :param seconds_remaining: of the period.
    :param team_id: whose cell the text stands in; None for a text over the whole row (jump ball, start, end).
    :param text: as written, in plain text; ``people`` are the (short name, player id) that it links, in order.
    :param points: scored by this play; 0 for most.
    :param away_score: after the play.
    :param kind: "jump_ball", "start", "end", "shot", "free_throw", "rebound", "turnover", "foul", "violation",
        "substitution" or "timeout".
    """

    period: int
    seconds_remaining: int
    team_id: str | None
    text: str
    people: tuple[tuple[str, str], ...]
    points: int
    away_score: int
    home_score: int
    kind: str


@dataclass(frozen=True, slots=True)
class PlayerTotals:
    """A player's season so far, in one stage and with one team, or with all of them.

    :param team_id: the team, or ``ALL_TEAMS`` in the combined row of who had several.
    :param team_count: 1, or how many teams the combined row counts.
    :param age: on the first of February of the season; None where the site does not know it.
    """

    player_id: str
    team_id: str
    team_count: int
    position: str
    age: int | None
    games: int
    games_started: int
    triple_doubles: int
    counts: Counts

    @property
    def is_combined(self) -> bool:
        """Whether this row counts several teams."""
        return self.team_id == ALL_TEAMS


@dataclass(frozen=True, slots=True)
class PlayerAdvanced:
    """What the site computes of a player's totals; shares are 0..1, the other percentages 0..100; None as undefined."""

    totals: PlayerTotals
    per: float
    ts_pct: float | None
    fg3a_per_fga_pct: float | None
    fta_per_fga_pct: float | None
    orb_pct: float
    drb_pct: float
    trb_pct: float
    ast_pct: float
    stl_pct: float
    blk_pct: float
    tov_pct: float | None
    usg_pct: float
    ows: float
    dws: float
    obpm: float
    dbpm: float
    vorp: float

    @property
    def ws(self) -> float:
        """Win shares."""
        return round(self.ows + self.dws, 1)

    @property
    def ws_per_48(self) -> float:
        """Win shares in 48 minutes."""
        return round(self.ws * 48 * 60 / self.totals.counts.seconds, 3)

    @property
    def bpm(self) -> float:
        """Box plus/minus."""
        return round(self.obpm + self.dbpm, 1)


class Zone(NamedTuple):
    """Shots from one distance."""

    made: int
    attempted: int


@dataclass(frozen=True, slots=True)
class PlayerShooting:
    """Where a player's shots came from; the two-point zones sum to the two-pointers of ``totals``.

    :param zones: feet 0-3, 3-10, 10-16 and 16 to the three-point line.
    :param average_distance: feet; None without a shot.
    :param assisted_fg2: made two-pointers that a teammate assisted; ``fg2_assisted_pct`` and its like are for the page
        to compute.
    """

    totals: PlayerTotals
    average_distance: float | None
    zones: tuple[Zone, Zone, Zone, Zone]
    assisted_fg2: int
    assisted_fg3: int
    dunks: Zone
    corner_threes: Zone
    heaves: Zone


@dataclass(frozen=True, slots=True)
class TeamSeason:
    """A team's regular season so far.

    :param counts: its own; ``opponent`` of those who played it. ``counts.seconds`` is of the players, five times the
        clock.
    :param in_playoffs: whether it has a place in the playoffs on that date (the site's trailing "*").
    """

    team: Team
    in_playoffs: bool
    age: float
    games: int
    wins: int
    losses: int
    wins_pyth: int
    losses_pyth: int
    mov: float
    sos: float
    off_rtg: float
    def_rtg: float
    pace: float
    counts: Counts
    opponent: Counts
    attendance: int

    @property
    def srs(self) -> float:
        """Simple rating."""
        return round(self.mov + self.sos, 2)

    @property
    def net_rtg(self) -> float:
        """Points more than the opponent's in 100 possessions."""
        return round(self.off_rtg - self.def_rtg, 1)


@dataclass(frozen=True, slots=True)
class Injury:
    """A row of the injury list.

    :param updated: the date of the last word about it.
    """

    player_id: str
    team_id: str
    updated: date
    description: str


@dataclass(frozen=True, slots=True)
class TeamLink:
    """A team in the text of a deal.

    :param direction: "to" or "from": what the site says in ``data-attr-to`` and ``data-attr-from``.
    """

    team_id: str
    direction: Literal["to", "from"]


@dataclass(frozen=True, slots=True)
class PlayerLink:
    """A player in the text of a deal."""

    player_id: str


@dataclass(frozen=True, slots=True)
class Deal:
    """One paragraph of the transactions page; text and links in their order."""

    day: date
    parts: tuple[str | TeamLink | PlayerLink, ...]


@dataclass(frozen=True, slots=True)
class Contract:
    """A row of the contracts page.

    :param salaries: {season label ("2025-26"): (US dollars, option)}, at most six seasons.
    :param guaranteed: US dollars; None where the cell is empty.
    """

    player_id: str
    team_id: str
    salaries: dict[str, tuple[int, Option | None]]
    guaranteed: int | None
