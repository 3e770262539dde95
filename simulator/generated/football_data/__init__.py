"""football-data.co.uk, generated: all divisions and seasons in the formats that the site's files really have."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Any

from simulator.answer import Answer, midnight, strong_etag
from simulator.generated.football_data.files import File, extra_file, fixtures_file, season_file
from simulator.generated.football_data.leagues import (
    DIVISIONS,
    EXTRA_LEAGUES,
    FIRST_SEASON,
    season_code,
    season_year,
)

SEASON_FILE = re.compile(r"/mmz4281/(\d{4})/(\w+)\.csv")
EXTRA_FILE = re.compile(r"/new/(\w+)\.csv")


class FootballData:
    """The site as it would be if its seasons came from a seed."""

    host = "www.football-data.co.uk"

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._cached = lru_cache(maxsize=64)(self._answer)

    def answer(self, path: str, query: str, today: date) -> Answer | None:
        """Return a season's, an extra league's or the fixtures' file as of a date, None for no such file."""
        return None if query else self._cached(path, today)

    def file(self, path: str, today: date) -> File | None:
        """Return the file at a path on a date, with the number of its matches."""
        if path == "/fixtures.csv":
            return fixtures_file(self.seed, today)
        if match := SEASON_FILE.fullmatch(path):
            league, year = DIVISIONS.get(match[2]), season_year(match[1])
            return season_file(self.seed, league, year, today) if league and year else None
        if match := EXTRA_FILE.fullmatch(path):
            extra = EXTRA_LEAGUES.get(match[1])
            return extra_file(self.seed, extra, today) if extra else None
        return None

    def _answer(self, path: str, today: date) -> Answer | None:
        file = self.file(path, today)
        if file is None:
            return None
        return Answer(
            file.body,
            "text/csv",
            headers=(("accept-ranges", "none"),),
            etag=strong_etag(file.body),
            last_modified=midnight(file.changed_on),
        )

    def describe(self, today: date) -> dict[str, Any]:
        """Return the main divisions by season, as far as a season has started, and the extra leagues."""
        last = max(league.season_at(today) for league in DIVISIONS.values())
        return {
            "seasons": {
                season_code(year): [
                    code for code, league in DIVISIONS.items() if league.first_season <= year <= league.season_at(today)
                ]
                for year in range(FIRST_SEASON, last + 1)
            },
            "extra_leagues": list(EXTRA_LEAGUES),
        }
