"""The parser's tables, the declaration and the SQL are of one mind, and each check refuses what it names."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pytest

from fieldhouse.config import Settings
from fieldhouse.errors import RowsRejected
from fieldhouse.migrate import migrate
from fieldhouse.source import Rows, Table
from fieldhouse.sources.statsbomb.tables import COMPETITION_TABLES, MATCH_TABLES
from fieldhouse.warehouse import DatasetRows, Warehouse
from tests.sources.statsbomb import small
from tests.sources.statsbomb.recorded import recorded_matches

SQL = Path(__file__).parents[3] / "include" / "sql" / "statsbomb"
CHECKS = {table.name: table.checks for table in MATCH_TABLES}
ENTRY = {
    "competition_id": 9,
    "season_id": 27,
    "competition_name": "L",
    "season_name": "S",
    "match_updated": "2020-07-29",
}
TYPES = {
    pa.string(): {"text", "jsonb", "uuid"},
    pa.int16(): {"smallint"},
    pa.int32(): {"integer"},
    pa.float64(): {"double precision"},
    pa.bool_(): {"boolean"},
    pa.date32(): {"date"},
    pa.time32("ms"): {"time"},
    pa.timestamp("us", tz="UTC"): {"timestamptz"},
}
FRAME = {
    "event_uuid": small.uuid(1),
    "visible_area": [0.0, 80.0],
    "freeze_frame": [{"teammate": True, "location": [60.0, 40.0]}] * 30,
}


@pytest.fixture
def dsn(database: str) -> str:
    migrate(Settings(lake="", warehouse=database, catalog=database), ("statsbomb",))
    return database


@pytest.fixture
def warehouse(dsn: str) -> Iterator[Warehouse]:
    warehouse = Warehouse(dsn)
    yield warehouse
    warehouse.close()


def load(warehouse: Warehouse, rows: Rows, identifier: str = "match") -> dict[str, int]:
    tables: Mapping[str, Callable[[], pa.Table]] = {name: partial(rows.__getitem__, name) for name in rows}
    counts = warehouse.load("statsbomb", 1, [DatasetRows(1, identifier, 1, 1, tables)], CHECKS)
    return {name: count.inserted for name, count in counts.items()}


def declared(name: str) -> tuple[dict[str, str], tuple[str, ...]]:
    (statement,) = [
        found[1]
        for path in sorted(SQL.glob("*.sql"))
        if (
            found := re.search(
                rf"create table if not exists statsbomb\.{name} \((.*?)\n\);", path.read_text(), re.DOTALL
            )
        )
    ]
    columns = re.findall(r"^    (\w+) (\w+(?: precision)?)", statement, re.MULTILINE)
    key = re.search(r"primary key \((.*?)\)", statement, re.DOTALL)
    assert key
    types = {column: type_ for column, type_ in columns if column != "constraint"}
    return types, tuple(part.strip() for part in key[1].split(","))


@pytest.mark.parametrize("table", [*COMPETITION_TABLES, *MATCH_TABLES], ids=lambda table: table.name)
def test_parser_declaration_and_sql_agree(table: Table) -> None:
    types, key = declared(table.name)
    schema = {**small.parsed(), **small.competitions([ENTRY])}[table.name].schema
    assert sorted(schema.names) == sorted(name for name in types if not name.startswith("_"))
    assert [field.name for field in schema if types[field.name] not in TYPES[field.type]] == []
    assert key == table.key


def test_a_recorded_match_is_loaded_as_it_was_parsed(
    warehouse: Warehouse, dsn: str, recordings: Callable[[str], Path]
) -> None:
    match = next(recorded_matches(recordings("statsbomb"), "43/106"))
    counts = load(warehouse, match.rows)
    assert counts["event"] == len(match.events)
    with psycopg.connect(dsn) as connection:
        found = connection.execute("select detail from statsbomb.event order by event_index").fetchall()
        late = connection.execute(
            "select count(*) from statsbomb.event where period = 2 and timestamp >= 2700 and minute >= 90"
        ).fetchone()
    assert [row[0] for row in found] == match.events
    assert late == (sum(event["period"] == 2 and event["minute"] >= 90 for event in match.events),)


def test_competitions_are_loaded_with_their_moments_in_utc(warehouse: Warehouse, dsn: str) -> None:
    load(warehouse, small.competitions([{**ENTRY, "match_updated": "2020-07-29T05:00:00.123456"}]), "competitions")
    with psycopg.connect(dsn) as connection:
        connection.execute("set time zone 'UTC'")
        (moment,) = connection.execute("select match_updated_at::text from statsbomb.competition").fetchone() or ()
    assert moment == "2020-07-29 05:00:00.123456+00"


def test_a_small_match_with_frames_is_good(warehouse: Warehouse) -> None:
    counts = load(warehouse, small.parsed(three_sixty=[FRAME]))
    assert counts == {"match": 1, "lineup_player": 28, "event": 4, "frame": 1, "freeze_frame": 30}


def shots(*chances: float) -> list[small.Json]:
    return small.some_events(*(small.an_event("Shot", 5.0, shot={"statsbomb_xg": chance}) for chance in chances))


def passes(count: int, **changed: Any) -> list[small.Json]:
    return [small.an_event("Pass", 60.0 + number, **changed) for number in range(count)]


def changed_events(**changed: Any) -> list[small.Json]:
    return [{**event, **changed} for event in small.some_events()]


BAD: dict[str, dict[str, Any]] = {
    "a score that nobody plays": {"match": small.a_match(home_score=41, away_score=None)},
    "a time that no clock shows": {"events": changed_events(second=60)},
    "an expected goal below 0 or above 1": {"events": shots(0.5, 1.01)},
    "over 1 % of the events are more than a yard off the pitch": {
        "events": small.some_events(*passes(6, location=[130.0, 40.0]))
    },
    "over 2 % of the events' clocks contradict their timestamps": {"events": small.some_events(*passes(6, minute=44))},
    "more than 22 starters": {
        "events": small.some_events(small.an_event("Starting XI", tactics=small.eleven(4))),
    },
    "over 5 % of the players are more than ten yards off the pitch": {
        "three_sixty": [{**FRAME, "freeze_frame": [{"teammate": True, "location": [0.0, 95.0]}] * 21}]
    },
}


@pytest.mark.parametrize("reason", BAD)
def test_a_check_refuses_what_it_names(warehouse: Warehouse, reason: str) -> None:
    with pytest.raises(RowsRejected, match=re.escape(reason)):
        load(warehouse, small.parsed(**BAD[reason]))


def changed_rows(table: str, column: str, value: Any) -> Rows:
    """Return a small match with one value of a table's first row changed to what the parser itself refuses."""
    rows = dict(small.parsed())
    listed = rows[table].to_pylist()
    listed[0][column] = value
    return {**rows, table: pa.Table.from_pylist(listed, schema=rows[table].schema)}


@pytest.mark.parametrize(
    ("table", "column", "value", "reason"),
    [
        ("match", "home_score", -1, "a score that nobody plays"),
        ("match", "away_team_id", 1, "a team that plays itself"),
        ("lineup_player", "seconds_played", -1, "a negative time of play"),
        ("lineup_player", "red_cards", -1, "a card fewer than none"),
        ("lineup_player", "team_id", 3, "line-ups of other than two teams"),
        ("event", "team_id", 3, "events of other than two teams"),
        ("event", "minute", -1, "a time that no clock shows"),
        ("event", "timestamp", -1.0, "a time that no clock shows"),
        ("event", "period", 0, "a period that no match has"),
    ],
)
def test_a_check_refuses_what_the_parser_would_have_refused(
    warehouse: Warehouse, table: str, column: str, value: Any, reason: str
) -> None:
    with pytest.raises(RowsRejected, match=reason):
        load(warehouse, changed_rows(table, column, value))


def test_a_few_slips_of_the_eye_do_not_cost_the_match(warehouse: Warehouse) -> None:
    events = small.some_events(*passes(5, location=[130.0, 40.0]), small.an_event("Pass", 70.0, location=[120.9, 80.9]))
    assert load(warehouse, small.parsed(events=events))["event"] == 10


def test_each_check_has_a_case() -> None:
    named = {
        *BAD,
        "a period that no match has",
        "a team that plays itself",
        "a negative time of play",
        "a card fewer than none",
    }
    named |= {"line-ups of other than two teams", "events of other than two teams"}
    assert {check.name for checks in CHECKS.values() for check in checks} == named


def test_extra_and_details_are_json_for_the_database(warehouse: Warehouse, dsn: str) -> None:
    load(warehouse, small.parsed(match=small.a_match(weather='"snow",\n')))
    with psycopg.connect(dsn) as connection:
        (extra,) = connection.execute("select extra from statsbomb.match").fetchone() or ()
    assert extra == {"weather": '"snow",\n'} == json.loads(json.dumps(extra))
