"""Pages of basketball-reference.com to typed rows, beside what it takes to parse the page alone."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pandas as pd
from bs4 import BeautifulSoup
from selectolax.lexbor import LexborHTMLParser

from benchmarks.figures import Claim, Figures, median_ratio, number, spread
from benchmarks.process import Failed
from benchmarks.recorded import RECORDINGS
from fieldhouse.source import Identifier
from fieldhouse.sources.basketball_reference import SOURCE
from simulator.recorded import Recordings, RecordingsError

ROUNDS, SLOW_ROUNDS = 21, 3
# Of the bare parse; what issue 5 allows
BOUND = 3.0


@dataclass(frozen=True)
class RecordedPage:
    """A recorded page and which dataset it is.

    :param table: the id of the one that pandas is asked for.
    :param in_comments: its tables are, so that a tree of the page does not have them.
    """

    title: str
    file: str
    dataset_type: str
    identifier: Identifier
    table: str
    in_comments: bool = False

    def read(self) -> bytes:
        """Return its bytes.

        :raises Failed: it is not among the recordings.
        """
        try:
            return self.path().read_bytes()
        except (OSError, RecordingsError) as error:
            raise Failed(f"{self.file} is not among the recordings at {RECORDINGS}: {error}") from error

    def path(self) -> Path:
        """Return where it lies."""
        return Recordings(RECORDINGS).path(f"basketball_reference/{self.file}")

    def parse(self, data: bytes) -> int:
        """Read it with the source's own parser and return how many rows it has."""
        (name,) = SOURCE.dataset_type(self.dataset_type).files
        return sum(table.num_rows for table in SOURCE.parse(self.dataset_type, self.identifier, {name: data}).values())

    def read_html(self, data: bytes) -> int:
        """Read its one table with pandas and return how many rows it has."""
        text = io.StringIO(data.decode())
        (frame,) = pd.read_html(text, attrs={"id": self.table}, flavor="lxml")
        return len(frame)


PAGES = (
    RecordedPage(
        "totals of 2023/24, two tables",
        "totals/NBA_2024_totals.bh.html",
        "player_season",
        {"season": "2024", "kind": "totals"},
        "totals_stats",
    ),
    RecordedPage(
        "box scores of a day",
        "dailyleaders/2006-11-01.bh.html",
        "boxscores",
        {"date": "2006-11-01"},
        "stats",
    ),
    RecordedPage(
        "play-by-play of a game",
        "pbp/201901010SAC.html",
        "play_by_play",
        {"game_id": "201901010SAC"},
        "pbp",
    ),
    RecordedPage(
        "league's page, nearly all of it in comments",
        "leagues/NBA_2017.html",
        "team_season",
        {"season": "2017"},
        "confs_standings_E",
        in_comments=True,
    ),
)


def bench() -> list[Figures]:
    """Measure the readers on every page, in turns."""
    _keep_memory()
    return [measure(page) for page in PAGES]


def measure(page: RecordedPage, rounds: int = ROUNDS, slow_rounds: int = SLOW_ROUNDS) -> Figures:
    """Measure the readers on one page."""
    data = page.read()
    rows = page.parse(data)
    pairs = [(_seconds(page.parse, data), _seconds(LexborHTMLParser, data)) for _ in range(rounds)]
    ours, bare = ([pair[side] for pair in pairs] for side in (0, 1))
    soup = [_seconds(_soup, data) for _ in range(slow_rounds)]
    pandas = [_seconds(page.read_html, data) for _ in range(slow_rounds)]
    return Figures(
        title=f"{page.title}: {number(len(data) / 1e6)} MB to {rows:,} typed rows",
        header=("reader", "ms", "times the bare parse"),
        rows=[
            _row("selectolax: a tree of the page, nothing read", bare, bare),
            _row("fieldhouse: typed Arrow tables", ours, bare),
            _row("BeautifulSoup with lxml: a tree, nothing read", soup, bare),
            _row("pandas.read_html with lxml: one table", pandas, bare),
        ],
        given=(
            f"{page.file}, read beforehand; {rounds} pairs in turns, {slow_rounds} rounds of the others, "
            "in one process that has parsed it before."
            + " A tree does not have the tables in comments: the ratio says little."
            * page.in_comments
        ),
        claims=[] if page.in_comments else [_claim(ours, bare)],
    )


def _keep_memory() -> None:
    """Make the C library keep what is freed, as it does in a process that has read large pages for a while.

    In a fresh one the bare parse takes twice as long, since each tree's memory comes from the system and goes back.
    """
    bytes(30 * 2**20)


def _claim(ours: list[float], bare: list[float]) -> Claim:
    return Claim("fieldhouse, times the bare parse", median_ratio(ours, bare), BOUND, at_least=False)


def _row(name: str, seconds: list[float], bare: list[float]) -> tuple[str, ...]:
    return name, spread(1000 * each for each in seconds), number(median(seconds) / median(bare))


def _soup(data: bytes) -> BeautifulSoup:
    return BeautifulSoup(data, "lxml", from_encoding="utf-8")


def _seconds(read: Callable[[bytes], object], data: bytes) -> float:
    started = time.perf_counter()
    read(data)
    return time.perf_counter() - started
