"""The players of a season: per game, totals, advanced and shooting, in both layouts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from html import escape
from itertools import groupby

from simulator.generated.basketball_reference.pages.frame import (
    View,
    document,
    kinds_bar,
    season_heading,
    season_label,
)
from simulator.generated.basketball_reference.pages.layout import Layout
from simulator.generated.basketball_reference.pages.markup import (
    LINES,
    ONE_LINE,
    REPEATED_AFTER,
    Column,
    cell,
    header_row,
    player_cell,
    rank_cell,
    row,
    table,
    team_link,
    wrapped,
)
from simulator.generated.basketball_reference.pages.player_columns import (
    COUNTS,
    SHOWN,
    SPACER,
    Figure,
    Shown,
    counted,
)
from simulator.generated.basketball_reference.records import (
    PLAYOFFS,
    REGULAR_SEASON,
    PlayerAdvanced,
    PlayerShooting,
    PlayerTotals,
    Stage,
)
from simulator.generated.basketball_reference.world import World

Record = PlayerTotals | PlayerAdvanced | PlayerShooting
RECORDS: Mapping[str, Callable[[World, int, Stage, date], Sequence[Record]]] = {
    "per_game": World.player_totals,
    "totals": World.player_totals,
    "advanced": World.player_advanced,
    "shooting": World.player_shooting,
}
NAMES = {"per_game": "Per Game", "totals": "Totals", "advanced": "Advanced", "shooting": "Shooting"}
OLD_IDS = {kind: f"{kind}_stats" for kind in NAMES}
NEW_IDS = {**OLD_IDS, "advanced": "advanced", "shooting": "shooting"}
RANK = Column("ranker", "Rk", "Rank", "center")
POSITION = Column("pos", "Pos", "Position", "center")
AGE = Column("age", "Age", "Player's age on February 1 of the season", "center")
AWARDS = Column("awards", "Awards", align="center")
VOTES = ("MVP", "DPOY")
QUALIFIED = ' data-non-qual="1" data-qual-text="" data-qual-label=" When table is sorted, hide non-qualifiers"'
NOBODY = "zzzzz"


def players_page(view: View, year: int, kind: str) -> bytes | None:
    """Return a season's page of one kind of statistics, None before its first game."""
    records = RECORDS[kind](view.world, year, REGULAR_SEASON, view.today)
    if not records:
        return None
    draw = partial(_new_tables if view.layout.is_new else _old_table, view, year, kind, records)
    name = f"Player Stats: {NAMES[kind]}"
    content = (kinds_bar(year, kind), draw())
    return document(view, f"{season_label(year)} NBA {name}", content, heading=season_heading(view, year, name))


# --- the old layout ---------------------------------------------------------------------------------------


def _old_table(view: View, year: int, kind: str, records: Sequence[Record]) -> str:
    table_id, name = OLD_IDS[kind], f"Player {NAMES[kind]}"
    shown = _shown(kind, view.layout)
    columns = [
        RANK,
        Column("player", "Player", align="center"),
        POSITION,
        AGE,
        Column("team_id", "Tm", "Team", "center"),
        *(each.named(new=False) for each in shown),
    ]
    by_name = sorted(records, key=lambda record: view.world.player(totals_of(record).player_id).last_first)
    rows = _old_rows(view, year, shown, by_name, header_row(columns, LINES, repeated=True))
    attributes = f' data-cols-to-freeze=",2"{QUALIFIED}'
    return wrapped(table_id, name, table(table_id, name, columns, rows, LINES, attributes=attributes))


def _old_rows(view: View, year: int, shown: Sequence[Shown], records: Sequence[Record], header: str) -> Iterator[str]:
    for rank, rows in _ranked(records):
        if rank > 1 and rank % REPEATED_AFTER == 1:
            yield header
        for number, record in enumerate(rows):
            totals = totals_of(record)
            player = view.world.player(totals.player_id)
            yield row(
                (
                    rank_cell(rank),
                    player_cell("player", player.player_id, player.name, player.last_first),
                    cell("pos", totals.position, align="center"),
                    cell("age", _age(totals)),
                    cell("team_id", _team(totals, year, "TOT"), align="left"),
                    *(cell(each.column.stat, each.figure(record).text) for each in shown),
                ),
                LINES,
                "italic_text partial_table" if number else "full_table",
            )


# --- the new layout ---------------------------------------------------------------------------------------


def _new_tables(view: View, year: int, kind: str, regular: Sequence[Record]) -> str:
    stages = {"": regular, "_post": RECORDS[kind](view.world, year, PLAYOFFS, view.today)}
    drawn = "".join(
        f'\n\t<div class="table_container tabbed{"" if suffix else " current"} hide_long long"'
        f' id="div_{NEW_IDS[kind]}{suffix}">\n\t\t\n\t\t{_new_table(view, year, kind, suffix, records)}\n\t</div>'
        for suffix, records in stages.items()
        if records
    )
    table_id = NEW_IDS[kind]
    return (
        f'<div id="all_{table_id}" class="table_wrapper tabbed">\n'
        f'<div class="section_heading assoc_{table_id}" id="{table_id}_sh"><h2>{NAMES[kind]}</h2>\n</div>\n'
        f'<div id="switcher_{table_id}">\n{drawn}\n</div>\n</div>\n'
    )


def _new_table(view: View, year: int, kind: str, suffix: str, records: Sequence[Record]) -> str:
    shown = _shown(kind, view.layout)
    columns = [
        RANK,
        Column("name_display", "Player", align="center"),
        AGE,
        Column("team_name_abbr", "Team", align="center"),
        POSITION,
        *(each.named(new=True) for each in shown),
        AWARDS,
    ]
    phase = "post" if suffix else "reg"
    return table(
        NEW_IDS[kind] + suffix,
        NAMES[kind],
        columns,
        (*_new_rows(view, year, shown, records, has_awards=not suffix), _average(shown, records)),
        ONE_LINE,
        classes="stats_table sortable soc",
        # The site forgets the blanks between some of its attributes
        attributes=f' data-cols-to-freeze="2,4"{QUALIFIED.strip()}data-soc-sum-scope-type="player_season"'
        f'data-soc-sum-phase-type="{phase}"',
    )


def _new_rows(
    view: View, year: int, shown: Sequence[Shown], records: Sequence[Record], *, has_awards: bool
) -> Iterator[str]:
    best = _best(shown, records)
    is_over = view.today >= date(year, 7, 1)
    for rank, rows in _ranked(records):
        for number, record in enumerate(rows):
            totals = totals_of(record)
            player = view.world.player(totals.player_id)
            place = "-98" if totals.is_combined else str(number or 1)
            awards = _awards(year, rank) if has_awards and is_over and not number else ""
            yield row(
                (
                    rank_cell(rank),
                    player_cell(
                        "name_display",
                        player.player_id,
                        player.name,
                        f"{player.last_first.replace(',', ' ')}-{place}",
                    ),
                    cell("age", _age(totals)),
                    cell("team_name_abbr", _team(totals, year, f"{totals.team_count}TM"), align="left"),
                    cell("pos", totals.position, align="center"),
                    *_figure_cells(shown, (each.figure(record) for each in shown), best),
                    cell("awards", awards, align="left"),
                ),
                ONE_LINE,
                "partial_table" if number else "",
            )


def _figure_cells(shown: Sequence[Shown], figures: Iterable[Figure], best: Mapping[str, str]) -> Iterator[str]:
    for each, (text, exact) in zip(shown, figures, strict=True):
        stat = each.new_stat or each.column.stat
        bold = f"<strong>{text}</strong>" if best.get(stat) == text else None
        yield cell(stat, text, f' csk="{exact}"' if exact else "", html=bold)


def _best(shown: Sequence[Shown], records: Sequence[Record]) -> dict[str, str]:
    """Return the highest of each count of totals, which the page prints bold."""
    counts = {stat for stat, _, _ in COUNTS if not stat.endswith("_pct")}
    return {
        each.column.stat: str(max(counted(totals_of(record), each.column.stat) for record in records))
        for each in shown
        if each.column.stat in counts
    }


def _average(shown: Sequence[Shown], records: Sequence[Record]) -> str:
    once = [record for record in records if not totals_of(record).is_combined]
    return row(
        (
            rank_cell(None),
            f'<td class="left " data-stat="name_display" csk="{NOBODY}" >League Average</td>',
            *(cell(stat, "", align=align) for stat, align in (("age", "right"), ("team_name_abbr", "left"))),
            cell("pos", "", align="center"),
            *_figure_cells(shown, (each.average(once) for each in shown), {}),
            cell("awards", "", align="left"),
        ),
        ONE_LINE,
        "norank",
    )


def _awards(year: int, rank: int) -> str:
    links = [
        f'<a href="/awards/awards_{year}.html#all_{award.lower()}">{award}-{rank}</a>' for award in VOTES if rank <= 3
    ]
    if rank <= 12:
        links.append(f'<a href="/allstar/NBA_{year}.html">AS</a>')
    return ",".join(links)


# --- both -------------------------------------------------------------------------------------------------


def totals_of(record: Record) -> PlayerTotals:
    """Return the totals that a record is or holds."""
    return record if isinstance(record, PlayerTotals) else record.totals


def _shown(kind: str, layout: Layout) -> list[Shown]:
    spacers = iter(layout.spacers)
    left_out = "old" if layout.is_new else "new"
    return [
        replace(each, column=replace(each.column, stat=next(spacers))) if each.column.stat == SPACER else each
        for each in SHOWN[kind]
        if each.only != left_out
    ]


def _ranked(records: Sequence[Record]) -> Iterator[tuple[int, list[Record]]]:
    """Give the rows of each player with the rank that they share."""
    groups = groupby(records, key=lambda record: totals_of(record).player_id)
    for rank, (_, rows) in enumerate(groups, 1):
        yield rank, list(rows)


def _team(totals: PlayerTotals, year: int, combined: str) -> str:
    return combined if totals.is_combined else team_link(totals.team_id, year, escape(totals.team_id))


def _age(totals: PlayerTotals) -> str:
    return "" if totals.age is None else str(totals.age)
