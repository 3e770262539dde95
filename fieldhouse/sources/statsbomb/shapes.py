"""The provider's format, written down: what is read of its files. Members that are not named here are passed over.

https://github.com/statsbomb/open-data/tree/master/doc describes them; the names are the provider's own.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Raw, Struct

Place = Annotated[list[float], Meta(min_length=2, max_length=3)]
Period = Annotated[int, Meta(ge=1, le=5)]
NULL = Raw(b"null")


class Named(Struct, gc=False):
    """A value of one of the provider's lists, a team or a player."""

    id: int
    name: str


class Member(Struct, gc=False):
    """A player in a formation."""

    player: Named


class Tactics(Struct, gc=False):
    """The formation that a team takes up."""

    formation: int | None = None
    lineup: list[Member] = []


class Pass(Struct, gc=False):
    """What only a pass has."""

    length: float | None = None
    angle: float | None = None
    end_location: Place | None = None
    recipient: Named | None = None
    height: Named | None = None
    outcome: Named | None = None
    type: Named | None = None
    body_part: Named | None = None
    technique: Named | None = None
    assisted_shot_id: str | None = None
    cross: bool = False
    switch: bool = False
    through_ball: bool = False
    cut_back: bool = False
    shot_assist: bool = False
    goal_assist: bool = False


class Shot(Struct, gc=False):
    """What only a shot has."""

    statsbomb_xg: float | None = None
    end_location: Place | None = None
    outcome: Named | None = None
    type: Named | None = None
    technique: Named | None = None
    body_part: Named | None = None
    key_pass_id: str | None = None
    first_time: bool = False


class Carry(Struct, gc=False):
    """What only a carry has."""

    end_location: Place | None = None


class Action(Struct, gc=False):
    """What an event of many types has: its kind and how it ended."""

    type: Named | None = None
    outcome: Named | None = None


class Foul(Struct, gc=False):
    """What a foul, a foul won or a bad behaviour has."""

    type: Named | None = None
    card: Named | None = None
    penalty: bool = False


class Substitution(Struct, gc=False):
    """Who comes on, and why."""

    replacement: Named | None = None
    outcome: Named | None = None


class PlayerOff(Struct, gc=False):
    """Whether the player is not to return."""

    permanent: bool = False


class Event(Struct, gc=False, rename={"pass_": "pass", "fifty_fifty": "50_50"}):
    """An event of ``events.json``. A flag that is not there is false: it appears only when true."""

    id: str
    index: int
    period: Period
    timestamp: str
    minute: int
    second: int
    type: Named
    team: Named
    possession: int | None = None
    possession_team: Named | None = None
    play_pattern: Named | None = None
    player: Named | None = None
    position: Named | None = None
    location: Place | None = None
    duration: float | None = None
    under_pressure: bool = False
    counterpress: bool = False
    out: bool = False
    off_camera: bool = False
    tactics: Tactics | None = None
    pass_: Pass | None = None
    shot: Shot | None = None
    carry: Carry | None = None
    ball_receipt: Action | None = None
    dribble: Action | None = None
    duel: Action | None = None
    interception: Action | None = None
    fifty_fifty: Action | None = None
    goalkeeper: Action | None = None
    foul_committed: Foul | None = None
    foul_won: Foul | None = None
    bad_behaviour: Foul | None = None
    substitution: Substitution | None = None
    player_off: PlayerOff | None = None
    # Known, and read from ``detail`` only
    related_events: Raw = NULL
    ball_recovery: Raw = NULL
    block: Raw = NULL
    clearance: Raw = NULL
    miscontrol: Raw = NULL
    injury_stoppage: Raw = NULL
    half_start: Raw = NULL
    half_end: Raw = NULL


class StrictEvent(Event, gc=False, forbid_unknown_fields=True):
    """An event that must have no member beyond those of :class:`Event`."""


class Card(Struct):
    """A card of a line-up."""

    card_type: str


class LineupPlayer(Struct):
    """A player of ``lineups.json``. Files of 2018 have neither nickname nor cards nor positions."""

    player_id: int
    player_name: str
    player_nickname: str | None = None
    jersey_number: int | None = None
    country: Named | None = None
    cards: Raw = NULL
    positions: Raw = NULL


class Lineup(Struct):
    """A team of ``lineups.json``: ``lineup`` is a list of :class:`LineupPlayer`."""

    team_id: int
    team_name: str
    lineup: list[Raw]


class Competition(Struct):
    """An entry of ``competitions.json``. That of 2018 lacks the last six."""

    competition_id: int
    season_id: int
    competition_name: str
    season_name: str
    country_name: str | None = None
    match_updated: str | None = None
    match_available: str | None = None
    match_updated_360: str | None = None
    match_available_360: str | None = None
    competition_gender: str | None = None
    competition_youth: bool | None = None
    competition_international: bool | None = None


class MatchCompetition(Struct):
    """The competition of a match."""

    competition_id: int
    competition_name: str | None = None
    country_name: str | None = None


class MatchSeason(Struct):
    """The season of a match."""

    season_id: int
    season_name: str | None = None


class HomeTeam(Struct, rename=lambda name: name if name in {"country", "managers"} else f"home_{name}"):
    """The home team of a match. ``managers`` is a list of :class:`Named`, with more."""

    team_id: int
    team_name: str
    team_gender: str | None = None
    team_group: str | None = None
    country: Named | None = None
    managers: Raw = NULL


class AwayTeam(Struct, rename=lambda name: name if name in {"country", "managers"} else f"away_{name}"):
    """The away team of a match, as :class:`HomeTeam`."""

    team_id: int
    team_name: str
    team_gender: str | None = None
    team_group: str | None = None
    country: Named | None = None
    managers: Raw = NULL


class Located(Struct):
    """A stadium or a referee."""

    id: int
    name: str
    country: Named | None = None


class Metadata(Struct):
    """The versions of a match's data."""

    data_version: str | None = None
    shot_fidelity_version: str | None = None
    xy_fidelity_version: str | None = None


class Match(Struct):
    """A record of a season's listing, ``match.json``. Listings of 2018 have three texts in place of objects."""

    match_id: int
    match_date: str
    competition: MatchCompetition
    season: MatchSeason
    home_team: HomeTeam
    away_team: AwayTeam
    kick_off: str | None = None
    home_score: int | None = None
    away_score: int | None = None
    match_status: str | None = None
    match_status_360: str | None = None
    match_week: int | None = None
    competition_stage: Named | None = None
    stadium: Located | None = None
    referee: Located | None = None
    metadata: Metadata | None = None
    stadium_name: str | None = None
    referee_name: str | None = None
    data_version: str | None = None
    # They speak of the files, not of the match
    last_updated: Raw = NULL
    last_updated_360: Raw = NULL


class FramePlayer(Struct, gc=False):
    """A player whom a picture of ``three-sixty.json`` shows."""

    teammate: bool
    actor: bool = False
    keeper: bool = False
    location: Place | None = None


class Frame(Struct):
    """A picture of ``three-sixty.json``."""

    event_uuid: str
    visible_area: Raw = NULL
    freeze_frame: list[FramePlayer] = []
