from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fieldhouse import sources
from fieldhouse.errors import ConfigurationError
from local import contents
from local.home import Home


@dataclass
class FakeServices:
    home: Home
    kind: str = "sample"
    warehouse: str = "postgresql://fieldhouse:p%40ss@127.0.0.1:5432/fieldhouse_sample"

    @property
    def base_urls(self) -> dict[str, str]:
        return {"football_data": "http://127.0.0.1:9/www.football-data.co.uk"}


@pytest.fixture
def services(tmp_path: Path) -> Any:
    return FakeServices(Home(tmp_path))


def test_connections_lead_to_this_machine(services: Any, tmp_path: Path) -> None:
    found = {entry["connection_id"]: entry for entry in contents.connections(services)}
    assert sorted(found) == ["football_data", "lake", "warehouse"]
    warehouse = found["warehouse"]
    assert (warehouse["host"], warehouse["port"], warehouse["schema"]) == ("127.0.0.1", 5432, "fieldhouse_sample")
    assert warehouse["password"] == "p@ss"
    assert json.loads(found["lake"]["extra"]) == {"path": str(tmp_path / "lake" / "sample")}
    assert found["football_data"]["host"] == "http://127.0.0.1:9/www.football-data.co.uk"
    assert json.loads(found["football_data"]["extra"]) == {"requests_per_second": 50}
    assert all(entry["description"] for entry in found.values())


def test_the_examples_hold_no_secret() -> None:
    text = (contents.FOLDER / "connections.json").read_text()
    assert "password" not in text
    assert "secret" not in text


def test_every_source_has_its_pool_and_flag() -> None:
    assert {entry["name"] for entry in contents.pools()} >= set(sources.NAMES)
    variables = {entry["key"]: entry for entry in contents.variables("live", None)}
    flags = {f"flag__{name}" for name in sources.NAMES}
    assert {name for name in variables if name.startswith("flag__")} == flags
    assert all(variables[name]["value"] == "auto" for name in flags)
    assert all(entry["description"] for entry in variables.values())


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("sample", "competition_id=*"),
        ("recorded", "competition_id=11/season_id=42,90"),
        ("live", "competition_id=11/season_id=42,90"),
    ],
)
def test_selectors_name_matches_that_are_there(kind: str, value: str) -> None:
    (found,) = (entry for entry in contents.variables(kind, None) if entry["key"] == "statsbomb_selectors")
    assert found["value"] == value
    assert contents.selectors(kind) == {"FIELDHOUSE_STATSBOMB_SELECTORS": value}


def test_a_contact_becomes_a_variable() -> None:
    assert contents.variables("sample", "me@example.org")[-1]["key"] == "contact"


def test_a_file_that_is_no_json_is_named(tmp_path: Path) -> None:
    (tmp_path / "pools.json").write_text("{,}")
    with pytest.raises(ConfigurationError, match=r"pools.json is no JSON"):
        contents.pools(tmp_path)
