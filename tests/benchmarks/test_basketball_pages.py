"""The benchmark of basketball-reference's pages reads what it says it reads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks import basketball_pages
from benchmarks.basketball_pages import PAGES, measure
from benchmarks.process import Failed

ROWS = {
    "totals/NBA_2024_totals.bh.html": 949,
    "dailyleaders/2006-11-01.bh.html": 272,
    "pbp/201901010SAC.html": 519,
    "leagues/NBA_2017.html": 60,
}


def test_every_page_is_read_to_all_its_rows() -> None:
    assert {page.file: page.parse(page.read()) for page in PAGES} == ROWS


def test_the_readers_stand_beside_each_other() -> None:
    page = next(page for page in PAGES if page.dataset_type == "team_season")
    figures = measure(page, rounds=1, slow_rounds=1)
    assert [row[0].split(" ")[0].rstrip(":") for row in figures.rows] == [
        "selectolax",
        "fieldhouse",
        "BeautifulSoup",
        "pandas.read_html",
    ]
    assert "60 typed rows" in figures.title
    assert figures.claims == []
    assert "in comments" in figures.given


def test_a_page_is_held_to_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(basketball_pages, "BOUND", 0.0)
    page = next(page for page in PAGES if page.dataset_type == "play_by_play")
    (claim,) = measure(page, rounds=1, slow_rounds=1).claims
    assert not claim.holds


def test_a_page_that_was_not_recorded_is_named() -> None:
    with pytest.raises(Failed, match=r"totals/none\.html is not among the recordings"):
        replace(PAGES[0], file="totals/none.html").read()
