"""How these tests ask the generated StatsBomb."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from typing import Any

from simulator.answer import Answer
from simulator.generated import DEFAULT_DATE
from simulator.generated.statsbomb import DATA, StatsBomb

TODAY = DEFAULT_DATE
END = date(2026, 6, 30)
SEASONS = ("11/318", "87/318")
WORLD = StatsBomb(1)
CASES = WORLD.describe(TODAY)
# A recorded match with every kind of position
RECORDED = "3869685"
CHANGES: dict[str, dict[str, str]] = CASES["changes"]


def found(path: str, today: date = TODAY, world: StatsBomb = WORLD) -> Answer | None:
    return world.answer(f"{DATA}/{path}.json", "", today)


def body(path: str, today: date = TODAY, world: StatsBomb = WORLD) -> bytes:
    answer = found(path, today, world)
    assert answer is not None, path
    return answer.body


def listing(season: str, today: date = TODAY, world: StatsBomb = WORLD) -> list[dict[str, Any]]:
    return list(json.loads(body(f"matches/{season}", today, world)))


def records(today: date = TODAY) -> dict[int, dict[str, Any]]:
    """Return {match: its record} of all matches that were played."""
    rows = [row for season in SEASONS for row in listing(season, today)]
    return {row["match_id"]: row for row in rows if row["match_status"] == "available"}


@cache
def events(match_id: int) -> list[dict[str, Any]]:
    return list(json.loads(body(f"events/{match_id}")))


def kind(event: dict[str, Any]) -> str:
    return str(event["type"]["name"])


def changed(what: str) -> tuple[int, date]:
    """Return the match that changes in a way after the default date, and the first date on which it has."""
    match_id, since = max(CHANGES[what].items(), key=lambda item: item[1])
    return int(match_id), date.fromisoformat(since)
