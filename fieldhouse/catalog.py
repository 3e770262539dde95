"""The catalog: datasets, revisions, activations, plans, claims and outcomes, in schema ``lake`` of a Postgres."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from psycopg.types.json import Jsonb

from fieldhouse.errors import DatabaseError, Outcome
from fieldhouse.postgres import connect, place, translated
from fieldhouse.source import Candidate, DatasetType, RemoteFile, Source, format_identifier
from fieldhouse.statements import query

# How long a plan keeps its claims while none of its tasks lives, as between two tasks of a run
CLAIM_SECONDS = 900
# First key of the advisory lock that a living task holds on its plan; the second is the plan's number
PLAN_LOCK = 7_301_977
# Outcomes after which a retry of the same plan has nothing more to do for a dataset
SETTLED = (
    Outcome.FETCHED,
    Outcome.UNCHANGED,
    Outcome.NOT_PUBLISHED,
    Outcome.NOTHING_SCHEDULED,
    Outcome.DISABLED,
)


@dataclass(frozen=True)
class CurrentFile:
    """A file of a dataset's current revision."""

    path: str
    sha256: str
    bytes: int
    stored_bytes: int
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True)
class Item:
    """A planned dataset, with what is known of it."""

    dataset_id: int
    dataset_type: str
    identifier: str
    keys: Mapping[str, str]
    current_revision: int | None
    current_activation: int | None
    reason: str
    files: tuple[RemoteFile, ...]
    due_at: datetime | None
    step: str
    outcome: Outcome | None
    current_files: Mapping[str, CurrentFile]

    @property
    def name(self) -> str:
        """``<dataset type>/<identifier>``, as a person writes it."""
        return f"{self.dataset_type}/{self.identifier}".rstrip("/")


@dataclass(frozen=True)
class StagedFile:
    """Scraped bytes that are in the lake and not yet in a revision."""

    name: str
    path: str
    sha256: str
    bytes: int
    stored_bytes: int
    url: str
    content_type: str | None
    etag: str | None
    last_modified: str | None
    fetched_at: datetime
    not_modified: bool
    problem: str | None = None


@dataclass(frozen=True)
class ActivationTable:
    """A table of an activation as Parquet in the lake."""

    table: str
    path: str
    sha256: str
    rows: int
    bytes: int


@dataclass(frozen=True)
class ToLoad:
    """A current activation whose rows the warehouse is to get."""

    dataset_id: int
    dataset_type: str
    identifier: str
    revision: int
    activation: int
    tables: tuple[ActivationTable, ...]


@dataclass(frozen=True)
class Lane:
    """A batch of datasets of one type that one mapped chain handles."""

    plan: int
    lane: int
    source: str
    name: str
    datasets: int


@dataclass(frozen=True)
class PlanCounts:
    """What became of a plan's candidates: planned, fresh, or in the hands of another run."""

    candidates: int
    planned: int
    fresh: int
    claimed_elsewhere: int


class Catalog:
    """The catalog over one connection. Not to be shared between threads.

    Working on a plan holds a lock on it for as long as the connection lives: its claims are nobody else's,
    however long it takes, and a killed process gives them up with its connection.

    :param claim_seconds: how long claims outlive the connection: for a run of several tasks, the longest time
        that its tasks may wait in a queue; 0 for a run in one process.
    """

    def __init__(self, dsn: str, claim_seconds: int = CLAIM_SECONDS) -> None:
        self._dsn = dsn
        self._claim_seconds = claim_seconds
        self._connection = connect(dsn, "catalog")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        with (
            translated(self._dsn, "catalog"),
            self._connection.transaction(),
            self._connection.cursor() as cursor,
        ):
            yield cursor

    def rows(self, statement: str, parameters: Mapping[str, Any] | Sequence[Any] = ()) -> list[Any]:
        """Return the rows of a query as named tuples."""
        with translated(self._dsn, "catalog"):
            return self._connection.execute(statement, parameters).fetchall()

    # --- plans -----------------------------------------------------------------------------------------------

    def make_plan(
        self,
        source: Source,
        run: str,
        candidates: Iterable[Candidate],
        *,
        now: datetime,
        scope: Mapping[str, Any],
        notes: Sequence[Mapping[str, str]],
        asked: str | None = None,
    ) -> tuple[int, PlanCounts]:
        """Write the plan of ``run``, in place of an earlier one of the same run.

        :param asked: why every candidate is planned (``forced``, ``asked``); None where only what is due is.
        """
        with self._transaction() as cursor:
            plan_id = cursor.execute(
                """
                insert into lake.plan as p (source, run, scope, notes) values (%s, %s, %s, %s)
                on conflict (source, run) do update
                set scope = excluded.scope, notes = excluded.notes, finished_at = null, report = null
                returning plan_id
                """,
                (source.name, run, Jsonb(scope), Jsonb(list(notes))),
            ).fetchone()[0]
            self._hold(cursor, plan_id)
            cursor.execute("delete from lake.plan_item where plan_id = %s", (plan_id,))
            counts = self._judge(cursor, plan_id, source, candidates, now=now, asked=asked)
        return plan_id, counts

    def preview(
        self, source: Source, candidates: Iterable[Candidate], *, now: datetime, asked: str | None = None
    ) -> tuple[list[Any], PlanCounts]:
        """Return what a plan would hold (rows of dataset_type, identifier, reason, files), and leave no trace."""
        with (
            translated(self._dsn, "catalog"),
            self._connection.transaction(force_rollback=True),
            self._connection.cursor() as cursor,
        ):
            plan_id = self._new_plan(cursor, source)
            counts = self._judge(cursor, plan_id, source, candidates, now=now, asked=asked)
            items = cursor.execute(
                """
                select d.dataset_type, d.identifier, i.reason, i.files
                from lake.plan_item as i inner join lake.dataset as d using (dataset_id)
                where i.plan_id = %s order by d.dataset_type, d.identifier
                """,
                (plan_id,),
            ).fetchall()
        return items, counts

    @property
    def _claim_terms(self) -> dict[str, int]:
        return {"claim_seconds": self._claim_seconds, "plan_lock": PLAN_LOCK}

    @staticmethod
    def _hold(cursor: Any, plan_id: int) -> None:
        """Say that a task on this plan lives; the server takes it back when the connection ends."""
        cursor.execute("select pg_advisory_lock_shared(%s, %s::integer)", (PLAN_LOCK, plan_id))

    @staticmethod
    def _new_plan(cursor: Any, source: Source) -> int:
        statement = "insert into lake.plan (source, run, scope) values (%s, %s, '{}') returning plan_id"
        return int(cursor.execute(statement, (source.name, f"preview {uuid4()}")).fetchone()[0])

    def _judge(
        self,
        cursor: Any,
        plan_id: int,
        source: Source,
        candidates: Iterable[Candidate],
        *,
        now: datetime,
        asked: str | None,
    ) -> PlanCounts:
        self._copy_candidates(cursor, source, candidates)
        cursor.execute(query("know"), {"source": source.name})
        parameters = {"plan_id": plan_id, "source": source.name, "now": now, "asked": asked}
        return PlanCounts(*cursor.execute(query("plan"), {**parameters, **self._claim_terms}).fetchone())

    @staticmethod
    def _copy_candidates(cursor: Any, source: Source, candidates: Iterable[Candidate]) -> None:
        cursor.execute(
            """
            create temporary table candidate (
                dataset_type text, identifier text, keys jsonb, files jsonb, updated_at timestamptz,
                settled_at timestamptz, due_at timestamptz, recheck_after interval [], recheck_every interval,
                observed boolean, primary key (dataset_type, identifier)
            ) on commit drop
            """
        )
        types: dict[str, DatasetType] = {t.name: t for t in source.dataset_types}
        with cursor.copy("copy candidate from stdin") as copy:
            for candidate in candidates:
                kind = types[candidate.dataset_type]
                copy.write_row(
                    (
                        candidate.dataset_type,
                        format_identifier(candidate.identifier),
                        Jsonb(dict(candidate.identifier)),
                        Jsonb([asdict(file) for file in candidate.files]),
                        candidate.updated_at,
                        candidate.settled_at,
                        candidate.due_at,
                        list(kind.recheck.after),
                        kind.recheck.every,
                        kind.observed,
                    )
                )
        cursor.execute("analyze candidate")

    def make_lanes(self, plan_id: int, source: Source, *, most_datasets: int, wanted: int) -> list[Lane]:
        """Divide a plan into lanes of one dataset type each.

        :param most_datasets: a lane's size at most.
        :param wanted: about how many lanes work is spread over while it is little.
        """
        with self._transaction() as cursor:
            cursor.execute(
                """
                with numbered as (
                    select i.dataset_id, d.dataset_type,
                        row_number() over (partition by d.dataset_type order by d.identifier) - 1 as place,
                        count(*) over (partition by d.dataset_type) as total
                    from lake.plan_item as i inner join lake.dataset as d using (dataset_id)
                    where i.plan_id = %(plan)s
                ), sized as (
                    select *, least(
                        %(most)s, greatest(ceil(total::numeric / %(wanted)s), least(total, 8))
                    )::integer as size
                    from numbered
                ), laned as (
                    select dataset_id, dense_rank() over (order by dataset_type, place / size) as lane from sized
                )
                update lake.plan_item as i set lane = laned.lane
                from laned where i.plan_id = %(plan)s and i.dataset_id = laned.dataset_id
                """,
                {"plan": plan_id, "most": most_datasets, "wanted": wanted},
            )
            rows = cursor.execute(
                """
                select i.lane, d.dataset_type, count(*) as datasets,
                    (array_agg(d.keys order by d.identifier))[1] as first,
                    (array_agg(d.keys order by d.identifier desc))[1] as last
                from lake.plan_item as i inner join lake.dataset as d using (dataset_id)
                where i.plan_id = %s group by i.lane, d.dataset_type order by i.lane
                """,
                (plan_id,),
            ).fetchall()
        order = {t.name: t.key for t in source.dataset_types}
        return [
            Lane(plan_id, row.lane, source.name, _lane_name(row, order[row.dataset_type]), row.datasets) for row in rows
        ]

    def find_plan(self, source: str, run: str) -> int | None:
        """Return the plan of a run, if it has one."""
        found = self.rows("select plan_id from lake.plan where source = %s and run = %s", (source, run))
        return int(found[0].plan_id) if found else None

    def lane_items(
        self, plan_id: int, lane: int, steps: Sequence[str], done: Sequence[Outcome] = SETTLED
    ) -> list[Item]:
        """Return the lane's datasets that stand at one of ``steps`` and have none of the outcomes ``done``."""
        parameters = {"plan_id": plan_id, "lane": lane, "steps": list(steps), "done": [str(d) for d in done]}
        return [_item(row) for row in self.rows(query("lane_items"), parameters)]

    def claim_lane(self, plan_id: int, lane: int) -> set[int]:
        """Renew the lane's claims, take back expired ones, and return the datasets that are ours."""
        with self._transaction() as cursor:
            self._hold(cursor, plan_id)
            rows = cursor.execute(
                query("claim_lane"), {"plan_id": plan_id, "lane": lane, **self._claim_terms}
            ).fetchall()
        return {row.dataset_id for row in rows}

    def release_claims(self, plan_id: int) -> None:
        """Give up every claim of a plan."""
        with self._transaction() as cursor:
            cursor.execute("delete from lake.claim where plan_id = %s", (plan_id,))

    # --- one dataset's progress ------------------------------------------------------------------------------

    def stage(self, plan_id: int, dataset_id: int, files: Iterable[StagedFile]) -> None:
        """Note that a dataset's bytes are in the lake."""
        with self._transaction() as cursor:
            cursor.execute("delete from lake.staged_file where plan_id = %s and dataset_id = %s", (plan_id, dataset_id))
            cursor.executemany(
                """
                insert into lake.staged_file (
                    plan_id, dataset_id, name, path, sha256, bytes, stored_bytes, url, content_type, etag,
                    last_modified, fetched_at, not_modified, problem
                ) values (
                    %(plan_id)s, %(dataset_id)s, %(name)s, %(path)s, %(sha256)s, %(bytes)s, %(stored_bytes)s, %(url)s,
                    %(content_type)s, %(etag)s, %(last_modified)s, %(fetched_at)s, %(not_modified)s, %(problem)s
                )
                """,
                [{"plan_id": plan_id, "dataset_id": dataset_id, **asdict(file)} for file in files],
            )
            _advance(cursor, plan_id, dataset_id, "scraped", None, None)

    def staged(self, plan_id: int, lane: int) -> dict[int, list[StagedFile]]:
        """Return the staged files of a lane by dataset."""
        rows = self.rows(
            """
            select s.dataset_id, s.name, s.path, s.sha256, s.bytes, s.stored_bytes, s.url, s.content_type, s.etag,
                s.last_modified, s.fetched_at, s.not_modified, s.problem
            from lake.staged_file as s inner join lake.plan_item as i using (plan_id, dataset_id)
            where s.plan_id = %s and i.lane = %s order by s.dataset_id, s.name
            """,
            (plan_id, lane),
        )
        files: dict[int, list[StagedFile]] = {}
        for dataset_id, *rest in rows:
            files.setdefault(dataset_id, []).append(StagedFile(*rest))
        return files

    def set_outcome(self, plan_id: int, dataset_id: int, outcome: Outcome, message: str) -> None:
        """Note an outcome that leaves the dataset as it is."""
        with self._transaction() as cursor:
            _advance(cursor, plan_id, dataset_id, None, outcome, message)

    def set_missing(self, plan_id: int, dataset_id: int, message: str, now: datetime) -> None:
        """Note that the provider has no such file. A revision that we have stays the current one."""
        with self._transaction() as cursor:
            cursor.execute(
                """
                update lake.dataset set checked_at = %s,
                    state = case when current_revision is null then 'missing' else state end
                where dataset_id = %s
                """,
                (now, dataset_id),
            )
            _advance(cursor, plan_id, dataset_id, None, Outcome.NOT_PUBLISHED, message)

    def set_unchanged(
        self, plan_id: int, item: Item, files: Sequence[StagedFile], now: datetime, *, reload: bool = False
    ) -> None:
        """Note that the provider's bytes are those of the current revision, and keep its newest validators.

        :param reload: bring its rows to the warehouse again, whatever it holds.
        """
        with self._transaction() as cursor:
            cursor.executemany(
                """
                update lake.file set etag = %(etag)s, last_modified = %(last_modified)s
                where dataset_id = %(dataset_id)s and revision = %(revision)s and name = %(name)s
                and (etag, last_modified) is distinct from (%(etag)s, %(last_modified)s)
                """,
                [
                    {
                        "dataset_id": item.dataset_id,
                        "revision": item.current_revision,
                        "name": file.name,
                        "etag": file.etag,
                        "last_modified": file.last_modified,
                    }
                    for file in files
                    if not file.not_modified
                ],
            )
            _mark_checked(cursor, plan_id, item.dataset_id, now)
            loaded = cursor.execute(
                "select loaded_at is not null from lake.activation where activation = %s",
                (item.current_activation,),
            ).fetchone()[0]
            # bytes that an earlier run archived and never loaded go on to the load
            _advance(
                cursor,
                plan_id,
                item.dataset_id,
                "loaded" if loaded and not reload else "archived",
                Outcome.UNCHANGED,
                None,
            )
            _unstage(cursor, plan_id, item.dataset_id)

    def next_activation(self) -> int:
        """Return a new activation number, greater than all before."""
        return int(self.rows("select nextval('lake.activation_number') as number")[0].number)

    def current_rows(self, activation: int | None) -> dict[str, int]:
        """Return how many rows each table of an activation has."""
        rows = self.rows("select table_name, rows from lake.activation_table where activation = %s", (activation,))
        return {row.table_name: row.rows for row in rows}

    def commit_revision(
        self,
        plan_id: int,
        item: Item,
        files: Sequence[StagedFile],
        *,
        activation: int,
        parser_version: int,
        tables: Sequence[ActivationTable],
        now: datetime,
        message: str | None = None,
    ) -> int:
        """Make a new revision visible, with all its files, in one transaction. Returns its number.

        :raises DatabaseError: a newer activation of the dataset has become visible meanwhile.
        """
        with self._transaction() as cursor:
            self._refuse_older(cursor, item, activation)
            revision = self._add_revision(cursor, plan_id, item, files, "good", None, now)
            cursor.execute(
                "insert into lake.activation (activation, dataset_id, revision, parser_version, reason, activated_at) "
                "values (%s, %s, %s, %s, 'commit', %s)",
                (activation, item.dataset_id, revision, parser_version, now),
            )
            cursor.executemany(
                "insert into lake.activation_table (activation, table_name, path, sha256, rows, bytes) "
                "values (%s, %s, %s, %s, %s, %s)",
                [(activation, t.table, t.path, t.sha256, t.rows, t.bytes) for t in tables],
            )
            cursor.execute(
                "update lake.dataset set state = 'complete', current_revision = %s, current_activation = %s "
                "where dataset_id = %s",
                (revision, activation, item.dataset_id),
            )
            _mark_checked(cursor, plan_id, item.dataset_id, now)
            _advance(cursor, plan_id, item.dataset_id, "archived", Outcome.FETCHED, message)
            _unstage(cursor, plan_id, item.dataset_id)
        return revision

    def quarantine(self, plan_id: int, item: Item, files: Sequence[StagedFile], reason: str, now: datetime) -> None:
        """Keep bytes that could not be read as a quarantined revision; the current one stays visible.

        The same bytes are quarantined once. They stay staged, so that the archive can be tried again.
        """
        with self._transaction() as cursor:
            newest = cursor.execute(
                """
                select r.revision, r.state, array_agg(f.name || f.sha256 order by f.name) as contents
                from lake.revision as r inner join lake.file as f using (dataset_id, revision)
                where r.dataset_id = %s group by r.revision, r.state order by r.revision desc limit 1
                """,
                (item.dataset_id,),
            ).fetchone()
            contents = sorted(file.name + file.sha256 for file in files)
            if newest is None or newest.state != "quarantined" or sorted(newest.contents) != contents:
                self._add_revision(cursor, plan_id, item, files, "quarantined", reason, now)
            cursor.execute(
                "update lake.dataset set state = 'quarantined', checked_at = %s where dataset_id = %s",
                (now, item.dataset_id),
            )
            _advance(cursor, plan_id, item.dataset_id, None, Outcome.PAGE_CHANGED, reason)

    def _refuse_older(self, cursor: Any, item: Item, activation: int) -> None:
        current = cursor.execute(
            "select coalesce(current_activation, 0) from lake.dataset where dataset_id = %s for update",
            (item.dataset_id,),
        ).fetchone()[0]
        if current > activation:
            raise DatabaseError(f"{item.name}: another run made activation {current} visible; run this one again")

    @staticmethod
    def _add_revision(
        cursor: Any,
        plan_id: int,
        item: Item,
        files: Sequence[StagedFile],
        state: str,
        reason: str | None,
        now: datetime,
    ) -> int:
        revision: int = cursor.execute(
            """
            insert into lake.revision (dataset_id, revision, state, reason, created_at, plan_id)
            select %(dataset)s, coalesce(max(revision), 0) + 1, %(state)s, %(reason)s, %(now)s, %(plan)s
            from lake.revision where dataset_id = %(dataset)s
            returning revision
            """,
            {"dataset": item.dataset_id, "state": state, "reason": reason, "now": now, "plan": plan_id},
        ).fetchone()[0]
        cursor.executemany(
            """
            insert into lake.file (
                dataset_id, revision, name, path, sha256, bytes, stored_bytes, url, content_type, etag, last_modified,
                fetched_at
            ) values (
                %(dataset_id)s, %(revision)s, %(name)s, %(path)s, %(sha256)s, %(bytes)s, %(stored_bytes)s, %(url)s,
                %(content_type)s, %(etag)s, %(last_modified)s, %(fetched_at)s
            )
            """,
            [{"dataset_id": item.dataset_id, "revision": revision, **asdict(file)} for file in files],
        )
        return revision

    # --- load ------------------------------------------------------------------------------------------------

    def to_load(self, plan_id: int, lane: int) -> list[ToLoad]:
        """Return the archived and not yet loaded datasets of a lane, with their Parquet."""
        rows = self.rows(
            """
            select d.dataset_id, d.dataset_type, d.identifier, a.revision, a.activation,
                coalesce(jsonb_agg(to_jsonb(t) - 'activation' order by t.table_name)
                    filter (where t.activation is not null), '[]') as tables
            from lake.plan_item as i
            inner join lake.dataset as d using (dataset_id)
            inner join lake.activation as a on a.activation = d.current_activation
            left join lake.activation_table as t on t.activation = a.activation
            where i.plan_id = %s and i.lane = %s and i.step = 'archived'
            group by d.dataset_id, a.activation order by a.activation
            """,
            (plan_id, lane),
        )
        return [
            ToLoad(
                row.dataset_id,
                row.dataset_type,
                row.identifier,
                row.revision,
                row.activation,
                tuple(
                    ActivationTable(t["table_name"], t["path"], t["sha256"], t["rows"], t["bytes"]) for t in row.tables
                ),
            )
            for row in rows
        ]

    def set_loaded(self, plan_id: int, loads: Sequence[ToLoad]) -> None:
        """Note that the warehouse holds these activations."""
        with self._transaction() as cursor:
            cursor.execute(
                "update lake.activation set loaded_at = now() where activation = any(%s) and loaded_at is null",
                ([load.activation for load in loads],),
            )
            cursor.execute(
                """
                update lake.plan_item set step = 'loaded', updated_at = now(), outcome = coalesce(outcome, 'fetched')
                where plan_id = %s and dataset_id = any(%s)
                """,
                (plan_id, [load.dataset_id for load in loads]),
            )

    # --- reports ---------------------------------------------------------------------------------------------

    def outcomes(self, plan_id: int) -> list[Any]:
        """Return every planned dataset: dataset_type, identifier, lane, reason, step, outcome, message, due_at."""
        return self.rows(
            """
            select d.dataset_type, d.identifier, i.lane, i.reason, i.step, i.outcome, i.message, i.due_at,
                d.current_revision
            from lake.plan_item as i inner join lake.dataset as d using (dataset_id)
            where i.plan_id = %s order by d.dataset_type, d.identifier
            """,
            (plan_id,),
        )

    def finish_plan(self, plan_id: int, report: Mapping[str, Any]) -> None:
        """Keep a plan's report and give up its claims."""
        with self._transaction() as cursor:
            cursor.execute(
                "update lake.plan set report = %s, finished_at = now() where plan_id = %s",
                (Jsonb(report, dumps=lambda value: json.dumps(value, default=str)), plan_id),
            )
        self.release_claims(plan_id)

    def report(self, source: str, run: str) -> dict[str, Any] | None:
        """Return the report of a run, or None if it has none."""
        found = self.rows("select report from lake.plan where source = %s and run = %s", (source, run))
        return found[0].report if found else None

    def notes(self, plan_id: int) -> list[dict[str, str]]:
        """Return what a plan left out, and why."""
        return list(self.rows("select notes from lake.plan where plan_id = %s", (plan_id,))[0].notes)

    @property
    def place(self) -> str:
        """``host:port/database``, for messages."""
        return place(self._dsn)


def _lane_name(row: Any, key: Sequence[str]) -> str:
    first, last = (" ".join(keys[k] for k in key if k in keys) for keys in (row.first, row.last))
    ends = first if row.datasets == 1 else f"{first} .. {last}"
    return f"{row.dataset_type} {ends}".strip()


def _item(row: Any) -> Item:
    return Item(
        dataset_id=row.dataset_id,
        dataset_type=row.dataset_type,
        identifier=row.identifier,
        keys=row.keys,
        current_revision=row.current_revision,
        current_activation=row.current_activation,
        reason=row.reason,
        files=tuple(RemoteFile(**{**file, "content_types": tuple(file["content_types"])}) for file in row.files),
        due_at=row.due_at,
        step=row.step,
        outcome=Outcome(row.outcome) if row.outcome else None,
        current_files={
            name: CurrentFile(**{field: file[field] for field in CurrentFile.__dataclass_fields__})
            for name, file in row.current_files.items()
        },
    )


def _advance(
    cursor: Any, plan_id: int, dataset_id: int, step: str | None, outcome: Outcome | None, message: str | None
) -> None:
    cursor.execute(
        """
        update lake.plan_item set step = coalesce(%s, step), outcome = %s, message = %s, updated_at = now()
        where plan_id = %s and dataset_id = %s
        """,
        (step, outcome and str(outcome), message and message[:4000], plan_id, dataset_id),
    )


def _mark_checked(cursor: Any, plan_id: int, dataset_id: int, now: datetime) -> None:
    cursor.execute(
        """
        update lake.dataset as d set checked_at = %s, state = 'complete',
            provider_updated_at = coalesce(i.provider_updated_at, d.provider_updated_at)
        from lake.plan_item as i
        where d.dataset_id = %s and i.plan_id = %s and i.dataset_id = d.dataset_id
        """,
        (now, dataset_id, plan_id),
    )


def _unstage(cursor: Any, plan_id: int, dataset_id: int) -> None:
    cursor.execute("delete from lake.staged_file where plan_id = %s and dataset_id = %s", (plan_id, dataset_id))


__all__ = [
    "CLAIM_SECONDS",
    "SETTLED",
    "ActivationTable",
    "Catalog",
    "CurrentFile",
    "Item",
    "Lane",
    "PlanCounts",
    "StagedFile",
    "ToLoad",
]
