"""The columns of the players' season tables: their names in both layouts, and what each shows of a player."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from simulator.generated.basketball_reference.pages.markup import Column, fraction, number
from simulator.generated.basketball_reference.records import PlayerAdvanced, PlayerShooting, PlayerTotals


class Figure(NamedTuple):
    """What a cell shows, and what it is sorted by where that says more."""

    text: str
    exact: str = ""


@dataclass(frozen=True)
class Shown:
    """A column with figures.

    :param figure: makes a player's of totals, advanced figures or shooting, whatever the page is about.
    :param parts: what a share is of: numerator and denominator; those of all players make the league's average.
    :param only: the layout that has it, None for both.
    """

    column: Column
    figure: Callable[..., Figure]
    parts: Callable[..., tuple[float, float]] | None = None
    show: Callable[[float], str] = fraction
    only: str | None = None
    new_stat: str = ""

    def average(self, records: Iterable[object]) -> Figure:
        """Return the league's average: nothing for a column that is no share."""
        if not self.parts:
            return Figure("")
        made, attempted = (sum(parts) for parts in zip(*map(self.parts, records), strict=True))
        return _ratio(made, attempted, self.show)

    def named(self, *, new: bool) -> Column:
        """Return the column with its name in a layout."""
        return replace(self.column, stat=self.new_stat) if new and self.new_stat else self.column


COUNTS: Sequence[tuple[str, str, str]] = (
    ("fg", "FG", "Field Goals"),
    ("fga", "FGA", "Field Goal Attempts"),
    ("fg_pct", "FG%", "Field Goal Percentage"),
    ("fg3", "3P", "3-Point Field Goals"),
    ("fg3a", "3PA", "3-Point Field Goal Attempts"),
    ("fg3_pct", "3P%", "3-Point Field Goal Percentage"),
    ("fg2", "2P", "2-Point Field Goals"),
    ("fg2a", "2PA", "2-Point Field Goal Attempts"),
    ("fg2_pct", "2P%", "2-Point Field Goal Percentage"),
    ("efg_pct", "eFG%", "<strong>Effective Field Goal Percentage</strong><br>A 3-point field goal counts half more."),
    ("ft", "FT", "Free Throws"),
    ("fta", "FTA", "Free Throw Attempts"),
    ("ft_pct", "FT%", "Free Throw Percentage"),
    ("orb", "ORB", "Offensive Rebounds"),
    ("drb", "DRB", "Defensive Rebounds"),
    ("trb", "TRB", "Total Rebounds"),
    ("ast", "AST", "Assists"),
    ("stl", "STL", "Steals"),
    ("blk", "BLK", "Blocks"),
    ("tov", "TOV", "Turnovers"),
    ("pf", "PF", "Personal Fouls"),
    ("pts", "PTS", "Points"),
)


def counted(totals: PlayerTotals, stat: str) -> int:
    """Return a count of a player's totals; two-pointers are those that are not from three."""
    counts = totals.counts
    if stat in {"fg2", "fg2a"}:
        return counts.fg - counts.fg3 if stat == "fg2" else counts.fga - counts.fg3a
    return int(getattr(counts, stat))


def ratio(totals: PlayerTotals, stat: str) -> tuple[float, int]:
    """Return what was made and attempted of a percentage of shots."""
    if stat == "efg_pct":
        return counted(totals, "fg") + counted(totals, "fg3") / 2, counted(totals, "fga")
    kind = stat.removesuffix("_pct")
    return counted(totals, kind), counted(totals, f"{kind}a")


def _ratio(made: float, attempted: float, show: Callable[[float], str] = fraction) -> Figure:
    return Figure(show(made / attempted), f"{made / attempted:.10f}") if attempted else Figure("")


def _share(column: Column, parts: Callable[..., tuple[float, float]]) -> Shown:
    return Shown(column, lambda player: _ratio(*parts(player)), parts)


def _total(stat: str) -> Callable[[PlayerTotals], Figure]:
    return lambda totals: Figure(str(counted(totals, stat)))


def _per_game(stat: str) -> Callable[[PlayerTotals], Figure]:
    return lambda totals: _mean(counted(totals, stat), totals.games)


def _mean(count: float, games: int) -> Figure:
    return Figure(f"{count / games:.1f}", f"{count / games:.10f}")


def minutes(totals: PlayerTotals) -> Figure:
    """Return the minutes of a season, rounded."""
    return Figure(str(round(totals.counts.seconds / 60)))


def _minutes_per_game(totals: PlayerTotals) -> Figure:
    return _mean(totals.counts.seconds / 60, totals.games)


def _counts(kind: str) -> Sequence[Shown]:
    def shown(stat: str, label: str, tip: str) -> Shown:
        if stat.endswith("_pct"):
            return _share(Column(stat, label, tip), lambda totals: ratio(totals, stat))
        if kind == "totals":
            return Shown(Column(stat, label, tip), _total(stat))
        return Shown(Column(f"{stat}_per_g", label, f"{tip} Per Game"), _per_game(stat))

    return [shown(*count) for count in COUNTS]


GAMES = Shown(Column("g", "G", "Games"), lambda totals: Figure(str(totals.games)), new_stat="games")
STARTS = Shown(
    Column("gs", "GS", "Games Started"), lambda totals: Figure(str(totals.games_started)), new_stat="games_started"
)
MINUTES = Shown(Column("mp", "MP", "Minutes Played"), minutes)
TRIPLE_DOUBLES = Shown(
    Column("tpl_dbl", "Trp-Dbl", "Triple-doubles"), lambda totals: Figure(str(totals.triple_doubles)), only="new"
)


# --- advanced ---------------------------------------------------------------------------------------------


# Its name changed, see the layout
SPACER = "spacer"
_SPACER = Shown(Column(SPACER, "&nbsp;"), lambda _: Figure(""), only="old")


def _advanced(stat: str, label: str, show: Callable[[float], str], *, is_share: bool = False) -> Shown:
    def figure(player: PlayerAdvanced) -> Figure:
        value = getattr(player, stat)
        return Figure("") if value is None else Figure(show(value), f"{value:.6f}")

    def parts(player: PlayerAdvanced) -> tuple[float, float]:
        value, seconds = getattr(player, stat), player.totals.counts.seconds
        return (0, 0) if value is None else (value * seconds, seconds)

    return Shown(Column(stat, label), figure, parts if is_share else None, show)


def _tenths(value: float) -> str:
    return number(value, 1)


def _of_totals(shown: Shown, *, only: str | None = None) -> Shown:
    # Advanced figures and shooting hold the totals that they are of
    return replace(shown, figure=lambda player: shown.figure(player.totals), only=only)


ADVANCED: Sequence[Shown] = (
    _of_totals(GAMES),
    _of_totals(STARTS, only="new"),
    _of_totals(MINUTES),
    _advanced("per", "PER", _tenths),
    _advanced("ts_pct", "TS%", fraction, is_share=True),
    _advanced("fg3a_per_fga_pct", "3PAr", fraction, is_share=True),
    _advanced("fta_per_fga_pct", "FTr", fraction, is_share=True),
    *(
        _advanced(f"{stat}_pct", f"{stat.upper()}%", _tenths, is_share=True)
        for stat in ("orb", "drb", "trb", "ast", "stl", "blk", "tov", "usg")
    ),
    _SPACER,
    _advanced("ows", "OWS", _tenths),
    _advanced("dws", "DWS", _tenths),
    _advanced("ws", "WS", _tenths),
    _advanced("ws_per_48", "WS/48", fraction),
    _SPACER,
    _advanced("obpm", "OBPM", _tenths),
    _advanced("dbpm", "DBPM", _tenths),
    _advanced("bpm", "BPM", _tenths),
    _advanced("vorp", "VORP", _tenths),
)


# --- shooting ---------------------------------------------------------------------------------------------


def _shot_share(stat: str, label: str, over: str, parts: Callable[[PlayerShooting], tuple[float, float]]) -> Shown:
    return _share(Column(stat, label, over=over), parts)


def _count(stat: str, label: str, over: str, count: Callable[[PlayerShooting], int]) -> Shown:
    return Shown(Column(stat, label, over=over), lambda player: Figure(str(count(player))))


ZONES = (("00_03", "0-3"), ("03_10", "3-10"), ("10_16", "10-16"), ("16_xx", "16-3P"))
FROM, HIT, ASSISTED = "% of FGA by Distance", "FG% by Distance", "% of FG Ast'd"


def _attempts(index: int) -> Callable[[PlayerShooting], tuple[float, float]]:
    return lambda player: (player.zones[index].attempted, counted(player.totals, "fga"))


def _hits(index: int) -> Callable[[PlayerShooting], tuple[float, float]]:
    return lambda player: (player.zones[index].made, player.zones[index].attempted)


def _kind_attempts(stat: str) -> Callable[[PlayerShooting], tuple[float, float]]:
    return lambda player: (counted(player.totals, stat), counted(player.totals, "fga"))


def _kind_hits(stat: str) -> Callable[[PlayerShooting], tuple[float, float]]:
    return lambda player: ratio(player.totals, stat)


_GAP = Shown(Column("DUMMY", "&nbsp;"), lambda _: Figure(""), only="old")

SHOOTING: Sequence[Shown] = (
    _of_totals(GAMES),
    _of_totals(STARTS, only="new"),
    _of_totals(MINUTES),
    _shot_share("fg_pct", "FG%", "", _kind_hits("fg_pct")),
    Shown(Column("avg_dist", "Dist.", "Feet"), lambda player: Figure(number(player.average_distance, 1))),
    _GAP,
    _shot_share("pct_fga_fg2a", "2P", FROM, _kind_attempts("fg2a")),
    *(_shot_share(f"pct_fga_{zone}", label, FROM, _attempts(index)) for index, (zone, label) in enumerate(ZONES)),
    _shot_share("pct_fga_fg3a", "3P", FROM, _kind_attempts("fg3a")),
    _GAP,
    _shot_share("fg_pct_fg2a", "2P", HIT, _kind_hits("fg2_pct")),
    *(_shot_share(f"fg_pct_{zone}", label, HIT, _hits(index)) for index, (zone, label) in enumerate(ZONES)),
    _shot_share("fg_pct_fg3a", "3P", HIT, _kind_hits("fg3_pct")),
    _GAP,
    _shot_share("pct_ast_fg2", "2P", ASSISTED, lambda player: (player.assisted_fg2, counted(player.totals, "fg2"))),
    _shot_share("pct_ast_fg3", "3P", ASSISTED, lambda player: (player.assisted_fg3, counted(player.totals, "fg3"))),
    _GAP,
    _shot_share(
        "pct_fga_dunk", "%FGA", "Dunks", lambda player: (player.dunks.attempted, counted(player.totals, "fga"))
    ),
    _count("fg_dunk", "#", "Dunks", lambda player: player.dunks.made),
    _GAP,
    _shot_share(
        "pct_fg3a_corner3",
        "%3PA",
        "Corner 3s",
        lambda player: (player.corner_threes.attempted, counted(player.totals, "fg3a")),
    ),
    _shot_share(
        "fg_pct_corner3", "3P%", "Corner 3s", lambda player: (player.corner_threes.made, player.corner_threes.attempted)
    ),
    _GAP,
    _count("fg3a_heave", "Att.", "Heaves", lambda player: player.heaves.attempted),
    _count("fg3_heave", "#", "Heaves", lambda player: player.heaves.made),
)

SHOWN: Mapping[str, Sequence[Shown]] = {
    "per_game": (GAMES, STARTS, Shown(Column("mp_per_g", "MP"), _minutes_per_game), *_counts("per_game")),
    "totals": (GAMES, STARTS, MINUTES, *_counts("totals"), TRIPLE_DOUBLES),
    "advanced": ADVANCED,
    "shooting": SHOOTING,
}
