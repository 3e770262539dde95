"""StatsBomb's open data, generated: two seasons in the provider's true format, revised and withdrawn by the day.

``competitions.json``, ``matches/<competition>/<season>.json``, ``lineups/<match>.json``, ``events/<match>.json`` and
``three-sixty/<match>.json`` below the repository's data folder. Clubs and people are invented.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from hashlib import sha256
from itertools import groupby
from threading import Lock
from typing import Any

from simulator.answer import Answer, strong_etag
from simulator.generated.statsbomb import bulk
from simulator.generated.statsbomb.chance import drawn_from
from simulator.generated.statsbomb.frames import frames_file
from simulator.generated.statsbomb.lineups import lineups_file
from simulator.generated.statsbomb.listing import AHEAD, competitions_file, season_file
from simulator.generated.statsbomb.match import play_match
from simulator.generated.statsbomb.people import all_clubs
from simulator.generated.statsbomb.record import Record, event_ids, events_file
from simulator.generated.statsbomb.revision import revise
from simulator.generated.statsbomb.schedule import Match, State, matches, state

DATA = "/statsbomb/open-data/master/data"
SEASON_FILE = re.compile(rf"{DATA}/matches/(\d+)/(\d+)\.json")
MATCH_FILE = re.compile(rf"{DATA}/(lineups|events|three-sixty)/(\d+)\.json")
# Matches whose files are kept: their consumers ask for all files of one within moments, from a few at a time
KEPT = 8


@dataclass(frozen=True)
class Files:
    """A match that was played, and its files."""

    record: Record
    ids: list[str]
    events: bytes
    lineups: bytes


class StatsBomb:
    """The data folder of the open-data repository as it would be if its matches came from a seed.

    :param matches: None for the two seasons of the sample; a number for a world of so many matches that are copies
        of a few, see :mod:`simulator.generated.statsbomb.bulk`.
    """

    host = "raw.githubusercontent.com"

    def __init__(self, seed: int, matches: int | None = None) -> None:
        self.seed = seed
        self._bulk = matches is not None
        self._seasons = bulk.seasons(matches) if matches is not None else _sample(seed)
        self._matches = {match.match_id: match for season in self._seasons.values() for match in season}
        self._files = lru_cache(maxsize=KEPT)(self._play)
        self._frames = lru_cache(maxsize=KEPT)(self._see)
        self._listed = lru_cache(maxsize=64)(self._list)
        # Two files of a match are asked for at once: it must not be played twice
        self._lock = Lock()

    def answer(self, path: str, query: str, today: date) -> Answer | None:
        """Return a file as of a date, None for no such file: GitHub tells a commit by its ETag alone."""
        if query:
            return None
        if match := MATCH_FILE.fullmatch(path):
            return self._match_file(match[1], int(match[2]), today)
        body = self._listed(path, today)
        return _answer(body, strong_etag(body)) if body else None

    def describe(self, today: date) -> dict[str, Any]:
        """Return the number of matches that are there, and which of them change in which way on which date."""
        known = {m.match_id: state(self.seed, m, today) for m in self._matches.values()}
        listed = [match_id for match_id, there in known.items() if there and there.listed]
        described = {"seasons": [f"{c}/{s}" for c, s in self._seasons], "matches": len(listed)}
        return described | ({} if self._bulk else self._cases(today, known))

    def _cases(self, today: date, known: dict[int, State | None]) -> dict[str, Any]:
        changes = [(what, m.match_id, since) for m in self._matches.values() for since, what in m.changes]
        ahead = [m for m in self._matches.values() if today <= m.day < today + AHEAD]
        return {
            "scheduled": [m.match_id for m in ahead if known[m.match_id] is None],
            "changes": {
                kind: {str(match_id): since.isoformat() for what, match_id, since in changes if what == kind}
                for kind in ("revised", "touched", "silent", "360", "withdrawn", "returned")
            },
            "with_360": [match_id for match_id, there in known.items() if there and there.has_360],
            "promised_360": [m.match_id for m in self._matches.values() if m.promised_360 and known[m.match_id]],
            "own_goals": [m.match_id for m in self._matches.values() if known[m.match_id] and self._own_goal(m)],
            "extra_time": [m.match_id for m in self._matches.values() if m.decision and known[m.match_id]],
            "shoot_outs": [m.match_id for m in self._matches.values() if m.decision == "shoot-out"],
        }

    def _own_goal(self, match: Match) -> bool:
        return any(incident.kind == "own_goal" for incident in match.plot(self.seed).incidents)

    # --- listings ---------------------------------------------------------------------------------------------

    def _list(self, path: str, today: date) -> bytes | None:
        if path == f"{DATA}/competitions.json":
            return competitions_file(self.seed, self._seasons.values(), today)
        match = SEASON_FILE.fullmatch(path)
        season = self._seasons.get((int(match[1]), int(match[2]))) if match else None
        return season_file(self.seed, season, today) if season else None

    # --- matches ----------------------------------------------------------------------------------------------

    def _match_file(self, kind: str, match_id: int, today: date) -> Answer | None:
        match = self._matches.get(match_id)
        there = state(self.seed, match, today) if match else None
        if match is None or there is None or not there.listed or (kind == "three-sixty" and not there.has_360):
            return None
        body = self._body(kind, match, there)
        # From what the bytes follow from: cheaper than from three million bytes
        identity = f"{self.seed}|{kind}|{match_id}|{there.revision if kind == 'events' else 0}"
        return _answer(body, f'"{sha256(identity.encode()).hexdigest()}"')

    def _body(self, kind: str, match: Match, there: State) -> bytes:
        original = bulk.template_of(match) if self._bulk else match
        with self._lock:
            files = self._files(original, there.revision)
            body = self._frames(original) if kind == "three-sixty" else getattr(files, kind)
        if self._bulk and kind == "events":
            return body.replace(b'"' + bulk.prefix(original).encode(), b'"' + bulk.prefix(match).encode())
        return body

    def _play(self, match: Match, revision: int) -> Files:
        clubs = all_clubs(self.seed)
        record = play_match(self.seed, match.match_id, (clubs[match.home], clubs[match.away]), match.plot(self.seed))
        for number in range(revision):
            revise(record, drawn_from(self.seed, "revision", match.match_id, number))
        prefix = bulk.prefix(match) if self._bulk else ""
        ids = event_ids(f"{self.seed}|{match.match_id}", len(record.events), prefix)
        return Files(record, ids, events_file(record, ids), lineups_file(record))

    def _see(self, match: Match) -> bytes:
        files = self._files(match, 0)
        return frames_file(drawn_from(self.seed, "frames", match.match_id), files.record.events, files.ids)


def _sample(seed: int) -> dict[tuple[int, int], tuple[Match, ...]]:
    def season(match: Match) -> tuple[int, int]:
        return match.competition[0], match.season[0]

    return {key: tuple(group) for key, group in groupby(matches(seed), key=season)}


def _answer(body: bytes, etag: str) -> Answer:
    return Answer(body, "text/plain; charset=utf-8", headers=(("cache-control", "max-age=300"),), etag=etag)
