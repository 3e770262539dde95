"""The line-ups of a match that was played."""

from __future__ import annotations

from typing import Any

from simulator.generated.statsbomb.people import Player
from simulator.generated.statsbomb.record import ENCODING, Record, Side, Spell
from simulator.generated.statsbomb.spelling import pretty
from simulator.generated.statsbomb.words import POSITIONS


def lineups_file(record: Record) -> bytes:
    """Return the line-ups file: both squads, with positions for those who played."""
    return pretty([_team(side) for side in record.sides]).encode(ENCODING)


def _team(side: Side) -> dict[str, Any]:
    players = sorted(side.club.squad, key=lambda player: player.player_id)
    return {
        "team_id": side.club.team_id,
        "team_name": side.club.name,
        "lineup": [_player(side, player) for player in players],
    }


def _player(side: Side, player: Player) -> dict[str, Any]:
    number, name = player.country
    return {
        "player_id": player.player_id,
        "player_name": player.name,
        "player_nickname": player.nickname,
        "jersey_number": player.jersey_number,
        "country": {"id": number, "name": name},
        "cards": [
            {"time": time, "card_type": card, "reason": reason, "period": period}
            for (period, time), card, reason in side.cards.get(player, ())
        ],
        "positions": [_spell(spell) for spell in side.spells.get(player, ())],
    }


def _spell(spell: Spell) -> dict[str, Any]:
    period, time = spell.end or (None, None)
    return {
        "position_id": spell.position,
        "position": POSITIONS[spell.position],
        "from": spell.start[1],
        "to": time,
        "from_period": spell.start[0],
        "to_period": period,
        "start_reason": spell.start_reason,
        "end_reason": spell.end_reason,
    }
