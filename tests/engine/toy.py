"""A source small enough to see through, on a real server: pairs of files that belong together, and a daily look."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pyarrow as pa

from fieldhouse import clock
from fieldhouse.config import Settings, SourceSettings
from fieldhouse.engine.archive import archive
from fieldhouse.engine.context import Context
from fieldhouse.engine.discover import Plan, Request, discover
from fieldhouse.engine.life import Again
from fieldhouse.engine.load import load
from fieldhouse.engine.report import Report, make_report
from fieldhouse.engine.scrape import scrape
from fieldhouse.errors import NothingScheduled, PageChanged
from fieldhouse.http import PoliteClient
from fieldhouse.source import (
    Candidate,
    Client,
    DatasetType,
    Files,
    Identifier,
    Pace,
    Recheck,
    RemoteFile,
    Rows,
    Scope,
    Source,
    Table,
    Window,
    pace_of,
)
from simulator.answer import Answer, strong_etag
from simulator.server import Running

EPOCH = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOST = "toy.example"
SIDES = ("left.csv", "right.csv")
SCHEMA = """
create schema toy;
create table toy.item (
    pair smallint not null, side text not null, n integer not null, value smallint,
    _dataset_id bigint not null, _revision integer not null, _loaded_at timestamptz not null default now(),
    primary key (pair, side, n)
);
create table toy.look (
    observed_at timestamptz not null, n integer not null, value integer,
    _dataset_id bigint not null, _revision integer not null, _loaded_at timestamptz not null default now(),
    primary key (observed_at, n)
);
"""


def discover_toy(_: Scope, client: Client) -> Iterator[Candidate]:
    for entry in json.loads(client.get("list.json")):
        settled = datetime.fromisoformat(entry["settled_at"]) if entry.get("settled_at") else None
        due = datetime.fromisoformat(entry["due_at"]) if entry.get("due_at") else None
        if entry["type"] == "look":
            yield Candidate("look", {}, (RemoteFile("look.csv", "look.csv"),))
        else:
            number = entry["number"]
            files = tuple(RemoteFile(side, f"{number}/{side}", content_types=("text/csv",)) for side in SIDES)
            yield Candidate("pair", {"number": number}, files, settled_at=settled, due_at=due)


SOURCE = Source(
    name="toy",
    title="Toy",
    base_url="http://toy.example",
    pace=pace_of(1000),
    dataset_types=(
        DatasetType(
            name="pair",
            title="Pair",
            key=("number",),
            tables=(Table("item", ("pair", "side", "n")),),
            files=SIDES,
            recheck=Recheck(after=(timedelta(days=1), timedelta(days=7)), every=timedelta(days=100)),
        ),
        DatasetType(
            name="look",
            title="Look",
            key=(),
            tables=(Table("look", ("observed_at", "n"), kind="observed"),),
            files=("look.csv",),
            backfill=False,
        ),
    ),
    discover=discover_toy,
    parser="tests.engine.toy:parse",
)


def parse(dataset_type: str, identifier: Identifier, files: Files) -> Rows:
    if dataset_type == "look":
        rows = read(files["look.csv"])
        if not rows:
            raise NothingScheduled("look.csv has no line: nothing is on")
        return {"look": pa.table({"n": pa.array([r[0] for r in rows]), "value": pa.array([r[1] for r in rows])})}
    found = [(int(identifier["number"]), side, *row) for side in SIDES for row in read(files[side])]
    columns = {
        name: pa.array([row[place] for row in found]) for place, name in enumerate(["pair", "side", "n", "value"])
    }
    unknown = sorted({name for side in SIDES for name in header(files[side])} - {"n", "value"})
    metadata = {b"fieldhouse.unknown_columns": json.dumps(unknown).encode()} if unknown else None
    return {"item": pa.table(columns).replace_schema_metadata(metadata)}


def header(data: bytes) -> list[str]:
    return next(csv.reader(io.StringIO(data.decode())), [])


def read(data: bytes) -> list[tuple[int, int]]:
    if header(data)[:2] != ["n", "value"]:
        raise PageChanged(f"expected the columns n and value, found {data[:40]!r}")
    lines = list(csv.DictReader(io.StringIO(data.decode())))
    return [(int(line["n"]), int(line["value"])) for line in lines]


def sheet(values: Iterable[int], head: str = "n,value") -> bytes:
    return "".join([f"{head}\n", *(f"{n},{value}\n" for n, value in enumerate(values))]).encode()


class ToyWorld:
    """Files by path, and the listing that names them."""

    mode = "generated"
    today = date(2026, 1, 1)
    bases: Mapping[str, str] = {"toy": HOST}

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.entries: dict[str, dict[str, str]] = {}
        self.etags = True

    def put_pair(self, number: int, *sides: Iterable[int], **entry: str) -> None:
        self.entries[f"pair {number}"] = {"type": "pair", "number": str(number), **entry}
        for side, values in zip(SIDES, sides, strict=False):
            self.files[f"/{number}/{side}"] = sheet(values)

    def put_look(self, values: Iterable[int]) -> None:
        self.entries["look"] = {"type": "look"}
        self.files["/look.csv"] = sheet(values)

    def answer(self, host: str, path: str, query: str) -> Answer | None:
        if path == "/list.json":
            body = json.dumps(list(self.entries.values())).encode()
            return Answer(body, "application/json", etag=strong_etag(body) if self.etags else None)
        if path not in self.files:
            return None
        body = self.files[path]
        return Answer(body, "text/csv", etag=strong_etag(body) if self.etags else None)

    def set_date(self, today: date) -> None: ...

    def describe(self) -> dict[str, Any]:
        return {}


class FastContext(Context):
    """Waits less between attempts, and is all else as it is."""

    @property
    def client(self) -> PoliteClient:
        if "client" not in self.__dict__:
            self.__dict__["client"] = PoliteClient(
                self.settings.of(self.source).url or "",
                pace=self.pace,
                pacer=self.pacer,
                first_wait_seconds=0.01,
            )
        client: PoliteClient = self.__dict__["client"]
        return client


@dataclass
class Toy:
    """The toy source with a world, a database and a lake of its own."""

    world: ToyWorld
    server: Running
    settings: Settings
    source: Source = SOURCE
    runs: int = field(default=0)

    def context(self, claim_seconds: int = 0) -> Context:
        return FastContext(self.settings, self.source, claim_seconds)

    def set_pace(self, pace: Pace) -> None:
        overrides = replace(self.settings.sources["toy"], pace=pace)
        self.settings = replace(self.settings, sources={"toy": overrides})

    def plan(self, context: Context, run: str | None = None, **params: Any) -> Plan:
        self.runs += 1
        today = clock.today()
        flags = params.pop("flags", {})
        select = params.pop("select", {})
        request = Request(Window(today, today), params=params, flags=flags, select=select)
        return discover(context, run or f"run {self.runs}", request)

    def run(self, **params: Any) -> Report:
        with self.context() as context:
            return work(context, self.plan(context, **params))

    def asked(self) -> list[str]:
        """Return the paths that were asked for since the last time, without the listing."""
        paths = [request.path for request in self.server.requests() if request.path != "/list.json"]
        self.server.simulator.log.clear()
        return paths

    def rows(self, statement: str) -> list[Any]:
        with psycopg.connect(self.settings.warehouse) as connection:
            return connection.execute(statement).fetchall()


def work(context: Context, plan: Plan | Again) -> Report:
    for lane in plan.lanes:
        scrape(context, lane.plan, lane.lane)
        archive(context, lane.plan, lane.lane)
        load(context, lane.plan, lane.lane)
    return make_report(context, plan.plan)


def prepare(settings: Settings, server: Running) -> Settings:
    """Make the toy's tables and return the settings with its address."""
    with psycopg.connect(settings.warehouse) as connection:
        connection.execute(SCHEMA)
    return replace(settings, sources={"toy": SourceSettings(url=server.base(HOST))})


def outcomes(report: Report) -> dict[str, int]:
    return dict(report.outcomes)


def shift_clock(monkeypatch: Any, moment: datetime) -> None:
    monkeypatch.setenv(clock.SHIFT_VARIABLE, str((moment - clock.real_now()).total_seconds()))


def lake_state(settings: Settings) -> list[tuple[Any, ...]]:
    """Return what "the same lake" means: each current (dataset, revision, file, sha256)."""
    with psycopg.connect(settings.catalog) as connection:
        return connection.execute(
            """
            select d.source, d.dataset_type, d.identifier, d.state, d.current_revision, f.name, f.sha256, f.path
            from lake.dataset as d left join lake.file as f
            on f.dataset_id = d.dataset_id and f.revision = d.current_revision order by 1, 2, 3, 6
            """
        ).fetchall()


def table_state(settings: Settings, table: str) -> list[Any]:
    """Return what "the same rows" means: every column but _loaded_at; a dataset by its name, not its number."""
    with psycopg.connect(settings.warehouse) as connection:
        return connection.execute(
            f"""
            select to_jsonb(t) - '_loaded_at' - '_dataset_id', d.dataset_type, d.identifier
            from {table} as t inner join lake.dataset as d on d.dataset_id = t._dataset_id
            order by (to_jsonb(t) - '_loaded_at' - '_dataset_id')::text
            """
        ).fetchall()
