"""``match.json`` and ``competitions.json`` to the rows of tables match and competition."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

import pyarrow as pa
from msgspec import Raw

from fieldhouse.source import Identifier
from fieldhouse.sources.statsbomb.reading import Document, extra_of, fitting, parsed, refuse_doubles, text_of
from fieldhouse.sources.statsbomb.shapes import AwayTeam, Competition, HomeTeam, Match, Metadata, Named

_MOMENT = pa.timestamp("us", tz="UTC")
COMPETITION = pa.schema(
    [
        ("competition_id", pa.int32()),
        ("season_id", pa.int32()),
        ("competition", pa.string()),
        ("season", pa.string()),
        ("country", pa.string()),
        ("gender", pa.string()),
        ("is_youth", pa.bool_()),
        ("is_international", pa.bool_()),
        ("match_updated_at", _MOMENT),
        ("match_updated_360_at", _MOMENT),
        ("match_available_at", _MOMENT),
        ("match_available_360_at", _MOMENT),
        ("extra", pa.string()),
    ]
)
_TEAM = (
    ("{}_team_id", pa.int32()),
    ("{}_team", pa.string()),
    ("{}_team_gender", pa.string()),
    ("{}_team_group", pa.string()),
    ("{}_team_country_id", pa.int32()),
    ("{}_team_country", pa.string()),
    ("{}_manager_id", pa.int32()),
    ("{}_manager", pa.string()),
)
MATCH = pa.schema(
    [
        ("match_id", pa.int32()),
        ("match_date", pa.date32()),
        ("kick_off", pa.time32("ms")),
        ("competition_id", pa.int32()),
        ("competition", pa.string()),
        ("country", pa.string()),
        ("season_id", pa.int32()),
        ("season", pa.string()),
        ("competition_stage_id", pa.int32()),
        ("competition_stage", pa.string()),
        ("match_week", pa.int16()),
        *((name.format("home"), type_) for name, type_ in _TEAM),
        *((name.format("away"), type_) for name, type_ in _TEAM),
        ("home_score", pa.int16()),
        ("away_score", pa.int16()),
        ("stadium_id", pa.int32()),
        ("stadium", pa.string()),
        ("stadium_country", pa.string()),
        ("referee_id", pa.int32()),
        ("referee", pa.string()),
        ("referee_country", pa.string()),
        ("match_status", pa.string()),
        ("match_status_360", pa.string()),
        ("data_version", pa.string()),
        ("shot_fidelity_version", pa.string()),
        ("xy_fidelity_version", pa.string()),
        ("home_managers", pa.string()),
        ("away_managers", pa.string()),
        ("extra", pa.string()),
    ]
)


def competition_table(document: Document) -> pa.Table:
    """Return table competition, by its key. :raises PageChanged: there is none, or one twice."""
    entries: list[Competition] = document.read(list[Competition])
    if not entries:
        raise document.origin.changed("the competitions that there are", "an empty list")
    refuse_doubles(document.origin, "season", [(entry.competition_id, entry.season_id) for entry in entries])
    members = document.read(list[dict[str, Raw]])
    with fitting(document.origin):
        rows = [_competition(entry, each) for entry, each in zip(entries, members, strict=True)]
        table = pa.Table.from_pylist(rows, schema=COMPETITION)
    return table.sort_by([("competition_id", "ascending"), ("season_id", "ascending")])


def _competition(entry: Competition, members: Mapping[str, Raw]) -> dict[str, Any]:
    return {
        "competition_id": entry.competition_id,
        "season_id": entry.season_id,
        "competition": entry.competition_name,
        "season": entry.season_name,
        "country": entry.country_name,
        "gender": entry.competition_gender,
        "is_youth": entry.competition_youth,
        "is_international": entry.competition_international,
        "match_updated_at": parsed(entry.match_updated, _moment),
        "match_updated_360_at": parsed(entry.match_updated_360, _moment),
        "match_available_at": parsed(entry.match_available, _moment),
        "match_available_360_at": parsed(entry.match_available_360, _moment),
        "extra": extra_of(members, Competition),
    }


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_match(document: Document, identifier: Identifier) -> Match:
    """Return a match's record. :raises PageChanged: it is that of another one."""
    match: Match = document.read(Match)
    found = {
        "competition_id": str(match.competition.competition_id),
        "season_id": str(match.season.season_id),
        "match_id": str(match.match_id),
    }
    for key, value in identifier.items():
        if found.get(key) != value:
            raise document.origin.changed(f"{key} {value}", str(found.get(key)))
    if match.home_team.team_id == match.away_team.team_id:
        raise document.origin.changed("two teams", f"{match.home_team.team_name} against itself")
    return match


def match_table(document: Document, match: Match) -> pa.Table:
    """Return table match, of one row. :raises PageChanged: a value does not fit its column."""
    with fitting(document.origin):
        row = {
            "match_id": match.match_id,
            "match_date": date.fromisoformat(match.match_date),
            "kick_off": parsed(match.kick_off, time.fromisoformat),
            **_played_in(match),
            **_team("home", match.home_team, document),
            **_team("away", match.away_team, document),
            "home_score": match.home_score,
            "away_score": match.away_score,
            **_surroundings(match),
            "extra": extra_of(document.read(dict[str, Raw]), Match),
        }
        return pa.Table.from_pylist([row], schema=MATCH)


def _played_in(match: Match) -> dict[str, Any]:
    return {
        "competition_id": match.competition.competition_id,
        "competition": match.competition.competition_name,
        "country": match.competition.country_name,
        "season_id": match.season.season_id,
        "season": match.season.season_name,
        "competition_stage_id": match.competition_stage and match.competition_stage.id,
        "competition_stage": match.competition_stage and match.competition_stage.name,
        "match_week": match.match_week,
    }


def _team(side: str, team: HomeTeam | AwayTeam, document: Document) -> dict[str, Any]:
    managers: list[Named] | None = document.read_part(team.managers, list[Named] | None)
    first = managers[0] if managers else None
    return {
        f"{side}_team_id": team.team_id,
        f"{side}_team": team.team_name,
        f"{side}_team_gender": team.team_gender,
        f"{side}_team_group": team.team_group,
        f"{side}_team_country_id": team.country and team.country.id,
        f"{side}_team_country": team.country and team.country.name,
        f"{side}_manager_id": first and first.id,
        f"{side}_manager": first and first.name,
        f"{side}_managers": text_of(team.managers),
    }


def _surroundings(match: Match) -> dict[str, Any]:
    """Return who and what was there. Listings of 2018 have names only."""
    stadium, referee, metadata = match.stadium, match.referee, match.metadata or Metadata()
    return {
        "stadium_id": stadium and stadium.id,
        "stadium": stadium.name if stadium else match.stadium_name,
        "stadium_country": stadium and stadium.country and stadium.country.name,
        "referee_id": referee and referee.id,
        "referee": referee.name if referee else match.referee_name,
        "referee_country": referee and referee.country and referee.country.name,
        "match_status": match.match_status,
        "match_status_360": match.match_status_360,
        "data_version": metadata.data_version or match.data_version,
        "shot_fidelity_version": metadata.shot_fidelity_version,
        "xy_fidelity_version": metadata.xy_fidelity_version,
    }
