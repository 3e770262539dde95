"""Where each dataset's page is, relative to the site."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from fieldhouse.source import Identifier, RemoteFile

BASE_URL = "https://www.basketball-reference.com"
# The largest page that was seen, a season of players as a browser saved it, has 2.1 MB
MAX_BYTES = 16 * 2**20
KINDS = ("per_game", "totals", "advanced", "shooting")


def _daily_leaders(identifier: Identifier) -> str:
    day = date.fromisoformat(identifier["date"])
    return f"friv/dailyleaders.fcgi?month={day.month}&day={day.day}&year={day.year}&type=all"


_URLS: Mapping[str, Callable[[Identifier], str]] = {
    "schedule": lambda i: f"leagues/NBA_{i['season']}_games-{i['month']}.html",
    "boxscores": _daily_leaders,
    "play_by_play": lambda i: f"boxscores/pbp/{i['game_id']}.html",
    "player_season": lambda i: f"leagues/NBA_{i['season']}_{i['kind']}.html",
    "team_season": lambda i: f"leagues/NBA_{i['season']}.html",
    "injuries": lambda _: "friv/injuries.fcgi",
    "transactions": lambda i: f"leagues/NBA_{i['season']}_transactions.html",
    "contracts": lambda _: "contracts/players.html",
}


def address(dataset_type: str, identifier: Identifier) -> str:
    """Return the URL of a dataset's one page."""
    return _URLS[dataset_type](identifier)


def season_index(season: int) -> str:
    """Return the URL of the page that links to a season's months; it shows the first of them."""
    return f"leagues/NBA_{season}_games.html"


def file_name(dataset_type: str) -> str:
    """Return the name of a dataset's one file."""
    return f"{dataset_type}.html"


def page(
    dataset_type: str, identifier: Identifier, expects: tuple[str, ...] = (), content: str | None = None
) -> RemoteFile:
    """Return the page that a dataset is."""
    return RemoteFile(
        file_name(dataset_type),
        address(dataset_type, identifier),
        content_types=("text/html",),
        max_bytes=MAX_BYTES,
        content=content,
        expects=expects,
    )
