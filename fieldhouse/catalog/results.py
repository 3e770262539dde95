"""Results: what is loaded, what became of each planned dataset, and the run's report."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from fieldhouse.catalog.records import ActivationTable, ToLoad
from fieldhouse.catalog.session import LONGEST_MESSAGE, Session, advance
from fieldhouse.errors import Outcome
from fieldhouse.statements import query

# Outcomes of the archive that a load does not change
STAYS = [str(outcome) for outcome in (Outcome.FETCHED, Outcome.UNCHANGED, Outcome.PAGE_CHANGED, Outcome.NOT_PUBLISHED)]
QUARANTINE_UNLESS_GOOD_BEFORE = """
update lake.revision as r set state = 'quarantined', reason = %(reason)s
where r.dataset_id = %(dataset_id)s and r.revision = %(revision)s and not exists (
    select 1 from lake.activation as a where a.dataset_id = r.dataset_id and a.revision = r.revision
)
"""
MARK_QUARANTINED = """
update lake.dataset as d set state = 'quarantined'
from lake.revision as r
where d.dataset_id = %(dataset_id)s and r.dataset_id = d.dataset_id and r.revision = %(revision)s
    and r.state = 'quarantined' and not exists (
        select 1 from lake.revision as n
        where n.dataset_id = d.dataset_id and n.revision > r.revision and n.state = 'good'
    )
"""
# a dataset may be rejected twice in a load: what is current after the first time may be no better
NOTE_REJECTED = """
update lake.plan_item set step = 'loaded', outcome = 'rejected', updated_at = now(),
    message = left(case when outcome = 'rejected' then message || '; ' else '' end || %(reason)s, %(longest)s)
where plan_id = %(plan_id)s and dataset_id = %(dataset_id)s
"""


class Results(Session):
    """The end of the way."""

    def to_load(self, plan_id: int, lane: int, observed: Sequence[str] = ()) -> list[ToLoad]:
        """Return what of a lane the warehouse is to get, oldest activation first.

        :param observed: dataset types of which every observation is loaded, and not the current one alone.
        """
        rows = self.rows(query("to_load"), {"plan_id": plan_id, "lane": lane, "observed": list(observed)})
        return [_to_load(row) for row in rows]

    def leave_to_others(self, plan_id: int, datasets: Sequence[int], message: str) -> None:
        """Note that another run works on datasets that this one archived, and that this one does not load them."""
        with self._transaction() as cursor:
            cursor.execute(
                """
                update lake.plan_item set step = 'loaded', outcome = %s, message = %s, updated_at = now()
                where plan_id = %s and dataset_id = any(%s) and step = 'archived'
                """,
                (str(Outcome.UNCHANGED), message, plan_id, list(datasets)),
            )

    def strangers(self, activations: Mapping[int, int]) -> set[int]:
        """Return the datasets of {dataset: activation} whose activation is none of theirs."""
        rows = self.rows(
            """
            select h.dataset_id from unnest(%s::bigint[], %s::bigint[]) as h (dataset_id, activation)
            where not exists (
                select 1 from lake.activation as a
                where a.activation = h.activation and a.dataset_id = h.dataset_id
            )
            """,
            (list(activations), list(activations.values())),
        )
        return {row.dataset_id for row in rows}

    def number_anew(self, activations: Sequence[int], above: int) -> None:
        """Give activations numbers above ``above``, which the warehouse has seen and this catalog has not."""
        with self._transaction() as cursor:
            cursor.execute(query("number_above"), {"sequence": "lake.activation_number", "number": above})
            cursor.execute(query("renumber"), {"activations": list(activations)})

    def set_loaded(self, plan_id: int, loads: Sequence[ToLoad]) -> None:
        """Note that the warehouse holds these activations, and that it was this plan that brought them there."""
        with self._transaction() as cursor:
            cursor.execute(
                "update lake.activation set loaded_at = now(), plan_id = %s "
                "where activation = any(%s) and loaded_at is null",
                (plan_id, [load.activation for load in loads]),
            )
            # an earlier load may have failed; a new column, which the message names, is no failure; and what was
            # archived without an optional file that cannot be read stays that
            cursor.execute(
                """
                update lake.plan_item set step = 'loaded', updated_at = now(),
                    outcome = case when outcome = any(%s) then outcome else 'fetched' end,
                    message = case when outcome = any(%s) then message end
                where plan_id = %s and dataset_id = any(%s) and step = 'archived'
                """,
                (STAYS, STAYS, plan_id, [load.dataset_id for load in loads]),
            )

    def reject(self, plan_id: int, load: ToLoad, reason: str, observed: Sequence[str] = ()) -> None:
        """Forget an activation whose rows the warehouse must not have; the one before is current again.

        A revision that has no other activation goes into quarantine. One that has (it was read anew, and worse)
        stays good.

        :param observed: dataset types whose revisions are observations.
        """
        parameters = {
            "plan_id": plan_id,
            "dataset_id": load.dataset_id,
            "revision": load.revision,
            "reason": reason,
            "observed": list(observed),
            "longest": LONGEST_MESSAGE,
        }
        with self._transaction() as cursor:
            cursor.execute("delete from lake.activation where activation = %s", (load.activation,))
            for statement in (QUARANTINE_UNLESS_GOOD_BEFORE, query("step_back"), MARK_QUARANTINED, NOTE_REJECTED):
                cursor.execute(statement, parameters)

    def set_outcome(self, plan_id: int, dataset_id: int, outcome: Outcome, message: str) -> None:
        """Note an outcome that leaves the dataset as it is."""
        with self._transaction() as cursor:
            advance(cursor, plan_id, dataset_id, None, outcome, message)

    def outcomes(self, plan_id: int) -> list[Any]:
        """Return every planned dataset: dataset_type, identifier, lane, reason, step, outcome, message, due_at."""
        return self.rows(
            """
            select d.dataset_type, d.identifier, i.lane, i.reason, i.step, i.outcome, i.message, i.due_at,
                d.current_revision, d.reported_missing_at
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
            cursor.execute("delete from lake.claim where plan_id = %s", (plan_id,))

    def report(self, source: str, run: str) -> dict[str, Any] | None:
        """Return the report of a run, or None if it has none."""
        found = self.rows("select report from lake.plan where source = %s and run = %s", (source, run))
        return found[0].report if found else None

    def note_failure(self, source: str, run: str, failure: str) -> None:
        """Keep why a run did not get as far as a plan of its own, in place of a report."""
        report = {"outcomes": {}, "tables": {}, "problems": [], "overdue": [], "newly_overdue": [], "failure": failure}
        with self._transaction() as cursor:
            cursor.execute(
                """
                insert into lake.plan as p (source, run, scope, report, finished_at)
                values (%s, %s, '{}', %s, now())
                on conflict (source, run) do update set report = excluded.report, finished_at = now()
                """,
                (source, run, Jsonb(report)),
            )

    def set_reported_missing(self, plan_id: int, now: datetime) -> None:
        """Note that a person was told of what the plan found overdue: once is enough."""
        with self._transaction() as cursor:
            cursor.execute(
                """
                update lake.dataset as d set reported_missing_at = %(now)s
                from lake.plan_item as i
                where i.plan_id = %(plan)s and i.dataset_id = d.dataset_id and d.reported_missing_at is null
                and i.outcome = 'not_published' and i.due_at <= %(now)s
                """,
                {"plan": plan_id, "now": now},
            )

    def notes(self, plan_id: int) -> list[dict[str, str]]:
        """Return what a plan left out, and why."""
        return list(self.rows("select notes from lake.plan where plan_id = %s", (plan_id,))[0].notes)


def _to_load(row: Any) -> ToLoad:
    tables = (ActivationTable(t["table_name"], t["path"], t["sha256"], t["rows"], t["bytes"]) for t in row.tables)
    return ToLoad(row.dataset_id, row.dataset_type, row.identifier, row.revision, row.activation, tuple(tables))
