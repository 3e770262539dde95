"""Which datasets there are. No request is needed: the site's addresses follow from its codes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from fieldhouse.errors import ConfigurationError
from fieldhouse.source import Candidate, Client, Identifier, Param, RemoteFile, Scope
from fieldhouse.sources.football_data.divisions import DIVISIONS, LEAGUES
from fieldhouse.sources.football_data.seasons import Season, Selection, running, select_seasons, touching

BASE_URL = "https://www.football-data.co.uk"
# The largest file that was seen, an extra league of 14 seasons, has 0.5 MB
MAX_BYTES = 16 * 2**20
LATE_CORRECTIONS = tuple(timedelta(days=days) for days in (7, 30, 90))
EVERY_HALF_YEAR = timedelta(days=182)
# All extra leagues have been on the site for years: a missing file is never "not yet"
LEAGUES_DUE_AT = datetime(2018, 1, 1, tzinfo=UTC)

PARAMS = (
    Param(
        name="seasons",
        title="Seasons",
        description=(
            "Empty: the seasons that the run's dates touch and, unless it is a backfill, the season before. "
            "Otherwise 2425, 2024/25 or 2024 for 2024/25; 2015-2025 for the seasons that start in those years; "
            "1516-2425 for a range of the site's codes; several with commas; or all. 2021 alone is the code of "
            "2020/21, in a range of years it is the year. Main divisions only: an extra league is one file "
            "with all its seasons."
        ),
        default="",
        schema={"type": "string", "examples": ["2425", "2024/25", "2015-2025", "1516-2425", "all"]},
    ),
    Param(
        name="divisions",
        title="Divisions and extra leagues",
        description=(
            "The site's codes, E0 to G1 for a main division, ARG to USA for an extra league. Empty: all of them."
        ),
        default=[],
        schema={"type": "array", "items": {"type": "string", "enum": [*DIVISIONS, *LEAGUES]}, "uniqueItems": True},
    ),
)

_URLS: Mapping[str, Callable[[Identifier], str]] = {
    "season": lambda identifier: f"mmz4281/{identifier['season']}/{identifier['division']}.csv",
    "extra_league": lambda identifier: f"new/{identifier['league']}.csv",
    "fixtures": lambda _: "fixtures.csv",
}
FILE_NAMES = {"season": "season.csv", "extra_league": "league.csv", "fixtures": "fixtures.csv"}


def discover(scope: Scope, client: Client) -> Iterator[Candidate]:  # noqa: ARG001
    """Yield the files of a scope, the newest season first.

    :raises ConfigurationError: a parameter names a season or a division that does not exist.
    """
    codes = _asked_codes(scope)
    asked = _asked_seasons(scope)
    seasons = sorted(asked.seasons if asked else _seasons_of_window(scope), reverse=True)
    if asked:
        _refuse_empty_divisions(codes, asked)
    return _candidates(scope, codes or [*DIVISIONS, *LEAGUES], seasons)


def address(dataset_type: str, identifier: Identifier) -> str:
    """Return the URL of a dataset's one file, relative to the site."""
    return _URLS[dataset_type](identifier)


def _candidates(scope: Scope, codes: list[str], seasons: list[Season]) -> Iterator[Candidate]:
    present = scope.present and running(scope.today) in seasons
    if present and any(code in DIVISIONS for code in codes):
        yield Candidate("fixtures", {}, _files("fixtures", {}))
    for season in seasons:
        for code in codes:
            if code in DIVISIONS and season.first_year >= DIVISIONS[code].first_year:
                yield _season(code, season)
    for code in codes:
        if code in LEAGUES:
            identifier = {"league": code}
            files = _files("extra_league", identifier)
            yield Candidate("extra_league", identifier, files, due_at=LEAGUES_DUE_AT)


def _season(division: str, season: Season) -> Candidate:
    identifier = {"division": division, "season": season.code}
    files = _files("season", identifier)
    return Candidate("season", identifier, files, settled_at=season.settled_at, due_at=season.due_at)


def _files(dataset_type: str, identifier: Identifier) -> tuple[RemoteFile, ...]:
    name, url = FILE_NAMES[dataset_type], address(dataset_type, identifier)
    return (RemoteFile(name, url, max_bytes=MAX_BYTES),)


def _seasons_of_window(scope: Scope) -> set[Season]:
    latest = running(scope.today)
    seasons = {season for season in touching(scope.window) if season <= latest}
    if scope.present:
        # The season before is asked too, for what is corrected late
        seasons |= {latest, Season(latest.first_year - 1)}
    return seasons


def _asked_seasons(scope: Scope) -> Selection | None:
    text = str(scope.params.get("seasons") or "").strip()
    return select_seasons(text, scope.today) if text else None


def _asked_codes(scope: Scope) -> list[str]:
    asked: str | Iterable[str] = scope.params.get("divisions") or []
    codes = [code.strip() for code in (asked.split(",") if isinstance(asked, str) else asked)]
    for code in codes:
        if code not in DIVISIONS and code not in LEAGUES:
            valid = ", ".join([*DIVISIONS, *LEAGUES])
            raise ConfigurationError(f"there is no division {code!r}; the divisions are: {valid}")
    return list(dict.fromkeys(codes))


def _refuse_empty_divisions(codes: list[str], asked: Selection) -> None:
    for division in (DIVISIONS[code] for code in codes if code in DIVISIONS):
        if max(asked.seasons).first_year < division.first_year:
            raise ConfigurationError(
                f"{division.code} ({division.country}, {division.name}) is published from season "
                f"{Season(division.first_year)} on; no season was asked for that it has"
            )
