"""A plan of recorded seasons, from a real server: what the words of a person ask for, and what that costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from fieldhouse.cli.arguments import read_wanted
from fieldhouse.config import Settings, SourceSettings
from fieldhouse.engine.context import Context
from fieldhouse.engine.discover import Request, preview
from fieldhouse.errors import ConfigurationError
from fieldhouse.source import Window, pace_of
from fieldhouse.sources.statsbomb import SOURCE
from simulator.server import Config, Running, serve
from tests.conftest import RECORDINGS

TODAY = date(2024, 3, 2)


@pytest.fixture
def server(recordings: Callable[[str], Path], tmp_path: Path) -> Iterator[Running]:
    folder = tmp_path / "recordings"
    folder.mkdir()
    (folder / "statsbomb").symlink_to(recordings("statsbomb"))
    (folder / "index.csv").symlink_to(RECORDINGS / "index.csv")
    with serve(Config(recordings=folder, as_of=TODAY)) as running:
        yield running


@pytest.fixture
def context(settings: Settings, server: Running) -> Iterator[Context]:
    address = urlsplit(SOURCE.base_url)
    own = SourceSettings(url=server.base(address.netloc) + address.path, pace=pace_of(1000), selectors="season_id=90")
    with Context(replace(settings, sources={"statsbomb": own}), SOURCE, claim_seconds=0) as opened:
        yield opened


def planned(context: Context, what: str, *words: str, **params: str) -> list[tuple[str, str]]:
    _, selection = read_wanted(what, words)
    types = [selection.dataset_type] if selection.dataset_type else []
    request = Request(Window(TODAY, TODAY), params={"dataset_types": types, **params}, select=selection.keys)
    items, _, _ = preview(context, request)
    return [(item.dataset_type, item.identifier) for item in items]


def test_words_ask_for_the_listings_that_they_need(context: Context, server: Running) -> None:
    found = planned(context, "statsbomb/match", "competition_id=11", "season_id=42,90")
    assert len(found) == 33 + 35
    assert {kind for kind, _ in found} == {"match"}
    names = [request.path.rpartition("/data/")[2] for request in server.requests()]
    assert names[0] == "competitions.json"
    assert sorted(names[1:]) == ["matches/11/42.json", "matches/11/90.json"]
    assert planned(context, "statsbomb/match", "competition_id=11/season_id=42..90") == found
    assert {request.status for request in server.requests()[3:]} == {304}


def test_settings_narrow_what_nobody_narrowed(context: Context) -> None:
    assert len(planned(context, "statsbomb")) == 1 + 35
    assert planned(context, "statsbomb/competitions") == [("competitions", "")]
    assert len(planned(context, "statsbomb", selectors="competition_id=11/match_date=2020-12-01..2020-12-31")) == 1 + 5


def test_nothing_that_fits(context: Context) -> None:
    with pytest.raises(ConfigurationError, match=r"no dataset with competition_id=11/season_id=900\.\. exists"):
        planned(context, "statsbomb/match", "competition_id=11", "season_id=900..")
    with pytest.raises(
        ConfigurationError, match=r"team is no key of match; .*competition_id, season_id, match_id, match_d"
    ):
        planned(context, "statsbomb/match", "team=Barcelona")


def test_a_season_whose_listing_is_not_there_is_noted(context: Context) -> None:
    window = Window(TODAY, TODAY)
    items, _, notes = preview(context, Request(window, select={"competition_id": "11", "season_id": "41,42"}))
    assert len(items) == 1 + 33
    assert [(note["dataset_type"], note["outcome"]) for note in notes] == [("match", "not_published")]
    assert "competition_id=11/season_id=41: http" in notes[0]["reason"]
    assert "matches/11/41.json does not exist" in notes[0]["reason"]
