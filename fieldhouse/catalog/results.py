"""Results: what is loaded, what became of each planned dataset, and the run's report."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from fieldhouse.catalog.records import ActivationTable, ToLoad
from fieldhouse.catalog.session import Session, advance
from fieldhouse.errors import Outcome
from fieldhouse.statements import query

QUARANTINE_UNLESS_GOOD_BEFORE = """
update lake.revision as r set state = 'quarantined', reason = %(reason)s
where r.dataset_id = %(dataset)s and r.revision = %(revision)s and not exists (
    select 1 from lake.activation as a where a.dataset_id = r.dataset_id and a.revision = r.revision
)
"""
STEP_BACK = """
update lake.dataset as d set (current_revision, current_activation) = (
    select a.revision, a.activation
    from lake.activation as a inner join lake.revision as r using (dataset_id, revision)
    where a.dataset_id = d.dataset_id and r.state = 'good' order by a.activation desc limit 1
)
where d.dataset_id = %(dataset)s
"""
MARK_QUARANTINED = """
update lake.dataset as d set state = 'quarantined'
from lake.revision as r
where d.dataset_id = %(dataset)s and r.dataset_id = d.dataset_id and r.revision = %(revision)s
    and r.state = 'quarantined'
"""


class Results(Session):
    """The end of the way."""

    def to_load(self, plan_id: int, lane: int, observed: Sequence[str] = ()) -> list[ToLoad]:
        """Return what of a lane the warehouse is to get, oldest activation first.

        :param observed: dataset types of which every observation is loaded, and not the current one alone.
        """
        rows = self.rows(query("to_load"), {"plan_id": plan_id, "lane": lane, "observed": list(observed)})
        return [_to_load(row) for row in rows]

    def set_loaded(self, plan_id: int, loads: Sequence[ToLoad]) -> None:
        """Note that the warehouse holds these activations."""
        with self._transaction() as cursor:
            cursor.execute(
                "update lake.activation set loaded_at = now() where activation = any(%s) and loaded_at is null",
                ([load.activation for load in loads],),
            )
            # an earlier load may have failed; a new column, which the message names, is no failure
            cursor.execute(
                """
                update lake.plan_item set step = 'loaded', updated_at = now(),
                    outcome = case when outcome in ('fetched', 'unchanged') then outcome else 'fetched' end,
                    message = case when outcome in ('fetched', 'unchanged') then message end
                where plan_id = %s and dataset_id = any(%s) and step = 'archived'
                """,
                (plan_id, [load.dataset_id for load in loads]),
            )

    def reject(self, plan_id: int, load: ToLoad, reason: str) -> None:
        """Forget an activation whose rows the warehouse must not have; the one before is current again.

        A revision that has no other activation goes into quarantine. One that has (it was read anew, and worse)
        stays good.
        """
        keys = {"dataset": load.dataset_id, "revision": load.revision, "reason": reason}
        with self._transaction() as cursor:
            cursor.execute("delete from lake.activation where activation = %s", (load.activation,))
            for statement in (QUARANTINE_UNLESS_GOOD_BEFORE, STEP_BACK, MARK_QUARANTINED):
                cursor.execute(statement, keys)
            # there is nothing more to load of it
            advance(cursor, plan_id, load.dataset_id, "loaded", Outcome.REJECTED, reason)

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
