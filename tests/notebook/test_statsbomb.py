"""The recorded matches, fetched from a notebook, and read by kloppy and DuckDB."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from kloppy import statsbomb
from kloppy.domain import EventDataset

from fieldhouse import Lake
from fieldhouse.sources.statsbomb import SOURCE
from simulator.server import Config, serve
from tests.conftest import RECORDINGS
from tests.engine.toy import shift_clock
from tests.notebook.conftest import noon

ARCHIVED = "raw.githubusercontent.com/statsbomb/open-data/master/data"
SEASONS = ((11, 42), (11, 90))
# of each season from its first to its last; all 68 of them in a minute or two: FIELDHOUSE_ALL_MATCHES=1
A_SEASON = 1000 if os.environ.get("FIELDHOUSE_ALL_MATCHES") else 3


@pytest.fixture
def raw(recordings: Callable[[str], Path]) -> Path:
    return recordings("statsbomb") / "data"


@pytest.fixture
def lake(raw: Path, tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    """Yield an empty lake beside the recorded answers."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    (folder / "statsbomb").symlink_to(raw.parent)
    (folder / "index.csv").symlink_to(RECORDINGS / "index.csv")
    with opened_beside(Config(recordings=folder), tmp_path, database, monkeypatch) as lake:
        yield lake


@pytest.fixture
def generated_lake(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    """Yield an empty lake beside the sample seasons: no frames were recorded."""
    with opened_beside(Config(), tmp_path, database, monkeypatch) as lake:
        yield lake


@contextmanager
def opened_beside(config: Config, folder: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    with serve(config) as server:
        shift_clock(monkeypatch, noon(server.simulator.world.today))
        monkeypatch.setenv("FIELDHOUSE_STATSBOMB_URL", server.base(ARCHIVED))
        monkeypatch.setenv("FIELDHOUSE_STATSBOMB_REQUESTS_PER_SECOND", "1000")
        with Lake.open(folder / "lake", warehouse=database) as lake:
            yield lake


def recorded_matches(raw: Path, competition: int, season: int) -> list[int]:
    listing = json.loads((raw / f"matches/{competition}/{season}.json").read_bytes())
    return [match["match_id"] for match in listing][:: max(1, len(listing) // A_SEASON)][:A_SEASON]


def test_kloppy_reads_what_is_stored_as_it_reads_the_providers_own_files(lake: Lake, raw: Path) -> None:
    events = lineups = 0
    for competition, season in SEASONS:
        numbers = recorded_matches(raw, competition, season)
        found = list(
            lake.datasets(
                "statsbomb", "match", sync="stream", competition_id=competition, season_id=season, match_id=numbers
            )
        )
        assert {match["match_id"] for match in found} == set(map(str, numbers))
        for match in found:
            own = [raw / folder / f"{match['match_id']}.json" for folder in ("events", "lineups")]
            theirs = statsbomb.load(*(io.BytesIO(path.read_bytes()) for path in own))
            ours = match.to_kloppy()
            assert len(ours.records) == len(theirs.records)
            assert [each.event_id for each in ours] == [each.event_id for each in theirs]
            assert match.file("events.json") == own[0].read_bytes()
            events += len(json.loads(own[0].read_bytes()))
            lineups += sum(len(team["lineup"]) for team in json.loads(own[1].read_bytes()))
    assert lake.sql("select count(*) from statsbomb.event").fetchall() == [(events,)]
    assert lake.table("statsbomb", "lineup_player").num_rows == lineups
    per_match = lake.sql(
        "select count(*), count(distinct match_id) from statsbomb.event join statsbomb.match using (match_id)"
    )
    assert per_match.fetchall() == [(events, len(lake.datasets("statsbomb", "match", state="complete")))]


def test_kloppy_may_be_asked_for_some_events_only(lake: Lake, raw: Path) -> None:
    number = recorded_matches(raw, 11, 42)[0]
    (match,) = lake.datasets("statsbomb", "match", sync=True, competition_id=11, season_id=42, match_id=number)
    shots = match.to_kloppy(event_types=["shot"])
    assert len(shots.records) == match.table("event").to_pandas()["type"].eq("Shot").sum()


def test_kloppy_has_the_frames_as_well(generated_lake: Lake) -> None:
    sync = partial(generated_lake.datasets, "statsbomb", "match", sync=True, match_id=4020103)
    (match,) = sync()
    assert match.files == ["events.json", "lineups.json", "match.json"]
    without = match.to_kloppy()
    (match,) = sync(params={"with_360": True})
    filmed = {frame["event_uuid"] for frame in json.loads(match.file("three-sixty.json"))}
    gained = framed(match.to_kloppy()) - framed(without)  # a shot has one in the events already
    assert gained
    assert gained == {event.event_id for event in without} & filmed - framed(without)


def framed(dataset: EventDataset) -> set[str]:
    return {event.event_id for event in dataset if event.freeze_frame}


def test_what_only_the_listing_knows_selects_nothing_here(lake: Lake) -> None:
    assert "match_date" in SOURCE.dataset_type("match").selectable
    with pytest.raises(Exception, match=r"match_date is no key of match; .*: competition_id, season_id, match_id"):
        lake.datasets("statsbomb", "match", match_date="2020-01-01..")
