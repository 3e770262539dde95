"""Which datasets there are: ``competitions.json`` names the seasons, a listing for each of them its matches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec

from fieldhouse.errors import NotPublished, PageChanged
from fieldhouse.source import Candidate, Client, Gap, Identifier, Listing, Param, RemoteFile, Scope, format_identifier
from fieldhouse.sources.statsbomb.records import without_members

BASE_URL = "https://raw.githubusercontent.com/statsbomb/open-data/master/data"
COMPETITIONS = "competitions.json"
MATCH_FILES = ("match.json", "lineups.json", "events.json", "three-sixty.json")
AVAILABLE = "available"
# What the listing says of other files; the rest of a record is the match
OF_FILES = ("last_updated", "last_updated_360")
# Of the files that were seen, line-ups have 0.04 MB at most and events 5 MB; frames are said to have 15
MAX_BYTES = {"lineups.json": 8 * 2**20, "events.json": 64 * 2**20, "three-sixty.json": 256 * 2**20}
# A match whose record has no timestamp is taken for settled so long after it was played
SETTLED_AFTER = timedelta(days=30)
CORRECTIONS_WITHOUT_A_WORD = tuple(timedelta(days=days) for days in (7, 30))
EVERY_HALF_YEAR = timedelta(days=182)

PARAMS = (
    Param(
        name="selectors",
        title="Selectors",
        description=(
            "Which matches, by competition_id, season_id, match_id and match_date: `competition_id=11/season_id=90`. "
            "A value may be a list `42,90`, a range `1..50`, `2020-01-01..` or `*`; several selectors stand on lines "
            "of their own, or with a semicolon between them. Empty: those of Variable `statsbomb_selectors`, and "
            "without it all matches."
        ),
        default="",
        schema={
            # the form makes null of a field that was emptied
            "type": ["null", "string"],
            "format": "multiline",
            "examples": ["competition_id=11/season_id=42,90", "competition_id=43;competition_id=55/season_id=*"],
        },
    ),
    Param(
        name="with_360",
        title="With 360 frames",
        description=(
            "Fetch three-sixty.json too, where there is one: the players in view at each event. It is the largest file "
            "of a match, several MB. Scheduled runs do not ask for it, nor for a newer one: trigger a run with it."
        ),
        default=False,
        schema={"type": "boolean"},
    ),
)

Id = Annotated[int, msgspec.Meta(ge=0)]


class Season(msgspec.Struct, frozen=True):
    """An entry of ``competitions.json``, as far as it leads on."""

    competition_id: Id
    season_id: Id

    @property
    def identifier(self) -> dict[str, str]:
        """Its keys and their values."""
        return {"competition_id": str(self.competition_id), "season_id": str(self.season_id)}


class _Competition(msgspec.Struct, frozen=True):
    competition_id: Id


class _Season(msgspec.Struct, frozen=True):
    season_id: Id


class Match(msgspec.Struct, frozen=True):
    """A record of a season's listing, as far as it says what there is. Old listings lack most of it."""

    match_id: Id
    competition: _Competition | None = None
    season: _Season | None = None
    match_date: str | None = None
    match_status: str | None = None
    match_status_360: str | None = None
    last_updated: str | None = None
    last_updated_360: str | None = None

    @property
    def settled_at(self) -> datetime | None:
        """From when it changes by corrections only. The listing names no time zone: UTC is assumed."""
        played = _moment(self.match_date)
        return _moment(self.last_updated) or (played + SETTLED_AFTER if played else None)


MATCH = msgspec.json.Decoder(Match)


def discover(scope: Scope, client: Client) -> Iterator[Candidate | Listing | Gap]:
    """Yield the competitions, then each season's matches and a mark that they are all.

    :raises PageChanged: the list of competitions is not what it should be.
    """
    body = client.get(COMPETITIONS)
    seasons = _read_seasons(body)
    yield Candidate("competitions", {}, (_inline(COMPETITIONS, COMPETITIONS, body.decode()),))
    if scope.params.get("dataset_types") and "match" not in scope.params["dataset_types"]:
        return
    gaps = False
    for season in seasons:
        if scope.wants(season.identifier):
            for found in _season(scope, client, season):
                gaps = gaps or isinstance(found, Gap)
                yield found
    if not gaps:
        # also the matches of a season that is no longer named
        yield Listing("match")


def _season(scope: Scope, client: Client, season: Season) -> Iterator[Candidate | Listing | Gap]:
    url = f"matches/{season.competition_id}/{season.season_id}.json"
    try:
        matches = _read_matches(url, client.get(url), season)
    except (NotPublished, PageChanged) as error:
        # one listing that is not there, or is none, must not keep the others from being looked at
        yield Gap("match", season.identifier, error, url)
        return
    for match, record in matches:
        identifier = {**season.identifier, "match_id": str(match.match_id)}
        if scope.wants({**identifier, **({"match_date": match.match_date} if match.match_date else {})}):
            yield _candidate(identifier, match, url, record, with_360=bool(scope.params.get("with_360")))
    yield Listing("match", season.identifier)


def _candidate(identifier: Identifier, match: Match, url: str, record: str, *, with_360: bool) -> Candidate:
    if (match.match_status or AVAILABLE) != AVAILABLE:
        return Candidate("match", identifier, ())
    files = [
        _inline("match.json", url, record),
        _remote("lineups.json", match.match_id, match.last_updated),
        _remote("events.json", match.match_id, match.last_updated),
    ]
    if with_360 and match.match_status_360 == AVAILABLE:
        files.append(_remote("three-sixty.json", match.match_id, match.last_updated_360))
    settled = match.settled_at
    return Candidate("match", identifier, tuple(files), settled_at=settled, due_at=settled)


def _inline(name: str, url: str, content: str) -> RemoteFile:
    return RemoteFile(name, url, content=content)


def _remote(name: str, match_id: int, version: str | None) -> RemoteFile:
    folder = name.removesuffix(".json")
    return RemoteFile(name, f"{folder}/{match_id}.json", max_bytes=MAX_BYTES[name], version=version or None)


def _read_matches(url: str, body: bytes, season: Season) -> list[tuple[Match, str]]:
    """Return the matches of a season's listing, each with its record but for what that says of other files.

    :raises NotPublished: it names no match.
    :raises PageChanged: it is no listing of this season.
    """
    with _expecting(f"statsbomb: {url}", "a list of matches with match_id", body):
        records = [bytes(record) for record in msgspec.json.decode(body, type=list[msgspec.Raw])]
        matches = [(MATCH.decode(record), without_members(record.decode(), OF_FILES)) for record in records]
    if not matches:
        raise NotPublished(f"statsbomb: {url} names no match, although {COMPETITIONS} names the season")
    for match, _ in matches:
        _refuse_other_season(url, match, season)
    if len({match.match_id for match, _ in matches}) < len(matches):
        raise PageChanged(f"statsbomb: {url} names a match twice; open its URL and see which record holds")
    return matches


def _refuse_other_season(url: str, match: Match, season: Season) -> None:
    if match.competition and match.season:
        found = Season(match.competition.competition_id, match.season.season_id)
        if found != season:
            raise PageChanged(
                f"statsbomb: {url} has match {match.match_id} of {format_identifier(found.identifier)}, expected only "
                f"{format_identifier(season.identifier)}; open its URL and see what it is"
            )


def _read_seasons(body: bytes) -> list[Season]:
    with _expecting(f"statsbomb: {COMPETITIONS}", "a list of competitions and their seasons", body):
        body.decode()
        seasons = msgspec.json.decode(body, type=list[Season])
    if not seasons:
        raise PageChanged(f"statsbomb: {COMPETITIONS} names no competition; open its URL: it has always named some")
    return list(dict.fromkeys(seasons))


@contextmanager
def _expecting(name: str, wanted: str, body: bytes) -> Iterator[None]:
    """Turn what bytes can do to their reader into PageChanged."""
    try:
        yield
    # bad UTF-8 and a number of thousands of digits are ValueErrors; an array may be nested without end
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise PageChanged(
            f"{name} is not {wanted}: {error}; it begins with {body[:60]!r}. Open its URL: if the layout is new, "
            "discover must learn it"
        ) from error


def _moment(text: str | None) -> datetime | None:
    """Return a time in UTC, or None where there is none that can be read."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
