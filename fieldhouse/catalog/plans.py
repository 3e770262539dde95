"""Plans: which datasets a run works on, in which lanes, and whose they are meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import Any
from uuid import uuid4

from psycopg.types.json import Jsonb

from fieldhouse.catalog.records import SETTLED, CurrentFile, Item, Lane, PlanCounts
from fieldhouse.catalog.session import Session
from fieldhouse.errors import Outcome
from fieldhouse.source import Candidate, RemoteFile, Source, format_identifier, parse_identifier
from fieldhouse.statements import query

# First key of the advisory lock that a living task holds on its plan, as in view lake.living_plan; the second is
# the plan's number
PLAN_LOCK = 7_301_977
CANDIDATES_AT_ONCE = 10_000
# Airflow maps a task over at most 1,024 lanes; each dataset type may add an unfilled one
MOST_LANES = 1_000
# Airflow keeps 250 characters of a mapped task's name
LONGEST_END = 90


class Plans(Session):
    """What is planned and claimed."""

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
            hold(cursor, plan_id)
            cursor.execute("delete from lake.plan_item where plan_id = %s", (plan_id,))
            counts = self._judge(cursor, plan_id, source, candidates, now=now, asked=asked)
        return plan_id, counts

    def number_plans_above(self, plan_id: int) -> None:
        """Let plans be numbered above one that the warehouse has seen: a restored catalog counts anew."""
        self.rows(query("number_above"), {"sequence": "lake.plan_plan_id_seq", "number": plan_id})

    def preview(
        self, source: Source, candidates: Iterable[Candidate], *, now: datetime, asked: str | None = None
    ) -> tuple[list[Any], PlanCounts]:
        """Return what a plan would hold (rows of dataset_type, identifier, reason, files), and leave no trace."""
        with self._transaction(force_rollback=True) as cursor:
            plan_id = cursor.execute(
                "insert into lake.plan (source, run, scope) values (%s, %s, '{}') returning plan_id",
                (source.name, f"preview {uuid4()}"),
            ).fetchone()[0]
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
        _copy_candidates(cursor, source, candidates)
        cursor.execute(query("know"), {"source": source.name})
        parameters = {
            "plan_id": plan_id,
            "source": source.name,
            "now": now,
            "asked": asked,
            "claim_seconds": self._claim_seconds,
        }
        return PlanCounts(*cursor.execute(query("plan"), parameters).fetchone())

    def make_lanes(
        self, plan_id: int, source: Source, *, most_datasets: int, most_files: int, wanted: int
    ) -> list[Lane]:
        """Divide a plan into lanes of one dataset type each.

        :param most_datasets: a lane's size at most, in datasets; ``most_files`` in files.
        :param wanted: about how many lanes work is spread over while it is little.
        """
        sizes = {"most_datasets": most_datasets, "most_files": most_files, "most_lanes": MOST_LANES, "wanted": wanted}
        with self._transaction() as cursor:
            cursor.execute(query("make_lanes"), {"plan_id": plan_id, **sizes})
            rows = cursor.execute(query("lanes"), {"plan_id": plan_id}).fetchall()
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
        parameters = {"plan_id": plan_id, "lane": lane, "claim_seconds": self._claim_seconds}
        with self._transaction() as cursor:
            hold(cursor, plan_id)
            rows = cursor.execute(query("claim_lane"), parameters).fetchall()
        return {row.dataset_id for row in rows}

    def release_claims(self, plan_id: int) -> None:
        """Give up every claim of a plan."""
        with self._transaction() as cursor:
            cursor.execute("delete from lake.claim where plan_id = %s", (plan_id,))


def hold(cursor: Any, plan_id: int) -> None:
    """Say that a task on this plan lives; the server takes it back when the connection ends."""
    cursor.execute("select pg_advisory_lock_shared(%s, %s::integer)", (PLAN_LOCK, plan_id))


def _copy_candidates(cursor: Any, source: Source, candidates: Iterable[Candidate]) -> None:
    cursor.execute(
        """
        create temporary table candidate (
            dataset_type text, identifier text, keys jsonb, files jsonb, updated_at timestamptz,
            settled_at timestamptz, due_at timestamptz, primary key (dataset_type, identifier)
        ) on commit drop;
        create temporary table candidate_type (
            dataset_type text primary key, recheck_after interval [], recheck_every interval, observed boolean
        ) on commit drop
        """
    )
    cursor.executemany(
        "insert into candidate_type values (%s, %s, %s, %s)",
        [(t.name, list(t.recheck.after), t.recheck.every, t.observed) for t in source.dataset_types],
    )
    for batch in _batches(candidates):
        with cursor.copy("copy candidate from stdin") as copy:
            for candidate in batch:
                copy.write_row(_candidate_row(candidate))
    cursor.execute("analyze candidate")


def _batches(candidates: Iterable[Candidate]) -> Iterator[list[Candidate]]:
    """Divide what discover yields, so that it runs outside of the COPY: it may ask this very connection for rows."""
    iterator = iter(candidates)
    for first in iterator:
        yield list(chain([first], islice(iterator, CANDIDATES_AT_ONCE - 1)))


def _candidate_row(candidate: Candidate) -> tuple[Any, ...]:
    return (
        candidate.dataset_type,
        format_identifier(candidate.identifier),
        json.dumps(dict(candidate.identifier)),
        json.dumps([vars(file) for file in candidate.files]),
        candidate.updated_at,
        candidate.settled_at,
        candidate.due_at,
    )


def _lane_name(row: Any, key: Sequence[str]) -> str:
    first, last = (" ".join(keys[k] for k in key if k in keys)[:LONGEST_END] for keys in (row.first, row.last))
    ends = first if row.datasets == 1 else f"{first} .. {last}"
    return f"{row.dataset_type} {ends}".strip()


def _item(row: Any) -> Item:
    return Item(
        dataset_id=row.dataset_id,
        dataset_type=row.dataset_type,
        identifier=row.identifier,
        # jsonb has an order of its own
        keys=parse_identifier(row.identifier),
        current_revision=row.current_revision,
        current_activation=row.current_activation,
        reason=row.reason,
        files=tuple(RemoteFile(**{**file, "content_types": tuple(file["content_types"])}) for file in row.files),
        due_at=row.due_at,
        step=row.step,
        outcome=Outcome(row.outcome) if row.outcome else None,
        current_files=_files(row.current_files),
        revision=row.revision,
        abandoned_revision=row.abandoned_revision,
        abandoned_files=_files(row.abandoned_files),
    )


def _files(files: Mapping[str, Mapping[str, Any]]) -> dict[str, CurrentFile]:
    return {
        name: CurrentFile(**{field: file[field] for field in CurrentFile.__dataclass_fields__})
        for name, file in files.items()
    }
