"""A lake, a catalog and a warehouse that the engine made, copies of them, and what can happen to those."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg
import zstandard
from psycopg import sql

from fieldhouse.embedded import Postgres
from fieldhouse.engine.repair import Repaired, repair
from fieldhouse.engine.scrape import scrape
from fieldhouse.engine.verify import Audited, verify
from tests.engine.toy import Toy, lake_state, table_state

PAIRS = 8
TABLES = {"pair": "item", "look": "look"}


def fill(toy: Toy) -> None:
    """Three runs: every pair changes once, in one of its files; each look is an observation of its own."""
    for number in range(1, PAIRS + 1):
        toy.world.put_pair(number, range(number, number + 12), [number])
    toy.world.put_look([1, 2, 3])
    toy.run()
    for number in range(1, PAIRS + 1):
        toy.world.put_pair(number, range(number, number + 11), [number])
    toy.world.put_look([4, 5])
    toy.run()
    toy.world.put_look([6, 7, 8, 9])
    toy.run()


def folder_of(toy: Toy) -> Path:
    return Path(toy.settings.lake.removeprefix("file://"))


def execute(toy: Toy, statement: str, *parameters: Any) -> list[Any]:
    with psycopg.connect(toy.settings.warehouse) as connection:
        cursor = connection.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def forsake(toy: Toy, run: str) -> None:
    """Let a run be one that nobody has touched for two days."""
    execute(toy, "update lake.plan set created_at = created_at - interval '2 days' where run = %s", run)
    execute(
        toy,
        "update lake.plan_item set updated_at = updated_at - interval '2 days' "
        "where plan_id = (select plan_id from lake.plan where run = %s)",
        run,
    )


@contextmanager
def copy_of(toy: Toy, postgres: Postgres, folder: Path, name: str) -> Iterator[Toy]:
    """Give a copy of the lake's folder and of the database, which is gone again after the block."""
    with psycopg.connect(postgres.dsn("postgres"), autocommit=True) as connection:
        template = psycopg.conninfo.conninfo_to_dict(toy.settings.warehouse)["dbname"]
        statement = sql.SQL("create database {} template {}")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(str(template))))
    shutil.copytree(folder_of(toy), folder, dirs_exist_ok=True)
    settings = replace(toy.settings, lake=folder.as_uri(), warehouse=postgres.dsn(name), catalog=postgres.dsn(name))
    try:
        yield Toy(toy.world, toy.server, settings, runs=100)
    finally:
        postgres.drop_database(name)


@dataclass
class Vandal:
    """Damages a copy, and says by which words a report has to name each damage. No object is hit twice."""

    toy: Toy
    chance: random.Random
    hit: set[str] = field(default_factory=set)

    def strike(self, count: int) -> list[tuple[str, ...]]:
        """Do so many things, chosen at random. Returns what the report has to say of each."""
        deeds = self.chance.choices(DAMAGES, k=count)
        # first what is a run: it would store again what was damaged before it
        deeds.sort(key=lambda deed: deed is not Vandal.interrupted_plan)
        return [deed(self) for deed in deeds]

    def _object(self, kind: str) -> Path:
        paths = {"raw": "select distinct path from lake.file", "tables": "select path from lake.activation_table"}
        found = sorted(path for (path,) in execute(self.toy, paths[kind]) if path not in self.hit)
        path: str = self.chance.choice(found)
        self.hit.add(path)
        return folder_of(self.toy) / path

    def _name(self, path: Path) -> str:
        return path.relative_to(folder_of(self.toy)).as_posix()

    def flip(self, kind: str) -> tuple[str, ...]:
        path = self._object(kind)
        good = path.read_bytes()
        while True:  # until what it holds is another thing: a bit of zstd's own header may mean nothing
            bad = bytearray(good)
            bad[self.chance.randrange(len(bad))] ^= 1 << self.chance.randrange(8)
            if contents(path, bytes(bad)) != contents(path, good):
                break
        path.write_bytes(bad)
        return ("damaged", self._name(path))

    def cut(self, kind: str) -> tuple[str, ...]:
        path = self._object(kind)
        good = path.read_bytes()
        path.write_bytes(good[: self.chance.randrange(len(good))])
        return ("damaged", self._name(path))

    def lose(self, kind: str) -> tuple[str, ...]:
        path = self._object(kind)
        path.unlink()
        return ("lost", self._name(path))

    def stray(self) -> tuple[str, ...]:
        place = self.chance.choice(
            ["raw/toy/pair/number=99/left.0123456789ab.csv.zst", "tables/toy/item/x-a999.parquet"]
        )
        path = folder_of(self.toy) / f"{place}.{self.chance.randrange(10**9)}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"stray")
        return ("stray", self._name(path))

    def half_claimed_plan(self) -> tuple[str, ...]:
        run = f"half {self.chance.randrange(10**9)}"
        execute(
            self.toy,
            """
            with made as (
                insert into lake.plan (source, run, scope, created_at)
                values ('toy', %s, '{}', now() - interval '2 days') returning plan_id
            )
            insert into lake.claim (dataset_id, plan_id, expires_at)
            select d.dataset_id, m.plan_id, now() from lake.dataset as d, made as m where random() < 0.5
            on conflict do nothing
            """,
            run,
        )
        return ("dead_plan", run)

    def interrupted_plan(self) -> tuple[str, ...]:
        run = f"interrupted {self.chance.randrange(10**9)}"
        with self.toy.context() as context:
            for lane in self.toy.plan(context, run).lanes:
                scrape(context, lane.plan, lane.lane)
        forsake(self.toy, run)
        return ("dead_plan", run)

    def lose_rows(self) -> tuple[str, ...]:
        dataset_id, name, table = self._dataset()
        execute(self.toy, f"delete from toy.{table} where _dataset_id = %s and n %% 2 = 0", dataset_id)
        return ("rows_differ", name)

    def forget_load(self) -> tuple[str, ...]:
        dataset_id, name, table = self._dataset()
        execute(self.toy, "delete from fieldhouse.loaded where dataset_id = %s", dataset_id)
        execute(self.toy, f"delete from toy.{table} where _dataset_id = %s", dataset_id)
        return ("not_loaded", name)

    def swap_current(self) -> tuple[str, ...]:
        dataset_id, name, _ = self._dataset()
        execute(self.toy, "update lake.dataset set current_revision = 77 where dataset_id = %s", dataset_id)
        return ("inconsistent", name)

    def _dataset(self) -> tuple[int, str, str]:
        rows = execute(self.toy, "select dataset_id, dataset_type, identifier from lake.dataset order by 1")
        left = [row for row in rows if str(row[0]) not in self.hit]
        dataset_id, dataset_type, identifier = self.chance.choice(left)
        self.hit.add(str(dataset_id))
        return dataset_id, f"{dataset_type}/{identifier}".rstrip("/"), TABLES[dataset_type]


DAMAGES: list[Callable[[Vandal], tuple[str, ...]]] = [
    *(
        lambda v, d=deed, k=kind: d(v, k)
        for deed in (Vandal.flip, Vandal.cut, Vandal.lose)
        for kind in ("raw", "tables")
    ),
    Vandal.stray,
    Vandal.half_claimed_plan,
    Vandal.interrupted_plan,
    Vandal.lose_rows,
    Vandal.forget_load,
    Vandal.swap_current,
]


def contents(path: Path, data: bytes) -> bytes | None:
    """Return what an object holds; None if it cannot be unpacked."""
    if path.suffix != ".zst":
        return data
    try:
        return zstandard.ZstdDecompressor().decompressobj().decompress(data)
    except zstandard.ZstdError:
        return None


def audit(toy: Toy, **options: Any) -> Audited:
    with toy.context() as context:
        return verify(context, **options)


def mend(toy: Toy) -> tuple[Audited, list[Repaired]]:
    with toy.context() as context:
        audited = verify(context)
        return audited, repair(context, audited)


def current_rows(toy: Toy) -> list[Any]:
    """Return all rows but for their revision's number: bytes that were fetched again may have another one."""
    found = [*table_state(toy.settings, "toy.item"), *table_state(toy.settings, "toy.look")]
    return [({**row, "_revision": 0}, *rest) for row, *rest in found]


def current_bytes(toy: Toy) -> list[Any]:
    """Return the current bytes."""
    return [(*row[:4], *row[5:]) for row in lake_state(toy.settings)]
