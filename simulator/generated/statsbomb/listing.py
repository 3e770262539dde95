"""The two kinds of listing: the competitions, and the matches of one season."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from simulator.generated.statsbomb.people import SPAIN, Club, all_clubs, referee
from simulator.generated.statsbomb.record import ENCODING
from simulator.generated.statsbomb.schedule import Match, State, state
from simulator.generated.statsbomb.spelling import pretty

COUNTRY = {"id": SPAIN[0], "name": SPAIN[1]}
REFEREES = 12
# How long before it is played a match is listed
AHEAD = timedelta(days=7)


def competitions_file(seed: int, seasons: Iterable[Sequence[Match]], today: date) -> bytes:
    """Return the seasons that have begun, with the last moments at which anything in them changed."""
    rows = [_season(seed, season, today) for season in seasons]
    return pretty([row for row in rows if row]).encode(ENCODING)


def season_file(seed: int, season: Sequence[Match], today: date) -> bytes | None:
    """Return the matches of a season, the latest first; None before the first of them."""
    known = [(match, state(seed, match, today)) for match in season]
    rows = [_record(seed, match, there) for match, there in reversed(known) if there is None or there.listed]
    if not any(there for _, there in known):
        return None
    return pretty([row for row in rows if row["match_status"] == "available" or _near(row, today)]).encode(ENCODING)


def _near(row: dict[str, Any], today: date) -> bool:
    return date.fromisoformat(row["match_date"]) < today + AHEAD


def _season(seed: int, season: Sequence[Match], today: date) -> dict[str, Any] | None:
    known = [there for match in season if (there := state(seed, match, today))]
    if not known:
        return None
    with_360 = [there.updated_360 for there in known if there.has_360]
    last_360 = max(with_360).isoformat() if with_360 else None
    (number, name), (season_id, season_name) = season[0].competition, season[0].season
    return {
        "competition_id": number,
        "season_id": season_id,
        "country_name": SPAIN[1],
        "competition_name": name,
        "competition_gender": "male",
        "competition_youth": False,
        "competition_international": False,
        "season_name": season_name,
        "match_updated": max(there.changed for there in known).isoformat(),
        "match_updated_360": last_360,
        "match_available_360": last_360,
        "match_available": max(there.published for there in known).isoformat(),
    }


def _record(seed: int, match: Match, there: State | None) -> dict[str, Any]:
    home, away = all_clubs(seed)[match.home], all_clubs(seed)[match.away]
    score = match.plot(seed).score if there else (None, None)
    announced = datetime.combine(match.day - AHEAD, datetime.min.time()).isoformat()
    record: dict[str, Any] = {
        "match_id": match.match_id,
        "match_date": match.day.isoformat(),
        "kick_off": match.kick_off,
        "competition": {
            "competition_id": match.competition[0],
            "country_name": SPAIN[1],
            "competition_name": match.competition[1],
        },
        "season": {"season_id": match.season[0], "season_name": match.season[1]},
        "home_team": _team("home", home, managers=match.managers),
        "away_team": _team("away", away, managers=match.managers),
        "home_score": score[0],
        "away_score": score[1],
        "match_status": "available" if there else "scheduled",
        "match_status_360": _status_360(match, there),
        "last_updated": there.updated.isoformat() if there else announced,
        "last_updated_360": there.updated_360.isoformat() if there else announced,
        "metadata": {"data_version": "1.1.0", "shot_fidelity_version": "2", "xy_fidelity_version": "2"},
        "match_week": match.week,
        "competition_stage": {"id": match.stage[0], "name": match.stage[1]},
    }
    if match.stadium:
        record["stadium"] = home.stadium
    if match.referee:
        record["referee"] = referee(seed, match.match_id % REFEREES)
    return record


def _team(side: str, club: Club, *, managers: bool) -> dict[str, Any]:
    team = {
        f"{side}_team_id": club.team_id,
        f"{side}_team_name": club.name,
        f"{side}_team_gender": "male",
        f"{side}_team_group": None,
        "country": COUNTRY,
    }
    return team | ({"managers": [club.manager]} if managers else {})


def _status_360(match: Match, there: State | None) -> str:
    if there and (there.has_360 or match.promised_360):
        return "available"
    return "processing" if there and any(what == "360" for _, what in match.changes) else "scheduled"
