"""``lineups.json`` to the rows of table lineup_player."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa
from msgspec import Raw

from fieldhouse.sources.statsbomb.playing import SENT_OFF, Playing
from fieldhouse.sources.statsbomb.reading import Document, extra_of, fitting, refuse_doubles, text_of
from fieldhouse.sources.statsbomb.shapes import Card, Lineup, LineupPlayer, Match

SCHEMA = pa.schema(
    [
        ("match_id", pa.int32()),
        ("player_id", pa.int32()),
        ("team_id", pa.int32()),
        ("team", pa.string()),
        ("player", pa.string()),
        ("player_nickname", pa.string()),
        ("jersey_number", pa.int16()),
        ("country_id", pa.int32()),
        ("country", pa.string()),
        ("started", pa.bool_()),
        ("minute_on", pa.int16()),
        ("minute_off", pa.int16()),
        ("seconds_played", pa.int32()),
        ("yellow_cards", pa.int16()),
        ("red_cards", pa.int16()),
        ("positions", pa.string()),
        ("cards", pa.string()),
        ("extra", pa.string()),
    ]
)


def lineup_table(document: Document, match: Match, playing: Playing) -> pa.Table:
    """Return table lineup_player, by player.

    :raises PageChanged: the line-ups are not those of the match's two teams, or name a player twice.
    """
    lineups: list[Lineup] = document.read(list[Lineup])
    expected = sorted([match.home_team.team_id, match.away_team.team_id])
    if (found := sorted(lineup.team_id for lineup in lineups)) != expected:
        raise document.origin.changed(
            f"the line-ups of the teams {expected}, as match.json has it", f"those of {found}"
        )
    rows = [row for lineup in lineups for row in _rows(document, match.match_id, lineup, playing)]
    refuse_doubles(document.origin, "player", [row["player_id"] for row in rows])
    with fitting(document.origin):
        return pa.Table.from_pylist(sorted(rows, key=lambda row: row["player_id"]), schema=SCHEMA)


def _rows(document: Document, match_id: int, lineup: Lineup, playing: Playing) -> Iterable[dict[str, Any]]:
    for raw in lineup.lineup:
        player: LineupPlayer = document.read_part(raw, LineupPlayer)
        yield {
            "match_id": match_id,
            "player_id": player.player_id,
            "team_id": lineup.team_id,
            "team": lineup.team_name,
            "player": player.player_name,
            "player_nickname": player.player_nickname,
            "jersey_number": player.jersey_number,
            "country_id": player.country and player.country.id,
            "country": player.country and player.country.name,
            **_time(player.player_id, lineup.team_id, playing),
            **_cards(document, player.cards),
            "positions": text_of(player.positions),
            "cards": text_of(player.cards),
            "extra": extra_of(document.read_part(raw, dict[str, Raw]), LineupPlayer),
        }


def _time(player: int, team: int, playing: Playing) -> dict[str, Any]:
    if team not in playing.with_starters:
        return {}
    return {
        "started": player in playing.starters,
        "minute_on": playing.minute_on.get(player),
        "minute_off": playing.minute_off.get(player),
        "seconds_played": round(playing.seconds.get(player, 0.0)),
    }


def _cards(document: Document, raw: Raw) -> dict[str, int]:
    if text_of(raw) is None:
        return {}
    cards = [card.card_type for card in document.read_part(raw, list[Card])]
    return {"yellow_cards": cards.count("Yellow Card"), "red_cards": int(bool(SENT_OFF & set(cards)))}
