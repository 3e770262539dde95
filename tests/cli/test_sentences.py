"""What is wrong is said in one sentence, with its own exit code; never a traceback, never a password."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from fieldhouse import sources
from fieldhouse.config import Settings
from fieldhouse.embedded import Postgres
from fieldhouse.migrate import migrate
from simulator.server import serve
from tests.cli.conftest import House, assert_sentence, call

NOWHERE = {"FIELDHOUSE_LAKE": "", "FIELDHOUSE_WAREHOUSE": ""}
RUN = ("run", "football_data")
SEASON = ("run", "football_data/season")


@pytest.fixture(scope="module")
def house(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Yield one house for all the sentences: nothing that is refused leaves a trace."""
    database = postgres.create_database("sentences")
    settings = Settings(tmp_path_factory.mktemp("lake").as_uri(), database, database)
    migrate(settings, sources.NAMES)
    with serve() as server:
        yield House(settings, server, server.simulator.world.today)
    postgres.drop_database("sentences")


@dataclass(frozen=True)
class Case:
    words: tuple[str, ...]
    said: str
    code: int = 2
    environment: dict[str, str] = field(default_factory=dict)


@pytest.mark.parametrize(
    "case",
    [
        Case(("run", "footbal"), "there is no source 'footbal'; the sources are: basketball_reference, football_data"),
        Case(("run", "football_data/seasons"), "no dataset type 'seasons'; it has: season, extra_league, fixtures"),
        Case((*RUN, "season"), "write football_data/season as one word, and the keys after it"),
        Case((*RUN, "division=E0"), "'division=E0' needs to be a key of a dataset type: football_data/season"),
        Case(("list", "football_data", "--state", "done"), "there is no state 'done'; a dataset is scheduled"),
        Case((*SEASON, "league=E0"), "league is no key of season; datasets are selected by: division, season"),
        Case((*SEASON, "division=E0", "season=1516..E1"), "selector 'season=1516..E1' has a range whose ends"),
        Case((*SEASON, "season=2425/season=2526"), "names season twice; several values are written season=a,b"),
        Case((*SEASON, "division=E0,E1", "season=2425", "--file", "x.csv"), "give one value for division"),
        Case((*SEASON, "E0"), "'E0' is not of the form key=value"),
        Case((*RUN, "-p", "season=2425"), "no parameter season; it has: "),
        Case((*RUN, "-p", "seasons"), "'seasons' is not of the form key=value"),
        Case((*RUN, "-p", "force=perhaps"), "force is yes or no, not 'perhaps'"),
        Case((*RUN, "-p", "divisions=[E0"), "divisions is a list such as"),
        Case((*RUN, "-p", "divisions=XX"), "there is no division 'XX'; the divisions are: E0"),
        Case((*RUN, "-p", "seasons=abc"), "'abc' is no season"),
        Case((*RUN, "-p", "seasons=9899-9697"), "runs backwards"),
        Case((*RUN, "-p", "dataset_types=seasons"), "no dataset type 'seasons'"),
        Case((*SEASON, "division=E0", "season=0102"), "no dataset with division=E0/season=0102"),
        Case((*RUN, "--flag", "football_data=maybe"), "must be on, off or auto"),
        Case((*RUN, "--flag", "football=on"), "there is no flag football; football_data has: football_data"),
        Case((*RUN, "--from", "31.1.2026"), "--from must be a date such as 2026-01-31"),
        Case((*RUN, "--from", "2026-02-01", "--to", "2026-01-01"), "ends (2026-01-01) before it starts"),
        Case((*RUN, "--file", "x.csv"), "name the dataset type that the file is one of"),
        Case((*SEASON, "--file", "x.csv"), "name the dataset that the file is: division=..., season=..."),
        Case((*SEASON, "division=E0", "season=2425", "--file", "/no/x.csv"), "/no/x.csv cannot be read"),
        Case((*SEASON, "division=E0", "season=2425", "--file", "/proc"), "/proc cannot be read: Is a directory"),
        Case(("history", "football_data"), "say which dataset type of football_data: football_data/season"),
        Case(("history", "football_data/season", "division=E0"), "season is missing"),
        Case(("history", "football_data/season", "division=E0", "season=2425"), "knows no revision"),
        Case(("list", "football_data/nothing"), "no dataset type 'nothing'"),
        Case(("status",), "FIELDHOUSE_LAKE and FIELDHOUSE_WAREHOUSE must be set", 2, NOWHERE),
        Case(RUN, "it must be file:///folder", 2, {"FIELDHOUSE_LAKE": "/srv/lake"}),
        Case(RUN, "must be a number of seconds", 2, {"FIELDHOUSE_CLOCK_SHIFT": "soon"}),
        Case(RUN, "must be a number above 0", 2, {"FIELDHOUSE_FOOTBALL_DATA_REQUESTS_PER_SECOND": "0"}),
        Case(RUN, "/proc/none", 4, {"FIELDHOUSE_LAKE": "file:///proc/none"}),
        Case(("status",), "cannot be reached", 4, {"FIELDHOUSE_WAREHOUSE": "postgresql://u:hush@127.0.0.1:1/db"}),
        Case(("status",), "should look like postgresql://", 4, {"FIELDHOUSE_CATALOG": "hush"}),
    ],
    ids=lambda case: case.said[:40],
)  # fmt: skip
def test_sentences(house: House, case: Case) -> None:
    environment = dict(case.environment)
    if "FIELDHOUSE_WAREHOUSE" in environment:
        environment["FIELDHOUSE_CATALOG"] = environment["FIELDHOUSE_WAREHOUSE"]
    ended = house(*case.words, **environment)
    assert_sentence(ended, case.code, case.said)
    assert "hush" not in ended.stderr
    assert house.rows("select 1 from lake.plan where finished_at is not null") == []


def test_a_wrong_password_and_an_empty_database(house: House, postgres: Postgres) -> None:
    wrong = house.settings.warehouse.replace(postgres.password, "hush-hush")
    ended = house("status", FIELDHOUSE_WAREHOUSE=wrong, FIELDHOUSE_CATALOG=wrong)
    assert_sentence(ended, 4, "password")
    assert "hush-hush" not in ended.stderr
    empty = postgres.create_database("empty")
    for words in (("status",), RUN, ("list", "football_data"), ("plan", "football_data")):
        assert_sentence(
            house(*words, FIELDHOUSE_WAREHOUSE=empty, FIELDHOUSE_CATALOG=empty), 4, "run `fieldhouse migrate`"
        )
    postgres.drop_database("empty")


def test_a_source_that_cannot_be_had_is_a_run_that_failed(settings: Settings, house: House) -> None:
    house = House(settings, house.server, house.today)
    house.server.fault("*", "status", status=403)
    ended = house(*SEASON, "-p", "divisions=E0", "-p", "seasons=2526")
    assert ended.returncode == 1
    assert "PROBLEM blocked: football_data/season/division=E0/season=2526" in ended.stdout
    assert "Traceback" not in ended.stderr
    house.server.clear()


def test_a_fault_of_the_program_is_a_sentence_as_well(settings: Settings, house: House) -> None:
    house = House(settings, house.server, house.today)
    with psycopg.connect(house.settings.catalog) as connection:
        connection.execute(
            "insert into lake.plan (source, run, scope, report) values ('football_data', 'x', '{}', '{\"tables\": 1}')"
        )
    assert_sentence(house("status"), 5, "a fault of the program, AttributeError", "FIELDHOUSE_TRACEBACK=1")
    assert "Traceback" in house("status", FIELDHOUSE_TRACEBACK="1").stderr


COMMANDS = (
    *("run", "plan", "parse", "list", "history", "status", "migrate"),
    *("diff", "rollback", "reparse", "invalidate", "delete"),
)


def test_help_of_everything(tmp_path: Path) -> None:
    whole = call("--help").stdout
    assert all(f"{code} " in whole for code in range(6))
    for command in COMMANDS:
        ended = call(command, "--help")
        assert (ended.returncode, ended.stderr, "Example" in ended.stdout) == (0, "", True), command
        assert command in whole
        assert "--json" in ended.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [(("run",), "Missing argument"), (("fly",), "No such command"), ((*RUN, "--what"), "No such option")],
)
def test_words_that_are_no_command(words: tuple[str, ...], said: str) -> None:
    ended = call(*words)
    assert (ended.returncode, said in ended.stderr, "Traceback" in ended.stderr) == (2, True, False)
