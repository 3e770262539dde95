"""Plans: which datasets a run works on, in which lanes, and whose they are meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any
from uuid import uuid4

import msgspec
import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from fieldhouse.catalog.records import SETTLED, CurrentFile, Item, Lane, PlanCounts
from fieldhouse.catalog.session import Session
from fieldhouse.errors import ConfigurationError, Outcome
from fieldhouse.postgres import first_line
from fieldhouse.source import (
    Candidate,
    FetchPolicy,
    Listing,
    RemoteFile,
    Source,
    format_identifier,
    parse_identifier,
)
from fieldhouse.spool import spool
from fieldhouse.statements import query

# First key of the advisory lock that a living task holds on its plan, as in view lake.living_plan; the second is
# the plan's number
PLAN_LOCK = 7_301_977
BLOCK_BYTES = 2**20
# Airflow maps a task over at most 1,024 lanes; each dataset type may add an unfilled one
MOST_LANES = 1_000
# Airflow keeps 250 characters of a mapped task's name
LONGEST_END = 90
_JSON = msgspec.json.Encoder()


class Plans(Session):
    """What is planned and claimed."""

    def make_plan(
        self,
        source: Source,
        run: str,
        candidates: Iterable[Candidate | Listing],
        *,
        now: datetime,
        scope: Mapping[str, Any],
        notes: Sequence[Mapping[str, str]],
        policies: Mapping[str, FetchPolicy],
        asked: str | None = None,
        only_late: bool = False,
    ) -> tuple[int, PlanCounts]:
        """Write the plan of ``run``, in place of an earlier one of the same run.

        :param notes: written when the candidates are read: what could not be listed is among them only then.
        :param policies: the fetch policy of each dataset type.
        :param asked: why every candidate is planned (``forced``, ``asked``); None where only what is due is.
        :param only_late: whether only what the provider lacked at the last look is planned.
        """
        with _gather(candidates) as gathered, self._transaction() as cursor:
            plan_id = cursor.execute(
                """
                insert into lake.plan as p (source, run, scope) values (%s, %s, %s)
                on conflict (source, run) do update
                set scope = excluded.scope, finished_at = null, report = null
                returning plan_id
                """,
                (source.name, run, Jsonb(scope)),
            ).fetchone()[0]
            hold(cursor, plan_id)
            cursor.execute("delete from lake.plan_item where plan_id = %s", (plan_id,))
            counts = self._judge(
                cursor, plan_id, source, gathered, now=now, policies=policies, asked=asked, only_late=only_late
            )
            cursor.execute("update lake.plan set notes = %s where plan_id = %s", (Jsonb(list(notes)), plan_id))
        return plan_id, counts

    def number_plans_above(self, plan_id: int) -> None:
        """Let plans be numbered above one that the warehouse has seen: a restored catalog counts anew."""
        self.rows(query("number_above"), {"sequence": "lake.plan_plan_id_seq", "number": plan_id})

    def preview(
        self,
        source: Source,
        candidates: Iterable[Candidate | Listing],
        *,
        now: datetime,
        policies: Mapping[str, FetchPolicy],
        asked: str | None = None,
        only_late: bool = False,
    ) -> tuple[list[Any], PlanCounts]:
        """Return what a plan would hold (rows of dataset_type, identifier, reason, files), and leave no trace."""
        with _gather(candidates) as gathered, self._transaction(force_rollback=True) as cursor:
            plan_id = cursor.execute(
                "insert into lake.plan (source, run, scope) values (%s, %s, '{}') returning plan_id",
                (source.name, f"preview {uuid4()}"),
            ).fetchone()[0]
            counts = self._judge(
                cursor, plan_id, source, gathered, now=now, policies=policies, asked=asked, only_late=only_late
            )
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
        gathered: _Gathered,
        *,
        now: datetime,
        policies: Mapping[str, FetchPolicy],
        asked: str | None,
        only_late: bool,
    ) -> PlanCounts:
        # the hash of a million names and their datasets, at the planner's word for it
        cursor.execute("set local work_mem = '128MB'; set local hash_mem_multiplier = 2")
        _copy_candidates(cursor, source, gathered, policies)
        for policy in policies.values():
            _refuse_wrong_policy(cursor, policy, {"now": now})
        cursor.execute(
            query("known").replace("policy_reason", _policy_reason(policies.values())),
            {"source": source.name, "now": now, "asked": asked, "only_late": only_late},
        )
        cursor.execute("analyze todo")
        withdrawn = cursor.execute(query("know"), {"source": source.name}).fetchone().withdrawn
        parameters = {"plan_id": plan_id, "source": source.name, "claim_seconds": self._claim_seconds}
        row = cursor.execute(query("plan"), parameters).fetchone()
        adopted = cursor.execute(query("adopt"), {"plan_id": plan_id, "now": now}).fetchone().files
        fresh = gathered.candidates - row.planned - row.claimed_elsewhere
        return PlanCounts(
            gathered.candidates, row.planned, fresh, row.claimed_elsewhere, withdrawn, row.requests - adopted
        )

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

    def progress(self, plan_id: int, lane: int) -> Any:
        """Return how far a plan's scrapes are: lane_done of lane_datasets, done of datasets, requests left."""
        parameters = {"plan_id": plan_id, "lane": lane, "done": [str(outcome) for outcome in SETTLED]}
        return self.rows(query("progress"), parameters)[0]

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


def _policy_reason(policies: Iterable[FetchPolicy]) -> str:
    """Return the SQL expression that gives each candidate to the policy of its type."""
    due = {policy.name: policy.due for policy in policies}
    cases = " ".join(f"when {sql.Literal(name).as_string()} then ({due[name]})" for name in sorted(due))
    return f"(case t.policy {cases} end)"


def _refuse_wrong_policy(cursor: Any, policy: FetchPolicy, parameters: Mapping[str, Any]) -> None:
    """Say whose fault it is that the whole statement could not be read."""
    statement = query("known_columns").replace("policy_reason", f"({policy.due})")
    try:
        with cursor.connection.transaction():
            cursor.execute(statement, parameters)
    except psycopg.OperationalError:
        raise
    except (psycopg.Error, ValueError) as error:  # ValueError: a percent sign that stands alone
        raise ConfigurationError(f"fetch policy {policy.name}: its SQL is wrong: {first_line(error)}") from error


def _copy_candidates(cursor: Any, source: Source, gathered: _Gathered, policies: Mapping[str, FetchPolicy]) -> None:
    """Bring what discover yields into temporary tables."""
    cursor.execute(query("candidate"))
    cursor.executemany(
        "insert into candidate_type values (%s, %s, %s, %s, %s)",
        [
            (t.name, policies[t.name].name, list(t.recheck.after), t.recheck.every, t.observed)
            for t in source.dataset_types
        ],
    )
    gathered.lines.seek(0)
    with cursor.copy("copy candidate from stdin") as copy:
        while block := gathered.lines.read(BLOCK_BYTES):
            copy.write(block)
    cursor.executemany(
        "insert into listing values (%s, %s)",
        [(each.dataset_type, Jsonb(dict(each.identifier))) for each in gathered.listings],
    )
    cursor.execute("analyze candidate; analyze listing")


@dataclass
class _Gathered:
    """What discover yields: its candidates as lines of COPY, and its listings."""

    lines: IO[bytes]
    listings: list[Listing]
    candidates: int


@contextmanager
def _gather(found: Iterable[Candidate | Listing]) -> Iterator[_Gathered]:
    """Read all that discover yields. Not in a transaction: it may ask a slow host for hours."""
    listings, count = [], 0
    with spool() as lines, lines:
        for each in found:
            if isinstance(each, Listing):
                listings.append(each)
            else:
                count += 1
                lines.write(_candidate_line(each).encode())
        yield _Gathered(lines, listings, count)


def _candidate_line(candidate: Candidate) -> str:
    """Return a candidate as a line of COPY's text format. There may be a million of them."""
    files = candidate.files
    versions = {file.name: file.version for file in files}
    line = "\t".join(
        (
            candidate.dataset_type,
            format_identifier(candidate.identifier),
            _encoded(candidate.identifier),
            _encoded(files),
            _encoded(versions),
            "t" if all(versions.values()) else "f",
            candidate.settled_at.isoformat() if candidate.settled_at else r"\N",
            candidate.due_at.isoformat() if candidate.due_at else r"\N",
        )
    )
    return f"{line}\n"


def _encoded(value: Any) -> str:
    """Return JSON for COPY. JSON itself has neither tabs nor line ends in it."""
    text = _JSON.encode(value).decode()
    return text.replace("\\", "\\\\") if "\\" in text else text


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
        files=msgspec.convert(row.files, tuple[RemoteFile, ...]),
        due_at=row.due_at,
        step=row.step,
        outcome=Outcome(row.outcome) if row.outcome else None,
        seen=row.seen or {},
        is_absent=row.is_absent,
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
