"""The league as the site shows it on a date: what pages are rendered from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

from simulator.generated.basketball_reference.calendar import id_of_game, published_on, regular_season, year_of
from simulator.generated.basketball_reference.deals import contracts, deals
from simulator.generated.basketball_reference.events import corrected_after, is_early
from simulator.generated.basketball_reference.figures import advanced, shooting
from simulator.generated.basketball_reference.injuries import injuries
from simulator.generated.basketball_reference.lines import lines
from simulator.generated.basketball_reference.listing import Listed, Listing, listing
from simulator.generated.basketball_reference.people import LAST_SEASON, people
from simulator.generated.basketball_reference.playoffs import places_known, postseason
from simulator.generated.basketball_reference.plays import plays
from simulator.generated.basketball_reference.records import (
    REGULAR_SEASON,
    Contract,
    Deal,
    Game,
    Injury,
    Line,
    Play,
    Player,
    PlayerAdvanced,
    PlayerShooting,
    PlayerTotals,
    Stage,
    Team,
    TeamSeason,
)
from simulator.generated.basketball_reference.seasons import Tally, player_totals, tally, team_seasons
from simulator.generated.basketball_reference.teams import FIRST_SEASON, teams

__all__ = ["FIRST_SEASON", "World"]


class World:
    """A league made from a seed.

    Every method that takes ``today`` answers what the site shows on that date at noon UTC: games of earlier dates are
    played and published. Two worlds of one seed are equal.

    :param held_back: ids of games that are played but not published: scores without box scores. Control sets it.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.held_back: set[str] = set()
        self._cached_listing = lru_cache(maxsize=16)(self._make_listing)
        self._cached_tally = lru_cache(maxsize=8)(self._make_tally)
        self._cached_totals = lru_cache(maxsize=8)(self._make_totals)

    def last_season(self, today: date) -> int:
        """Return the end year of the newest season that the site has; a schedule comes out on 14 August."""
        return min(today.year + (today >= published_on(today.year + 1)), LAST_SEASON)

    def team(self, year: int, team_id: str) -> Team:
        """Return a team of a season.

        :raises KeyError: no such team in it.
        """
        return teams(year)[team_id]

    def teams(self, year: int) -> Mapping[str, Team]:
        """Return {team id: team} of a season, in the order of their names."""
        return teams(year)

    def player(self, player_id: str) -> Player:
        """Return a player.

        :raises KeyError: no such player.
        """
        return people(self.seed).by_id[player_id].player

    def months(self, year: int, today: date) -> list[str]:
        """Return the slugs of the months that have a game listed, in order; empty for a season that is not out."""
        return list(self._listing(year, today).by_month)

    def schedule(self, year: int, slug: str, today: date) -> list[Game]:
        """Return the games of a month in order of date; empty for a month that is not out.

        The page's divider "Playoffs" stands before the first game whose stage is not the regular season.
        """
        return [listed.game for listed in self._listing(year, today).by_month.get(slug, ())]

    def games_on(self, day: date, today: date) -> list[Game]:
        """Return the games of one day as they are known today, in the order of the schedule."""
        return [listed.game for listed in self._listing(year_of(day), today).by_day.get(day, ())]

    def game(self, game_id: str, today: date) -> Game | None:
        """Return a game as it is known today, None for none of that id."""
        listed = self._listed(game_id, today)
        return listed.game if listed else None

    def lines(self, game_id: str, today: date) -> list[Line]:
        """Return the lines of both teams, starters first; empty for a game without a published box score."""
        listed = self._listed(game_id, today)
        return self._lines(listed, today) if listed else []

    def leaders(self, day: date, today: date) -> list[Line]:
        """Return the lines of all published games of a day, the best game score first, as daily leaders do."""
        listed = self._listing(year_of(day), today).by_day.get(day, ())
        found = [line for one in listed for line in self._lines(one, today)]
        return sorted(found, key=lambda line: (-line.game_score, line.player_id))

    def plays(self, game_id: str, today: date) -> list[Play]:
        """Return the play-by-play, which never changes; empty for a game without one on that date."""
        listed = self._listed(game_id, today)
        if not listed or not listed.game.published:
            return []
        return list(plays(self.seed, listed.fixture))

    def player_totals(self, year: int, stage: Stage, today: date) -> list[PlayerTotals]:
        """Return totals by player, most points first; who had several teams has a combined row, then one a team.

        Empty while nobody has played in that stage. Games that are held back are not counted.
        """
        return list(self._totals(year, stage, today))

    def player_advanced(self, year: int, stage: Stage, today: date) -> list[PlayerAdvanced]:
        """Return the advanced figures of the same rows in the same order."""
        return advanced(self._totals(year, stage, today), self._tally(year, stage, today))

    def player_shooting(self, year: int, stage: Stage, today: date) -> list[PlayerShooting]:
        """Return the shooting of the same rows in the same order."""
        return shooting(self.seed, self._totals(year, stage, today))

    def team_seasons(self, year: int, today: date) -> list[TeamSeason]:
        """Return the teams' regular season, in order of net rating; empty before the first game."""
        found = self._tally(year, REGULAR_SEASON, today)
        totals = self._totals(year, REGULAR_SEASON, today)
        return team_seasons(self.seed, year, found, totals, places_known(self.seed, year, today))

    def injuries(self, today: date) -> list[Injury]:
        """Return who is injured, in order of team; nobody in August and September."""
        return injuries(self.seed, today)

    def deals(self, year: int, today: date) -> list[Deal]:
        """Return the deals from July before a season to its end that are known today, newest first."""
        if not FIRST_SEASON <= year <= min(year_of(today), LAST_SEASON):
            return []
        return [deal for deal in deals(self.seed, year) if deal.day < today]

    def contracts(self, today: date) -> list[Contract]:
        """Return the contracts in force today, the highest salary first; a new season's from July on."""
        return contracts(self.seed, today)

    def is_correction(self, game_id: str) -> bool:
        """Return whether the game's box score is corrected some days after its first publication."""
        return corrected_after(self.seed, game_id) is not None

    def corrections(self, year: int) -> dict[str, date]:
        """Return {game id: the date from which the site has its corrected box score}, whatever today is."""
        fixtures = (*regular_season(self.seed, year), *postseason(self.seed, year))
        played = ((one, corrected_after(self.seed, one.game_id)) for one in fixtures if one.dropped_on is None)
        return {one.game_id: one.played_on + timedelta(days=1 + after) for one, after in played if after is not None}

    def postponements(self, year: int) -> list[tuple[str, str]]:
        """Return (id that the schedule had first, id of the game as played); it changes on the first one's date."""
        moved = (one for one in regular_season(self.seed, year) if one.moved_to)
        return [(id_of_game(one.day, one.home), one.game_id) for one in moved]

    # --- what is remembered: an answer depends on the held back games too ---------------------------------------

    def _listing(self, year: int, today: date) -> Listing:
        return self._cached_listing(year, today, frozenset(self.held_back))

    def _make_listing(self, year: int, today: date, held_back: frozenset[str]) -> Listing:
        if not FIRST_SEASON <= year <= LAST_SEASON:
            return Listing({}, {}, {})
        return listing(self.seed, year, today, held_back)

    def _listed(self, game_id: str, today: date) -> Listed | None:
        try:
            day = date(int(game_id[:4]), int(game_id[4:6]), int(game_id[6:8]))
        except ValueError:
            return None
        return self._listing(year_of(day), today).by_id.get(game_id)

    def _lines(self, listed: Listed, today: date) -> list[Line]:
        if not listed.game.published:
            return []
        return list(lines(self.seed, listed.fixture, early=is_early(self.seed, listed.fixture, today)))

    def _tally(self, year: int, stage: Stage, today: date) -> Tally:
        return self._cached_tally(year, stage, today, frozenset(self.held_back))

    def _make_tally(self, year: int, stage: Stage, today: date, held_back: frozenset[str]) -> Tally:
        listed = self._cached_listing(year, today, held_back).by_id.values()
        published = (one.fixture for one in listed if one.game.published and one.game.stage == stage)
        return tally(self.seed, published, today)

    def _totals(self, year: int, stage: Stage, today: date) -> list[PlayerTotals]:
        return self._cached_totals(year, stage, today, frozenset(self.held_back))

    def _make_totals(self, year: int, stage: Stage, today: date, held_back: frozenset[str]) -> list[PlayerTotals]:
        found = self._cached_tally(year, stage, today, held_back)
        return player_totals(self.seed, year, found, people(self.seed).by_id)
