"""Which datasets there are: the schedule says which games a window holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from fieldhouse.errors import NothingScheduled, NotPublished, PageChanged, SourceUnavailable
from fieldhouse.source import Candidate, Client, Gap, Param, Scope
from fieldhouse.sources.basketball_reference.addresses import BASE_URL, KINDS, address, file_name, page, season_index
from fieldhouse.sources.basketball_reference.calendar import said
from fieldhouse.sources.basketball_reference.days import MONTHS
from fieldhouse.sources.basketball_reference.seasons import (
    BOX_SCORES_SINCE,
    PLAY_BY_PLAY_SINCE,
    Season,
    season_of,
    select_seasons,
    transactions_of,
)

if TYPE_CHECKING:
    from fieldhouse.sources.basketball_reference.games import Game
    from fieldhouse.sources.basketball_reference.page import Origin

GAMES = {"schedule", "boxscores", "play_by_play"}
TABLES = {"player_season", "team_season"}
# The last games of a date end at about 07:00 UTC, and the site has them by this hour of the next day
PUBLISHED = time(11, tzinfo=UTC)
# From then on a box score that is not there is missing; until then it is looked for again
DUE_AFTER = timedelta(days=2)
LOOKED_BACK = timedelta(days=7)
CORRECTED_UNTIL = timedelta(days=8)
# A run that follows another closely does not ask for the same schedule again
MONTH_MAX_AGE = timedelta(hours=1)
INDEX_MAX_AGE = timedelta(days=7)
EVER = datetime(1970, 1, 1, tzinfo=UTC)

PARAMS = (
    Param(
        name="seasons",
        title="Seasons",
        description=(
            "Whole seasons, by the year they end in: 2025 or 2024-25 for 2024/25, 2001-2025 for a range, several with "
            "commas: schedule, box scores (since 1984-85), play-by-play and shooting (since 1996-97), season tables "
            "and transactions. At 8 requests a minute a season takes about three hours. Empty: the games of the run's "
            "dates."
        ),
        default="",
        schema={"type": ["null", "string"], "examples": ["2025", "2024-25", "2001-2025"]},
    ),
)


@dataclass(frozen=True)
class _Month:
    """A page of the schedule: a month's slug, what the page says, and its games."""

    slug: str
    games: Sequence[Game]
    content: str | None


def discover(scope: Scope, client: Client) -> Iterator[Candidate | Gap]:
    """Yield the datasets of the scope's dates, or of the seasons that were asked for.

    :raises ConfigurationError: Param ``seasons`` names none.
    :raises SourceError: the host refuses, or does not answer.
    """
    wanted = set(scope.params.get("dataset_types") or [*GAMES, *TABLES, "injuries", "transactions", "contracts"])
    asked = str(scope.params.get("seasons") or "").strip()
    if asked:
        for season in select_seasons(asked, scope.today):
            yield from _whole_season(season, scope, client, wanted)
        return
    if wanted & (GAMES | (TABLES if scope.present else set())):
        yield from _dates(scope, client, wanted)
    yield from _present(scope, wanted) if scope.present else _only_present(scope, wanted)


def _whole_season(season: Season, scope: Scope, client: Client, wanted: set[str]) -> Iterator[Candidate | Gap]:
    schedule = _Schedule(season, scope, client)
    if wanted & GAMES:
        months = [schedule.month(slug, since=season.settled_at) for slug in schedule.slugs()]
        yield from schedule.found()
        # two months may name a game while it moves from one to the other
        games = _by_date({game.game_id: game for month in months for game in month.games}.values())
        for day in sorted(day for day in games if day < scope.today):
            yield from _games_of(day, games[day])
        if season.year < BOX_SCORES_SINCE and "boxscores" in wanted:
            text = f"box scores are read from {Season(BOX_SCORES_SINCE)} on"
            yield Gap("boxscores", {"season": str(season.year)}, NothingScheduled(text))
    is_over = season < season_of(scope.today)
    settled_at = season.settled_at if is_over else None
    yield from _season_tables(season, settled_at, season.due_at + timedelta(days=90))
    transactions = {"season": str(season.year)}
    yield Candidate("transactions", transactions, (page("transactions", transactions),), settled_at=settled_at)


def _dates(scope: Scope, client: Client, wanted: set[str]) -> Iterator[Candidate | Gap]:
    window = scope.window
    start = window.start - LOOKED_BACK if scope.present else window.start
    days = [start + timedelta(days=n) for n in range((window.end - start).days + 1)]
    games: dict[date, list[Game]] = defaultdict(list)
    first: date | None = None
    unknown: set[date] = set()
    unlisted: set[date] = set()
    for season in sorted({season_of(day) for day in days}):
        schedule = _Schedule(season, scope, client)
        own = [day for day in days if season_of(day) == season]
        schedule.have_months_of([day for day in own if day >= window.start])
        touched_by = _touched(own, schedule.slugs())
        for slug, touched in touched_by.items():
            in_window = [day for day in touched if day >= window.start]
            month = schedule.month(slug, since=_settled(max(touched)) if in_window else _published(max(touched)))
            games.update(_by_date(game for game in month.games if game.game_date in touched))
        if scope.present and "schedule" in wanted and season == season_of(scope.today):
            schedule.look_ahead()
        yield from schedule.found()
        if schedule.is_known:
            unlisted.update(set(own).difference(*touched_by.values()))
        else:
            unknown.update(own)
        first = schedule.first_game() or first
    for day in days:
        if games.get(day):
            yield from _games_of(day, games[day]) if day < scope.today else _known(day, games[day])
        elif day >= window.start and day not in unknown:
            text = f"no game is scheduled on {day}"
            if day in unlisted:
                text = f"the schedule of {season_of(day)} has no page of {MONTHS[day.month - 1]} {day.year}"
            yield Gap("boxscores", {"date": str(day)}, NothingScheduled(text))
    if scope.present and first and first < scope.today:
        yield from _season_tables(season_of(scope.today), None, _midnight(first) + timedelta(days=3))


class _Schedule:
    """What a run reads of one season's schedule, and what it has to say of it."""

    def __init__(self, season: Season, scope: Scope, client: Client) -> None:
        # False where nothing can be said of the season's days
        self.is_known = True
        self.season = season
        self._scope = scope
        self._client = client
        self._months: dict[str, _Month] = {}
        self._gaps: list[Candidate | Gap] = []
        self._slugs: list[str] | None = None
        self._index: Sequence[Game] = ()

    def slugs(self) -> list[str]:
        """Return the months that the season has, by the site's names, in order; none where it is not out."""
        if self._slugs is None:
            self._slugs = self._read_index()
        return self._slugs

    def have_months_of(self, days: Sequence[date]) -> None:
        """Read the index anew if it has no month of one of the days: a month is linked to when its games are known."""
        listed = [day for touched in _touched(days, self.slugs()).values() for day in touched]
        if self.slugs() and len(listed) < len(days):
            self._slugs = self._read_index(MONTH_MAX_AGE)

    def _read_index(self, max_age: timedelta = INDEX_MAX_AGE) -> list[str]:
        from fieldhouse.sources.basketball_reference.games import read_games, read_months  # noqa: PLC0415 - heavy
        from fieldhouse.sources.basketball_reference.page import Origin  # noqa: PLC0415 - heavy

        url = season_index(self.season.year)
        identifier = {"season": str(self.season.year)}
        since = self.season.settled_at + CORRECTED_UNTIL
        try:
            data = self._client.get(url, newer_than=since, max_age=max_age)
            origin = Origin("schedule", identifier, "index", f"{BASE_URL}/{url}")
            self._index = read_games(data, origin)
            return read_months(data, str(self.season.year))
        except NotPublished:
            self._gaps = [self._not_out()]
        except (PageChanged, SourceUnavailable) as error:
            # those that it had when it could be read
            days = sorted(game.game_date for game in self._games_from_before())
            if isinstance(error, PageChanged) and not days and self._is_early():
                self._gaps = [self._not_out()]
                return []
            self._gaps.append(Gap("schedule", identifier, error, url))
            self.is_known = bool(days)
            return list(dict.fromkeys(MONTHS[day.month - 1] for day in days))
        return []

    def _not_out(self) -> Candidate | Gap:
        """Return what there is to say of a season that the site does not have."""
        identifier = {"season": str(self.season.year), "month": "october"}
        if not self._is_early():
            self.is_known = False
            return Candidate("schedule", identifier, (page("schedule", identifier),), due_at=self.season.due_at)
        error = NothingScheduled(f"the schedule of {self.season} is not out yet")
        return Gap("schedule", {"season": str(self.season.year)}, error)

    def _is_early(self) -> bool:
        return self._scope.today <= self.season.due_at.date()

    def first_game(self) -> date | None:
        """Return the date of the first game that any page says that was read; the index may show any month."""
        games = (game for shown in (self._index, *(month.games for month in self._months.values())) for game in shown)
        return min((game.game_date for game in games), default=None)

    def month(self, slug: str, *, since: datetime, max_age: timedelta = MONTH_MAX_AGE) -> _Month:
        """Return a month of the schedule. One that cannot be read has the games that it had when it could."""
        if slug not in self._months:
            self._months[slug] = self._read_month(slug, since, max_age)
        return self._months[slug]

    def _read_month(self, slug: str, since: datetime, max_age: timedelta) -> _Month:
        from fieldhouse.sources.basketball_reference.games import read_games, read_months  # noqa: PLC0415 - heavy
        from fieldhouse.sources.basketball_reference.page import Origin  # noqa: PLC0415 - heavy

        identifier = {"season": str(self.season.year), "month": slug}
        url = address("schedule", identifier)
        origin = Origin("schedule", identifier, file_name("schedule"), f"{BASE_URL}/{url}")
        content = None
        try:
            data = self._client.get(url, newer_than=since, max_age=max_age)
            content = _decoded(data, origin)
            games, linked = read_games(data, origin), read_months(data, str(self.season.year))
        except NotPublished:
            self._gaps.append(Gap("schedule", identifier, NothingScheduled("the site has no such page yet")))
        except (PageChanged, SourceUnavailable) as error:
            self._gaps.append(Gap("schedule", identifier, error, url))
        else:
            # the index is older, and may not link to the newest month yet
            self._slugs = list(dict.fromkeys([*self.slugs(), *linked]))
            return _Month(slug, games, content)
        days = [game.game_date for game in self._games_from_before()]
        touched = set(_touched(days, [slug]).get(slug, []))
        return _Month(slug, [game for game in self._games_from_before() if game.game_date in touched], content)

    def _games_from_before(self) -> list[Game]:
        """Return the season's games as the warehouse was given them."""
        from fieldhouse.sources.basketball_reference.games import Game  # noqa: PLC0415 - heavy

        rows = self._scope.rows("schedule")
        if rows is None:
            return []
        columns = ("season", "game_id", "game_date", "away_team_id", "home_team_id", "home_points")
        games = zip(*(rows.column(name).to_pylist() for name in columns), strict=True)
        return [
            Game(game_id, game_date, away, home, points is not None)
            for season, game_id, game_date, away, home, points in games
            if season == self.season.year
        ]

    def look_ahead(self) -> None:
        """Read the months that no date of the run touches. One that was read before costs no request, and is named for
        what a run that was stopped left of it; anew is asked for those that are not here, or else for one in turn.
        """
        others = [slug for slug in self.slugs() if slug not in self._months]
        known = list(_touched([game.game_date for game in self._games_from_before()], others))
        new = [self.month(slug, since=EVER) for slug in others if slug not in known]
        is_turn = bool(known) and not any(month.games for month in new)
        turn = known[self._scope.today.toordinal() % len(known)] if is_turn else ""
        for slug in known:
            self.month(slug, since=_midnight(self._scope.today) if slug == turn else EVER)

    def found(self) -> Iterator[Candidate | Gap]:
        """Yield the months that were read, and what could not be."""
        for month in self._months.values():
            if month.content is not None:
                identifier = {"season": str(self.season.year), "month": month.slug}
                yield Candidate("schedule", identifier, (page("schedule", identifier, content=month.content),))
        yield from self._gaps


def _games_of(day: date, games: Sequence[Game]) -> Iterator[Candidate]:
    """Yield what is published of a day that is over. A game without a score was not played, or not yet told of: it is
    asked for, and nobody misses it.
    """
    played = {game.game_id for game in games if game.is_played}
    due_at = _midnight(day) + DUE_AFTER
    season = season_of(day).year
    if season >= BOX_SCORES_SINCE:
        yield Candidate(
            "boxscores",
            {"date": str(day)},
            (page("boxscores", {"date": str(day)}, tuple(sorted(played))),),
            settled_at=_published(day),
            due_at=due_at if played else None,
        )
    for game in sorted(games) if season >= PLAY_BY_PLAY_SINCE else ():
        identifier = {"game_id": game.game_id}
        yield Candidate(
            "play_by_play",
            identifier,
            (page("play_by_play", identifier),),
            settled_at=_published(day),
            due_at=due_at if game.is_played else None,
        )


def _known(day: date, games: Sequence[Game]) -> Iterator[Candidate]:
    """Yield what will be published of a day whose games are to come."""
    yield Candidate("boxscores", {"date": str(day)}, ())
    yield from (Candidate("play_by_play", {"game_id": game.game_id}, ()) for game in games)


def _season_tables(season: Season, settled_at: datetime | None, due_at: datetime) -> Iterator[Candidate]:
    own = {"season": str(season.year)}
    for kind in KINDS if season.year >= PLAY_BY_PLAY_SINCE else [kind for kind in KINDS if kind != "shooting"]:
        identifier = {**own, "kind": kind}
        yield Candidate("player_season", identifier, (page("player_season", identifier),), settled_at, due_at)
    yield Candidate("team_season", own, (page("team_season", own),), settled_at, due_at)


def _present(scope: Scope, wanted: set[str]) -> Iterator[Candidate]:
    """Yield what shows the present."""
    for name in ("injuries", "contracts"):
        if name in wanted:
            yield Candidate(name, {}, (page(name, {}),))
    if "transactions" in wanted:
        # what was agreed on the last of June is told in July, on the page of the season that ended
        for season in sorted({transactions_of(scope.today - LOOKED_BACK), transactions_of(scope.today)}):
            identifier = {"season": str(season.year)}
            # the first deals of the league's year are announced within its first week
            due_at = datetime(season.year - 1, 7, 10, tzinfo=UTC)
            yield Candidate("transactions", identifier, (page("transactions", identifier),), due_at=due_at)


def _only_present(scope: Scope, wanted: set[str]) -> Iterator[Gap]:
    for name in sorted(wanted & {*TABLES, "transactions"}):
        text = f"it shows a season as it is now, and not on {said(scope.window)}; Param seasons asks for whole seasons"
        yield Gap(name, {}, NothingScheduled(text))


def _touched(days: Sequence[date], slugs: Sequence[str]) -> dict[str, list[date]]:
    """Return the days by the slug of the month that they stand in: ``january``, or ``october-2019`` where a season has
    two of them.
    """
    touched = defaultdict(list)
    for day in days:
        name = MONTHS[day.month - 1]
        for slug in (f"{name}-{day.year}", name):
            if slug in slugs:
                touched[slug].append(day)
                break
    return touched


def _decoded(data: bytes, origin: Origin) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise origin.changed("a page in UTF-8", f"the byte {data[error.start]:#x} at position {error.start}") from error


def _by_date(games: Iterable[Game]) -> dict[date, list[Game]]:
    found = defaultdict(list)
    for game in games:
        found[game.game_date].append(game)
    return found


def _published(day: date) -> datetime:
    """Return from when a day's games are published."""
    return datetime.combine(day + timedelta(days=1), PUBLISHED)


def _settled(day: date) -> datetime:
    """Return from when the schedule of a day is not looked at again."""
    return _midnight(day) + CORRECTED_UNTIL


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
