"""The contracts of all players, six seasons ahead."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.generated.basketball_reference.pages.frame import View, document, season_label
from simulator.generated.basketball_reference.pages.markup import (
    LINES,
    Column,
    cell,
    header_row,
    over_header_row,
    player_link,
    rank_cell,
    row,
    table,
    with_repeated_headers,
    wrapped,
)
from simulator.generated.basketball_reference.records import Contract, Option

SEASONS = 6
OPTIONS: dict[Option, str] = {"player": "salary-pl", "team": "salary-tm", "early_termination": "salary-et"}
LEGEND = (
    "<p><strong>Color Key:</strong> <span class='salary-pl'>Player Option</span>, "
    "<span class='salary-tm'>Team Option</span>, <span class='salary-et'>Early Termination Option</span></p>\n"
)


def contracts_page(view: View) -> bytes:
    """Return the contracts, with both header rows again after every so many players."""
    first = view.today.year + (view.today.month >= 7)
    labels = [season_label(first + number) for number in range(SEASONS)]
    columns = (
        Column("ranker", "Rk", "Rank"),
        Column("player", "Player", align="left"),
        Column("team_id", "Tm", "Team", "left"),
        *(Column(f"y{number}", label, align="center", over="Salary") for number, label in enumerate(labels, 1)),
        Column("remain_gtd", "Guaranteed", "What of the remaining salary is guaranteed."),
    )
    contracts = view.world.contracts(view.today)
    name = f"{len(contracts)} Contracts"
    header = over_header_row(columns, LINES, repeated=True) + header_row(columns, LINES, repeated=True)
    rows = [row(_cells(view, rank, contract, labels), LINES) for rank, contract in enumerate(contracts, 1)]
    drawn = table("player-contracts", name, columns, with_repeated_headers(rows, header), LINES)
    title = f"{labels[0]} NBA Player Contracts"
    return document(view, title, (LEGEND, wrapped("player-contracts", name, drawn)))


def _cells(view: View, rank: int, contract: Contract, labels: list[str]) -> Iterator[str]:
    player = view.world.player(contract.player_id)
    link = player_link(player.player_id, player.name)
    outer = link.partition(">")[0]
    yield rank_cell(rank)
    # The site links its players twice here
    yield f'<td class="left " data-append-csv="{player.player_id}" data-stat="player" >{outer}>{link}</a></td>'
    team = f'<a href="/contracts/{contract.team_id}.html">{contract.team_id}</a>'
    yield cell("team_id", team, align="left")
    for number, label in enumerate(labels, 1):
        yield _salary(f"y{number}", *contract.salaries.get(label, (None, None)))
    yield _salary("remain_gtd", contract.guaranteed, None)


def _salary(stat: str, dollars: int | None, option: Option | None) -> str:
    if dollars is None:
        return cell(stat, "")
    return (
        f'<td class="right {OPTIONS[option] if option else ""}" data-stat="{stat}" csk="{dollars}" >${dollars:,}</td>'
    )
