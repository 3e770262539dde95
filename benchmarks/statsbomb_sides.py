"""One measured run on a mirror of StatsBomb: ours, and ingestify's."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.environments import make_environment
from benchmarks.place import Place, execute, variables
from benchmarks.process import Failed, Measured, measure
from benchmarks.statsbomb_mirror import COMPETITION, Mirror, World
from fieldhouse.config import Settings

# every row that was ever inserted, updated or deleted in our tables, as the server counts them
ROWS_WRITTEN = """
select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint from pg_stat_user_tables
where schemaname = 'statsbomb'
"""
REVISIONS = "select count(*) from lake.revision"
EVENTS = "select count(*) from statsbomb.event"
# a row that is as it was keeps the revision that it came with
REVISED = "select count(distinct _dataset_id) from statsbomb.event where _revision > 1"


@dataclass(frozen=True)
class Run:
    """One run: what it took, and what it asked.

    :param cpu_seconds: processor time of the program and, if it has one, of the database server.
    :param said: what the program printed.
    """

    taken: Measured
    cpu_seconds: float
    requests: Counter[int]
    said: dict[str, Any] = field(repr=False)
    revisions: int = 0
    rows_written: int = 0


@dataclass(frozen=True)
class Ours:
    """The engine on a world: each run of it continues on the same lake and databases.

    :param kind: ``raw`` or ``whole``, see :mod:`benchmarks.statsbomb_run`.
    """

    place: Place
    server: Mirror
    world: World
    kind: str
    settings: Settings

    @classmethod
    def begin(cls, place: Place, server: Mirror, world: World, kind: str) -> Ours:
        """Return it with an empty lake and empty databases."""
        return cls(place, server, world, kind, place.settings())

    def run(self) -> Run:
        """Run once. :raises Failed: a dataset or a row is missing afterwards."""
        self.server.forget_requests()
        revisions, rows, cpu = self._count(REVISIONS), self._count(ROWS_WRITTEN), self.place.cpu_seconds()
        argv = [sys.executable, "-m", "benchmarks.statsbomb_run", self.kind, self.world.selector]
        taken = measure(argv, {**variables(self.settings), "FIELDHOUSE_STATSBOMB_URL": self._url})
        self._check()
        return Run(
            taken,
            taken.cpu_seconds + self.place.cpu_seconds() - cpu,
            self.server.kinds(),
            json.loads(taken.output),
            self._count(REVISIONS) - revisions,
            self._count(ROWS_WRITTEN) - rows,
        )

    def revised_datasets(self) -> int:
        """Count the datasets of which any event came with a later revision than its first."""
        return self._count(REVISED)

    def end(self) -> None:
        """Remove the databases."""
        self.place.postgres.drop_database(self.settings.warehouse.rpartition("/")[2])

    @property
    def _url(self) -> str:
        return self.server.base_url(self.world)

    def _check(self) -> None:
        found = self._count("select count(*) from lake.dataset where current_revision is not null")
        if found != self.world.matches + 1:  # and the list of competitions
            raise Failed(f"{found:,} of {self.world.matches + 1:,} datasets are in the lake")
        if self.kind == "whole" and (rows := self._count(EVENTS)) != sum(self.world.rows.values()):
            raise Failed(f"{rows:,} of {sum(self.world.rows.values()):,} events were loaded")

    def _count(self, statement: str) -> int:
        return int(execute(self.settings.warehouse, statement)[0][0])


@dataclass(frozen=True)
class Theirs:
    """Ingestify on a world, with a folder of its own."""

    server: Mirror
    world: World
    python: Path
    job: Path

    @classmethod
    def begin(cls, place: Place, server: Mirror, world: World, name: str) -> Theirs:
        """Return it with an empty folder."""
        folder = place.folder / f"ingestify_{name}"
        folder.mkdir()
        job = folder / "job.json"
        job.write_text(
            json.dumps(
                {
                    "base_url": server.base_url(world),
                    "folder": str(folder),
                    "competition_id": COMPETITION,
                    "season_ids": list(world.seasons),
                }
            )
        )
        return cls(server, world, make_environment("ingestify"), job)

    def run(self) -> Run:
        """Run once. :raises Failed: a dataset is missing afterwards."""
        self.server.forget_requests()
        taken = measure([str(self.python), "-m", "benchmarks.ingestify_peer", str(self.job)])
        said = json.loads(taken.output.splitlines()[-1])
        if said["datasets"] != self.world.matches:
            raise Failed(f"ingestify has {said['datasets']:,} of {self.world.matches:,} matches")
        return Run(taken, taken.cpu_seconds, self.server.kinds(), said)
