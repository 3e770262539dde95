"""What of a page counts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fieldhouse.sources.basketball_reference import SOURCE
from fieldhouse.sources.basketball_reference.essence import TABLES, essence

RECORDED = {
    "schedule": "schedule/bh/2018_april.html",
    "boxscores": "dailyleaders/2018-01-01.bh.html",
    "play_by_play": "pbp/201810270MIL.html",
    "player_season": "totals/NBA_2024_totals.bh.html",
    "team_season": "leagues/NBA_2017.html",
    "transactions": "transactions/jy_transactions.cap2026-06.html",
    "contracts": "contracts/jy_player_contracts.cap2026-06.html",
}
# What only these pages say, in each of the tables that count
MARKS = {
    "schedule": [b"201804010ATL"],
    "boxscores": [b"201801010BRK"],
    "play_by_play": [b"End of 4th quarter"],
    "player_season": [b">2370<", b">2624<"],
    "team_season": [b">Barclays Center<", b">113.3<"],
    "transactions": [b"page_index"],
    "contracts": [b"player-contracts"],
}


def found(dataset_type: str, data: bytes) -> bytes:
    return essence(dataset_type, f"{dataset_type}.html", data)


@pytest.fixture(scope="module")
def root(recordings: Callable[[str], Path]) -> Path:
    return recordings("basketball_reference")


@pytest.mark.parametrize("dataset_type", RECORDED)
def test_an_advertisement_does_not_count_and_a_number_does(root: Path, dataset_type: str) -> None:
    data = (root / RECORDED[dataset_type]).read_bytes()
    part = found(dataset_type, data)
    assert len(part) < len(data)
    other = data.replace(b"</head>", b"<script>token = 'abc<b>'</script></head>").replace(
        b"</body>", b"<p>Buy</p></body>"
    )
    assert other != data
    assert found(dataset_type, other) == part
    for mark in MARKS[dataset_type]:
        assert mark in part
        assert found(dataset_type, data.replace(mark, mark[:-2] + b"9<")) != part


def test_every_dataset_type_has_one() -> None:
    assert {kind.name for kind in SOURCE.dataset_types} == {*TABLES, "transactions"}


@pytest.mark.parametrize("dataset_type", [*TABLES, "transactions"])
@pytest.mark.parametrize("data", [b"", b"<html></html>", b"<html><table><tr><td>1</td></tr></table></html>"])
def test_a_page_without_its_part_is_all_that_it_is(dataset_type: str, data: bytes) -> None:
    assert found(dataset_type, data) == data


def test_a_page_that_breaks_off_is_all_that_it_is(root: Path) -> None:
    data = (root / RECORDED["player_season"]).read_bytes()
    half = data[: data.index(b'id="totals_stats_post"') + 5000]
    assert found("player_season", half) == half


def test_a_new_table_counts(root: Path) -> None:
    data = (root / RECORDED["player_season"]).read_bytes()
    early = data.replace(b'id="totals_stats_post"', b'id="other"')
    assert found("player_season", early) != found("player_season", data)
