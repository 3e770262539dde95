"""A season's summary: standings, the teams per game, their opponents, and what is computed of both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape

from simulator.generated.basketball_reference.pages.frame import View, document, season_heading, season_label
from simulator.generated.basketball_reference.pages.markup import (
    LINES,
    ONE_LINE,
    Column,
    cell,
    fraction,
    rank_cell,
    row,
    share,
    table,
    team_link,
    wrapped,
)
from simulator.generated.basketball_reference.pages.player_columns import COUNTS
from simulator.generated.basketball_reference.records import Counts, TeamSeason

RANK = Column("ranker", "Rk", "Rank", "center")
CONFERENCES = {"E": "Eastern Conference", "W": "Western Conference"}
OFFENSE, DEFENSE = "Offense Four Factors", "Defense Four Factors"


def league_page(view: View, year: int) -> bytes | None:
    """Return a season's summary, None before its first game."""
    teams = view.world.team_seasons(year, view.today)
    if not teams:
        return None
    content = (
        *(_standings(teams, conference, year) for conference in CONFERENCES),
        *_team_tables(teams, year, is_new=view.layout.is_new),
    )
    title = f"{season_label(year)} NBA Season Summary"
    return document(view, title, content, heading=season_heading(view, year, "Season Summary"))


def _standings(teams: Sequence[TeamSeason], conference: str, year: int) -> str:
    members = sorted(
        (team for team in teams if team.team.conference == conference), key=lambda team: -team.wins / team.games
    )
    columns = (
        Column("team_name", CONFERENCES[conference], align="left"),
        *(Column(stat, label) for stat, label in (("wins", "W"), ("losses", "L"), ("win_loss_pct", "W/L%"))),
        *(Column(stat, label) for stat, label in (("gb", "GB"), ("pts_per_g", "PS/G"), ("opp_pts_per_g", "PA/G"))),
        Column("srs", "SRS", "Simple Rating System"),
    )
    rows = [row(_standing(team, members[0], year), LINES, "full_table") for team in members]
    table_id, name = f"confs_standings_{conference}", CONFERENCES[conference]
    return wrapped(
        table_id, name, table(table_id, name, columns, rows, LINES, classes="suppress_all sortable stats_table")
    )


def _standing(team: TeamSeason, first: TeamSeason, year: int) -> Iterator[str]:
    behind = (first.wins - first.losses - team.wins + team.losses) / 2
    link = team_link(team.team.team_id, year, escape(team.team.name))
    yield f'<th scope="row" class="left " data-stat="team_name" >{link}{"*" if team.in_playoffs else ""}</th>'
    yield cell("wins", str(team.wins))
    yield cell("losses", str(team.losses))
    yield cell("win_loss_pct", share(team.wins, team.games))
    yield cell("gb", f"{behind:.1f}" if behind else "&mdash;")
    yield cell("pts_per_g", f"{team.counts.pts / team.games:.1f}")
    yield cell("opp_pts_per_g", f"{team.opponent.pts / team.games:.1f}")
    yield cell("srs", f"{team.srs:.2f}")


def _team_tables(teams: Sequence[TeamSeason], year: int, *, is_new: bool) -> Iterator[str]:
    own_id, opponent_id, advanced_id = (
        ("per_game-team", "per_game-opponent", "advanced-team")
        if is_new
        else ("team-stats-per_game", "opponent-stats-per_game", "misc_stats")
    )
    by_points = sorted(teams, key=lambda team: -team.counts.pts / team.games)
    by_opponent = sorted(teams, key=lambda team: team.opponent.pts / team.games)
    draw = _Drawing(year, is_new)
    yield draw.table(own_id, "Per Game Stats", draw.counted(""), by_points)
    yield draw.table(opponent_id, "Opponent Per Game Stats", draw.counted("opp_"), by_opponent)
    yield draw.table(advanced_id, "Advanced Stats" if is_new else "Miscellaneous Stats", draw.advanced(), teams)


Figure = Callable[[TeamSeason], str]


class _Drawing:
    """The teams' tables of a season in one of the layouts.

    :param is_new: plain tables in one line, ``team``, a spacer between parts; else tables in comments, ``team_name``.
    """

    def __init__(self, year: int, is_new: bool) -> None:
        self._year = year
        self._is_new = is_new
        self._team = "team" if is_new else "team_name"

    def table(
        self, table_id: str, name: str, figures: Sequence[tuple[Column, Figure]], teams: Sequence[TeamSeason]
    ) -> str:
        """Return a table of the teams in this order, with the league's average at its foot."""
        columns = (RANK, Column(self._team, "Team", align="left"), *(column for column, _ in figures))
        rows = [row(self._cells(rank, team, figures), LINES) for rank, team in enumerate(teams, 1)]
        drawn = table(
            table_id,
            name,
            columns,
            rows,
            ONE_LINE if self._is_new else LINES,
            attributes=' data-cols-to-freeze=",2"' if self._is_new else " data-cols-to-freeze=2",
            foot=self._average(figures, teams),
        )
        return wrapped(table_id, name, drawn, hidden=not self._is_new)

    def _cells(self, rank: int, team: TeamSeason, figures: Sequence[tuple[Column, Figure]]) -> Iterator[str]:
        yield rank_cell(rank).replace(f' csk="{rank}"', "") if self._is_new else rank_cell(rank)
        link = team_link(team.team.team_id, self._year, escape(team.team.name))
        yield cell(self._team, f"{link}*" if team.in_playoffs else link, align="left")
        for column, figure in figures:
            yield cell(column.stat, figure(team), align=column.align)

    def _average(self, figures: Sequence[tuple[Column, Figure]], teams: Sequence[TeamSeason]) -> str:
        cells = (
            cell(column.stat, _mean_text([figure(team) for team in teams]), align=column.align)
            for column, figure in figures
        )
        sorted_by = "" if self._is_new else ' csk="Zzz"'
        name = f'<td class="left " data-stat="{self._team}"{sorted_by} >League Average</td>'
        return row((rank_cell(None), name, *cells), LINES, "" if self._is_new else "average_table no_ranker")

    def counted(self, prefix: str) -> list[tuple[Column, Figure]]:
        """Return the figures per game, the team's own or those of its opponents (``opp_``)."""
        counts = [
            (Column(f"{prefix}{stat}", label, tip), _per_game(stat, of_opponent=bool(prefix)))
            for stat, label, tip in COUNTS
            if stat != "efg_pct"
        ]
        return [
            (Column("g", "G", "Games"), lambda team: str(team.games)),
            (Column("mp", "MP", "Minutes Played"), lambda team: f"{team.counts.seconds / 60 / team.games:.1f}"),
            *counts,
        ]

    def advanced(self) -> list[tuple[Column, Figure]]:
        """Return what is computed of the teams and their opponents."""
        gap: list[tuple[Column, Figure]] = [(Column("DUMMY", "&nbsp;"), lambda _: "")] if self._is_new else []
        net: list[tuple[Column, Figure]] = [(Column("net_rtg", "NRtg", "Net Rating"), lambda t: f"{t.net_rtg:+.1f}")]
        return [
            *_RATINGS, *(net if self._is_new else []), *_RATES, *gap, *_FACTORS, *gap, *_OPPONENT_FACTORS, *gap, *_PLACE
        ]  # fmt: skip


def _per_game(stat: str, *, of_opponent: bool) -> Figure:
    def figure(team: TeamSeason) -> str:
        counts = team.opponent if of_opponent else team.counts
        if stat.endswith("_pct"):
            kind = stat.removesuffix("_pct")
            return share(_count(counts, kind), _count(counts, f"{kind}a"))
        return f"{_count(counts, stat) / team.games:.1f}"

    return figure


def _count(counts: Counts, stat: str) -> int:
    if stat in {"fg2", "fg2a"}:
        return counts.fg - counts.fg3 if stat == "fg2" else counts.fga - counts.fg3a
    return int(getattr(counts, stat))


def _effective(counts: Counts) -> str:
    return share(counts.fg + counts.fg3 / 2, counts.fga)


def _turnovers(counts: Counts) -> str:
    return f"{100 * counts.tov / (counts.fga + 0.44 * counts.fta + counts.tov):.1f}"


def _rebounds(own: int, other: int) -> str:
    return f"{100 * own / (own + other):.1f}"


def _mean_text(texts: Sequence[str]) -> str:
    """Return the mean of what the cells of a column show, as they show it; '' for words and large numbers."""
    try:
        mean = sum(map(float, texts)) / len(texts)
    except ValueError:
        return ""
    digits = len(texts[0].partition(".")[2])
    return fraction(mean, digits) if digits == 3 else f"{mean:.{digits}f}"


def _home_games(team: TeamSeason) -> int:
    return max(1, round(team.games / 2))


_RATINGS: Sequence[tuple[Column, Figure]] = (
    (Column("age", "Age"), lambda team: f"{team.age:.1f}"),
    (Column("wins", "W", "Wins"), lambda team: str(team.wins)),
    (Column("losses", "L", "Losses"), lambda team: str(team.losses)),
    (Column("wins_pyth", "PW", "Pythagorean wins"), lambda team: str(team.wins_pyth)),
    (Column("losses_pyth", "PL", "Pythagorean losses"), lambda team: str(team.losses_pyth)),
    (Column("mov", "MOV", "Margin of Victory"), lambda team: f"{team.mov:.2f}"),
    (Column("sos", "SOS", "Strength of Schedule"), lambda team: f"{team.sos:.2f}"),
    (Column("srs", "SRS", "Simple Rating System"), lambda team: f"{team.srs:.2f}"),
    (Column("off_rtg", "ORtg", "<b>Offensive Rating</b>"), lambda team: f"{team.off_rtg:.1f}"),
    (Column("def_rtg", "DRtg", "<b>Defensive Rating</b>"), lambda team: f"{team.def_rtg:.1f}"),
)
_RATES: Sequence[tuple[Column, Figure]] = (
    (Column("pace", "Pace", "<b>Pace Factor</b>"), lambda team: f"{team.pace:.1f}"),
    (Column("fta_per_fga_pct", "FTr"), lambda team: share(team.counts.fta, team.counts.fga)),
    (Column("fg3a_per_fga_pct", "3PAr"), lambda team: share(team.counts.fg3a, team.counts.fga)),
    (
        Column("ts_pct", "TS%"),
        lambda team: fraction(team.counts.pts / 2 / (team.counts.fga + 0.44 * team.counts.fta)),
    ),
)
_FACTORS: Sequence[tuple[Column, Figure]] = (
    (Column("efg_pct", "eFG%", over=OFFENSE), lambda team: _effective(team.counts)),
    (Column("tov_pct", "TOV%", over=OFFENSE), lambda team: _turnovers(team.counts)),
    (Column("orb_pct", "ORB%", over=OFFENSE), lambda team: _rebounds(team.counts.orb, team.opponent.drb)),
    (Column("ft_rate", "FT/FGA", over=OFFENSE), lambda team: share(team.counts.ft, team.counts.fga)),
)
_OPPONENT_FACTORS: Sequence[tuple[Column, Figure]] = (
    (Column("opp_efg_pct", "eFG%", over=DEFENSE), lambda team: _effective(team.opponent)),
    (Column("opp_tov_pct", "TOV%", over=DEFENSE), lambda team: _turnovers(team.opponent)),
    (Column("drb_pct", "DRB%", over=DEFENSE), lambda team: _rebounds(team.counts.drb, team.opponent.orb)),
    (Column("opp_ft_rate", "FT/FGA", over=DEFENSE), lambda team: share(team.opponent.ft, team.opponent.fga)),
)
_PLACE: Sequence[tuple[Column, Figure]] = (
    (Column("arena_name", "Arena", align="left"), lambda team: escape(team.team.arena, quote=False)),
    (Column("attendance", "Attend."), lambda team: f"{team.attendance:,}"),
    (Column("attendance_per_g", "Attend./G"), lambda team: f"{round(team.attendance / _home_games(team)):,}"),
)
