"""One dataset's file to its tables: which reader, and what is refused before one is asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from fieldhouse.errors import ConfigurationError, PageChanged
from fieldhouse.sources.basketball_reference import SOURCE
from fieldhouse.sources.basketball_reference.parse import parse
from tests.sources.basketball_reference.declared import declared_schema, schema_of

RECORDED = {
    "schedule": ({"season": "2018", "month": "april"}, "schedule/bh/2018_april.html"),
    "boxscores": ({"date": "2018-01-01"}, "dailyleaders/2018-01-01.bh.html"),
    "play_by_play": ({"game_id": "201810270MIL"}, "pbp/201810270MIL.html"),
    "player_season": ({"season": "2024", "kind": "totals"}, "totals/NBA_2024_totals.bh.html"),
    "team_season": ({"season": "2017"}, "leagues/NBA_2017.html"),
    "transactions": ({"season": "2026"}, "transactions/jy_transactions.cap2026-06.html"),
    "contracts": ({}, "contracts/jy_player_contracts.cap2026-06.html"),
}


@pytest.fixture(scope="module")
def root(recordings: Callable[[str], Path]) -> Path:
    return recordings("basketball_reference")


@pytest.mark.parametrize("name", RECORDED)
def test_a_page_becomes_the_tables_of_its_dataset_type(root: Path, name: str) -> None:
    dataset_type = SOURCE.dataset_type(name)
    identifier, file = RECORDED[name]
    found = SOURCE.parse(name, identifier, {dataset_type.files[0]: (root / file).read_bytes()})
    assert {*found} == {table.name for table in dataset_type.tables}
    for table in dataset_type.tables:
        assert schema_of(found[table.name]) == declared_schema(table.name)
        key = [column for column in table.key if column != "observed_at"]
        rows = list(zip(*(found[table.name][column].to_pylist() for column in key), strict=True))
        assert len(set(rows)) == len(rows)
        assert not any(None in row for row in rows)
    assert any(isinstance(table, pa.Table) and len(table) for table in found.values())


@pytest.mark.parametrize("name", [kind.name for kind in SOURCE.dataset_types])
@pytest.mark.parametrize("page", ["errors/429_rate_limited_2011.html", "schedule/bh/not-found.html"])
def test_pages_of_errors_are_refused_by_every_reader(root: Path, name: str, page: str) -> None:
    identifier = RECORDED.get(name, ({}, ""))[0]
    with pytest.raises(PageChanged, match=f"basketball_reference/{name}.*expected"):
        SOURCE.parse(name, identifier, {f"{name}.html": (root / page).read_bytes()})


@pytest.mark.parametrize("name", RECORDED)
def test_half_a_page_is_refused_by_every_reader(root: Path, name: str) -> None:
    identifier, file = RECORDED[name]
    data = (root / file).read_bytes()
    for length in (len(data) // 3, len(data) // 2, len(data) * 9 // 10):
        with pytest.raises(PageChanged):
            SOURCE.parse(name, identifier, {f"{name}.html": data[:length]})


@pytest.mark.parametrize(
    ("name", "identifier", "said"),
    [
        ("referees", {}, "no dataset type 'referees'; it has: schedule, boxscores"),
        ("player_season", {"season": "2024", "kind": "per_minute"}, "'per_minute' is no kind; it is one of per_game"),
        ("team_season", {"season": "2023-24"}, "'2023-24' is no season; it is the year in which it ends"),
        ("schedule", {"season": "2024", "month": "../x"}, "'../x' is no month"),
        ("boxscores", {"date": "1/2/2024"}, "'1/2/2024' is no date"),
        ("play_by_play", {"game_id": "BOS"}, "'BOS' is no game_id"),
    ],
)
def test_what_cannot_be_a_dataset_is_refused(name: str, identifier: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        parse(name, identifier, {f"{name}.html": b""})


def test_a_dataset_is_one_file() -> None:
    with pytest.raises(ConfigurationError, match="is one file, not 2: a, b"):
        SOURCE.parse("team_season", {"season": "2024"}, {"a": b"", "b": b""})
